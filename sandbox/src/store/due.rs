//! Due changes: payments expire and transfers return as time passes.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::columns::{micros, time};
use super::error::StoreError;
use super::handle::{Next, Store};

impl Store {
    /// Makes all changes that are due by now, in the order of their due times; at the same time the
    /// older payment goes first, so that the order of callbacks is the same in every run.
    pub(crate) fn bring_up_to(&mut self, now: DateTime<Utc>) -> Result<(), StoreError> {
        while self.next_due()?.is_some_and(|next| next <= now) {
            let query = "SELECT id, due FROM payments WHERE due <= ?1 ORDER BY due, serial LIMIT 1";
            let due = self.db.first(query, [micros(now)], |row| {
                Ok((Uuid::from_bytes(row.get(0)?), time(row.get(1)?)))
            })?;
            let until = due.map_or(now, |(_, due)| due);
            self.wallet().bring_up_to(until)?;
            self.now = until;
            if let Some((id, due)) = due {
                self.change(id, |payment| payment.expire(payment.due().unwrap_or(due)))?;
            }
            self.next = None;
        }
        self.now = now;
        Ok(())
    }

    /// Time of the next due change.
    pub(crate) fn next_due(&mut self) -> Result<Option<DateTime<Utc>>, StoreError> {
        if let Some(Next(next)) = self.next {
            return Ok(next);
        }
        let query = "SELECT due FROM payments WHERE due IS NOT NULL ORDER BY due LIMIT 1";
        let due = self.db.first(query, [], |row| Ok(time(row.get(0)?)))?;
        let next = due.into_iter().chain(self.wallet().next_return()?).min();
        self.next = Some(Next(next));
        Ok(next)
    }
}
