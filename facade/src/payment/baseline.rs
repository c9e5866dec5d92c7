//! Comparison of a payment's state with its ledger when a request was built from it.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::role::Role;
use super::snapshot::{PaymentSnapshot, SnapshotTransaction};
use super::state::Payment;
use crate::id::TransactionId;
use crate::money::checked;
use crate::unconfirmed::baseline::{Baseline, Main};

/// Whether a transaction moves money of the shop or the payer, beside the payer's payment.
fn is_movement(one: &SnapshotTransaction) -> bool {
    match one.role() {
        Role::Refund | Role::FailedRefund | Role::Part | Role::Other => true,
        Role::Main | Role::Fee | Role::UnderReview | Role::Released => false,
    }
}

fn mains(payment: &PaymentSnapshot) -> BTreeMap<TransactionId, Main> {
    payment
        .of_role(Role::Main)
        .filter_map(|one| {
            let main = Main {
                status: one.status.clone(),
                total: one.original_total.map(|total| total.normalize()),
            };
            Some((one.transaction_id?, main))
        })
        .collect()
}

fn reviews(payment: &PaymentSnapshot) -> usize {
    payment.of_role(Role::UnderReview).count() + payment.of_role(Role::Released).count()
}

impl Baseline {
    pub(crate) fn of(payment: &Payment) -> Self {
        let payment = payment.snapshot();
        let movements = payment.transactions.iter().filter(|one| is_movement(one));
        let nameless = movements
            .clone()
            .filter(|one| one.transaction_id.is_none())
            .count();
        Self {
            status: payment.status.clone(),
            total: payment.current_total.map(|total| total.normalize()),
            movements: movements.filter_map(|one| one.transaction_id).collect(),
            nameless,
            mains: mains(&payment),
            reviews: reviews(&payment),
        }
    }

    /// Movements that were not there.
    pub(crate) fn new_movements<'a>(
        &self,
        payment: &'a PaymentSnapshot,
    ) -> Vec<&'a SnapshotTransaction> {
        let mut nameless = self.nameless;
        let is_new = |one: &&SnapshotTransaction| {
            if let Some(id) = one.transaction_id {
                return !self.movements.contains(&id);
            }
            let old = nameless > 0;
            nameless = nameless.saturating_sub(1);
            !old
        };
        let movements = payment.transactions.iter().filter(|one| is_movement(one));
        movements.filter(is_new).collect()
    }

    /// Whether the shop's own transactions are unchanged.
    pub(crate) fn has_same_mains(&self, payment: &PaymentSnapshot) -> bool {
        self.mains == mains(payment)
    }

    /// Whether the payment's total has fallen by exactly this amount.
    pub(crate) fn is_lower_by(&self, amount: Option<Decimal>, payment: &PaymentSnapshot) -> bool {
        let parts = [self.total, amount.map(|amount| -amount)];
        let expected = checked::sum(parts.into_iter());
        self.status == payment.status
            && expected.is_some()
            && expected == payment.current_total.map(|total| total.normalize())
    }

    /// Whether nothing at all has moved since.
    pub(crate) fn is_unmoved(&self, payment: &PaymentSnapshot) -> bool {
        self.status == payment.status
            && self.total == payment.current_total.map(|total| total.normalize())
            && self.new_movements(payment).is_empty()
            && self.has_same_mains(payment)
            && self.reviews == reviews(payment)
    }
}

/// Whether a payment shows no movement at all, for requests that were not built from its state.
pub(crate) fn is_untouched(payment: &PaymentSnapshot) -> bool {
    let mains = payment.of_role(Role::Main);
    let originals = checked::sum(mains.map(|one| one.original_total));
    payment.current_total.is_some()
        && payment.current_total == originals
        && !payment.transactions.iter().any(is_movement)
}
