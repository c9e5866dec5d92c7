//! Transactions: the money movements of a payment, with their items.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::kinds::{TransactionStatus, TransactionType};
use crate::domain::ids::new_id;
use crate::domain::person::Person;

/// One money movement of a payment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Transaction {
    pub(crate) id: Uuid,
    pub(crate) role: Role,
    pub(crate) pos_id: Option<String>,
    pub(crate) time: DateTime<Utc>,
    /// The amount it was made with; never changed later.
    #[serde(with = "crate::values::exact::decimal")]
    pub(crate) total: Decimal,
    /// What finishing or capturing left of it.
    #[serde(with = "crate::values::exact::option")]
    pub(crate) settled: Option<Decimal>,
    #[serde(with = "crate::values::exact::decimal")]
    pub(crate) refunded: Decimal,
    pub(crate) captured_at: Option<DateTime<Utc>>,
    pub(crate) payer: Option<Person>,
    pub(crate) payee: Person,
    pub(crate) comment: Option<String>,
    pub(crate) status: TransactionStatus,
    pub(crate) kind: TransactionType,
    pub(crate) items: Vec<Item>,
    pub(crate) related: Option<Uuid>,
}

impl Transaction {
    /// What is still with the payee.
    pub(crate) fn kept(&self) -> Decimal {
        self.settled.unwrap_or(self.total) - self.refunded
    }

    /// The transaction that gives money back to this one's payer.
    pub(super) fn refund(&self, amount: Decimal, now: DateTime<Utc>) -> Transaction {
        Transaction {
            id: new_id(),
            role: Role::Refund,
            pos_id: None,
            time: now,
            total: amount,
            settled: None,
            refunded: Decimal::ZERO,
            captured_at: None,
            payer: Some(self.payee.clone()),
            payee: self.payer.clone().unwrap_or_default(),
            comment: None,
            status: TransactionStatus::Succeeded,
            kind: match self.kind {
                TransactionType::Shop | TransactionType::Reserve => TransactionType::Refund,
                TransactionType::BankTransferPayment => TransactionType::RefundToBankAccount,
                _ => TransactionType::RefundToBankCard,
            },
            items: Vec::new(),
            related: Some(self.id),
        }
    }
}

/// Why a transaction exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Role {
    /// Asked for by the shop.
    Main,
    /// A part passed on to somebody else, by `PayeeTransactions`.
    Payee,
    Fee,
    Refund,
}

/// A line of a transaction, echoed in states.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Item {
    pub(crate) name: String,
    pub(crate) description: String,
    #[serde(with = "crate::values::exact::decimal")]
    pub(crate) quantity: Decimal,
    pub(crate) unit: String,
    #[serde(with = "crate::values::exact::decimal")]
    pub(crate) unit_price: Decimal,
    #[serde(with = "crate::values::exact::decimal")]
    pub(crate) line_total: Decimal,
    pub(crate) sku: Option<String>,
}
