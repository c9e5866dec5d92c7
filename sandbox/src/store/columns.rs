//! Columns of the database: states as JSON, times as numbers.

use chrono::{DateTime, Utc};
use rusqlite::Row;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::StoreError;

/// A state in the column of this number.
pub(crate) fn state<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> Result<T, StoreError> {
    let text = row.get_ref(column)?.as_str()?;
    Ok(serde_json::from_str(text)?)
}

/// A state as it is written.
pub(crate) fn text(state: &impl Serialize) -> Result<String, StoreError> {
    Ok(serde_json::to_string(state)?)
}

/// A time as it is found by: the first microsecond that is not before it.
pub(crate) fn micros(at: DateTime<Utc>) -> i64 {
    at.timestamp_micros() + i64::from(!at.timestamp_subsec_nanos().is_multiple_of(1_000))
}

/// The time of such a number.
pub(crate) fn time(micros: i64) -> DateTime<Utc> {
    // Only what was written is read, and that was within the calendar.
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}
