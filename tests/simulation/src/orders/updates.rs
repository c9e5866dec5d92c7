//! What the shop's handler is told of orders, and does about them; whether it may be.

use barion::{OrderStanding, PaymentId};
use barion_watcher::{OrderChange, OrderUpdate};
use tokio::time::Instant;

use super::runs::Task;
use super::truth::{End, Run, Truth};
use crate::ledger::Invariant;
use crate::reach::Kind;

impl Truth {
    /// The handler begins.
    pub(super) fn begin(&mut self, process: usize, task: Task, update: &OrderUpdate) -> usize {
        let (key, number) = (update.order.as_str(), update.number);
        self.line(format_args!(
            "process {process} handles update {number} of {key}{}: {:?}, {:?}",
            if update.repeated { " again" } else { "" },
            update.changes,
            update.standing,
        ));
        let mut wrong = Vec::new();
        let order = self.orders.entry(key.to_owned()).or_default();
        if number != order.completed + 1 {
            let what = format!("{key} is handled with {number} after {}", order.completed);
            wrong.push((Invariant::HandledOnce, what));
        }
        let running = order.runs.values().flatten();
        if running.into_iter().any(|run| run.end == End::Running) {
            let what = format!("two handlers of {key} run");
            wrong.push((Invariant::OneAtATime, what));
        }
        let unpaid = update.standing == OrderStanding::Unpaid;
        let claim = order.claim.as_ref();
        if unpaid && claim.is_some_and(|claim| claim.not_unpaid) {
            let what = format!("{key} is told as unpaid, and has a payment that is paid or open");
            wrong.push((Invariant::NotCancelled, what));
        }
        if update.changes.contains(&OrderChange::OrderPaid) {
            order.paid_by.insert(number);
            if order.paid_by.len() > 1 {
                let what = format!("{key} is told as paid with the numbers {:?}", order.paid_by);
                wrong.push((Invariant::PaidOnce, what));
            }
        }
        let lease_end = claim.map_or_else(Instant::now, |claim| claim.lease_end);
        let runs = order.runs.entry(number).or_default();
        if let Some(first) = runs.first() {
            if !update.repeated || first.changes != update.changes {
                let what = format!(
                    "update {number} of {key} comes again with {:?} (repeated: {}) after {:?}",
                    update.changes, update.repeated, first.changes
                );
                wrong.push((Invariant::Frozen, what));
            }
            for run in runs.iter().filter(|_| !self.transactional) {
                let End::Done(at) = run.end else { continue };
                if self.sweepers.contains(&run.process) {
                    continue;
                }
                let died = self.died.get(&run.process).copied();
                let end = run.lease_end.min(died.unwrap_or_else(Instant::now));
                if !self.runs.tried_until(run.task, key, at, end) {
                    let what = format!("update {number} of {key} was handled, and is again");
                    wrong.push((Invariant::HandledOnce, what));
                }
            }
        }
        let payment = update.payment.payment_id;
        let paid = self.payments.get(&payment).is_some_and(|one| one.paid);
        if update.changes.contains(&OrderChange::OrderPaid) && !paid {
            let what = format!("{key} is told as paid, and is not");
            wrong.push((Invariant::ShippedOnce, what));
        }
        runs.push(Run {
            process,
            task,
            changes: update.changes.clone(),
            payment,
            lease_end,
            end: End::Running,
        });
        let place = runs.len() - 1;
        let again = runs.len() > 1;
        for (invariant, what) in wrong {
            self.violated(invariant, what);
        }
        if again {
            self.reached(Kind::HandledAgain);
        }
        for change in &update.changes {
            self.reached(match change {
                OrderChange::OrderPaid => Kind::OrderPaid,
                OrderChange::PaidAgain { .. } => Kind::PaidAgain,
                OrderChange::HeldAgain { .. } => Kind::HeldAgain,
                OrderChange::LapsesSoon { .. } => Kind::LapsesSoon,
                _ => Kind::OtherChange,
            });
        }
        if unpaid {
            self.reached(Kind::ToldUnpaid);
        }
        place
    }

    /// A run of the handler ends.
    pub(super) fn end(&mut self, key: &str, number: u64, place: usize, end: End) {
        let order = self.orders.entry(key.to_owned()).or_default();
        let run = order
            .runs
            .get_mut(&number)
            .and_then(|runs| runs.get_mut(place));
        let Some(run) = run.filter(|run| run.end == End::Running) else {
            return;
        };
        run.end = end;
        if end == End::Failed {
            self.line(format_args!(
                "the handler of update {number} of {key} fails"
            ));
            self.reached(Kind::HandlerFailed);
        }
    }

    /// The order is shipped: the plain handler does so, or the transactional one has committed it.
    pub(super) fn ship(&mut self, key: &str, number: u64) {
        self.line(format_args!("{key} is shipped, by update {number}"));
        let order = self.orders.entry(key.to_owned()).or_default();
        order.ships.push(number);
        // The plain handler may do it again where it is repeated: with the same number.
        let twice = if self.transactional {
            order.ships.len() > 1
        } else {
            order.ships.iter().any(|one| *one != number)
        };
        if twice {
            let what = format!("{key} is shipped by the updates {:?}", order.ships);
            self.violated(Invariant::ShippedOnce, what);
        }
    }

    /// The shop cancels an order.
    pub(super) fn cancel(&mut self, key: &str) {
        self.line(format_args!("{key} is cancelled"));
        self.orders.entry(key.to_owned()).or_default().cancelled = true;
    }

    /// At the end: an order whose record has paid payments is shipped, and the others of them were
    /// told as payments too many.
    pub(super) fn settled(&self, key: &str, paid: &[PaymentId]) {
        let Some(order) = self.orders.get(key) else {
            return;
        };
        if paid.is_empty() == order.ships.is_empty() {
            let others = paid.iter().filter(|id| {
                let told = |run: &Run| {
                    let again = |it: &OrderChange| {
                        matches!(it, OrderChange::OrderPaid | OrderChange::PaidAgain { .. })
                    };
                    run.payment == **id && run.changes.iter().any(again)
                };
                !order.runs.values().flatten().any(told)
            });
            for id in others {
                let what = format!("{key} is paid by {id} too, and nobody was told");
                self.violated(Invariant::PaidOnce, what);
            }
            return;
        }
        let (paid, ships) = (paid.len(), order.ships.len());
        let what = format!("{key} has {paid} paid payments, and was shipped {ships} times");
        self.violated(Invariant::ShippedOnce, what);
    }
}
