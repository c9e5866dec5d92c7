//! What really happened to orders, and what their shop was told; and whether both agree.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use barion::PaymentId;
use barion_watcher::store::Enqueued;
use barion_watcher::{OrderChange, StoredOrder, StoredPayment};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use tokio::time::Instant;

use super::habits::Habits;
use super::runs::{Task, Tasks};
use super::unknown::Unknown;
use crate::ledger::Invariant;
use crate::reach::Kind;
use crate::world::World;

/// How long a known payment that a callback names may wait, where nothing stands in the way: for
/// Barion's rate, and for the handler of another refresh of it. Its cooldown comes on top, which
/// grows with each callback that brings nothing new.
const AT_ONCE: Duration = Duration::from_secs(10);

/// How a run of the handler ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// It has not.
    Running,
    /// It was dropped, has failed or has panicked.
    Failed,
    /// Its process died.
    Died,
    /// It was through.
    Done(Instant),
}

#[derive(Debug)]
pub(super) struct Run {
    pub(super) process: usize,
    pub(super) task: Task,
    pub(super) changes: Vec<OrderChange>,
    pub(super) payment: PaymentId,
    /// When the lease ends, at the latest.
    pub(super) lease_end: Instant,
    pub(super) end: End,
}

#[derive(Debug)]
pub(super) struct Claim {
    process: usize,
    written: Instant,
    /// When its lease ends, as its process counts.
    pub(super) lease_end: Instant,
    /// A payment of the order has paid it, or may still do so.
    pub(super) not_unpaid: bool,
}

/// What is known of one order.
#[derive(Debug, Default)]
pub(super) struct OrderTruth {
    pub(super) completed: u64,
    token: Option<u64>,
    pub(super) claim: Option<Claim>,
    pub(super) runs: BTreeMap<u64, Vec<Run>>,
    /// The numbers with which it was told as paid.
    pub(super) paid_by: BTreeSet<u64>,
    /// For each ship the number of the update.
    pub(super) ships: Vec<u64>,
    /// The shop has cancelled it.
    pub(super) cancelled: bool,
}

/// What is known of one payment.
#[derive(Debug, Default)]
pub(super) struct PaymentTruth {
    pub(super) paid: bool,
    /// Until when it can be paid, if it can, by Barion's clock.
    open_until: Option<DateTime<Utc>>,
    pub(super) changed: Option<Instant>,
    pub(super) accepted: Option<Instant>,
    pub(super) tracked: bool,
}

impl PaymentTruth {
    /// Whether it has paid its order, or may still do so.
    fn may_pay(&self, now: DateTime<Utc>) -> bool {
        self.paid || self.open_until.is_some_and(|until| now < until)
    }
}

/// What matters here of the record of an order.
#[derive(Deserialize)]
struct Record {
    completed: u64,
    update: Option<Update>,
}

#[derive(Deserialize)]
struct Update {
    lease: Option<Lease>,
}

#[derive(Deserialize)]
struct Lease {
    token: u64,
}

/// The truth about the orders of a world.
#[derive(Debug)]
pub(super) struct Truth {
    world: Arc<World>,
    lease: Duration,
    pub(super) transactional: bool,
    pub(super) runs: Tasks,
    unknown: Unknown,
    /// Payments that are to be read at once, and since when.
    awaited: BTreeMap<PaymentId, Instant>,
    /// For how long callbacks don't make a payment due.
    cooldown: BTreeMap<PaymentId, Duration>,
    read: BTreeMap<PaymentId, Instant>,
    /// Processes that refresh many payments in one task.
    pub(super) sweepers: BTreeSet<usize>,
    pub(super) died: BTreeMap<usize, Instant>,
    pub(super) orders: BTreeMap<String, OrderTruth>,
    pub(super) payments: BTreeMap<PaymentId, PaymentTruth>,
}

impl Truth {
    pub(super) fn new(world: &Arc<World>, habits: &Habits) -> Self {
        Self {
            world: Arc::clone(world),
            lease: habits.lease,
            transactional: habits.transactional,
            runs: Tasks::default(),
            unknown: Unknown::new(habits),
            awaited: BTreeMap::new(),
            cooldown: BTreeMap::new(),
            read: BTreeMap::new(),
            sweepers: BTreeSet::new(),
            died: BTreeMap::new(),
            orders: BTreeMap::new(),
            payments: BTreeMap::new(),
        }
    }

    pub(super) fn line(&self, line: impl std::fmt::Display) {
        self.world.ledger().line(line);
    }

    pub(super) fn violated(&self, invariant: Invariant, what: impl Into<String>) {
        self.world.ledger().violated(invariant, what);
    }

    pub(super) fn reached(&self, kind: Kind) {
        self.world.reached(kind);
    }

    /// A payment was started, and can be paid for so long.
    pub(super) fn started(&mut self, id: PaymentId, window: Duration) {
        let payment = self.payments.entry(id).or_default();
        payment.open_until = Some(self.world.sandbox.now() + window);
    }

    /// A payment has changed; whether it has paid its order now.
    pub(super) fn changed(&mut self, id: PaymentId, paid: bool) {
        let payment = self.payments.entry(id).or_default();
        payment.paid |= paid;
        payment.changed = Some(Instant::now());
    }

    /// A payment can't be paid any more: it is paid already, or over. One that holds the money
    /// until then may still pay.
    pub(super) fn open_until(&mut self, id: PaymentId, until: Option<DateTime<Utc>>) {
        self.payments.entry(id).or_default().open_until = until;
    }

