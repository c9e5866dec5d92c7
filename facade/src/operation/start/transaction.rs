//! Transactions of a payment to start: who gets how much.

use barion_generated::enums::Currency;
use barion_generated::types;
use barion_generated::validation::Path;
use rust_decimal::Decimal;

use crate::money::amount::Amount;
use crate::money::checked;
use crate::operation::start::item::Item;
use crate::validation::rules::not_exact;
use crate::validation::violation::{Rule, Violation};

/// Transaction: one payee's share of a payment. See <https://docs.barion.com/PaymentTransaction>.
#[derive(Debug, Clone)]
#[must_use]
pub struct Transaction {
    pos_transaction_id: String,
    payee: String,
    total: Option<Amount>,
    comment: Option<String>,
    items: Vec<Item>,
    parts: Vec<PayeeTransaction>,
}

impl Transaction {
    /// Transaction for a payee. `pos_transaction_id` is your own id of it, 1 to 100 characters,
    /// unique within the payment; `payee` is the e-mail address of the Barion wallet that gets the
    /// money: that of the shop's owner, or with a contract for facilitated payments (Barion Bridge)
    /// somebody else's.
    pub fn new(pos_transaction_id: impl Into<String>, payee: impl Into<String>) -> Self {
        Self {
            pos_transaction_id: pos_transaction_id.into(),
            payee: payee.into(),
            total: None,
            comment: None,
            items: Vec::new(),
            parts: Vec::new(),
        }
    }

    /// Adds an item: a line of the bill.
    pub fn item(mut self, item: Item) -> Self {
        self.items.push(item);
        self
    }

    /// Adds items.
    pub fn items(mut self, items: impl IntoIterator<Item = Item>) -> Self {
        self.items.extend(items);
        self
    }

    /// Total amount, in the payment's currency, above zero. Default: the exact sum of the items.
    pub fn total(mut self, total: impl Into<Amount>) -> Self {
        self.total = Some(total.into());
        self
    }

    /// Comment that the payer does not see, at most 640 characters.
    pub fn comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = Some(comment.into());
        self
    }

    /// Payee transaction: passes a part of the amount on to another wallet once the payment is
    /// completed; the payer does not see it. All parts together are at most the transaction's
    /// total. Barion's fees are the shop's.
    pub fn pass_on(mut self, part: PayeeTransaction) -> Self {
        self.parts.push(part);
        self
    }

    pub(crate) fn into_wire(
        self,
        path: &Path<'_>,
        currency: &Currency,
        found: &mut Vec<Violation>,
    ) -> types::PaymentTransaction {
        let path_of_items = path.name("Items");
        let items = self.items.into_iter().enumerate();
        let items: Vec<types::Item> = items
            .map(|(index, item)| item.into_wire(&path_of_items.index(index), currency, found))
            .collect();
        let field = path.name("Total");
        let total = match self.total {
            Some(total) => total.of(currency, &field, found),
            None if items.is_empty() => {
                found.push(nothing_to_pay(&field));
                Decimal::ZERO
            }
            None => checked::sum(items.iter().map(|item| Some(item.item_total.get())))
                .unwrap_or_else(|| {
                    found.push(not_exact(&field));
                    Decimal::ONE
                }),
        };
        let path_of_parts = path.name("PayeeTransactions");
        let parts = self.parts.into_iter().enumerate();
        let parts = parts
            .map(|(index, part)| part.into_wire(&path_of_parts.index(index), currency, found))
            .collect();
        types::PaymentTransaction {
            comment: self.comment,
            items,
            payee: self.payee,
            payee_transactions: parts,
            pos_transaction_id: self.pos_transaction_id,
            total: total.into(),
        }
    }
}

fn nothing_to_pay(field: &Path<'_>) -> Violation {
    Violation::new(field, "is not set, and there are no items to sum up")
        .rule(Rule::Required)
        .hint("add an item (or set a total)")
}

/// Payee transaction: a part of a transaction that is passed on to another wallet, in a facilitated
/// payment. It can't be divided further:
///
/// ```compile_fail,E0599
/// # use barion::PayeeTransaction;
/// PayeeTransaction::new("o-1/1/a", "a@example.com", 100)
///     .pass_on(PayeeTransaction::new("o-1/1/b", "b@example.com", 50));
/// ```
///
/// See <https://docs.barion.com/PayeeTransaction>.
#[derive(Debug, Clone)]
#[must_use]
pub struct PayeeTransaction {
    pos_transaction_id: String,
    payee: String,
    total: Amount,
    comment: Option<String>,
}

impl PayeeTransaction {
    /// Payee transaction with your own id of it (1 to 100 characters, unique within the payment),
    /// the e-mail address of the wallet that gets it, and its amount, above zero, in the payment's
    /// currency.
    pub fn new(
        pos_transaction_id: impl Into<String>,
        payee: impl Into<String>,
        total: impl Into<Amount>,
    ) -> Self {
        Self {
            pos_transaction_id: pos_transaction_id.into(),
            payee: payee.into(),
            total: total.into(),
            comment: None,
        }
    }

    /// Comment that the recipient sees, at most 640 characters.
    pub fn comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = Some(comment.into());
        self
    }

    fn into_wire(
        self,
        path: &Path<'_>,
        currency: &Currency,
        found: &mut Vec<Violation>,
    ) -> types::PayeeTransaction {
        let total = self.total.of(currency, &path.name("Total"), found);
        types::PayeeTransaction {
            comment: self.comment,
            payee: self.payee,
            pos_transaction_id: self.pos_transaction_id,
            total: total.into(),
        }
    }
}
