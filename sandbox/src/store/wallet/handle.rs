//! Handle of the wallet on the database.

use chrono::{DateTime, Utc};

use crate::domain::person::Person;
use crate::store::db::Db;

/// Accounts and history. What belongs to payments is followed from the payments' own transactions,
/// so that no rule of theirs has to know of the wallet.
#[derive(Debug)]
pub(crate) struct Wallet<'a> {
    pub(in crate::store) db: &'a Db,
    pub(in crate::store) owner: &'a Person,
    pub(in crate::store) opened_at: DateTime<Utc>,
}
