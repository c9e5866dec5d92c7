//! In-memory store; everything is lost when the process ends.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use barion::PaymentId;
use tokio::time::Instant;

use super::rows::{Backlog, DuePayment, Enqueued, PaymentRow, Queue, Schedule};
use super::traits::Store;
use crate::error::StoreError;
use crate::order::StoredOrder;

/// In-memory store; everything is lost when the process ends. For tests, and for shops of one
/// process that need no more. Clones share their content.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore(Arc<Mutex<Tables>>);

#[derive(Debug, Default)]
struct Tables {
    orders: HashMap<String, StoredOrder>,
    payments: HashMap<PaymentId, Row>,
    /// The queues, by the time at which payments are due.
    callback: BTreeSet<(Instant, PaymentId)>,
    scheduled: BTreeSet<(Instant, PaymentId)>,
    unknown: BTreeSet<(Instant, PaymentId)>,
}

#[derive(Debug)]
struct Row {
    kept: PaymentRow,
    queue: Queue,
    due: Option<Instant>,
    known_since: Instant,
    /// End of the cooldown of callbacks.
    cooldown_until: Option<Instant>,
}

impl Tables {
    fn queue(&mut self, queue: Queue) -> &mut BTreeSet<(Instant, PaymentId)> {
        match queue {
            Queue::Callback => &mut self.callback,
            Queue::Scheduled => &mut self.scheduled,
            Queue::Unknown => &mut self.unknown,
        }
    }

    /// Puts a row into a queue; into none if it is not due.
    fn put(&mut self, id: PaymentId, mut row: Row, queue: Queue, due: Option<Instant>) {
        if let Some(old) = row.due {
            self.queue(row.queue).remove(&(old, id));
        }
        (row.queue, row.due) = (queue, due);
        if let Some(due) = due {
            self.queue(queue).insert((due, id));
        }
        self.payments.insert(id, row);
    }
}

/// The moment `time` from now; `None`, which is never, if the clock has no such moment.
fn after(time: Duration) -> Option<Instant> {
    Instant::now().checked_add(time)
}

