//! Facts of the store: single values under a name.

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::columns::{state, text};
use super::db::Db;
use super::error::StoreError;
use crate::domain::person::Person;

/// What never changes.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Opening {
    pub(super) owner: Person,
    pub(super) at: DateTime<Utc>,
}

/// The names of facts.
pub(super) const OPENING: &str = "opening";
pub(super) const CLOCK: &str = "clock";
pub(super) const PLACES: &str = "places";
pub(super) const OPENINGS: &str = "openings";

/// The fact of this name.
pub(super) fn fact<T: DeserializeOwned>(db: &Db, name: &str) -> Result<Option<T>, StoreError> {
    let query = "SELECT state FROM facts WHERE name = ?1";
    db.first(query, [name], |row| state(row, 0))
}

/// Writes a fact over the one of the same name.
pub(super) fn put_fact(db: &Db, name: &str, fact: &impl Serialize) -> Result<(), StoreError> {
    db.write(
        "INSERT INTO facts (name, state) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET state = ?2",
        (name, text(fact)?),
    )
}
