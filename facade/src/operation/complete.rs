//! Completion of a one-click payment after its 3D Secure challenge.

use barion_generated::enums::PaymentStatus;
use barion_generated::wire::PosKey;
use barion_generated::{Client as RawClient, types};

use super::charged::{charged_or_not, outcome, proven_by};
use super::wire_answer::wire_answer;
use super::{Head, Operation, Reply, Sealed};
use crate::error::Error;
use crate::id::{PaymentId, TraceId};
use crate::unconfirmed::UnconfirmedRequest;
use crate::unconfirmed::asked::Asked;
use crate::unconfirmed::request_id::RequestId;

wire_answer!(CompletePaymentResponse: payment_id, payment_request_id);

/// Completion of a one-click token payment after the payer passed its 3D Secure challenge. Sent by
/// [`Client::complete_payment`](crate::Client::complete_payment). See
/// <https://docs.barion.com/Payment-Complete-v2>.
#[derive(Debug, Clone, Copy)]
#[doc(alias = "Payment/Complete")]
pub struct CompletePayment {
    payment_id: PaymentId,
}

impl CompletePayment {
    /// Completion of this payment.
    #[must_use]
    pub fn new(payment_id: PaymentId) -> Self {
        Self { payment_id }
    }
}

impl Sealed for CompletePayment {}

impl Operation for CompletePayment {
    type Answer = CompletedPayment;
    type Wire = types::CompletePaymentResponse;
    const ID: &'static str = "payment_complete_v2";

    async fn send(&self, raw: RawClient, pos_key: Option<PosKey>) -> Reply<Self::Wire> {
        let body = types::CompletePaymentRequest {
            payment_id: self.payment_id.wire(),
            pos_key,
        };
        raw.payment_complete_v2(&body).await
    }

    fn read(&self, answer: Self::Wire, _: Head) -> Result<CompletedPayment, Error> {
        CompletedPayment::from_wire(answer)
    }

    fn unconfirmed(&self) -> Option<UnconfirmedRequest> {
        Some(self.into())
    }
}

impl From<&CompletePayment> for UnconfirmedRequest {
    fn from(request: &CompletePayment) -> Self {
        let id = request.payment_id;
        Self::planned(RequestId::of_payment(id), Asked::Complete(id))
    }
}

/// Completed payment: the answer to the completion of a one-click payment.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CompletedPayment {
    /// Identifier of the payment, given by Barion.
    pub payment_id: PaymentId,
    /// Identifier of the payment, given by the shop.
    pub payment_request_id: Option<String>,
    /// Payment status now.
    pub status: PaymentStatus,
    /// Whether the charge succeeded: what the answer says, or what its status proves; `None` where
    /// neither does.
    pub is_successful: Option<bool>,
    /// Trace id of the payment, given by the card issuer.
    pub trace_id: Option<TraceId>,
}

impl CompletedPayment {
    pub(crate) fn from_wire(answer: types::CompletePaymentResponse) -> Result<Self, Error> {
        let types::CompletePaymentResponse {
            errors: _, // judged by the caller
            is_successful,
            payment_id,
            payment_request_id,
            payment_status,
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
            trace_id: TraceId::from_wire_if_set(trace_id),
        })
    }
}

#[cfg(test)]
mod tests {
    use barion_generated::types;

    use super::CompletedPayment;
    use crate::error::{Delivery, ErrorKind};

    #[test]
    fn a_charge_is_told_as_far_as_it_is_known() {
        for (said, status, told) in [
            (Some(true), "Succeeded", Some(true)),
            (Some(false), "Prepared", Some(false)),
            (Some(true), "InProgress", Some(true)),
            (None, "Reserved", Some(true)),
            (None, "Authorized", Some(true)),
            (None, "Failed", Some(false)),
            (None, "InProgress", None),
            (None, "NeverSeenBefore", None),
        ] {
            let answer = types::CompletePaymentResponse {
                is_successful: said,
                payment_id: "0c7e5b1f3a994d0e8f6255d0a1b2c3d4".parse().ok(),
                payment_status: Some(status.into()),
                ..types::CompletePaymentResponse::default()
            };
            let completed = CompletedPayment::from_wire(answer).unwrap();
            assert_eq!(completed.is_successful, told, "{said:?} {status}");
        }
        for (said, status) in [
            (true, "Prepared"),
            (true, "Failed"),
            (false, "Succeeded"),
            (false, "Reserved"),
        ] {
            let answer = types::CompletePaymentResponse {
                is_successful: Some(said),
                payment_id: "0c7e5b1f3a994d0e8f6255d0a1b2c3d4".parse().ok(),
                payment_status: Some(status.into()),
                ..types::CompletePaymentResponse::default()
            };
            let error = CompletedPayment::from_wire(answer).unwrap_err();
            assert_eq!(
                (error.kind(), error.delivery()),
                (ErrorKind::Contradiction, Delivery::Unknown),
                "{said} {status}"
            );
            assert!(error.payment_id().is_some());
        }
    }
}
