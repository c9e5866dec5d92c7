//! At the end: everything was handled, within the bound.

use std::time::Duration;

use barion::{PaymentChange, PaymentId, PaymentSnapshot, PaymentStanding};
use barion_watcher::{Store, StoredOrder};
use tokio::time::{Instant, sleep};

use super::Stage;
use crate::ledger::Invariant;

/// How rarely an open payment is read, and one that could not be read or handled.
const OPEN: Duration = Duration::from_secs(3_600);
/// How rarely one is read that waits for the shop.
const HELD: Duration = Duration::from_secs(6 * 3_600);

fn was_paid(state: &PaymentSnapshot) -> bool {
    matches!(
        state.standing(),
        PaymentStanding::Paid | PaymentStanding::PartiallyRefunded | PaymentStanding::Refunded
    )
}

/// Nothing fails any more and one instance lives: what has changed is handled within the longest
/// time between two reads, and three leases (taken by one that died, claimed by it, handled), and
/// two polls.
pub(super) async fn handled_within_bound(stage: &Stage) {
    let (begun, habits) = (Instant::now(), &stage.scene.habits);
    let rarely = if stage.holds().await { HELD } else { OPEN };
    let poll = habits.poll.max(Duration::from_secs(60));
    let bound = rarely + habits.lease * 4 + poll * 2 + Duration::from_secs(60);
    // Some to the very end: nothing may happen twice later on.
    let patient = stage.scene.chance(10);
    loop {
        sleep((bound / 8).min(Duration::from_secs(300))).await;
        let open = stage.unhandled().await;
        let late = begun.elapsed() >= bound;
        match open {
            Some(what) if late => {
                let mut ledger = stage.scene.world.ledger();
                return ledger.violated(Invariant::Handled, format!("{what}, after {bound:?}"));
            }
            None if late || !patient => break,
            _ => {}
        }
    }
    stage.told().await;
}

impl Stage {
    /// Whether a payment was seen last while it waited for the shop.
    async fn holds(&self) -> bool {
        for key in self.keys() {
            let record = self.scene.base.load(&key).await.ok().flatten();
            let payments = record.iter().flat_map(StoredOrder::payments);
            if payments
                .filter_map(|one| one.seen())
                .any(PaymentSnapshot::awaits_shop)
            {
                return true;
            }
        }
        false
    }

    fn keys(&self) -> Vec<String> {
        self.scene.truth().orders.keys().cloned().collect()
    }

    /// What is not handled yet.
    async fn unhandled(&self) -> Option<String> {
        for key in self.keys() {
            let record = self.scene.base.load(&key).await.ok().flatten();
            if record.is_some_and(|record| record.is_pending()) {
                return Some(format!("{key} has something to be handled"));
            }
        }
        let ids: Vec<PaymentId> = self.scene.truth().payments.keys().copied().collect();
        for id in ids {
            if let Some(what) = self.unseen(id).await {
                return Some(what);
            }
        }
        None
    }

    /// What the store does not know of a payment, and should.
    async fn unseen(&self, id: PaymentId) -> Option<String> {
        let (tracked, accepted, changed) = {
            let truth = self.scene.truth();
            let payment = truth.payments.get(&id)?;
            (payment.tracked, payment.accepted, payment.changed)
        };
        if !tracked && accepted.is_none() {
            return None;
        }
        let row = self.scene.base.find(id).await.ok().flatten();
        let order = row.and_then(|row| row.order);
        let record = match &order {
            Some(order) => self.scene.base.load(order).await.ok().flatten(),
            None => None,
        };
        let payments = record.iter().flat_map(StoredOrder::payments);
        let mut payments = payments.filter(|one| one.payment_id() == id);
        let seen = payments.next().and_then(|one| one.seen()).cloned();
        let state = self.scene.state(id).await?.snapshot();
        let unseen = PaymentChange::between(seen.as_ref(), &state);
        let Some(seen) = seen else {
            return Some(format!(
                "{id} was tracked or named by a callback, and never seen"
            ));
        };
        // Barion calls about what is over; nobody looks at it without.
        let called = accepted.is_some_and(|at| changed.is_none_or(|changed| changed <= at));
        let exempt = seen.is_final() && !seen.awaits_shop() && !called;
        (!unseen.is_empty() && !exempt).then(|| format!("{id}: {unseen:?} was not seen"))
    }

    /// Compares what was told with what is true.
    async fn told(&self) {
        for key in self.keys() {
            let record = self.scene.base.load(&key).await.ok().flatten();
            let payments = record.iter().flat_map(StoredOrder::payments);
            let paid: Vec<PaymentId> = payments
                .filter(|one| one.seen().is_some_and(was_paid))
                .map(barion_watcher::StoredPayment::payment_id)
                .collect();
            self.scene.truth().settled(&key, &paid);
        }
    }
}
