//! The databases of a bench.

use std::path::PathBuf;

use barion_watcher::{PostgresStore, SqliteStore};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

/// A file, gone with the bench.
pub(crate) struct File(PathBuf);

impl Drop for File {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{end}", self.0.display()));
        }
    }
}

pub(crate) async fn sqlite(name: &str) -> (File, sqlx::SqlitePool) {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    std::fs::create_dir_all(&folder).unwrap();
    let file = File(folder.join(format!("{name}.db")));
    drop(File(file.0.clone()));
    let options = SqliteConnectOptions::new()
        .filename(&file.0)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .create_if_missing(true);
    let pool = SqlitePoolOptions::new()
        .max_connections(8)
        .connect_with(options)
        .await
        .unwrap();
    SqliteStore::new(pool.clone()).migrate().await.unwrap();
    (file, pool)
}

/// A schema of its own; `None`, said aloud, where there is no server.
pub(crate) async fn postgres() -> Option<sqlx::PgPool> {
    let Ok(address) = std::env::var("BARION_POSTGRES") else {
        println!("    (no PostgreSQL: BARION_POSTGRES names no database)");
        return None;
    };
    let pool = sqlx::PgPool::connect(&address).await.unwrap();
    let own = "DROP SCHEMA IF EXISTS barion_bench CASCADE; CREATE SCHEMA barion_bench";
    sqlx::raw_sql(own).execute(&pool).await.unwrap();
    let options: sqlx::postgres::PgConnectOptions = address.parse().unwrap();
    let options = options.options([("search_path", "barion_bench")]);
    let pool = sqlx::postgres::PgPoolOptions::new()
        .max_connections(8)
        .connect_with(options)
        .await
        .unwrap();
    PostgresStore::new(pool.clone()).migrate().await.unwrap();
    Some(pool)
}
