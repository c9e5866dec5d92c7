//! Events of payments in the store, for their pages.

use uuid::Uuid;

use super::columns::{state, text};
use super::error::StoreError;
use super::handle::Store;
use crate::domain::payment::history::{Event, Moment};

/// Of a payment's older events none are kept: a shop that tries for days must not fill the memory.
const KEPT: i64 = 1_000;

impl Store {
    /// Notes a call about a payment, if there is one of this id.
    pub(crate) fn note(&mut self, payment: Uuid, moment: Moment, event: Event, read: bool) {
        self.notes.add((payment, moment, event), read);
    }

    /// Writes the notes that are to be written. They stay until they are forgotten, as this may be
    /// undone.
    pub(super) fn write_notes(&self) -> Result<(), StoreError> {
        for (payment, moment, event) in self.notes.to_write() {
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
            "SELECT serial, coalesce((SELECT max(number) FROM events WHERE payment = serial), 0) \
             + 1 \
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
            "SELECT events.state FROM payments JOIN events ON payment = serial WHERE id = ?1 \
             ORDER BY number",
            [payment.into_bytes()],
            |row| state(row, 0),
        )?;
        let notes = self.notes.all().filter(|note| note.0 == payment);
        events.extend(notes.map(|(_, moment, event)| (*moment, event.clone())));
        Ok(events)
    }
}