    /// The shop was told that it tracks the payment.
    pub(super) fn tracked(&mut self, id: PaymentId) {
        self.payments.entry(id).or_default().tracked = true;
        self.line(format_args!("{id} is tracked"));
    }

    /// A callback about it, which came at that time, was answered with 200. `soon`: nothing stands
    /// in the way of reading it at once.
    pub(super) fn accepted(&mut self, id: PaymentId, since: Instant, soon: bool) {
        // It may have been read before the answer was there.
        let read = self.read.get(&id).is_some_and(|at| *at >= since);
        if soon && !read {
            self.awaited.entry(id).or_insert(since);
        }
        if let Some(payment) = self.payments.get_mut(&id) {
            payment.accepted = payment.accepted.max(Some(since));
        }
    }

    /// A payment is read.
    pub(super) fn read(&mut self, id: &str) {
        let Ok(id) = id.parse::<PaymentId>() else {
            return;
        };
        self.read.insert(id, Instant::now());
        let waited = self.awaited.remove(&id).map(|since| since.elapsed());
        let cooldown = self.cooldown.get(&id).copied().unwrap_or_default();
        if let Some(waited) = waited.filter(|waited| *waited > AT_ONCE + cooldown) {
            let what = format!("{id} was read {waited:?} after a callback had named it");
            self.violated(Invariant::Handled, what);
        }
    }

    /// Within this time callbacks don't make a payment due.
    pub(super) fn cooldown(&mut self, id: PaymentId, cooldown: Duration) {
        self.cooldown.insert(id, cooldown);
    }

    pub(super) fn enqueued(&mut self, process: usize, begun: Instant, id: PaymentId, it: Enqueued) {
        if let Some(what) = self.unknown.enqueued(process, begun, id, it) {
            self.violated(Invariant::Invented, what);
        }
    }

    pub(super) fn sweeps(&mut self, process: usize) {
        self.unknown.sweeps(process);
        self.sweepers.insert(process);
    }

    pub(super) fn unknown_taken(&mut self, process: usize, count: usize) {
        if let Some(what) = self.unknown.taken(process, count) {
            self.violated(Invariant::Invented, what);
        }
    }

    pub(super) fn forgotten(&mut self, process: usize, id: PaymentId, since: Instant) {
        self.unknown.forgotten(process, id, since);
    }

    /// All runs of the process end with it.
    pub(super) fn died(&mut self, process: usize) {
        self.died.insert(process, Instant::now());
        // What it was about to read is somebody else's when it is not hidden any more.
        self.awaited.clear();
        for order in self.orders.values_mut() {
            let runs = order.runs.values_mut().flatten();
            for run in runs.filter(|run| run.process == process) {
                if run.end == End::Running {
                    run.end = End::Died;
                }
            }
        }
    }

    /// A record was written: perhaps with a claim, perhaps with a completion.
    pub(super) fn written(
        &mut self,
        process: usize,
        task: Task,
        new: &StoredOrder,
        rows: &[(PaymentId, Duration)],
    ) {
        for (id, _) in rows {
            self.unknown.attached(*id);
        }
        let read = serde_json::to_value(new).and_then(serde_json::from_value::<Record>);
        let record = match read {
            Ok(record) => record,
            Err(error) => {
                let what = format!("the record of {} can't be read: {error}", new.key());
                return self.violated(Invariant::Ends, what);
            }
        };
        let token = record.update.and_then(|it| it.lease).map(|it| it.token);
        let payments: BTreeSet<PaymentId> = new
            .payments()
            .iter()
            .map(StoredPayment::payment_id)
            .collect();
        let not_unpaid = payments
            .iter()
            .filter_map(|id| self.payments.get(id))
            .any(|one| one.may_pay(self.world.sandbox.now()));
        let lease_end = self.runs.since(task) + self.lease;
        let order = self.orders.entry(new.key().to_owned()).or_default();
        let (revision, completed) = (new.revision(), record.completed);
        let claimed = token.is_some() && token != order.token;
        self.world.ledger().line(format_args!(
            "process {process} writes revision {revision} of {}: {completed} completed{}",
            new.key(),
            if claimed { ", claimed" } else { "" },
        ));
        let mut wrong = Vec::new();
        if record.completed != order.completed {
            self.runs.completed(task);
            order.completed = record.completed;
            let number = record.completed;
            let through = |run: &Run| matches!(run.end, End::Done(_)) && run.process == process;
            if !order
                .runs
                .get(&number)
                .is_some_and(|runs| runs.iter().any(through))
            {
                wrong.push((
                    Invariant::Handled,
                    format!("update {number} of {} is completed unhandled", new.key()),
                ));
            }
        }
        if let (Some(token), old) = (token, order.token)
            && Some(token) != old
        {
            let now = Instant::now();
            if let Some(claim) = order.claim.as_ref().filter(|_| old.is_some())
                && claim.process != process
                // Seen for its whole length since it was written, or three lengths by the store's
                // clock since it was asked for.
                && now < (claim.written + self.lease).min(claim.lease_end + self.lease * 2)
            {
                let (new, old) = (process, claim.process);
                let what = format!("process {new} claims what {old} has claimed, and not given up");
                wrong.push((Invariant::OneAtATime, what));
            }
            order.claim = Some(Claim {
                process,
                written: now,
                lease_end,
                not_unpaid,
            });
        }
        order.token = token;
        for (invariant, what) in wrong {
            self.violated(invariant, what);
        }
    }
}
