//! SQLite database below the store: which files are accepted, and how the changes of a call become
//! one transaction.
//!
//! Calls block. In memory each takes microseconds; in a file a commit is a write to the system's
//! memory, as only the log is flushed to the disk from time to time (`synchronous = NORMAL`).
//! Handing that to another thread would cost more than it takes.

use std::cell::Cell;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, Params, Row};

use super::error::{LAYOUT, StoreError};

/// The mark of a sandbox's file among SQLite's: "Bsbx".
const MARK: i64 = 0x4273_6278;

/// More than there are different statements.
const STATEMENTS: usize = 64;

/// The part of a file that is kept in memory, in KiB (negative, as SQLite wants it).
const CACHE: i64 = -16_384;

/// The pages that the log beside a file may have before they are put into the file: some 16 MiB.
/// That waits for the disk, so it shall not happen often.
const LOG: i64 = 4_000;

/// The bytes of a file that are read where the system holds them, instead of being copied.
const MAPPED: i64 = 1 << 30;

/// A database in memory or in a file.
#[derive(Debug)]
pub(crate) struct Db {
    connection: Connection,
    changes: &'static Changes,
    /// Whether something was changed since the last commit.
    changed: Cell<bool>,
}

/// The statements around the changes of a call.
#[derive(Debug)]
struct Changes {
    begin: &'static str,
    commit: &'static str,
    undo: &'static str,
}

/// What is committed to a file lasts.
const IN_FILE: Changes = Changes {
    begin: "BEGIN IMMEDIATE",
    commit: "COMMIT",
    undo: "ROLLBACK",
};

/// In memory nothing lasts, and SQLite looks through all its pages at each commit. So one
/// transaction spans it all, and a call's changes are a savepoint within.
const IN_MEMORY: Changes = Changes {
    begin: "SAVEPOINT call",
    commit: "RELEASE call",
    undo: "ROLLBACK TO call; RELEASE call",
};

impl Db {
    /// Opens a file, and makes it where there is none; without one everything is in memory. Nothing
    /// is changed in a file that is not a sandbox's own.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, StoreError> {
        let connection = match path {
            Some(path) => {
                keep_private(path);
                Connection::open(path)?
            }
            None => Connection::open_in_memory()?,
        };
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        // The sandbox that has the file keeps it: there is nothing to wait for.
        connection.busy_timeout(Duration::ZERO)?;
        // One sandbox for each file: two would overwrite each other's payments.
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let tables: i64 =
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        let (mark, layout) = (number("application_id")?, number("user_version")?);
        let new = (mark, layout, tables) == (0, 0, 0);
        if !new && mark != MARK {
            return Err(StoreError::Foreign);
        }
        if !new && layout != LAYOUT {
            return Err(StoreError::Layout(layout));
        }
        if path.is_some() {
            // The write-ahead log is handed to the system with each commit: what was acknowledged
            // survives this process, however it ends.
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.pragma_update(None, "synchronous", "NORMAL")?;
            connection.pragma_update(None, "cache_size", CACHE)?;
            connection.pragma_update(None, "wal_autocheckpoint", LOG)?;
            connection.pragma_update(None, "mmap_size", MAPPED)?;
        }
        if new {
            connection.execute_batch(&format!(
                "BEGIN IMMEDIATE; {} PRAGMA application_id = {MARK}; PRAGMA user_version = \
                 {LAYOUT}; COMMIT;",
                include_str!("schema.sql")
            ))?;
        }
        let changes = if path.is_some() {
            &IN_FILE
        } else {
            connection.execute_batch("BEGIN IMMEDIATE")?;
            &IN_MEMORY
        };
        Ok(Self {
            connection,
            changes,
            changed: Cell::new(false),
        })
    }

    /// The first row that the query finds.
    pub(crate) fn first<T>(
        &self,
        query: &str,
        values: impl Params,
        read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let mut statement = self.connection.prepare_cached(query)?;
        let mut rows = statement.query(values)?;
        rows.next()?.map(read).transpose()
    }

    /// Everything that the query finds.
    pub(crate) fn all<T>(
        &self,
        query: &str,
        values: impl Params,
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.connection.prepare_cached(query)?;
        let mut rows = statement.query(values)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(read(row)?);
        }
        Ok(all)
    }

    /// Changes something. What is changed before the next commit is one transaction.
    pub(crate) fn write(&self, change: &str, values: impl Params) -> Result<(), StoreError> {
        self.begin()?;
        self.connection.prepare_cached(change)?.execute(values)?;
        Ok(())
    }

    /// The place of the row that was put in last.
    pub(crate) fn last_place(&self) -> i64 {
        self.connection.last_insert_rowid()
    }

    /// Whether something was changed since the last commit.
    pub(crate) fn is_changed(&self) -> bool {
        self.changed.get()
    }

    fn begin(&self) -> Result<(), StoreError> {
        if !self.is_changed() {
            self.connection
                .prepare_cached(self.changes.begin)?
                .execute([])?;
            self.changed.set(true);
        }
        Ok(())
    }

    /// Makes the changes last.
    pub(crate) fn commit(&self) -> Result<(), StoreError> {
        if self.is_changed() {
            self.connection
                .prepare_cached(self.changes.commit)?
                .execute([])?;
            self.changed.set(false);
        }
        Ok(())
    }

    /// Undoes the changes since the last commit.
    pub(crate) fn undo(&self) {
        // Some failures undo them by themselves, and then there is nothing left to do.
        if self.changed.replace(false)
            && !self.connection.is_autocommit()
            && let Err(error) = self.connection.execute_batch(self.changes.undo)
        {
            eprintln!("barion-sandbox: changes could not be undone: {error}");
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a helper of tests fails by panicking")]
impl Db {
    /// From now on nothing can be written, or again.
    pub(crate) fn refuse_writes(&self, on: bool) {
        self.connection
            .pragma_update(None, "query_only", on)
            .unwrap();
    }

    /// From now on nothing can be booked, or again.
    pub(crate) fn break_wallet(&self, on: bool) {
        let change = if on {
            "CREATE TRIGGER broken BEFORE INSERT ON items BEGIN SELECT raise(ABORT, 'broken'); END"
        } else {
            "DROP TRIGGER broken"
        };
        self.connection.execute_batch(change).unwrap();
    }
}

/// Makes a file that is missing so that nobody else can read it: shops' keys and payers' names go
/// into it. SQLite gives the files it puts beside it the same permissions. Where it can't be made,
/// opening it tells why.
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
