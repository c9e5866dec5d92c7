//! History items of the wallet in the store, and what they do to the balances.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::handle::Wallet;
use crate::domain::currency::Currency;
use crate::domain::wallet::item::HistoryItem;
use crate::domain::wallet::query::HistoryQuery;
use crate::store::columns::{micros, state, text};
use crate::store::error::StoreError;

impl Wallet<'_> {
    /// An item by its id.
    pub(crate) fn item(&self, id: Uuid) -> Result<Option<HistoryItem>, StoreError> {
        let query = "SELECT state FROM items WHERE id = ?1";
        self.db.first(query, [id.into_bytes()], |row| state(row, 0))
    }

    /// The items that fit, newest first. `None` when the item to begin behind is none.
    pub(crate) fn history(
        &self,
        wanted: &HistoryQuery,
    ) -> Result<Option<Vec<HistoryItem>>, StoreError> {
        let mut end = i64::MAX;
        if let Some(id) = wanted.before {
            let query = "SELECT place FROM items WHERE id = ?1";
            match self
                .db
                .first(query, [id.into_bytes()], |row| Ok(row.get(0)?))?
            {
                Some(place) => end = place,
                None => return Ok(None),
            }
        }
        let start = wanted.since.map_or(Ok(0), |since| self.place_at(since))?;
        let limit = i64::try_from(wanted.limit).unwrap_or(i64::MAX);
        let items = match wanted.currency {
            Some(only) => self.db.all(
                "SELECT state FROM items WHERE currency = ?1 AND place >= ?2 AND place < ?3 \
                 ORDER BY place DESC LIMIT ?4",
                (only.code, start, end, limit),
                |row| state(row, 0),
            ),
            None => self.db.all(
                "SELECT state FROM items WHERE place >= ?1 AND place < ?2 ORDER BY place DESC \
                 LIMIT ?3",
                (start, end, limit),
                |row| state(row, 0),
            ),
        };
        items.map(Some)
    }

    /// The place of the first item at or after a time. As time does not go back, all others after
    /// it stand behind it.
    pub(super) fn place_at(&self, at: DateTime<Utc>) -> Result<i64, StoreError> {
        let query = "SELECT place FROM items WHERE at >= ?1 ORDER BY at, place LIMIT 1";
        let first = self.db.first(query, [micros(at)], |row| Ok(row.get(0)?))?;
        Ok(first.unwrap_or(i64::MAX))
    }

    /// The items in a currency at or after a time, oldest first.
    pub(super) fn items_since(
        &self,
        currency: Currency,
        at: DateTime<Utc>,
    ) -> Result<Vec<HistoryItem>, StoreError> {
        self.db.all(
            "SELECT state FROM items WHERE currency = ?1 AND place >= ?2 ORDER BY place",
            (currency.code, self.place_at(at)?),
            |row| state(row, 0),
        )
    }

    /// The item that follows a transaction, with its place.
    pub(super) fn following(
        &self,
        transaction: Uuid,
    ) -> Result<Option<(i64, HistoryItem)>, StoreError> {
        let query = "SELECT place, state FROM items WHERE movement = ?1";
        let found = [transaction.into_bytes()];
        self.db
            .first(query, found, |row| Ok((row.get(0)?, state(row, 1)?)))
    }

    /// Books a new item.
    pub(super) fn add(&self, mut item: HistoryItem) -> Result<(), StoreError> {
        let query = "SELECT state FROM items ORDER BY place DESC LIMIT 1";
        let last: Option<HistoryItem> = self.db.first(query, [], |row| state(row, 0))?;
        item.order = match last {
            Some(last) if last.at == item.at => last.order.saturating_add(1),
            _ => 0,
        };
        self.shift(item.currency, item.available, item.blocked)?;
        self.db.write(
            "INSERT INTO items (id, movement, at, currency, returns, state) VALUES (?1, ?2, ?3, \
             ?4, ?5, ?6)",
            (
                item.id.into_bytes(),
                item.transaction.map(Uuid::into_bytes),
                micros(item.at),
                item.currency.code,
                item.returns.map(micros),
                text(&item)?,
            ),
        )
    }

    /// Writes an item that is there already.
    pub(super) fn put(&self, place: i64, item: &HistoryItem) -> Result<(), StoreError> {
        self.db.write(
            "UPDATE items SET returns = ?2, state = ?3 WHERE place = ?1",
            (place, item.returns.map(micros), text(item)?),
        )
    }

    /// Changes what an item did to the balances, and the balances with it.
    pub(super) fn rebook(
        &self,
        place: i64,
        mut item: HistoryItem,
        available: Decimal,
        blocked: Decimal,
    ) -> Result<(), StoreError> {
        let in_progress = !blocked.is_zero();
        if (item.available, item.blocked, item.in_progress) == (available, blocked, in_progress) {
            return Ok(());
        }
        self.shift(
            item.currency,
            available - item.available,
            blocked - item.blocked,
        )?;
        item.available = available;
        item.blocked = blocked;
        item.in_progress = in_progress;
        self.put(place, &item)
    }
}