impl MemoryStore {
    /// Empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    async fn find(&self, id: PaymentId) -> Result<Option<PaymentRow>, StoreError> {
        let tables = self.tables();
        Ok(tables.payments.get(&id).map(|one| PaymentRow {
            age: one.known_since.elapsed(),
            ..one.kept.clone()
        }))
    }

    async fn load(&self, order: &str) -> Result<Option<StoredOrder>, StoreError> {
        Ok(self.tables().orders.get(order).cloned())
    }

    async fn replace(
        &self,
        old: Option<u64>,
        new: &StoredOrder,
        due: &[(PaymentId, Duration)],
    ) -> Result<bool, StoreError> {
        let mut tables = self.tables();
        if tables.orders.get(new.key()).map(StoredOrder::revision) != old {
            return Ok(false);
        }
        let elsewhere = |(id, _): &(PaymentId, Duration)| {
            let row = tables.payments.get(id);
            row.and_then(|one| one.kept.order.as_deref())
                .is_some_and(|order| order != new.key())
        };
        if due.iter().any(elsewhere) {
            return Ok(false);
        }
        tables.orders.insert(new.key().to_owned(), new.clone());
        for (id, time) in due {
            let mut row = tables.payments.remove(id).unwrap_or(Row {
                kept: PaymentRow {
                    order: None,
                    version: 0,
                    failures: 0,
                    unchanged: 0,
                    age: Duration::ZERO,
                    handled: None,
                },
                queue: Queue::Scheduled,
                due: None,
                known_since: Instant::now(),
                cooldown_until: None,
            });
            row.kept.order = Some(new.key().to_owned());
            row.kept.version += 1;
            let queue = match row.queue {
                Queue::Unknown => Queue::Scheduled,
                queue => queue,
            };
            let due = [row.due, after(*time)].into_iter().flatten().min();
            tables.put(*id, row, queue, due);
        }
        Ok(true)
    }

    async fn enqueue(&self, id: PaymentId, capacity: u32) -> Result<Enqueued, StoreError> {
        let mut tables = self.tables();
        let now = Instant::now();
        let Some(mut row) = tables.payments.remove(&id) else {
            let capacity = usize::try_from(capacity).unwrap_or(usize::MAX);
            if tables.unknown.len() >= capacity {
                return Ok(Enqueued::Full);
            }
            let row = Row {
                kept: PaymentRow {
                    order: None,
                    version: 1,
                    failures: 0,
                    unchanged: 0,
                    age: Duration::ZERO,
                    handled: None,
                },
                queue: Queue::Unknown,
                due: None,
                known_since: now,
                cooldown_until: None,
            };
            tables.put(id, row, Queue::Unknown, Some(now));
            return Ok(Enqueued::Unknown);
        };
        row.kept.version += 1;
        let (queue, enqueued) = match row.kept.order {
            Some(_) => (Queue::Callback, Enqueued::Known),
            None => (Queue::Unknown, Enqueued::Unknown),
        };
        let due = row.cooldown_until.map_or(now, |until| until.max(now));
        tables.put(id, row, queue, Some(due));
        Ok(enqueued)
    }

    async fn take_due(
        &self,
        queue: Queue,
        limit: u32,
        hide: Duration,
    ) -> Result<Vec<DuePayment>, StoreError> {
        let mut tables = self.tables();
        let now = Instant::now();
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let due: Vec<PaymentId> = tables
            .queue(queue)
            .iter()
            .take_while(|(due, _)| *due <= now)
            .map(|(_, id)| *id)
            .take(limit)
            .collect();
        let mut taken = Vec::with_capacity(due.len());
        for payment_id in due {
            let Some(row) = tables.payments.remove(&payment_id) else {
                continue;
            };
            taken.push(DuePayment {
                payment_id,
                version: row.kept.version,
                failures: row.kept.failures,
                unchanged: row.kept.unchanged,
                age: row.known_since.elapsed(),
            });
            tables.put(payment_id, row, queue, after(hide));
        }
        Ok(taken)
    }

    async fn next_due(&self, queue: Queue) -> Result<Option<Duration>, StoreError> {
        let mut tables = self.tables();
        let first = tables.queue(queue).first();
        Ok(first.map(|(due, _)| due.saturating_duration_since(Instant::now())))
    }

    async fn schedule(
        &self,
        id: PaymentId,
        version: u64,
        next: Schedule,
    ) -> Result<bool, StoreError> {
        let mut tables = self.tables();
        let Some(mut row) = tables.payments.remove(&id) else {
            return Ok(false);
        };
        row.kept.unchanged = next.unchanged;
        row.cooldown_until = after(next.cooldown);
        if row.kept.version != version {
            let (queue, due) = (row.queue, row.due.max(row.due.and(row.cooldown_until)));
            tables.put(id, row, queue, due);
            return Ok(false);
        }
        row.kept.failures = next.failures;
        let queue = match row.kept.order {
            Some(_) => Queue::Scheduled,
            None => Queue::Unknown,
        };
        tables.put(id, row, queue, next.due_in.and_then(after));
        Ok(true)
    }

    async fn forget(&self, id: PaymentId) -> Result<(), StoreError> {
        let mut tables = self.tables();
        if let Some(row) = tables.payments.get(&id)
            && row.kept.order.is_none()
        {
            let (queue, due) = (row.queue, row.due);
            tables.payments.remove(&id);
            if let Some(due) = due {
                tables.queue(queue).remove(&(due, id));
            }
        }
        Ok(())
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        let tables = self.tables();
        let queues = [&tables.callback, &tables.scheduled, &tables.unknown];
        let first = queues.iter().filter_map(|queue| queue.first()).min();
        let open = queues.iter().flat_map(|queue| queue.iter());
        let rows = open.filter_map(|(_, id)| tables.payments.get(id));
        let oldest = rows.map(|row| row.known_since).min();
        let count: usize = queues.iter().map(|queue| queue.len()).sum();
        Ok(Backlog {
            open: u64::try_from(count).unwrap_or(u64::MAX),
            overdue: first.map(|(due, _)| due.elapsed()).unwrap_or_default(),
            oldest: oldest.map(|since| since.elapsed()).unwrap_or_default(),
        })
    }
}
