//! Start of a payment that the payer makes on the gateway page.

use barion_generated::wire::PosKey;
use barion_generated::{Client as RawClient, types};

use super::StartPayment;
use super::started::StartedPayment;
use crate::error::Error;
use crate::operation::{Head, Operation, Reply, Sealed};
use crate::unconfirmed::UnconfirmedRequest;
use crate::unconfirmed::asked::Asked;
use crate::validation::violation::Violation;

impl Sealed for StartPayment {}

impl Operation for StartPayment {
    type Answer = StartedPayment;
    type Wire = types::StartPaymentResponse;
    const ID: &'static str = "payment_start_v2";

    async fn send(&self, raw: RawClient, pos_key: Option<PosKey>) -> Reply<Self::Wire> {
        let body = types::StartPaymentRequest {
            pos_key,
            ..self.wire().clone()
        };
        raw.payment_start_v2(&body).await
    }

    fn read(&self, answer: Self::Wire, _: Head) -> Result<StartedPayment, Error> {
        StartedPayment::from_wire(answer)
    }

    fn unconfirmed(&self) -> Option<UnconfirmedRequest> {
        Some(self.into())
    }

    fn warnings(&self) -> &[Violation] {
        self.warnings()
    }
}

impl From<&StartPayment> for UnconfirmedRequest {
    fn from(request: &StartPayment) -> Self {
        Self::planned(
            request.id(),
            Asked::Start {
                payment_request_id: request.wire().payment_request_id.clone(),
            },
        )
    }
}
