//! Refund of a payment.

use barion_generated::enums::{Currency, TransactionStatus};
use barion_generated::validation::Path;
use barion_generated::wire::PosKey;
use barion_generated::{Client as RawClient, types};
use rust_decimal::Decimal;

use super::wire_answer::wire_answer;
use super::{Head, Operation, Outcome, Reply, Sealed};
use crate::error::{Error, refuse};
use crate::id::{PaymentId, TransactionId};
use crate::money::amount::Amount;
use crate::money::{Money, checked};
use crate::unconfirmed::UnconfirmedRequest;
use crate::unconfirmed::asked::{Asked, Part};
use crate::unconfirmed::baseline::Baseline;
use crate::unconfirmed::request_id::RequestId;
use crate::validation::limits::check;
use crate::validation::rules::check_digits;
use crate::validation::violation::{Rule, Violation};

wire_answer!(RefundPaymentResponse: payment_id);

/// Refund of a payment, checked against Barion's limits. Sent by
/// [`Client::refund`](crate::Client::refund). See <https://docs.barion.com/Payment-Refund-v2>.
#[derive(Debug, Clone)]
#[doc(alias = "Payment/Refund")]
pub struct Refund {
    wire: types::RefundPaymentRequest,
    pub(crate) baseline: Option<Baseline>,
    key: Option<String>,
    currency: Currency,
    id: RequestId,
}

impl Refund {
    /// Builder for a refund of this payment, whose amounts are in this currency.
    pub fn builder(payment_id: PaymentId, currency: Currency) -> RefundBuilder {
        RefundBuilder {
            payment_id,
            currency,
            transactions: Vec::new(),
            validated: true,
            violations: Vec::new(),
            key: None,
        }
    }

    pub(crate) fn wire(&self) -> &types::RefundPaymentRequest {
        &self.wire
    }
}

impl Sealed for Refund {}

impl Operation for Refund {
    type Answer = RefundedPayment;
    type Wire = types::RefundPaymentResponse;
    const ID: &'static str = "refund_payment_v2";

    async fn send(&self, raw: RawClient, pos_key: Option<PosKey>) -> Reply<Self::Wire> {
        let body = types::RefundPaymentRequest {
            pos_key,
            ..self.wire.clone()
        };
        raw.refund_payment_v2(&body).await
    }

    fn read(&self, answer: Self::Wire, _: Head) -> Result<RefundedPayment, Error> {
        let refunded = RefundedPayment::from_wire(answer, &self.currency)?;
        refunded.fits(self)?;
        Ok(refunded)
    }

    fn unconfirmed(&self) -> Option<UnconfirmedRequest> {
        Some(self.into())
    }

    fn outcome(refunded: &RefundedPayment) -> Outcome {
        let made = refunded.refunded_transactions.iter();
        Outcome::refunded(made.filter_map(|one| one.transaction_id).collect())
    }
}

impl From<&Refund> for UnconfirmedRequest {
    fn from(request: &Refund) -> Self {
        let part = |one: &types::TransactionToRefund| Part {
            transaction_id: TransactionId::from_wire(one.transaction_id),
            amount: one.amount_to_refund.get(),
        };
        Self::planned(
            request.id,
            Asked::Refund {
                payment_id: PaymentId::from_wire(request.wire.payment_id),
                parts: request
                    .wire()
                    .transactions_to_refund
                    .iter()
                    .map(part)
                    .collect(),
                idempotency_key: request.key.clone(),
                before: request.baseline.clone(),
            },
        )
    }
}

/// Transaction to refund, and how much of it.
#[derive(Debug, Clone)]
#[must_use]
pub struct TransactionToRefund {
    transaction_id: TransactionId,
    pos_transaction_id: String,
    amount: Amount,
    comment: Option<String>,
}

