//! What happened to the store's payments, for their pages.

use std::collections::VecDeque;

use uuid::Uuid;

use super::Store;
use super::db::{StoreError, state, text};
use crate::payment::history::{Event, Moment};

/// Of a payment's older events none are kept: a shop that tries for days must not fill the memory.
const KEPT: i64 = 1_000;

/// Of the older lines about calls that only read none are kept, whatever payment they are about.
const READS: usize = 10_000;

/// So many calls that changed nothing are noted without waiting for the next change.
const AT_ONCE: usize = 64;

/// Something that happened to a payment.
type Note = (Uuid, Moment, Event);

/// Lines about calls that have not been written yet.
///
/// None of them is a change that somebody was told of. So they do not take a transaction of their own, nor do reads
/// take any before the sandbox stops: they would be slower by a multiple.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// Written with the next change.
    calls: Vec<Note>,
    reads: VecDeque<Note>,
}

impl Notes {
    pub(super) fn are_many(&self) -> bool {
        self.calls.len() >= AT_ONCE
    }

    /// They have been written.
    pub(super) fn forget(&mut self) {
        self.calls.clear();
    }

    /// All are to be written.
    pub(super) fn gather(&mut self) {
        self.calls.extend(self.reads.drain(..));
    }
}

impl Store {
    /// Notes a call about a payment, if there is one of this id.
    pub(crate) fn note(&mut self, payment: Uuid, moment: Moment, event: Event, read: bool) {
        let note = (payment, moment, event);
        if read {
            if self.notes.reads.len() == READS {
                self.notes.reads.pop_front();
            }
            self.notes.reads.push_back(note);
        } else if self.notes.calls.len() < READS {
            // If nothing could be written for long, these must not fill the memory either.
            self.notes.calls.push(note);
        }
    }

    /// Writes the notes that are to be written. They stay until they are forgotten, as this may be undone.
    pub(super) fn write_notes(&self) -> Result<(), StoreError> {
        for (payment, moment, event) in &self.notes.calls {
            self.write_event(*payment, *moment, event)?;
        }
        Ok(())
    }

    /// Puts an event behind the others of its payment.
    pub(super) fn write_event(
        &self,
        payment: Uuid,
        moment: Moment,
        event: &Event,
    ) -> Result<(), StoreError> {
        // One statement for all of it would take three times as long.
        let place = self.db.first(
            "SELECT serial, coalesce((SELECT max(number) FROM events WHERE payment = serial), 0) + 1 \
             FROM payments WHERE id = ?1",
            [payment.into_bytes()],
            |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)),
        )?;
        let Some((payment, number)) = place else {
            return Ok(());
        };
        self.put_event(payment, number, moment, event)?;
        if number > KEPT {
            self.db.write(
                "DELETE FROM events WHERE payment = ?1 AND number <= ?2",
                (payment, number - KEPT),
            )?;
        }
        Ok(())
    }

    /// Puts an event in its place.
    pub(super) fn put_event(
        &self,
        payment: i64,
        number: i64,
        moment: Moment,
        event: &Event,
    ) -> Result<(), StoreError> {
        self.db.write(
            "INSERT INTO events (payment, number, state) VALUES (?1, ?2, ?3)",
            (payment, number, text(&(moment, event))?),
        )
    }

    /// Everything that is known of a payment. Changes are in their order.
    pub(super) fn events(&self, payment: Uuid) -> Result<Vec<(Moment, Event)>, StoreError> {
        let mut events = self.db.all(
            "SELECT events.state FROM payments JOIN events ON payment = serial WHERE id = ?1 ORDER BY number",
            [payment.into_bytes()],
            |row| state(row, 0),
        )?;
        let notes = self.notes.calls.iter().chain(&self.notes.reads);
        let notes = notes.filter(|note| note.0 == payment);
        events.extend(notes.map(|(_, moment, event)| (*moment, event.clone())));
        Ok(events)
    }
}
