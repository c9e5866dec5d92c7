//! Transactions of the store: commit or undo of what one call changes.

use super::error::StoreError;
use super::facts::{CLOCK, PLACES, put_fact};
use super::handle::Store;
use crate::domain::clock::ClockState;
use crate::domain::notice::Notice;
use crate::domain::payment::history::Moment;

/// Places of moments are reserved in blocks of this size, and the end of the block is written. So
/// no place is taken again after a restart.
const PLACES_AHEAD: u64 = 1_000_000;

impl Store {
    /// Commits the changes, and returns the notices of callbacks about them, in order. The time
    /// that passes by itself is written along with other changes only.
    pub(crate) fn commit(&mut self, clock: ClockState) -> Result<Vec<Notice>, StoreError> {
        let set = self.clock.is_none_or(|one| !one.as_far_ahead(&clock));
        if !self.db.is_changed() && !set && !self.notes.are_many() {
            return Ok(std::mem::take(&mut self.notices));
        }
        self.write_notes()?;
        if self.clock != Some(clock) {
            put_fact(&self.db, CLOCK, &clock)?;
        }
        let places = Moment::next_place();
        let more = (places >= self.places).then_some(places + PLACES_AHEAD);
        if let Some(places) = more {
            put_fact(&self.db, PLACES, &places)?;
        }
        self.db.commit()?;
        self.notes.forget();
        self.clock = Some(clock);
        self.places = more.unwrap_or(self.places);
        Ok(std::mem::take(&mut self.notices))
    }

    /// Undoes what was changed since the last commit.
    pub(crate) fn undo(&mut self) {
        self.db.undo();
        self.notices.clear();
        self.shops.clear();
        self.recent.clear();
        self.next = None;
    }
}
