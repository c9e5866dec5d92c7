//! Baseline: the ledger of a payment when a request was built from it, with which a later state is
//! compared.

use std::collections::{BTreeMap, BTreeSet};

use barion_generated::enums::{PaymentStatus, TransactionStatus};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::id::TransactionId;

/// Baseline: the ledger of a payment when a request was built from its state, with every movement,
/// every transaction of the shop, and the total. Any later difference was moved since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Baseline {
    pub(crate) status: PaymentStatus,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::money::stored::amount_option"
    )]
    pub(crate) total: Option<Decimal>,
    /// Movements that existed: refunds, their failures, parts, and what can't be placed.
    pub(crate) movements: BTreeSet<TransactionId>,
    /// Number of movements without an id.
    #[serde(default)]
    pub(crate) nameless: usize,
    pub(crate) mains: BTreeMap<TransactionId, Main>,
    /// How often a review of Barion began and ended.
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
    /// Total of the payment at the time.
    pub(crate) fn total(&self) -> Option<Decimal> {
        self.total
    }

    /// Version of the ledger: the number of movements in it, as a payment's ledger only grows.
    pub(crate) fn version(&self) -> usize {
        self.movements.len() + self.nameless
    }
}
