//! Transfers that return because nobody registers to get the money.

use chrono::{DateTime, Utc};

use super::handle::Wallet;
use crate::domain::wallet::item::HistoryItem;
use crate::store::columns::{micros, state, time};
use crate::store::error::StoreError;

impl Wallet<'_> {
    /// When the next transfer returns for which nobody registers.
    pub(crate) fn next_return(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let query = "SELECT returns FROM items WHERE returns IS NOT NULL ORDER BY returns LIMIT 1";
        self.db.first(query, [], |row| Ok(time(row.get(0)?)))
    }

    /// Lets transfers return for which nobody registered in time.
    pub(crate) fn bring_up_to(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let query =
            "SELECT place, returns, state FROM items WHERE returns <= ?1 ORDER BY returns, place";
        let returning = self.db.all(query, [micros(now)], |row| {
            Ok((
                row.get(0)?,
                time(row.get(1)?),
                state::<HistoryItem>(row, 2)?,
            ))
        })?;
        for (place, due, mut sent) in returning {
            sent.in_progress = false;
            sent.returns = None;
            self.put(place, &sent)?;
            self.add(sent.returned(due))?;
        }
        Ok(())
    }
}
