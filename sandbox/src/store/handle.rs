//! Handle of the store: the database, and what of it is cached.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::db::Db;
use super::facts::Opening;
use super::notes::Notes;
use super::recent::Recent;
use super::wallet::Wallet;
use crate::domain::clock::Standing;
use crate::domain::notice::Notice;
use crate::domain::shop::Shop;

/// When the next thing happens by itself, if anything does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Next(pub(super) Option<DateTime<Utc>>);

/// Payments by id, what time will do to them in order, the registered tokens, shops and the wallet.
///
/// Nothing is loaded that grows; beside the database there are only some things at hand that were
/// used lately.
#[derive(Debug)]
pub(crate) struct Store {
    pub(super) db: Db,
    pub(super) opening: Opening,
    /// The time up to which everything has happened.
    pub(super) now: DateTime<Utc>,
    /// Some of the shops.
    pub(super) shops: Vec<Arc<Shop>>,
    /// Some of the payments, as they are in the database.
    pub(super) recent: Recent,
    /// When the next thing happens by itself, if that was looked up.
    pub(super) next: Option<Next>,
    pub(super) notices: Vec<Notice>,
    pub(super) notes: Notes,
    /// The clock as it was written last.
    pub(super) clock: Option<Standing>,
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
