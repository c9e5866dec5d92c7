//! When tasks of the shop asked the store: how long a lease of theirs lasts at most, and whether
//! they have given up.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

/// A task: a refresh is one, from its beginning to its end.
pub(super) type Task = Option<tokio::task::Id>;

/// The current one.
pub(super) fn task() -> Task {
    tokio::task::try_id()
}

/// The longest pause between two tries to complete an update, and some more.
const PAUSE: Duration = Duration::from_millis(2_100);

#[derive(Debug, Default)]
struct Asking {
    /// The first question since the latest completion: no lease of the task begins later.
    since: Option<Instant>,
    /// By order: the latest question or answer, and whether an answer is to come.
    latest: HashMap<String, (Instant, bool)>,
}

/// The tasks that have asked the store.
#[derive(Debug, Default)]
pub(super) struct Tasks(HashMap<Task, Asking>);

impl Tasks {
    /// Something was asked.
    pub(super) fn began(&mut self, task: Task) {
        let asking = self.0.entry(task).or_default();
        asking.since.get_or_insert_with(Instant::now);
    }

    /// The record of an order was asked for, or is to be replaced.
    pub(super) fn asked(&mut self, task: Task, order: &str) {
        let asking = self.0.entry(task).or_default();
        let now = (Instant::now(), true);
        asking.latest.insert(order.to_owned(), now);
    }

    /// There was an answer, or an error.
    pub(super) fn answered(&mut self, task: Task, order: &str) {
        let asking = self.0.entry(task).or_default();
        let now = (Instant::now(), false);
        asking.latest.insert(order.to_owned(), now);
    }

    /// A claim of the task was completed.
    pub(super) fn completed(&mut self, task: Task) {
        self.0.entry(task).or_default().since = None;
    }

    /// Since when a claim that is made now lasts, at least.
    pub(super) fn since(&self, task: Task) -> Instant {
        let asking = self.0.get(&task);
        let since = asking.and_then(|asking| asking.since);
        since.unwrap_or_else(Instant::now)
    }

    /// Whether the task has gone on trying to complete an update of this order until then.
    pub(super) fn tried_until(&self, task: Task, order: &str, from: Instant, end: Instant) -> bool {
        let latest = self
            .0
            .get(&task)
            .and_then(|asking| asking.latest.get(order));
        let (at, waits) = latest.copied().unwrap_or((from, false));
        waits || at.max(from) + PAUSE >= end
    }
}
