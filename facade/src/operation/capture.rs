//! Capture of an authorised payment.

use barion_generated::enums::Currency;
use barion_generated::wire::PosKey;
use barion_generated::{Client as RawClient, types};

use super::processed::{ProcessedPayment, SettlementKind};
use super::settlement::{SettlementBuilder, TransactionToFinish, remembered};
use super::{Head, Operation, Reply, Sealed};
use crate::error::{Error, refuse};
use crate::id::PaymentId;
use crate::unconfirmed::UnconfirmedRequest;
use crate::unconfirmed::asked::Asked;
use crate::unconfirmed::baseline::Baseline;
use crate::unconfirmed::request_id::RequestId;
use crate::validation::limits::check;
use crate::validation::violation::Violation;

/// Capture of an authorised payment, checked against Barion's limits. Sent by
/// [`Client::capture`](crate::Client::capture).
///
/// Name all transactions of the payment: Barion refuses a capture that leaves one out. See
/// <https://docs.barion.com/Payment-Capture-v2>.
#[derive(Debug, Clone)]
#[doc(alias = "Payment/Capture")]
pub struct Capture {
    wire: types::CapturePaymentRequest,
    baseline: Option<Baseline>,
    id: RequestId,
}

impl Capture {
    /// Builder for a capture of this payment, whose amounts are in this currency.
    pub fn builder(payment_id: PaymentId, currency: Currency) -> CaptureBuilder {
        CaptureBuilder(SettlementBuilder::new(payment_id, currency))
    }

    /// Builds a capture from a state that was read.
    pub(crate) fn build_from(
        payment_id: PaymentId,
        baseline: Baseline,
        transactions: Vec<types::TransactionToFinish>,
    ) -> Result<Self, Error> {
        let request = Self::checked(payment_id, transactions, Vec::new(), true)?;
        Ok(Self {
            baseline: Some(baseline),
            ..request
        })
    }

    fn checked(
        payment_id: PaymentId,
        transactions: Vec<types::TransactionToFinish>,
        mut violations: Vec<Violation>,
        validated: bool,
    ) -> Result<Self, Error> {
        let wire = types::CapturePaymentRequest {
            payment_id: payment_id.wire(),
            pos_key: None,
            transactions,
        };
        if validated {
            violations.extend(check(&wire));
        }
        refuse(violations, validated)?;
        Ok(Self {
            wire,
            baseline: None,
            id: RequestId::new(),
        })
    }

    /// The body that is sent, without the key.
    #[cfg(test)]
    pub(crate) fn wire(&self) -> &types::CapturePaymentRequest {
        &self.wire
    }
}

impl Sealed for Capture {}

impl Operation for Capture {
    type Answer = ProcessedPayment;
    type Wire = types::PaymentOperationResponse;
    const ID: &'static str = "payment_capture_v2";

    async fn send(&self, raw: RawClient, pos_key: Option<PosKey>) -> Reply<Self::Wire> {
        let body = types::CapturePaymentRequest {
            pos_key,
            ..self.wire.clone()
        };
        raw.payment_capture_v2(&body).await
    }

    fn read(&self, answer: Self::Wire, _: Head) -> Result<ProcessedPayment, Error> {
        ProcessedPayment::from_wire(answer, SettlementKind::Capture)
    }

    fn unconfirmed(&self) -> Option<UnconfirmedRequest> {
        Some(self.into())
    }
}

impl From<&Capture> for UnconfirmedRequest {
    fn from(request: &Capture) -> Self {
        Self::planned(
            request.id,
            Asked::Capture {
                payment_id: PaymentId::from_wire(request.wire.payment_id),
                settlements: remembered(&request.wire.transactions),
                before: request.baseline.clone(),
            },
        )
    }
}

/// Builder for a capture.
#[derive(Debug, Clone)]
#[must_use]
pub struct CaptureBuilder(SettlementBuilder);

impl CaptureBuilder {
    /// Adds a transaction. All transactions of the payment are needed.
    pub fn transaction(mut self, transaction: TransactionToFinish) -> Self {
        self.0.add(transaction);
        self
    }

    /// Skips validation of this request, for the day on which Barion allows what this version
    /// refuses. Amounts of another currency are still refused.
    pub fn without_validation(mut self) -> Self {
        self.0.validated = false;
        self
    }

    /// Builds the capture after checking it against Barion's limits.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation) with every broken rule.
    pub fn build(self) -> Result<Capture, Error> {
        let SettlementBuilder {
            payment_id,
            currency: _,
            transactions,
            validated,
            violations,
        } = self.0;
        Capture::checked(payment_id, transactions, violations, validated)
    }
}
