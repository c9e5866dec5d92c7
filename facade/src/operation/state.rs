//! Payment state: the operations that read it. Read it after every callback.

use barion_generated::wire::PosKey;
use barion_generated::{Client as RawClient, types};

use super::wire_answer::wire_answer;
use super::{Head, Operation, Reply, Sealed, Subject};
use crate::error::Error;
use crate::id::PaymentId;
use crate::payment::Payment;
use crate::unconfirmed::UnconfirmedRequest;

wire_answer!(PaymentStateResponse: payment_id, payment_request_id);
wire_answer!(PaymentStateV4Response: payment_id, payment_request_id);

/// Payment state: read of it by version 4. Sent by
/// [`Client::payment_state`](crate::Client::payment_state). See
/// <https://docs.barion.com/Payment-PaymentState-v4>.
#[derive(Debug, Clone, Copy)]
#[doc(alias = "PaymentState")]
pub struct GetPaymentState {
    payment_id: PaymentId,
}

impl GetPaymentState {
    /// Read of this payment's state.
    #[must_use]
    pub fn new(payment_id: PaymentId) -> Self {
        Self { payment_id }
    }
}

impl Sealed for GetPaymentState {}

impl Operation for GetPaymentState {
    type Answer = Payment;
    type Wire = types::PaymentStateV4Response;
    const ID: &'static str = "get_payment_state_v4";

    async fn send(&self, raw: RawClient, _: Option<PosKey>) -> Reply<Self::Wire> {
        raw.get_payment_state_v4(&self.payment_id.wire()).await
    }

    fn subject(&self) -> Subject<'_> {
        Subject::payment(self.payment_id)
    }

    fn read(&self, answer: Self::Wire, head: Head) -> Result<Payment, Error> {
        Ok(Payment::from_wire(answer)?.made(head.made_at, head.cached))
    }

    fn rate_limited(&self) -> Option<PaymentId> {
        Some(self.payment_id)
    }

    fn unconfirmed(&self) -> Option<UnconfirmedRequest> {
        None
    }
}

/// Payment state: read of it by version 2, which Barion marks as deprecated. Sent by
/// [`Client::payment_state_v2`](crate::Client::payment_state_v2). See
/// <https://docs.barion.com/Payment-GetPaymentState-v2>.
#[derive(Debug, Clone, Copy)]
#[doc(alias = "GetPaymentState")]
pub struct GetPaymentStateV2 {
    payment_id: PaymentId,
}

impl GetPaymentStateV2 {
    /// Read of this payment's state.
    #[must_use]
    pub fn new(payment_id: PaymentId) -> Self {
        Self { payment_id }
    }
}

impl Sealed for GetPaymentStateV2 {}

impl Operation for GetPaymentStateV2 {
    type Answer = Payment;
    type Wire = types::PaymentStateResponse;
    const ID: &'static str = "get_payment_state_v2";

    async fn send(&self, raw: RawClient, _: Option<PosKey>) -> Reply<Self::Wire> {
        raw.get_payment_state_v2(&self.payment_id.wire()).await
    }

    fn subject(&self) -> Subject<'_> {
        Subject::payment(self.payment_id)
    }

    fn read(&self, answer: Self::Wire, head: Head) -> Result<Payment, Error> {
        let answer = types::PaymentStateV4Response::of(answer, None);
        Ok(Payment::from_wire(answer)?.made(head.made_at, head.cached))
    }

    fn rate_limited(&self) -> Option<PaymentId> {
        Some(self.payment_id)
    }

    fn unconfirmed(&self) -> Option<UnconfirmedRequest> {
        None
    }
}
