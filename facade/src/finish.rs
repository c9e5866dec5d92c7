//! Ending a reservation or an authorisation.

use barion_generated::enums::Currency;
use barion_generated::types;

use crate::amount::Amount;
use crate::attempt::RequestId;
use crate::baseline::Baseline;
use crate::error::Error;
use crate::id::{PaymentId, TransactionId};
use crate::item::Item;
use crate::rules::check_digits;
use crate::state::Payment;
use crate::validate::check;
use crate::violation::{Rule, Violation, refuse};

/// How a reservation ends, checked against Barion's limits.
///
/// Name your own transactions, never Barion's fees; each can be finished once, and a request may name some of them
/// only. See <https://docs.barion.com/Payment-FinishReservation-v2>.
#[derive(Debug, Clone)]
pub struct FinishReservation {
    wire: types::FinishReservationRequest,
    baseline: Option<Baseline>,
    id: RequestId,
}

impl FinishReservation {
    /// Of this payment, whose amounts are in this currency.
    pub fn builder(payment_id: PaymentId, currency: Currency) -> FinishReservationBuilder {
        FinishReservationBuilder(Ending::new(payment_id, currency))
    }

    /// Out of a state that was read.
    pub(crate) fn build_from(
        payment: &Payment,
        transactions: Vec<types::TransactionToFinish>,
    ) -> Result<Self, Error> {
        let request = Self::checked(payment.payment_id, transactions, Vec::new(), true)?;
        Ok(Self {
            baseline: Some(Baseline::of(payment)),
            ..request
        })
    }

    fn checked(
        payment_id: PaymentId,
        transactions: Vec<types::TransactionToFinish>,
        mut violations: Vec<Violation>,
        validated: bool,
    ) -> Result<Self, Error> {
        let wire = types::FinishReservationRequest {
            payment_id: payment_id.wire(),
            pos_key: None,
            transactions,
        };
        violations.extend(check(&wire));
        refuse(violations, validated)?;
        Ok(Self {
            wire,
            baseline: None,
            id: RequestId::new(),
        })
    }

    pub(crate) fn wire(&self) -> &types::FinishReservationRequest {
        &self.wire
    }

    pub(crate) fn id(&self) -> RequestId {
        self.id
    }

    /// What the payment was like, where the request was built from its state.
    pub(crate) fn baseline(&self) -> Option<&Baseline> {
        self.baseline.as_ref()
    }
}

/// How an authorised payment is captured, checked against Barion's limits.
///
/// Name all transactions of the payment: what is left out is an error at Barion. See
/// <https://docs.barion.com/Payment-Capture-v2>.
#[derive(Debug, Clone)]
pub struct Capture {
    wire: types::CapturePaymentRequest,
    baseline: Option<Baseline>,
    id: RequestId,
}

impl Capture {
    /// Of this payment, whose amounts are in this currency.
    pub fn builder(payment_id: PaymentId, currency: Currency) -> CaptureBuilder {
        CaptureBuilder(Ending::new(payment_id, currency))
    }

    /// Out of a state that was read.
    pub(crate) fn build_from(
        payment: &Payment,
        transactions: Vec<types::TransactionToFinish>,
    ) -> Result<Self, Error> {
        let request = Self::checked(payment.payment_id, transactions, Vec::new(), true)?;
        Ok(Self {
            baseline: Some(Baseline::of(payment)),
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
        violations.extend(check(&wire));
        refuse(violations, validated)?;
        Ok(Self {
            wire,
            baseline: None,
            id: RequestId::new(),
        })
    }

    pub(crate) fn wire(&self) -> &types::CapturePaymentRequest {
        &self.wire
    }

    pub(crate) fn id(&self) -> RequestId {
        self.id
    }

    /// What the payment was like, where the request was built from its state.
    pub(crate) fn baseline(&self) -> Option<&Baseline> {
        self.baseline.as_ref()
    }
}

/// What one transaction of a reservation or an authorisation ends with.
#[derive(Debug, Clone)]
#[must_use]
pub struct TransactionToFinish {
    transaction_id: TransactionId,
    total: Amount,
    comment: Option<String>,
    items: Vec<Item>,
    parts: Vec<PayeeTransactionToFinish>,
}

impl TransactionToFinish {
    /// This transaction ends with this amount: from zero, which returns or releases all of it, up to the original.
    pub fn new(transaction_id: TransactionId, total: impl Into<Amount>) -> Self {
        Self {
            transaction_id,
            total: total.into(),
            comment: None,
            items: Vec::new(),
            parts: Vec::new(),
        }
    }

    /// Replaces the note of the transaction; at most 640 characters.
    pub fn comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = Some(comment.into());
        self
    }

    /// Adds a line that replaces the lines of the transaction.
    pub fn item(mut self, item: Item) -> Self {
        self.items.push(item);
        self
    }

    /// Says what a part that is passed on ends with. All parts of the transaction are needed, where it has any.
    pub fn part(mut self, part: PayeeTransactionToFinish) -> Self {
        self.parts.push(part);
        self
    }

    fn into_wire(
        self,
        path: &str,
        currency: &Currency,
        found: &mut Vec<Violation>,
    ) -> types::TransactionToFinish {
        let items = self.items.into_iter().enumerate();
        let items = items
            .map(|(index, item)| item.into_wire(&format!("{path}.Items[{index}]"), currency, found))
            .collect();
        let parts = self.parts.into_iter().enumerate();
        let parts = parts
            .map(|(index, part)| {
                let path = format!("{path}.PayeeTransactions[{index}].Total");
                part.into_wire(&path, currency, found)
            })
            .collect();
        let field = format!("{path}.Total");
        let total = self.total.of(currency, &field, found).into();
        check_digits(&field, total, currency, found);
        types::TransactionToFinish {
            comment: self.comment,
            items,
            payee_transactions: parts,
            total,
            transaction_id: self.transaction_id.wire(),
        }
    }
}

/// What a part that is passed on to another wallet ends with.
#[derive(Debug, Clone)]
#[must_use]
pub struct PayeeTransactionToFinish {
    transaction_id: TransactionId,
    total: Amount,
    comment: Option<String>,
}

impl PayeeTransactionToFinish {
    /// This part ends with this amount, from zero up to the original. Its id is in the payment's state.
    pub fn new(transaction_id: TransactionId, total: impl Into<Amount>) -> Self {
        Self {
            transaction_id,
            total: total.into(),
            comment: None,
        }
    }

