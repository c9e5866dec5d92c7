//! Returns of transfers to addresses for which no wallet was registered in time.

use chrono::{DateTime, Utc};

use super::handle::Wallet;
use crate::domain::wallet::item::HistoryItem;
use crate::store::columns::{micros, state, time};
use crate::store::error::StoreError;

impl Wallet<'_> {
    /// Time of the next return of a transfer.
    pub(crate) fn next_return(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let query = "SELECT returns FROM items WHERE returns IS NOT NULL ORDER BY returns LIMIT 1";
        self.db.first(query, [], |row| Ok(time(row.get(0)?)))
    }

    /// Books the returns of transfers that are due by now.
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
