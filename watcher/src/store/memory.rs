//! In-memory store; everything is lost when the process ends.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use barion::PaymentId;
use tokio::time::Instant;

use super::rows::{Backlog, DuePayment, Lane, Noticed, PaymentRow, Schedule};
use super::traits::Store;
use crate::error::StoreError;
use crate::order::StoredOrder;

/// In-memory store: for tests, and for shops of one process that may forget. Everything is lost when
/// the process ends. Clones share what they keep.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore(Arc<Mutex<Tables>>);

#[derive(Debug, Default)]
struct Tables {
    orders: HashMap<String, StoredOrder>,
    payments: HashMap<PaymentId, Row>,
    /// What is due, by lane and time.
    noticed: BTreeSet<(Instant, PaymentId)>,
    scheduled: BTreeSet<(Instant, PaymentId)>,
    unknown: BTreeSet<(Instant, PaymentId)>,
}

#[derive(Debug)]
struct Row {
    kept: PaymentRow,
    lane: Lane,
    due: Option<Instant>,
    known_since: Instant,
    /// Until when callbacks don't make it due.
    quiet_until: Option<Instant>,
}

impl Tables {
    fn lane(&mut self, lane: Lane) -> &mut BTreeSet<(Instant, PaymentId)> {
        match lane {
            Lane::Noticed => &mut self.noticed,
            Lane::Scheduled => &mut self.scheduled,
            Lane::Unknown => &mut self.unknown,
        }
    }

    /// Puts a row where it belongs from now on.
    fn put(&mut self, id: PaymentId, mut row: Row, lane: Lane, due: Option<Instant>) {
        if let Some(old) = row.due {
            self.lane(row.lane).remove(&(old, id));
        }
        (row.lane, row.due) = (lane, due);
        if let Some(due) = due {
            self.lane(lane).insert((due, id));
        }
        self.payments.insert(id, row);
    }
}

/// A moment so much later; times beyond what the clock can tell never come.
fn after(time: Duration) -> Option<Instant> {
    Instant::now().checked_add(time)
}

impl MemoryStore {
    /// An empty store.
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
                    mark: 0,
                    failures: 0,
                    idle: 0,
                    age: Duration::ZERO,
                    handled: None,
                },
                lane: Lane::Scheduled,
                due: None,
                known_since: Instant::now(),
                quiet_until: None,
            });
            row.kept.order = Some(new.key().to_owned());
            row.kept.mark += 1;
            let lane = match row.lane {
                Lane::Unknown => Lane::Scheduled,
                lane => lane,
            };
            let due = [row.due, after(*time)].into_iter().flatten().min();
            tables.put(*id, row, lane, due);
        }
        Ok(true)
    }

    async fn notice(&self, id: PaymentId, room: u32) -> Result<Noticed, StoreError> {
        let mut tables = self.tables();
        let now = Instant::now();
        let Some(mut row) = tables.payments.remove(&id) else {
            let room = usize::try_from(room).unwrap_or(usize::MAX);
            if tables.unknown.len() >= room {
                return Ok(Noticed::Full);
            }
            let row = Row {
                kept: PaymentRow {
                    order: None,
                    mark: 1,
                    failures: 0,
                    idle: 0,
                    age: Duration::ZERO,
                    handled: None,
                },
                lane: Lane::Unknown,
                due: None,
                known_since: now,
                quiet_until: None,
            };
            tables.put(id, row, Lane::Unknown, Some(now));
            return Ok(Noticed::Unknown);
        };
        row.kept.mark += 1;
        let (lane, noticed) = match row.kept.order {
            Some(_) => (Lane::Noticed, Noticed::Known),
            None => (Lane::Unknown, Noticed::Unknown),
        };
        let due = row.quiet_until.map_or(now, |until| until.max(now));
        tables.put(id, row, lane, Some(due));
        Ok(noticed)
    }

    async fn due(
        &self,
        lane: Lane,
        limit: u32,
        hide: Duration,
    ) -> Result<Vec<DuePayment>, StoreError> {
        let mut tables = self.tables();
        let now = Instant::now();
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let due: Vec<PaymentId> = tables
            .lane(lane)
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
                mark: row.kept.mark,
                failures: row.kept.failures,
                idle: row.kept.idle,
                age: row.known_since.elapsed(),
            });
            tables.put(payment_id, row, lane, after(hide));
        }
        Ok(taken)
    }

    async fn next_due(&self, lane: Lane) -> Result<Option<Duration>, StoreError> {
        let mut tables = self.tables();
        let first = tables.lane(lane).first();
        Ok(first.map(|(due, _)| due.saturating_duration_since(Instant::now())))
    }

    async fn schedule(&self, id: PaymentId, mark: u64, next: Schedule) -> Result<bool, StoreError> {
        let mut tables = self.tables();
        let Some(mut row) = tables.payments.remove(&id) else {
            return Ok(false);
        };
        row.kept.idle = next.idle;
        row.quiet_until = after(next.quiet);
        if row.kept.mark != mark {
            let (lane, due) = (row.lane, row.due.max(row.due.and(row.quiet_until)));
            tables.put(id, row, lane, due);
            return Ok(false);
        }
        row.kept.failures = next.failures;
        let lane = match row.kept.order {
            Some(_) => Lane::Scheduled,
            None => Lane::Unknown,
        };
        tables.put(id, row, lane, next.due_in.and_then(after));
        Ok(true)
    }

    async fn forget(&self, id: PaymentId) -> Result<(), StoreError> {
        let mut tables = self.tables();
        if let Some(row) = tables.payments.get(&id)
            && row.kept.order.is_none()
        {
            let (lane, due) = (row.lane, row.due);
            tables.payments.remove(&id);
            if let Some(due) = due {
                tables.lane(lane).remove(&(due, id));
            }
        }
        Ok(())
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        let tables = self.tables();
        let lanes = [&tables.noticed, &tables.scheduled, &tables.unknown];
        let first = lanes.iter().filter_map(|lane| lane.first()).min();
        let open = lanes.iter().flat_map(|lane| lane.iter());
        let rows = open.filter_map(|(_, id)| tables.payments.get(id));
        let oldest = rows.map(|row| row.known_since).min();
        let count: usize = lanes.iter().map(|lane| lane.len()).sum();
        Ok(Backlog {
            open: u64::try_from(count).unwrap_or(u64::MAX),
            overdue: first.map(|(due, _)| due.elapsed()).unwrap_or_default(),
            oldest: oldest.map(|since| since.elapsed()).unwrap_or_default(),
        })
    }
}
