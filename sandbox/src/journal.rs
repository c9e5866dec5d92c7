//! What a sandbox keeps in a file: every change, before it is acknowledged.
//!
//! The file is an SQLite database with one row for each thing (a payment, a token), its state as JSON. A call's changes
//! are written in one transaction before the call is answered, so a process that is killed loses no acknowledged change.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, params};
use serde::Serialize;

use crate::clock::{Clock, Standing};
use crate::store::Store;

/// Makes a file that is missing so that nobody else can read it: shops' keys and payers' names go into it. SQLite gives
/// the files it puts beside it the same permissions. Where it can't be made, opening it tells why.
fn keep_private(path: &Path) {
    #[cfg(unix)]
    if path != Path::new(":memory:") {
        use std::os::unix::fs::OpenOptionsExt;

        let mut options = std::fs::OpenOptions::new();
        let _ = options.write(true).create_new(true).mode(0o600).open(path);
    }
    #[cfg(not(unix))]
    let _ = path;
}

/// A thing to write: its kind, its key, and its state as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    kind: &'static str,
    key: String,
    state: String,
}

impl Row {
    pub(crate) fn new(
        kind: &'static str,
        key: String,
        state: &impl Serialize,
    ) -> Result<Self, serde_json::Error> {
        let state = serde_json::to_string(state)?;
        Ok(Self { kind, key, state })
    }
}

/// Why a file cannot be used, or a change not be written to it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JournalError {
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
    #[error("the sandbox has been stopped")]
    Closed,
    #[error("{0}")]
    Other(rusqlite::Error),
}

impl From<rusqlite::Error> for JournalError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::NoDatabase,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::InUse,
            _ => Self::Other(error),
        }
    }
}

/// The database file of a sandbox.
#[derive(Debug)]
pub(crate) struct Journal {
    /// None once the sandbox has been stopped.
    connection: Option<Connection>,
    /// The clock as it was written last.
    clock: Option<Standing>,
}

/// The mark of a sandbox's file among SQLite's: "Bsbx".
const MARK: i64 = 0x4273_6278;

/// The layout of the file; another one is refused.
const LAYOUT: i64 = 1;

const CLOCK: &str = "clock";

impl Journal {
    /// Opens a file, and makes it where there is none. Nothing is changed in a file that is not a sandbox's own.
    pub(crate) fn open(path: &Path) -> Result<Self, JournalError> {
        keep_private(path);
        let connection = Connection::open(path)?;
        // Whoever has the file keeps it: there is nothing to wait for.
        connection.busy_timeout(Duration::ZERO)?;
        // One sandbox for each file: two would overwrite each other's payments.
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let tables: i64 =
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        let (mark, layout) = (number("application_id")?, number("user_version")?);
        let new = (mark, layout, tables) == (0, 0, 0);
        if !new && mark != MARK {
            return Err(JournalError::Foreign);
        }
        if !new && layout != LAYOUT {
            return Err(JournalError::Layout(layout));
        }
        // The write-ahead log is handed to the system with each commit: what was acknowledged survives this process,
        // however it ends.
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        if new {
            connection.execute_batch(&format!(
                "BEGIN IMMEDIATE; CREATE TABLE things (kind TEXT NOT NULL, key TEXT NOT NULL, state TEXT NOT NULL, \
                 PRIMARY KEY (kind, key)) WITHOUT ROWID; PRAGMA application_id = {MARK}; \
                 PRAGMA user_version = {LAYOUT}; COMMIT;"
            ))?;
        }
        Ok(Self {
            connection: Some(connection),
            clock: None,
        })
    }

    /// Writes what has changed, all of it or nothing. The time that passes by itself is written along with other
    /// changes only.
    pub(crate) fn keep(&mut self, store: &Store, clock: &Clock) -> Result<(), JournalError> {
        let mut rows = store.changed_rows()?;
        let standing = clock.standing();
        let set = self
            .clock
            .is_none_or(|written| !written.as_far_ahead(&standing));
        if rows.is_empty() && !set {
            return Ok(());
        }
        rows.push(Row::new(CLOCK, String::new(), &standing)?);
        self.write(&rows)?;
        self.clock = Some(standing);
        Ok(())
    }

    fn write(&mut self, rows: &[Row]) -> Result<(), JournalError> {
        let connection = self.connection.as_mut().ok_or(JournalError::Closed)?;
        let transaction = connection.transaction()?;
        {
            let mut insert = transaction.prepare(
                "INSERT INTO things (kind, key, state) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET state = ?3",
            )?;
            for row in rows {
                insert.execute(params![row.kind, row.key, row.state])?;
            }
        }
        Ok(transaction.commit()?)
    }

    /// How the clock stood.
    pub(crate) fn standing(&self) -> Result<Option<Standing>, JournalError> {
        let state = self.all(CLOCK)?.pop();
        Ok(state
            .map(|state| serde_json::from_str(&state))
            .transpose()?)
    }

    /// The states of all things of a kind, in the order of their keys.
    pub(crate) fn all(&self, kind: &str) -> Result<Vec<String>, JournalError> {
        let connection = self.connection.as_ref().ok_or(JournalError::Closed)?;
        let mut query =
            connection.prepare("SELECT state FROM things WHERE kind = ?1 ORDER BY key")?;
        let states = query.query_map([kind], |row| row.get(0))?;
        Ok(states.collect::<Result<_, _>>()?)
    }

    /// Leaves the file to others. Nothing can be written any more.
    pub(crate) fn close(&mut self) {
        self.connection = None;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use crate::{CARD_OK, ControlError, POS_KEY, Sandbox};

    #[tokio::test]
    async fn what_cannot_be_written_is_not_acknowledged() {
        let sandbox = Sandbox::builder().db(":memory:").start().await.unwrap();
        let order = r#"{"PaymentType":"Immediate","FundingSources":["All"],"PaymentRequestId":"1","Locale":"hu-HU",
            "Currency":"HUF","RedirectUrl":"http://localhost","Transactions":[{"POSTransactionId":"1",
            "Payee":"shop@example.com","Total":10}]}"#;
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let start = async || {
            let request = client.post(sandbox.url().join("v2/Payment/Start").unwrap());
            let request = request.header("x-pos-key", POS_KEY).body(order);
            let answer = request.send().await.unwrap();
            (answer.status().as_u16(), answer.text().await.unwrap())
        };
        let (status, answer) = start().await;
        assert_eq!(status, 200, "{answer}");
        let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
        let id = answer["PaymentId"].as_str().unwrap();

        sandbox.close_journal();
        let expected = r#"{"Message":"An error has occurred."}"#;
        assert_eq!(start().await, (500, expected.to_owned()));
        let last = sandbox.requests().pop().unwrap();
        assert_eq!((last.status, last.answer.as_str()), (500, expected));
        let refused = sandbox.pay(id, CARD_OK).await;
        assert_eq!(refused, Err(ControlError::NotWritten));
    }
}
