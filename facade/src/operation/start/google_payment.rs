//! Start of a payment by Google Pay, and its answer.

use barion_generated::enums::PaymentStatus;
use barion_generated::wire::{PosKey, Sensitive};
use barion_generated::{Client as RawClient, types};

use super::StartPayment;
use super::flow::GooglePay;
use crate::error::Error;
use crate::id::{PaymentId, TraceId};
use crate::operation::charged::{charged_or_not, outcome, proven_by};
use crate::operation::wire_answer::wire_answer;
use crate::operation::{Head, Operation, Outcome, Reply, Sealed};
use crate::unconfirmed::UnconfirmedRequest;
use crate::validation::violation::Violation;

wire_answer!(StartPaymentWithGoogleTokenResponse: payment_id, payment_request_id);

impl Sealed for StartPayment<GooglePay> {}

impl Operation for StartPayment<GooglePay> {
    type Answer = GooglePayment;
    type Wire = types::StartPaymentWithGoogleTokenResponse;
    const ID: &'static str = "payment_start_with_google_token_v3";

    async fn send(&self, raw: RawClient, pos_key: Option<PosKey>) -> Reply<Self::Wire> {
        let body = types::StartPaymentWithGoogleTokenRequest {
            pos_key,
            ..self.flow().0.request(self.wire())
        };
        raw.payment_start_with_google_token_v3(&body).await
    }

    fn read(&self, answer: Self::Wire, _: Head) -> Result<GooglePayment, Error> {
        GooglePayment::from_wire(answer)
    }

    fn unconfirmed(&self) -> Option<UnconfirmedRequest> {
        Some(self.into())
    }

    fn outcome(payment: &GooglePayment) -> Outcome {
        payment.outcome_of_call()
    }

    fn warnings(&self) -> &[Violation] {
        self.warnings()
    }
}

impl From<&StartPayment<GooglePay>> for UnconfirmedRequest {
    fn from(request: &StartPayment<GooglePay>) -> Self {
        Self::planned(request.id(), request.charge())
    }
}

/// Google Pay payment: the answer to a start with a Google Pay token. Warnings about the request
/// are in [`StartPayment::warnings`](crate::StartPayment::warnings).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GooglePayment {
    /// Identifier of the payment, given by Barion.
    pub payment_id: PaymentId,
    /// Identifier of the payment, given by the shop.
    pub payment_request_id: Option<String>,
    /// Payment status now.
    pub status: PaymentStatus,
    /// Whether the charge succeeded: what the answer says, or what its status proves; `None` where
    /// neither does.
    pub is_successful: Option<bool>,
    /// 3D Secure data for Barion's script in the payer's browser, when a challenge is needed.
    pub three_ds_auth_client_data: Option<Sensitive>,
    /// Trace id of the payment, given by the card issuer.
    pub trace_id: Option<TraceId>,
}

impl GooglePayment {
    pub(crate) fn from_wire(
        answer: types::StartPaymentWithGoogleTokenResponse,
    ) -> Result<Self, Error> {
        let types::StartPaymentWithGoogleTokenResponse {
            errors: _, // judged by the caller
            is_successful,
            payment_id,
            payment_request_id,
            payment_status,
            three_ds_auth_client_data,
            trace_id,
        } = answer;
        let (payment_id, status) = outcome(payment_id, payment_status)?;
        charged_or_not(is_successful, &status)
            .map_err(|error| error.with_payment_id(Some(payment_id)))?;
        Ok(Self {
            payment_id,
            payment_request_id,
            is_successful: is_successful.or_else(|| proven_by(&status)),
            status,
            three_ds_auth_client_data,
            trace_id: TraceId::from_wire_if_set(trace_id),
        })
    }
}

impl GooglePayment {
    /// Outcome of the call.
    fn outcome_of_call(&self) -> Outcome {
        match self.is_successful {
            // One with a challenge may still be completed, and so may a second one with the same
            // identifier.
            Some(false) if self.three_ds_auth_client_data.is_none() => Outcome::NotCarriedOut,
            Some(_) | None => Outcome::charged(self.payment_id),
        }
    }
}
