//! The shop's database, which outlives its processes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use barion::Recorded;
use tokio::time::sleep;

use crate::ledger::{UnconfirmedRequest, Wish};
use crate::network::ATTEMPT;
use crate::reach::Kind;
use crate::shop::Ask;
use crate::world::World;

/// A row: a request, and what is known of it.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) request: UnconfirmedRequest,
    pub(crate) wish: Wish,
    pub(crate) ask: Ask,
    id: String,
    open_key: Option<String>,
    state_key: Option<String>,
    sent: bool,
    /// The record, as it was written.
    pub(crate) json: String,
    settled: bool,
}

/// The database: requests by their keys.
#[derive(Debug, Clone)]
pub struct Database {
    rows: Arc<Mutex<BTreeMap<String, Row>>>,
    /// Whether what is about to be sent is marked. A shop that does not only knows what it has
    /// planned.
    pub(crate) marks: bool,
}

/// Whether another request has one of the two unique columns.
fn is_taken(rows: &BTreeMap<String, Row>, record: &barion::UnconfirmedRequest) -> bool {
    let (open, state) = (Some(record.open_key()), record.state_key());
    let others = rows.iter().filter(|(key, _)| **key != record.key());
    let mut others = others.map(|(_, row)| row);
    others.any(|row| row.open_key == open || (state.is_some() && row.state_key == state))
}

impl Database {
    /// An empty one.
    #[must_use]
    pub fn new(marks: bool) -> Self {
        Self {
            rows: Arc::default(),
            marks,
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Row>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Inserts a planned request; `false` when its key is taken. A shop that does not mark what it
    /// sends takes the other two keys already then.
    pub(crate) fn plan(&self, wish: Wish, request: UnconfirmedRequest, ask: &Ask) -> bool {
        let record = ask.planned();
        let mut rows = self.lock();
        if rows.contains_key(&record.key()) || (!self.marks && is_taken(&rows, &record)) {
            return false;
        }
        let taken = (!self.marks).then(|| Some(record.open_key()));
        let row = Row {
            request,
            wish,
            ask: ask.clone(),
            id: record.id(),
            open_key: taken.flatten(),
            state_key: record.state_key().filter(|_| !self.marks),
            sent: false,
            json: serde_json::to_string(&record).unwrap_or_default(),
            settled: false,
        };
        rows.insert(record.key(), row);
        true
    }

    /// As the documentation says: `ON CONFLICT (key) DO UPDATE ... WHERE requests.id = excluded.id
    /// AND NOT requests.sent`, with two more unique columns.
    fn write(&self, record: &barion::UnconfirmedRequest) -> Result<Recorded, String> {
        let mut rows = self.lock();
        if is_taken(&rows, record) {
            return Ok(Recorded::KeyTaken);
        }
        match rows.get_mut(&record.key()) {
            Some(row) if row.id == record.id() && !row.sent => {
                row.json = serde_json::to_string(record).map_err(|error| error.to_string())?;
                row.open_key = Some(record.open_key());
                row.state_key = record.state_key();
                row.sent = true;
                Ok(Recorded::Written)
            }
            _ => Ok(Recorded::KeyTaken),
        }
    }

    /// Marks a request of the current task as being sent: slowly, and not always.
    pub(crate) async fn mark(
        self,
        world: Arc<World>,
        record: barion::UnconfirmedRequest,
    ) -> Result<Recorded, String> {
        let request = ATTEMPT.try_with(|request| *request).ok();
        let pause = world.slowness_of_database();
        let (down, late) = {
            let mut dice = world.dice();
            (dice.chance(4), dice.chance(30))
        };
        if pause.as_secs() > 10 {
            world.reached(Kind::DatabaseSlow);
        }
        if down {
            sleep(pause).await;
            world.reached(Kind::DatabaseDown);
            return Err("the database is down".to_owned());
        }
        if late {
            sleep(pause).await;
        }
        let recorded = self.write(&record)?;
        if let Some(request) = request.filter(|_| recorded == Recorded::Written) {
            let mut ledger = world.ledger();
            ledger.written(request);
            ledger.line(format_args!("request {request} is marked as being sent"));
        }
        if !late {
            sleep(pause).await;
        }
        Ok(recorded)
    }

    /// It is known what came of a request. What may be tried again leaves its key free.
    pub(crate) fn settle(&self, request: UnconfirmedRequest, again: bool) {
        let mut rows = self.lock();
        if again {
            rows.retain(|_, row| row.request != request);
        } else {
            let settled = rows.values_mut().filter(|row| row.request == request);
            settled.for_each(|row| {
                row.settled = true;
                row.open_key = None;
            });
        }
    }

    /// Whether this request still is what has its key, settled or not.
    pub(crate) fn holds(&self, request: UnconfirmedRequest) -> bool {
        self.lock().values().any(|row| row.request == request)
    }

    /// Deletes a request if its row still is what was read: compare and set. Its process may have
    /// marked it since.
    pub(crate) fn delete_unchanged(&self, read: &Row) -> bool {
        let mut rows = self.lock();
        let before = rows.len();
        rows.retain(|_, row| row.settled || row.request != read.request || row.json != read.json);
        rows.len() < before
    }

    /// The requests of which it is not known what came of them.
    pub(crate) fn open(&self) -> Vec<Row> {
        let rows = self.lock();
        rows.values().filter(|row| !row.settled).cloned().collect()
    }
}
