//! What a payment was like when a request was built from it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::id::TransactionId;
use crate::state::Payment;
use crate::state::role::Role;

/// What a payment was like when a refund was built from it: what a later state is compared with, to find out whether a
/// request without an answer was carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Baseline {
    /// The refunds that existed, and what can't be placed.
    pub(crate) movements: BTreeSet<TransactionId>,
}

impl Baseline {
    pub(crate) fn of(payment: &Payment) -> Self {
        let movements = payment
            .transactions
            .iter()
            .filter(|one| matches!(one.role(), Role::Refund | Role::Other));
        Self {
            movements: movements.filter_map(|one| one.transaction_id).collect(),
        }
    }
}
