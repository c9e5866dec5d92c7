//! Settlement: what finishing a reservation and capturing an authorised payment have in common.

use barion_generated::enums::Currency;
use barion_generated::types;
use barion_generated::validation::Path;

use super::start::item::Item;
use crate::id::{PaymentId, TransactionId};
use crate::money::amount::Amount;
use crate::unconfirmed::asked;
use crate::validation::rules::check_digits;
use crate::validation::violation::{Rule, Violation};

/// Transaction to finish or to capture, and with which amount.
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
    /// Settlement of this transaction with this amount: from zero, which returns or releases all of
    /// it, up to the original.
    pub fn new(transaction_id: TransactionId, total: impl Into<Amount>) -> Self {
        Self {
            transaction_id,
            total: total.into(),
            comment: None,
            items: Vec::new(),
            parts: Vec::new(),
        }
    }

    /// Comment that replaces that of the transaction; at most 640 characters.
    pub fn comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = Some(comment.into());
        self
    }

    /// Adds an item; the items of the request replace those of the transaction.
    pub fn item(mut self, item: Item) -> Self {
        self.items.push(item);
        self
    }

    /// Adds the settlement of a part that is passed on. All parts of the transaction are needed,
    /// where it has any.
    pub fn part(mut self, part: PayeeTransactionToFinish) -> Self {
        self.parts.push(part);
        self
    }

    fn into_wire(
        self,
        path: &Path<'_>,
        currency: &Currency,
        found: &mut Vec<Violation>,
    ) -> types::TransactionToFinish {
        let path_of_items = path.name("Items");
        let items = self.items.into_iter().enumerate();
        let items = items
            .map(|(index, item)| item.into_wire(&path_of_items.index(index), currency, found))
            .collect();
        let path_of_parts = path.name("PayeeTransactions");
        let parts = self.parts.into_iter().enumerate();
        let parts = parts
            .map(|(index, part)| {
                let path = path_of_parts.index(index);
                part.into_wire(&path.name("Total"), currency, found)
            })
            .collect();
        let field = path.name("Total");
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

/// Payee transaction to finish or to capture: a part that is passed on to another wallet.
#[derive(Debug, Clone)]
#[must_use]
pub struct PayeeTransactionToFinish {
    transaction_id: TransactionId,
    total: Amount,
    comment: Option<String>,
}

impl PayeeTransactionToFinish {
    /// Settlement of this part with this amount, from zero up to the original. Its id is in the
    /// payment's state.
    pub fn new(transaction_id: TransactionId, total: impl Into<Amount>) -> Self {
        Self {
            transaction_id,
            total: total.into(),
            comment: None,
        }
    }

    /// Comment that replaces that of the part; at most 640 characters.
    pub fn comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = Some(comment.into());
        self
    }

    fn into_wire(
        self,
        field: &Path<'_>,
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

/// Builder that both requests have in common.
#[derive(Debug, Clone)]
pub(super) struct SettlementBuilder {
    pub(super) payment_id: PaymentId,
    pub(super) currency: Currency,
    pub(super) transactions: Vec<types::TransactionToFinish>,
    pub(super) validated: bool,
    pub(super) violations: Vec<Violation>,
}

impl SettlementBuilder {
    pub(super) fn new(payment_id: PaymentId, currency: Currency) -> Self {
        Self {
            payment_id,
            currency,
            transactions: Vec::new(),
            validated: true,
            violations: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, transaction: TransactionToFinish) {
        let index = self.transactions.len();
        let transactions = Path::ROOT.name("Transactions");
        let path = transactions.index(index);
        if self
            .transactions
            .iter()
            .any(|other| other.transaction_id == transaction.transaction_id.wire())
        {
            let violation = Violation::new(&path.name("TransactionId"), "is named twice")
                .rule(Rule::Unique)
                .hint("name it once, with the amount that it ends with");
            self.violations.push(violation);
        }
        let wire = transaction.into_wire(&path, &self.currency, &mut self.violations);
        self.transactions.push(wire);
    }
}

/// Settlements to keep in the unconfirmed request.
pub(super) fn remembered(transactions: &[types::TransactionToFinish]) -> Vec<asked::Settlement> {
    let settlement = |one: &types::TransactionToFinish| asked::Settlement {
        transaction_id: TransactionId::from_wire(one.transaction_id),
        total: one.total.get(),
    };
    transactions.iter().map(settlement).collect()
}