impl TransactionToRefund {
    /// Refund of this amount of this transaction: above zero, and at most what is left of it.
    /// `pos_transaction_id` is your own id of the transaction.
    pub fn new(
        transaction_id: TransactionId,
        pos_transaction_id: impl Into<String>,
        amount: impl Into<Amount>,
    ) -> Self {
        Self {
            transaction_id,
            pos_transaction_id: pos_transaction_id.into(),
            amount: amount.into(),
            comment: None,
        }
    }

    /// Comment that the payer sees, at most 640 characters.
    pub fn comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = Some(comment.into());
        self
    }
}

/// Builder for a refund.
#[derive(Debug, Clone)]
#[must_use]
pub struct RefundBuilder {
    payment_id: PaymentId,
    currency: Currency,
    transactions: Vec<types::TransactionToRefund>,
    validated: bool,
    violations: Vec<Violation>,
    key: Option<String>,
}

impl RefundBuilder {
    /// Adds a transaction to refund. At least one is needed.
    pub fn transaction(mut self, transaction: TransactionToRefund) -> Self {
        let list = Path::ROOT.name("TransactionsToRefund");
        let one = list.index(self.transactions.len());
        let path = one.name("AmountToRefund");
        let amount = transaction
            .amount
            .of(&self.currency, &path, &mut self.violations);
        let wire = types::TransactionToRefund {
            amount_to_refund: amount.into(),
            comment: transaction.comment,
            pos_transaction_id: transaction.pos_transaction_id,
            transaction_id: transaction.transaction_id.wire(),
        };
        check_digits(
            &path,
            wire.amount_to_refund,
            &self.currency,
            &mut self.violations,
        );
        self.transactions.push(wire);
        self
    }

    /// Idempotency key: your own name of the decision to refund, such as the number of a return or
    /// the token of a form, 1 to 200 characters. Of two refunds of a payment with the same key only
    /// one is made, see [`UnconfirmedRequest::key`](crate::UnconfirmedRequest::key). It is not sent
    /// to Barion, which has no idempotency keys.
    pub fn idempotency_key(mut self, key: impl Into<String>) -> Self {
        let key = key.into();
        if key.is_empty() || key.chars().count() > 200 {
            let violation = Violation::new("idempotency_key", "has no or more than 200 characters")
                .rule(Rule::Length)
                .limit("1 to 200")
                .hint("give the number of the return, or the token of the form");
            self.violations.push(violation);
        }
        self.key = Some(key);
        self
    }

    /// Builds and checks a refund from this state.
    pub(crate) fn build_from(self, baseline: Baseline) -> Result<Refund, Error> {
        let mut request = self.build()?;
        request.baseline = Some(baseline);
        Ok(request)
    }

    /// Skips validation of this request, for the day on which Barion allows what this version
    /// refuses. Amounts of another currency are still refused.
    pub fn without_validation(mut self) -> Self {
        self.validated = false;
        self
    }

    /// Builds the refund after checking it against Barion's limits.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation) with every broken rule.
    pub fn build(self) -> Result<Refund, Error> {
        let wire = types::RefundPaymentRequest {
            payment_id: self.payment_id.wire(),
            pos_key: None,
            transactions_to_refund: self.transactions,
        };
        let mut violations = self.violations;
        if self.validated {
            violations.extend(check(&wire));
        }
        refuse(violations, self.validated)?;
        Ok(Refund {
            wire,
            baseline: None,
            key: self.key,
            currency: self.currency,
            id: RequestId::new(),
        })
    }
}

/// Refunded payment: the answer to a refund.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RefundedPayment {
    /// Identifier of the payment, given by Barion.
    pub payment_id: Option<PaymentId>,
    /// Refunded transactions, one entry for each refund. Empty when nothing was refunded.
    pub refunded_transactions: Vec<RefundedTransaction>,
}

impl RefundedPayment {
    fn from_wire(answer: types::RefundPaymentResponse, currency: &Currency) -> Result<Self, Error> {
        let types::RefundPaymentResponse {
            errors: _, // judged by the caller
            payment_id,
            refunded_transactions,
        } = answer;
        let payment_id = PaymentId::from_wire_if_set(payment_id);
        let Some(refunds) = refunded_transactions else {
            return Err(
                Error::unreadable("it does not list what was refunded").with_payment_id(payment_id)
            );
        };
        let refunded_transactions = refunds
            .into_iter()
            .map(|refund| RefundedTransaction::from_wire(refund, currency))
            .collect();
        Ok(Self {
            payment_id,
            refunded_transactions,
        })
    }

