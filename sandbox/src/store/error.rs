//! Errors of the store.

use rusqlite::ErrorCode;
use rusqlite::types::FromSqlError;

/// The layout of the file; another one is refused.
pub(super) const LAYOUT: i64 = 2;

/// Why a file cannot be used, or something in it not be read or changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("the file is no database")]
    NoDatabase,
    #[error("the file is the database of another program")]
    Foreign,
    #[error("the file was made by another version of the sandbox (layout {0}, not {LAYOUT})")]
    Layout(i64),
    #[error("another sandbox is using the file")]
    InUse,
    #[error("something is missing in the file")]
    Incomplete,
    #[error("something in the file cannot be read: {0}")]
    State(#[from] serde_json::Error),
    #[error("something in the file cannot be read: {0}")]
    Value(#[from] FromSqlError),
    #[error("the sandbox has been stopped")]
    Closed,
    #[error("{0}")]
    Other(rusqlite::Error),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::NoDatabase,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::InUse,
            _ => Self::Other(error),
        }
    }
}

/// An error that may be the store's: what was changed before it is undone then.
pub(crate) trait MayBeStore: From<StoreError> {
    fn of_store(&self) -> Option<&StoreError>;
}

impl MayBeStore for StoreError {
    fn of_store(&self) -> Option<&StoreError> {
        Some(self)
    }
}
