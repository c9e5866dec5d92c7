//! Handle of the store: the database, and what of it is cached.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::db::Db;
use super::facts::Opening;
use super::notes::Notes;
use super::recent::Recent;
use super::wallet::Wallet;
use crate::domain::clock::ClockState;
use crate::domain::notice::Notice;
use crate::domain::shop::Shop;

/// Time of the next due change, if there is one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Next(pub(super) Option<DateTime<Utc>>);

/// Store of a sandbox: payments with their due times, registered tokens, shops and the wallet.
///
/// Nothing is loaded that grows; beside the database there are only bounded caches.
#[derive(Debug)]
pub(crate) struct Store {
    pub(super) db: Db,
    pub(super) opening: Opening,
    /// The time up to which everything has happened.
    pub(super) now: DateTime<Utc>,
    /// Cache of shops.
    pub(super) shops: Vec<Arc<Shop>>,
    /// Cache of payments, as they are in the database.
    pub(super) recent: Recent,
    /// Time of the next due change, if it was looked up.
    pub(super) next: Option<Next>,
    pub(super) notices: Vec<Notice>,
    pub(super) notes: Notes,
    /// The clock as it was written last.
    pub(super) clock: Option<ClockState>,
    /// Moments have places below this.
    pub(super) places: u64,
}

impl Store {
    pub(crate) fn wallet(&self) -> Wallet<'_> {
        Wallet {
            db: &self.db,
            owner: &self.opening.owner,
            opened_at: self.opening.at,
        }
    }

    /// The wallet, to have something booked.
    pub(crate) fn wallet_to_change(&mut self) -> Wallet<'_> {
        // A transfer may return by itself.
        self.next = None;
        self.wallet()
    }

    #[cfg(test)]
    pub(crate) fn db(&self) -> &Db {
        &self.db
    }
}