    /// Whether the answer lists exactly what was asked for, each part of it made. It may be split
    /// otherwise.
    pub(crate) fn fits(&self, asked: &Refund) -> Result<(), Error> {
        let parts = &asked.wire.transactions_to_refund;
        let wanted = checked::sum(parts.iter().map(|one| Some(one.amount_to_refund.get())));
        let is_asked = |name: &str| parts.iter().any(|part| part.pos_transaction_id == name);
        let is_made = |one: &RefundedTransaction| {
            one.status == Some(TransactionStatus::Succeeded)
                && one
                    .total
                    .as_ref()
                    .is_some_and(|total| total.amount() > Decimal::ZERO)
                && one.pos_transaction_id.as_deref().is_none_or(is_asked)
        };
        let problem = if self.refunded_transactions.is_empty() {
            "it lists no refund"
        } else if !self.refunded_transactions.iter().all(is_made) {
            "it lists a refund that was not made, or not asked for"
        } else if wanted.is_none() || self.total().map(Decimal::from) != wanted {
            "what it lists as refunded is not as much as was asked for"
        } else {
            return Ok(());
        };
        Err(Error::unreadable(problem).with_payment_id(self.payment_id))
    }

    /// Total of all refunds listed, whatever their [`status`](RefundedTransaction::status); `None`
    /// when the answer leaves an amount out, or lists no refund.
    #[must_use]
    pub fn total(&self) -> Option<Money> {
        let refunds = self.refunded_transactions.iter();
        let mut totals = refunds.map(|refund| refund.total.as_ref());
        let first = totals.next()??.clone();
        totals.try_fold(first, |sum, total| sum.checked_add(total?).ok())
    }
}

/// Refunded transaction: one refund in the answer.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RefundedTransaction {
    /// Identifier of the refund itself, given by Barion; not of the refunded transaction.
    pub transaction_id: Option<TransactionId>,
    /// Identifier of the refunded transaction, given by the shop.
    pub pos_transaction_id: Option<String>,
    /// Refunded amount in the payment's currency.
    pub total: Option<Money>,
    /// Comment of the request, repeated.
    pub comment: Option<String>,
    /// Transaction status of the refund. A bank may refuse it days later.
    pub status: Option<TransactionStatus>,
}

impl RefundedTransaction {
    fn from_wire(refund: types::RefundedTransaction, currency: &Currency) -> Self {
        let types::RefundedTransaction {
            comment,
            pos_transaction_id,
            status,
            total,
            transaction_id,
        } = refund;
        Self {
            transaction_id: TransactionId::from_wire_if_set(transaction_id),
            pos_transaction_id,
            total: total.map(|total| Money::new(total, currency.clone())),
            comment,
            status,
        }
    }
}

#[cfg(test)]
mod tests {
    use barion_generated::enums::Currency;
    use barion_generated::types;

    use super::{Refund, RefundedPayment};
    use crate::operation::{Operation, Outcome};

    /// A later refund is compared with what this one is known to have made.
    #[test]
    fn the_outcome_of_a_refund_names_what_it_made() {
        let id = "00000000000000000000000000000007";
        let answer: types::RefundPaymentResponse = serde_json::from_value(serde_json::json!({
            "RefundedTransactions": [{ "TransactionId": id, "Total": 500, "Status": "Succeeded" }],
        }))
        .unwrap();
        let refunded = RefundedPayment::from_wire(answer, &Currency::Huf).unwrap();
        let Outcome::CarriedOut { refunds, charged } = Refund::outcome(&refunded) else {
            panic!("it was carried out");
        };
        assert_eq!((refunds, charged), (vec![id.parse().unwrap()], None));
    }
}
