//! Ledger of a payment when a request was built from it: what a later state is compared with.

use std::collections::{BTreeMap, BTreeSet};

use barion_generated::enums::{PaymentStatus, TransactionStatus};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::id::TransactionId;

/// What a payment's ledger was like when a request was built from its state: every movement, every transaction of the
/// shop, and the total. Whatever differs from it later was moved since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Baseline {
    pub(crate) status: PaymentStatus,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::money::stored::amount_option"
    )]
    pub(crate) total: Option<Decimal>,
    /// The movements that existed: refunds, their failures, parts, and what can't be placed.
    pub(crate) movements: BTreeSet<TransactionId>,
    /// How many movements had no id.
    #[serde(default)]
    pub(crate) nameless: usize,
    pub(crate) mains: BTreeMap<TransactionId, Main>,
    /// How often Barion began and ended to look into it.
    #[serde(default)]
    pub(crate) reviews: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Main {
    pub(crate) status: Option<TransactionStatus>,
    #[serde(with = "crate::money::stored::amount_option")]
    pub(crate) total: Option<Decimal>,
}

impl Baseline {
    /// The payment's total then.
    pub(crate) fn total(&self) -> Option<Decimal> {
        self.total
    }

    /// How many movements it knows: a payment's ledger only grows, so this numbers its versions.
    pub(crate) fn version(&self) -> usize {
        self.movements.len() + self.nameless
    }
}
