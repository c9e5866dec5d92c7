//! Started payment: the answer to the start of a payment.

use barion_generated::enums::{PaymentStatus, RecurrenceResult};
use barion_generated::types;
use barion_generated::wire::Sensitive;
use url::Url;

use crate::error::Error;
use crate::id::{PaymentId, TraceId};
use crate::operation::processed::ProcessedTransaction;
use crate::operation::wire_answer::wire_answer;
use crate::wire::address;

wire_answer!(StartPaymentResponse: payment_id, payment_request_id);

/// Started payment: the answer to the start of a payment.
///
/// Barion accepts a payment whose items don't add up to its total, and charges the total: see
/// [`StartPayment::warnings`](crate::StartPayment::warnings).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct StartedPayment {
    /// Identifier of the payment, given by Barion. Store it with the order before you redirect the
    /// payer.
    pub payment_id: PaymentId,
    /// Identifier of the payment, given by the shop.
    pub payment_request_id: Option<String>,
    /// Payment status: `Prepared`, or the outcome of a token payment.
    pub status: PaymentStatus,
    /// Gateway URL: where to send the payer's browser. Use it as it is.
    pub gateway_url: Option<Url>,
    /// QR code URL: an image of a QR code that leads to the payment.
    pub qr_url: Option<Url>,
    /// Redirect URL: where the payer's browser will go afterwards; contains the payment's id.
    pub redirect_url: Option<Url>,
    /// Callback URL: where Barion will post changes; contains the payment's id.
    pub callback_url: Option<Url>,
    /// Transactions of the shop, and Barion's fees where there are any, in no particular order.
    pub transactions: Vec<ProcessedTransaction>,
    /// Recurrence result: the outcome of a token payment; `None` (a value of Barion) for others.
    pub recurrence_result: Option<RecurrenceResult>,
    /// 3D Secure data for Barion's script in the payer's browser, when a challenge is needed.
    pub three_ds_auth_client_data: Option<Sensitive>,
    /// Trace id of a token payment, given by the card issuer. Store it byte for byte.
    pub trace_id: Option<TraceId>,
}

impl StartedPayment {
    pub(crate) fn from_wire(answer: types::StartPaymentResponse) -> Result<Self, Error> {
        let types::StartPaymentResponse {
            callback_url,
            errors: _, // judged by the caller
            gateway_url,
            payment_id,
            payment_request_id,
            qr_url,
            recurrence_result,
            redirect_url,
            status,
            three_ds_auth_client_data,
            trace_id,
            transactions,
        } = answer;
        let payment_id = PaymentId::from_wire_if_set(payment_id)
            .ok_or_else(|| Error::unreadable("it has no PaymentId"))?;
        let Some(status) = status else {
            return Err(Error::unreadable("it has no Status").with_payment_id(Some(payment_id)));
        };
        Ok(Self {
            payment_id,
            payment_request_id,
            status,
            gateway_url: address(gateway_url),
            qr_url: address(qr_url),
            redirect_url: address(redirect_url),
            callback_url: address(callback_url),
            transactions: ProcessedTransaction::list(transactions),
            recurrence_result,
            three_ds_auth_client_data,
            trace_id: TraceId::from_wire_if_set(trace_id),
        })
    }

    /// The transaction with this identifier, which the shop gave it in the request.
    #[must_use]
    pub fn transaction(&self, pos_transaction_id: &str) -> Option<&ProcessedTransaction> {
        ProcessedTransaction::find(&self.transactions, pos_transaction_id)
    }
}