    /// Replaces the note of the part; at most 640 characters.
    pub fn comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = Some(comment.into());
        self
    }

    fn into_wire(
        self,
        field: &str,
        currency: &Currency,
        found: &mut Vec<Violation>,
    ) -> types::PayeeTransactionToFinish {
        let total = self.total.of(currency, field, found).into();
        check_digits(field, total, currency, found);
        types::PayeeTransactionToFinish {
            comment: self.comment,
            total,
            transaction_id: self.transaction_id.wire(),
        }
    }
}

/// What the two requests have in common.
#[derive(Debug, Clone)]
struct Ending {
    payment_id: PaymentId,
    currency: Currency,
    transactions: Vec<types::TransactionToFinish>,
    validated: bool,
    violations: Vec<Violation>,
}

impl Ending {
    fn new(payment_id: PaymentId, currency: Currency) -> Self {
        Self {
            payment_id,
            currency,
            transactions: Vec::new(),
            validated: true,
            violations: Vec::new(),
        }
    }

    fn add(&mut self, transaction: TransactionToFinish) {
        let index = self.transactions.len();
        let path = format!("Transactions[{index}]");
        if self
            .transactions
            .iter()
            .any(|other| other.transaction_id == transaction.transaction_id.wire())
        {
            let violation = Violation::new(format!("{path}.TransactionId"), "is named twice")
                .rule(Rule::Unique)
                .mend("name it once, with the amount that it ends with");
            self.violations.push(violation);
        }
        let wire = transaction.into_wire(&path, &self.currency, &mut self.violations);
        self.transactions.push(wire);
    }
}

/// The end of a reservation, in the making.
#[derive(Debug, Clone)]
#[must_use]
pub struct FinishReservationBuilder(Ending);

impl FinishReservationBuilder {
    /// Adds a transaction. At least one is needed.
    pub fn transaction(mut self, transaction: TransactionToFinish) -> Self {
        self.0.add(transaction);
        self
    }

    /// Lets this request through unchecked, for the day on which Barion allows what this version refuses. Amounts of another
    /// currency are refused all the same.
    pub fn without_validation(mut self) -> Self {
        self.0.validated = false;
        self
    }

    /// Checks the request.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation) with every broken rule.
    pub fn build(self) -> Result<FinishReservation, Error> {
        let Ending {
            payment_id,
            currency: _,
            transactions,
            validated,
            violations,
        } = self.0;
        FinishReservation::checked(payment_id, transactions, violations, validated)
    }
}

/// A capture in the making.
#[derive(Debug, Clone)]
#[must_use]
pub struct CaptureBuilder(Ending);

impl CaptureBuilder {
    /// Adds a transaction. All of the payment's are needed.
    pub fn transaction(mut self, transaction: TransactionToFinish) -> Self {
        self.0.add(transaction);
        self
    }

    /// Lets this request through unchecked, for the day on which Barion allows what this version refuses. Amounts of another
    /// currency are refused all the same.
    pub fn without_validation(mut self) -> Self {
        self.0.validated = false;
        self
    }

    /// Checks the request.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation) with every broken rule.
    pub fn build(self) -> Result<Capture, Error> {
        let Ending {
            payment_id,
            currency: _,
            transactions,
            validated,
            violations,
        } = self.0;
        Capture::checked(payment_id, transactions, violations, validated)
    }
}
