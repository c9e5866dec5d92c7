//! Items of the wallet's history: what moved, between whom, and what it did to the balances.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::currency::Currency;
use crate::domain::ids::new_id;
use crate::domain::person::Person;

/// The kinds of history items that occur here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ItemKind {
    InternalTransferToExternalUser,
    ElectronicPayment,
    CardPayment,
    BankTransferPayment,
    RefundToCard,
    RefundToWallet,
    RefundToBankAccount,
    PayeeTransaction,
    GatewayFee,
    BankTransferPaymentFee,
    UnsuccessfulTransfer,
    Withdraw,
}

/// In which direction an item changed the available balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum BalanceChange {
    NoChange,
    Credit,
    Debit,
}

/// What kind of participant one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Side {
    User,
    Shop,
    System,
}

/// Where money came from or went to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Participant {
    pub(crate) account: Option<Uuid>,
    pub(crate) side: Side,
    pub(crate) person: Person,
    /// Public key and name.
    pub(crate) shop: Option<(Uuid, String)>,
}

/// One entry of the history.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct HistoryItem {
    pub(crate) id: Uuid,
    pub(crate) kind: ItemKind,
    pub(crate) at: DateTime<Utc>,
    /// Its place among the items of the same moment.
    pub(crate) order: u32,
    pub(crate) source: Participant,
    pub(crate) target: Participant,
    #[serde(with = "crate::values::exact::decimal")]
    pub(crate) amount: Decimal,
    pub(crate) currency: Currency,
    pub(crate) description: Option<String>,
    pub(crate) in_progress: bool,
    /// What it did to the two balances.
    #[serde(with = "crate::values::exact::decimal")]
    pub(crate) available: Decimal,
    #[serde(with = "crate::values::exact::decimal")]
    pub(crate) blocked: Decimal,
    pub(crate) payment: Option<Uuid>,
    /// The refunded payment.
    pub(crate) original: Option<Uuid>,
    /// The transaction of the payment that it follows.
    pub(crate) transaction: Option<Uuid>,
    /// Time at which the money returns, if no wallet is registered for the address.
    pub(crate) returns: Option<DateTime<Utc>>,
}

impl HistoryItem {
    pub(crate) fn change(&self) -> BalanceChange {
        if self.available.is_zero() {
            BalanceChange::NoChange
        } else if self.available.is_sign_negative() {
            BalanceChange::Debit
        } else {
            BalanceChange::Credit
        }
    }

    /// The item that gives back what this one sent, for want of a recipient.
    pub(crate) fn returned(self, at: DateTime<Utc>) -> Self {
        Self {
            id: new_id(),
            kind: ItemKind::UnsuccessfulTransfer,
            at,
            source: self.target,
            target: self.source,
            available: self.amount,
            ..self
        }
    }
}
