//! Cancellation of an authorised payment.

use barion_generated::wire::PosKey;
use barion_generated::{Client as RawClient, types};

use super::processed::{ProcessedPayment, SettlementKind};
use super::{Head, Operation, Reply, Sealed};
use crate::error::Error;
use crate::id::PaymentId;
use crate::unconfirmed::UnconfirmedRequest;
use crate::unconfirmed::asked::Asked;
use crate::unconfirmed::request_id::RequestId;

/// Cancellation of an authorised payment: the hold on the card is released. Sent by
/// [`Client::cancel_authorization`](crate::Client::cancel_authorization). See
/// <https://docs.barion.com/Payment-CancelAuthorization-v2>.
#[derive(Debug, Clone, Copy)]
#[doc(alias = "Payment/CancelAuthorization")]
#[doc(alias = "void")]
pub struct CancelAuthorization {
    payment_id: PaymentId,
}

impl CancelAuthorization {
    /// Cancellation of this payment;
    /// [`Payment::cancel_authorization`](crate::Payment::cancel_authorization) says whether its
    /// state allows that.
    #[must_use]
    pub fn new(payment_id: PaymentId) -> Self {
        Self { payment_id }
    }
}

impl Sealed for CancelAuthorization {}

impl Operation for CancelAuthorization {
    type Answer = ProcessedPayment;
    type Wire = types::PaymentOperationResponse;
    const ID: &'static str = "payment_cancel_authorization_v2";

    async fn send(&self, raw: RawClient, pos_key: Option<PosKey>) -> Reply<Self::Wire> {
        let body = types::CancelAuthorizationRequest {
            payment_id: self.payment_id.wire(),
            pos_key,
        };
        raw.payment_cancel_authorization_v2(&body).await
    }

    fn read(&self, answer: Self::Wire, _: Head) -> Result<ProcessedPayment, Error> {
        ProcessedPayment::from_wire(answer, SettlementKind::Cancel)
    }

    fn unconfirmed(&self) -> Option<UnconfirmedRequest> {
        Some(self.into())
    }
}

impl From<&CancelAuthorization> for UnconfirmedRequest {
    fn from(request: &CancelAuthorization) -> Self {
        let id = request.payment_id;
        Self::planned(RequestId::of_payment(id), Asked::CancelAuthorization(id))
    }
}
