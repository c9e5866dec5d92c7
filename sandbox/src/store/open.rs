//! Opening a store, and closing it.

use std::path::Path;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::db::Db;
use super::error::StoreError;
use super::facts::{CLOCK, OPENING, OPENINGS, Opening, PLACES, fact, put_fact};
use super::handle::Store;
use super::notes::Notes;
use super::recent::Recent;
use crate::domain::clock::{Clock, ClockState};
use crate::domain::ids::Ids;
use crate::domain::payment::history::Moment;
use crate::domain::person::Person;
use crate::domain::seeded;

/// What a store is opened with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options<'a> {
    /// The file; without one everything is in memory.
    pub(crate) path: Option<&'a Path>,
    /// Whether the clock moves with the real time.
    pub(crate) real_time: bool,
    /// Where the clock of a new store begins, if not at the real time.
    pub(crate) start_at: Option<DateTime<Utc>>,
    /// Makes the ids the same ones in each run.
    pub(crate) seed: Option<u64>,
}

impl Store {
    /// The store of a file, or a new one in memory, its clock and the source of its ids. The seeded
    /// shop gets the key with which the sandbox is started this time.
    pub(crate) fn open(
        options: Options<'_>,
        key: Uuid,
        owner: Person,
    ) -> Result<(Self, Clock, Ids), StoreError> {
        let real_time = options.real_time;
        let db = Db::open(options.path)?;
        let state = fact::<ClockState>(&db, CLOCK)?;
        let clock = match (state, options.start_at) {
            (Some(state), _) => Clock::resumed(real_time, state),
            (None, Some(start)) => Clock::from(start, real_time),
            (None, None) => Clock::new(real_time),
        };
        let openings: u64 = fact(&db, OPENINGS)?.unwrap_or_default();
        let ids = options.seed.map(|seed| Ids::seeded(seed, openings));
        let ids = ids.unwrap_or_default();
        let places = fact(&db, PLACES)?.unwrap_or_default();
        Moment::begin_at(places);
        let (opening, new) = match fact(&db, OPENING)? {
            Some(opening) => (opening, false),
            None => (
                Opening {
                    owner,
                    at: clock.now(),
                },
                true,
            ),
        };
        let mut store = Self {
            db,
            now: opening.at,
            opening,
            shops: Vec::new(),
            recent: Recent::default(),
            next: None,
            notices: Vec::new(),
            notes: Notes::default(),
            clock: state,
            places,
        };
        if new {
            put_fact(&store.db, OPENING, &store.opening)?;
            store.add_shop(&seeded::shop(key))?;
            ids.scope(|| store.wallet().open_accounts())?;
        } else {
            store.set_seeded_key(key)?;
        }
        put_fact(&store.db, OPENINGS, &openings.saturating_add(1))?;
        store.commit(clock.state())?;
        Ok((store, clock, ids))
    }

    /// Writes what still waits to be written. Others may use the file once the store is gone.
    pub(crate) fn close(mut self, clock: ClockState) -> Result<(), StoreError> {
        self.notes.gather();
        self.write_notes()?;
        self.notes.forget();
        self.commit(clock).map(drop)
    }
}
