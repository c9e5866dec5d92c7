//! Stores in a database, by sqlx.

use sqlx::Row;

use super::{PaymentStore, StoreError, StoredPayment};
use crate::id::PaymentId;

/// The table that the stores use, and its index: for SQLite and PostgreSQL alike. Safe to run again. Put it into your own
/// migrations, or have the stores' `migrate` run it.
pub const SCHEMA: &str = "\
CREATE TABLE IF NOT EXISTS barion_payments (
    payment_id TEXT NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL,
    settled BOOLEAN NOT NULL,
    written_at BIGINT NOT NULL,
    record TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS barion_payments_unsettled ON barion_payments (written_at) WHERE NOT settled;
";

const LOAD: &str = "SELECT record FROM barion_payments WHERE payment_id = $1";
const INSERT: &str = "INSERT INTO barion_payments (payment_id, revision, settled, written_at, record) \
                      VALUES ($1, $2, $3, $4, $5) ON CONFLICT (payment_id) DO NOTHING";
const UPDATE: &str = "UPDATE barion_payments SET revision = $2, settled = $3, written_at = $4, record = $5 \
                      WHERE payment_id = $1 AND revision = $6";
const UNSETTLED: &str =
    "SELECT payment_id FROM barion_payments WHERE NOT settled ORDER BY written_at LIMIT $1";

macro_rules! sql_store {
    ($(#[$doc:meta])* $name:ident, $pool:ty) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name {
            pool: $pool,
        }

        impl $name {
            /// A store in this database, whose table is there already: see [`SCHEMA`] and [`migrate`](Self::migrate).
            #[must_use]
            pub fn new(pool: $pool) -> Self {
                Self { pool }
            }

            /// Makes the table of [`SCHEMA`] where there is none.
            ///
            /// # Errors
            /// When the database refuses.
            pub async fn migrate(&self) -> Result<(), StoreError> {
                sqlx::raw_sql(SCHEMA).execute(&self.pool).await.map_err(StoreError::new)?;
                Ok(())
            }
        }

        impl PaymentStore for $name {
            async fn load(&self, id: PaymentId) -> Result<Option<StoredPayment>, StoreError> {
                let found = sqlx::query(LOAD)
                    .bind(id.to_string())
                    .fetch_optional(&self.pool)
                    .await
                    .map_err(StoreError::new)?;
                let Some(row) = found else { return Ok(None) };
                let record: String = row.try_get(0).map_err(StoreError::new)?;
                serde_json::from_str(&record).map(Some).map_err(StoreError::new)
            }

            async fn replace(&self, old: Option<u64>, new: &StoredPayment) -> Result<bool, StoreError> {
                let record = serde_json::to_string(new).map_err(StoreError::new)?;
                let query = sqlx::query(if old.is_some() { UPDATE } else { INSERT })
                    .bind(new.payment_id().to_string())
                    .bind(signed(new.revision())?)
                    .bind(new.is_settled())
                    .bind(signed(new.written_at())?)
                    .bind(record);
                let query = match old {
                    Some(old) => query.bind(signed(old)?),
                    None => query,
                };
                let done = query.execute(&self.pool).await.map_err(StoreError::new)?;
                Ok(done.rows_affected() == 1)
            }

            async fn unsettled(&self, limit: u32) -> Result<Vec<PaymentId>, StoreError> {
                let rows = sqlx::query(UNSETTLED)
                    .bind(i64::from(limit))
                    .fetch_all(&self.pool)
                    .await
                    .map_err(StoreError::new)?;
                rows.into_iter()
                    .map(|row| {
                        let id: String = row.try_get(0).map_err(StoreError::new)?;
                        id.parse().map_err(StoreError::new)
                    })
                    .collect()
            }
        }
    };
}

#[cfg(feature = "sqlx-sqlite")]
sql_store! {
    /// A store in an SQLite database. Any number of processes on one machine may share it.
    ///
    /// Needs the feature `sqlx-sqlite`, and Rust 1.94 with it.
    SqliteStore, sqlx::SqlitePool
}

#[cfg(feature = "sqlx-postgres")]
sql_store! {
    /// A store in a PostgreSQL database. Any number of machines may share it.
    ///
    /// Needs the feature `sqlx-postgres`, and Rust 1.94 with it. For TLS name one of its features of sqlx in your own
    /// `Cargo.toml`.
    PostgresStore, sqlx::PgPool
}

/// Databases have no unsigned integers; none of ours comes near the limit.
fn signed(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(StoreError::new)
}
