//! SQL stores: SQLite and PostgreSQL, by sqlx.

use std::time::Duration;

use barion::{PaymentId, PaymentSnapshot};
use sqlx::Row;

use super::rows::{Backlog, DuePayment, Enqueued, PaymentRow, Queue, Schedule};
use super::traits::{Store, TransactionalStore};
use crate::error::StoreError;
use crate::order::StoredOrder;
use crate::telemetry;

/// Tables of the stores, in SQL that both databases know.
///
/// Columns that have other names in the code: `lane` is the [`Queue`] (0 `Callback`, 1 `Scheduled`,
/// 2 `Unknown`), `mark` the version of the row, `idle` is `unchanged`, `quiet_until` the end of the
/// cooldown, `carried` a record of the earlier version, with what was handled.
macro_rules! schema {
    () => {
        "\
CREATE TABLE IF NOT EXISTS barion_orders (
    order_key TEXT NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL,
    written_at BIGINT NOT NULL,
    record TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS barion_order_payments (
    payment_id TEXT NOT NULL PRIMARY KEY,
    order_key TEXT,
    lane SMALLINT NOT NULL,
    due_at BIGINT,
    mark BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    idle BIGINT NOT NULL,
    quiet_until BIGINT NOT NULL,
    known_since BIGINT NOT NULL,
    carried TEXT
);
CREATE INDEX IF NOT EXISTS barion_order_payments_due
    ON barion_order_payments (lane, due_at) WHERE due_at IS NOT NULL;
"
    };
}

const LOAD: &str = "SELECT record FROM barion_orders WHERE order_key = $1";
const FORGET: &str =
    "DELETE FROM barion_order_payments WHERE payment_id = $1 AND order_key IS NULL";

/// SQL statements for one database. Times are those of its own clock (`$now`, in milliseconds since
/// 1970).
struct Statements {
    carry: &'static str,
    find: &'static str,
    insert: &'static str,
    update: &'static str,
    attach: &'static str,
    notice: &'static str,
    admit: &'static str,
    due: &'static str,
    next_due: &'static str,
    schedule: &'static str,
    backlog: &'static str,
}

macro_rules! statements {
    ($now:literal, $due:expr) => {
        Statements {
            // Payments of the earlier version, which had no orders. Those that were over are not
            // read again, unless a callback names them.
            carry: concat!(
                "INSERT INTO barion_order_payments (payment_id, order_key, lane, due_at, mark, failures, ",
                "idle, quiet_until, known_since, carried) ",
                "SELECT payment_id, NULL, 1, CASE WHEN settled THEN NULL ELSE ", $now, " END, 1, 0, ",
                "0, 0, written_at, record FROM barion_payments WHERE true ",
                "ON CONFLICT (payment_id) DO NOTHING; ",
                "ALTER TABLE barion_payments RENAME TO barion_payments_carried"
            ),
            find: concat!(
                "SELECT order_key, mark, failures, ", $now, " - known_since, idle, carried ",
                "FROM barion_order_payments WHERE payment_id = $1"
            ),
            insert: concat!(
                "INSERT INTO barion_orders (order_key, revision, record, written_at) ",
                "VALUES ($1, $2, $3, ", $now, ") ON CONFLICT (order_key) DO NOTHING"
            ),
            update: concat!(
                "UPDATE barion_orders SET revision = $2, record = $3, written_at = ", $now,
                " WHERE order_key = $1 AND revision = $4"
            ),
            attach: concat!(
                "INSERT INTO barion_order_payments AS p ",
                "(payment_id, order_key, lane, due_at, mark, failures, idle, quiet_until, known_since) ",
                "VALUES ($1, $2, 1, ", $now, " + $3, 1, 0, 0, 0, ", $now, ") ",
                "ON CONFLICT (payment_id) DO UPDATE SET order_key = excluded.order_key, ",
                "lane = CASE WHEN p.lane = 2 THEN 1 ELSE p.lane END, mark = p.mark + 1, ",
                "due_at = CASE WHEN p.due_at IS NULL OR p.due_at > excluded.due_at ",
                "THEN excluded.due_at ELSE p.due_at END ",
                "WHERE p.order_key IS NULL OR p.order_key = excluded.order_key"
            ),
            notice: concat!(
                "UPDATE barion_order_payments SET mark = mark + 1, ",
                "due_at = CASE WHEN quiet_until > ", $now, " THEN quiet_until ELSE ", $now, " END, ",
                "lane = CASE WHEN order_key IS NULL THEN 2 ELSE 0 END WHERE payment_id = $1 ",
                "RETURNING CAST(CASE WHEN order_key IS NULL THEN 0 ELSE 1 END AS BIGINT)"
            ),
            admit: concat!(
                "INSERT INTO barion_order_payments ",
                "(payment_id, order_key, lane, due_at, mark, failures, idle, quiet_until, known_since) ",
                "SELECT $1, NULL, 2, ", $now, ", 1, 0, 0, 0, ", $now, " WHERE (SELECT count(*) FROM (SELECT 1 ",
                "FROM barion_order_payments WHERE lane = 2 AND due_at IS NOT NULL LIMIT $2) AS few) ",
                "< $2 ON CONFLICT (payment_id) DO NOTHING"
            ),
            due: $due,
            next_due: concat!(
                "SELECT min(due_at) - ", $now, " FROM barion_order_payments ",
                "WHERE lane = $1 AND due_at IS NOT NULL"
            ),
            schedule: concat!(
                "UPDATE barion_order_payments SET idle = $5, quiet_until = ", $now, " + $6, ",
                "due_at = CASE WHEN mark = $2 THEN ", $now, " + $3 ",
                "WHEN due_at < ", $now, " + $6 THEN ", $now, " + $6 ELSE due_at END, ",
                "failures = CASE WHEN mark = $2 THEN $4 ELSE failures END, ",
                "lane = CASE WHEN mark <> $2 THEN lane WHEN order_key IS NULL THEN 2 ELSE 1 END ",
                "WHERE payment_id = $1 ",
                "RETURNING CAST(CASE WHEN mark = $2 THEN 1 ELSE 0 END AS BIGINT)"
            ),
            backlog: concat!(
                "SELECT count(*), COALESCE(", $now, " - min(due_at), 0), ",
                "COALESCE(", $now, " - min(known_since), 0) ",
                "FROM barion_order_payments WHERE due_at IS NOT NULL"
            ),
        }
    };
}

/// The state that the shop has handled, from a payment's record of the earlier version.
fn handled(record: &str) -> Result<Option<PaymentSnapshot>, StoreError> {
    #[derive(serde::Deserialize)]
    struct Record {
        #[serde(default)]
        handled: Option<PaymentSnapshot>,
    }
    let record: Record = serde_json::from_str(record).map_err(StoreError::new)?;
    Ok(record.handled)
}

fn lane(queue: Queue) -> i16 {
    match queue {
        Queue::Callback => 0,
        Queue::Scheduled => 1,
        Queue::Unknown => 2,
    }
}

/// Databases have no unsigned integers; ours stay far below the limit.
fn signed(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(StoreError::new)
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

/// Milliseconds, cut so that adding them to the clock does not overflow.
fn millis(time: Duration) -> i64 {
    const LONGEST: i64 = 1 << 52;
    i64::try_from(time.as_millis())
        .unwrap_or(LONGEST)
        .min(LONGEST)
}

macro_rules! sql_store {
    (
        $(#[$doc:meta])*
        $name:ident, $database:ty, begin: $begin:literal, lock: $lock:expr, old: $old:literal,
        schema: $schema:ident, statements: $statements:ident
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name {
            pool: sqlx::Pool<$database>,
        }

        impl $name {
            /// Store in this database. Its tables have to exist: see [`migrate`](Self::migrate).
            #[must_use]
            pub fn new(pool: sqlx::Pool<$database>) -> Self {
                Self { pool }
            }

            /// Migrates the database: creates the tables that are missing. Several instances may do
            /// it at the same time. Payments in the table of an earlier version, `barion_payments`,
            /// are taken over with the state that the shop has handled, and that table is renamed
            /// to `barion_payments_carried`: stop the instances of that version first.
            ///
            /// # Errors
            /// When a statement fails.
            pub async fn migrate(&self) -> Result<(), StoreError> {
                let mut transaction = self.begin().await?;
                if let Some(lock) = $lock {
                    sqlx::raw_sql(lock)
                        .execute(&mut *transaction)
                        .await
                        .map_err(StoreError::new)?;
                }
                sqlx::raw_sql($schema)
                    .execute(&mut *transaction)
                    .await
                    .map_err(StoreError::new)?;
                // Known by its columns: the shop may have a table of that name.
                let columns: i64 = sqlx::query_scalar($old)
                    .fetch_one(&mut *transaction)
                    .await
                    .map_err(StoreError::new)?;
                if columns == 4 {
                    sqlx::raw_sql($statements.carry)
                        .execute(&mut *transaction)
                        .await
                        .map_err(StoreError::new)?;
                }
                transaction.commit().await.map_err(StoreError::new)
            }

            /// Writes a record by one statement; `false` if the stored revision is not `old`.
            async fn write(
                executor: impl sqlx::Executor<'_, Database = $database>,
                old: Option<u64>,
                new: &StoredOrder,
            ) -> Result<bool, StoreError> {
                let record = serde_json::to_string(new).map_err(StoreError::new)?;
                let sql = if old.is_some() { $statements.update } else { $statements.insert };
                let query = sqlx::query(sql)
                    .bind(new.key())
                    .bind(signed(new.revision())?)
                    .bind(record);
                let query = match old {
                    Some(old) => query.bind(signed(old)?),
                    None => query,
                };
                let done = query.execute(executor).await.map_err(StoreError::new)?;
                Ok(done.rows_affected() == 1)
            }

            async fn read(
                executor: impl sqlx::Executor<'_, Database = $database>,
                order: &str,
            ) -> Result<Option<StoredOrder>, StoreError> {
                let found = sqlx::query(LOAD)
                    .bind(order)
                    .fetch_optional(executor)
                    .await
                    .map_err(StoreError::new)?;
                let Some(row) = found else { return Ok(None) };
                let record: String = row.try_get(0).map_err(StoreError::new)?;
                serde_json::from_str(&record).map(Some).map_err(StoreError::new)
            }
        }

        impl Store for $name {
            async fn find(&self, id: PaymentId) -> Result<Option<PaymentRow>, StoreError> {
                let found = sqlx::query($statements.find)
                    .bind(id.to_string())
                    .fetch_optional(&self.pool)
                    .await
                    .map_err(StoreError::new)?;
                let Some(row) = found else { return Ok(None) };
                let version: i64 = row.try_get(1).map_err(StoreError::new)?;
                let failures: i64 = row.try_get(2).map_err(StoreError::new)?;
                let age: i64 = row.try_get(3).map_err(StoreError::new)?;
                let unchanged: i64 = row.try_get(4).map_err(StoreError::new)?;
                let carried: Option<String> = row.try_get(5).map_err(StoreError::new)?;
                Ok(Some(PaymentRow {
                    handled: carried.as_deref().map(handled).transpose()?.flatten(),
                    order: row.try_get(0).map_err(StoreError::new)?,
                    version: unsigned(version),
                    failures: u32::try_from(failures).unwrap_or(u32::MAX),
                    unchanged: u32::try_from(unchanged).unwrap_or(u32::MAX),
                    age: Duration::from_millis(unsigned(age)),
                }))
            }

            async fn load(&self, order: &str) -> Result<Option<StoredOrder>, StoreError> {
                Self::read(&self.pool, order).await
            }

            async fn replace(
                &self,
                old: Option<u64>,
                new: &StoredOrder,
                due: &[(PaymentId, Duration)],
            ) -> Result<bool, StoreError> {
                if due.is_empty() {
                    return Self::write(&self.pool, old, new).await;
                }
                let mut transaction = self.begin().await?;
                if !Self::write(&mut *transaction, old, new).await? {
                    return Ok(false);
                }
                for (id, time) in due {
                    let done = sqlx::query($statements.attach)
                        .bind(id.to_string())
                        .bind(new.key())
                        .bind(millis(*time))
                        .execute(&mut *transaction)
                        .await
                        .map_err(StoreError::new)?;
                    if done.rows_affected() != 1 {
                        return Ok(false);
                    }
                }
                transaction.commit().await.map_err(StoreError::new)?;
                Ok(true)
            }

            async fn enqueue(&self, id: PaymentId, capacity: u32) -> Result<Enqueued, StoreError> {
                // Twice, because another instance may insert the same new id at the same time.
                for _ in 0..2 {
                    let known = sqlx::query($statements.notice)
                        .bind(id.to_string())
                        .fetch_optional(&self.pool)
                        .await
                        .map_err(StoreError::new)?;
                    if let Some(row) = known {
                        let has_order: i64 = row.try_get(0).map_err(StoreError::new)?;
                        return Ok(if has_order == 1 { Enqueued::Known } else { Enqueued::Unknown });
                    }
                    let admitted = sqlx::query($statements.admit)
                        .bind(id.to_string())
                        .bind(i64::from(capacity))
                        .execute(&self.pool)
                        .await
                        .map_err(StoreError::new)?;
                    if admitted.rows_affected() == 1 {
                        return Ok(Enqueued::Unknown);
                    }
                }
                Ok(Enqueued::Full)
            }

            async fn take_due(
                &self,
                queue: Queue,
                limit: u32,
                hide: Duration,
            ) -> Result<Vec<DuePayment>, StoreError> {
                let rows = sqlx::query($statements.due)
                    .bind(lane(queue))
                    .bind(i64::from(limit))
                    .bind(millis(hide))
                    .fetch_all(&self.pool)
                    .await
                    .map_err(StoreError::new)?;
                // An unreadable row is skipped, and does not block the others.
                let read = rows.into_iter().map(|row| {
                    let id: String = row.try_get(0).map_err(StoreError::new)?;
                    let version: i64 = row.try_get(1).map_err(StoreError::new)?;
                    let failures: i64 = row.try_get(2).map_err(StoreError::new)?;
                    let age: i64 = row.try_get(3).map_err(StoreError::new)?;
                    let unchanged: i64 = row.try_get(4).map_err(StoreError::new)?;
                    Ok(DuePayment {
                        payment_id: id.parse().map_err(StoreError::new)?,
                        version: unsigned(version),
                        failures: u32::try_from(failures).unwrap_or(u32::MAX),
                        unchanged: u32::try_from(unchanged).unwrap_or(u32::MAX),
                        age: Duration::from_millis(unsigned(age)),
                    })
                });
                Ok(read
                    .filter_map(|row| row.inspect_err(telemetry::store_failed).ok())
                    .collect())
            }

            async fn next_due(&self, queue: Queue) -> Result<Option<Duration>, StoreError> {
                let row = sqlx::query($statements.next_due)
                    .bind(lane(queue))
                    .fetch_one(&self.pool)
                    .await
                    .map_err(StoreError::new)?;
                let left: Option<i64> = row.try_get(0).map_err(StoreError::new)?;
                Ok(left.map(|left| Duration::from_millis(unsigned(left))))
            }

            async fn schedule(
                &self,
                id: PaymentId,
                version: u64,
                next: Schedule,
            ) -> Result<bool, StoreError> {
                let row = sqlx::query($statements.schedule)
                    .bind(id.to_string())
                    .bind(signed(version)?)
                    .bind(next.due_in.map(millis))
                    .bind(i64::from(next.failures))
                    .bind(i64::from(next.unchanged))
                    .bind(millis(next.cooldown))
                    .fetch_optional(&self.pool)
                    .await
                    .map_err(StoreError::new)?;
                let Some(row) = row else { return Ok(false) };
                let same: i64 = row.try_get(0).map_err(StoreError::new)?;
                Ok(same == 1)
            }

            async fn forget(&self, id: PaymentId) -> Result<(), StoreError> {
                sqlx::query(FORGET)
                    .bind(id.to_string())
                    .execute(&self.pool)
                    .await
                    .map_err(StoreError::new)?;
                Ok(())
            }

            async fn backlog(&self) -> Result<Backlog, StoreError> {
                let row = sqlx::query($statements.backlog)
                    .fetch_one(&self.pool)
                    .await
                    .map_err(StoreError::new)?;
                let open: i64 = row.try_get(0).map_err(StoreError::new)?;
                let overdue: i64 = row.try_get(1).map_err(StoreError::new)?;
                let oldest: i64 = row.try_get(2).map_err(StoreError::new)?;
                Ok(Backlog {
                    open: unsigned(open),
                    overdue: Duration::from_millis(unsigned(overdue)),
                    oldest: Duration::from_millis(unsigned(oldest)),
                })
            }
        }

        impl TransactionalStore for $name {
            type Transaction = sqlx::Transaction<'static, $database>;

            async fn begin(&self) -> Result<Self::Transaction, StoreError> {
                self.pool.begin_with($begin).await.map_err(StoreError::new)
            }

            async fn load_in(
                &self,
                transaction: &mut Self::Transaction,
                order: &str,
            ) -> Result<Option<StoredOrder>, StoreError> {
                Self::read(&mut **transaction, order).await
            }

            async fn replace_in(
                &self,
                transaction: &mut Self::Transaction,
                old: u64,
                new: &StoredOrder,
            ) -> Result<bool, StoreError> {
                Self::write(&mut **transaction, Some(old), new).await
            }

            async fn commit(&self, transaction: Self::Transaction) -> Result<(), StoreError> {
                transaction.commit().await.map_err(StoreError::new)
            }
        }
    };
}

#[cfg(feature = "sqlx-sqlite")]
/// Schema of [`SqliteStore`]: its tables, as SQL. Safe to run again. Put it into your own
/// migrations, or call [`SqliteStore::migrate`].
pub const SQLITE_SCHEMA: &str = schema!();

#[cfg(feature = "sqlx-sqlite")]
const SQLITE: Statements = statements!(
    "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
    "UPDATE barion_order_payments \
     SET due_at = CAST(unixepoch('subsec') * 1000 AS INTEGER) + $3 WHERE payment_id IN \
     (SELECT payment_id FROM barion_order_payments WHERE lane = $1 \
     AND due_at <= CAST(unixepoch('subsec') * 1000 AS INTEGER) ORDER BY due_at LIMIT $2) \
     RETURNING payment_id, mark, failures, \
     CAST(unixepoch('subsec') * 1000 AS INTEGER) - known_since, idle"
);

#[cfg(feature = "sqlx-sqlite")]
sql_store! {
    /// SQLite store. Any number of processes on one machine may share its database. Open it in WAL
    /// mode and with a busy timeout (sqlx's default is five seconds), so that writers wait for each
    /// other.
    ///
    /// Needs the feature `sqlx-sqlite`, and Rust 1.94 with it.
    SqliteStore, sqlx::Sqlite, begin: "BEGIN IMMEDIATE", lock: None::<&str>,
    old: "SELECT count(*) FROM pragma_table_info('barion_payments') \
          WHERE name IN ('payment_id', 'settled', 'written_at', 'record')",
    schema: SQLITE_SCHEMA, statements: SQLITE
}

#[cfg(feature = "sqlx-postgres")]
/// Schema of [`PostgresStore`]: its tables, as SQL. Safe to run again, but not concurrently: put it
/// into your own migrations, or call [`PostgresStore::migrate`].
pub const POSTGRES_SCHEMA: &str = schema!();

#[cfg(feature = "sqlx-postgres")]
const POSTGRES: Statements = statements!(
    "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)",
    "WITH taken AS MATERIALIZED (SELECT payment_id FROM barion_order_payments WHERE lane = $1 \
     AND due_at <= (SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)) \
     ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED) \
     UPDATE barion_order_payments AS p \
     SET due_at = CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) + $3 \
     FROM taken WHERE p.payment_id = taken.payment_id \
     RETURNING p.payment_id, p.mark, p.failures, \
     CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) - p.known_since, p.idle"
);

/// Advisory lock of this crate: concurrent `CREATE TABLE IF NOT EXISTS` can fail.
#[cfg(feature = "sqlx-postgres")]
const LOCK: &str = "SELECT pg_advisory_xact_lock(7021933106551234117)";

#[cfg(feature = "sqlx-postgres")]
sql_store! {
    /// PostgreSQL store. Any number of machines may share its database: times are those of the
    /// database server's clock.
    ///
    /// Needs the feature `sqlx-postgres`, and Rust 1.94 with it. For TLS enable one of sqlx's TLS
    /// features in your own `Cargo.toml`.
    PostgresStore, sqlx::Postgres, begin: "BEGIN", lock: Some(LOCK),
    old: "SELECT count(*) FROM pg_attribute WHERE attrelid = to_regclass('barion_payments') \
          AND attname IN ('payment_id', 'settled', 'written_at', 'record')",
    schema: POSTGRES_SCHEMA, statements: POSTGRES
}

/// Taking due payments reads only their rows, however many payments wait.
#[cfg(test)]
#[cfg(all(feature = "sqlx-sqlite", feature = "sqlx-postgres"))]
mod tests {
    use std::time::Duration;

    use sqlx::Row;

    use super::{
        POSTGRES, PostgresStore, Queue, SQLITE, SqliteStore, Store, TransactionalStore, lane,
        millis,
    };

    /// Open reservations, due within the next six hours, and ten payments that are due now.
    const OPEN: i64 = 100_000;
    const DUE: u32 = 10;
    const HIDE: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn sqlite_finds_what_is_due_by_its_index() {
        let pool = sqlx::sqlite::SqlitePoolOptions::new()
            .max_connections(1)
            .connect("sqlite::memory:")
            .await
            .unwrap();
        let store = SqliteStore::new(pool.clone());
        store.migrate().await.unwrap();
        let fill = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) \
                    INSERT INTO barion_order_payments SELECT printf('%032x', i), 'order-' || i, 1, \
                    CAST(unixepoch('subsec') * 1000 AS INTEGER) + $2 + i * 216, 1, 0, 0, 0, 0, NULL FROM n";
        for (count, from) in [(OPEN, 60_000), (i64::from(DUE), -60_000)] {
            let sql = if from < 0 {
                fill.replace("'%032x'", "'f%031x'")
            } else {
                fill.to_owned()
            };
            let sql = sqlx::AssertSqlSafe(sql);
            sqlx::query(sql)
                .bind(count)
                .bind(from)
                .execute(&pool)
                .await
                .unwrap();
        }
        let plan = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", SQLITE.due));
        let plan = sqlx::query(plan)
            .bind(lane(Queue::Scheduled))
            .bind(50_i64)
            .bind(millis(HIDE))
            .fetch_all(&pool)
            .await
            .unwrap();
        let plan: Vec<String> = plan.iter().map(|row| row.get("detail")).collect();
        let by_index = "barion_order_payments_due (lane=? AND due_at<?)";
        assert!(plan.iter().any(|line| line.contains(by_index)), "{plan:#?}");
        assert!(
            !plan.iter().any(|line| line.contains("SCAN barion")),
            "{plan:#?}"
        );
        assert!(
            !plan.iter().any(|line| line.contains("TEMP B-TREE")),
            "{plan:#?}"
        );
        let taken = store.take_due(Queue::Scheduled, 50, HIDE).await.unwrap();
        assert_eq!(taken.len(), DUE as usize);
        assert_eq!(store.backlog().await.unwrap().open, 100_010);
    }

    /// Number of rows that each node of a plan has read, the filtered ones included.
    fn rows_read(plan: &serde_json::Value, into: &mut Vec<(String, f64)>) {
        let number = |name: &str| plan[name].as_f64().unwrap_or_default();
        if let Some(relation) = plan["Relation Name"].as_str() {
            let loops = number("Actual Loops");
            let rows = (number("Actual Rows") + number("Rows Removed by Filter")) * loops;
            into.push((format!("{} {relation}", plan["Node Type"]), rows));
        }
        for child in plan["Plans"].as_array().into_iter().flatten() {
            rows_read(child, into);
        }
    }

    /// Needs a server: `.ci/postgres cargo test ...`.
    #[tokio::test]
    async fn postgresql_reads_as_many_rows_as_it_takes() {
        let Ok(address) = std::env::var("BARION_POSTGRES") else {
            assert!(std::env::var_os("BARION_REQUIRE_POSTGRES").is_none());
            println!("skipped: BARION_POSTGRES names no database");
            return;
        };
        let pool = sqlx::postgres::PgPoolOptions::new()
            .max_connections(1)
            .connect(&address)
            .await
            .unwrap();
        // A schema of this test.
        let own = "CREATE SCHEMA IF NOT EXISTS barion_scale; SET search_path TO barion_scale";
        sqlx::raw_sql(own).execute(&pool).await.unwrap();
        let store = PostgresStore::new(pool.clone());
        store.migrate().await.unwrap();
        let fill = "INSERT INTO barion_order_payments SELECT $3 || lpad(to_hex(i), 31, '0'), \
                    'order-' || i, 1, \
                    CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) + $2 + i * 216, 1, 0, 0, 0, 0, NULL \
                    FROM generate_series(1, $1) AS i";
        for (count, from, first) in [(OPEN, 60_000_i64, "0"), (i64::from(DUE), -60_000, "f")] {
            let fill = sqlx::query(fill).bind(count).bind(from).bind(first);
            fill.execute(&pool).await.unwrap();
        }
        sqlx::raw_sql("ANALYZE barion_order_payments")
            .execute(&pool)
            .await
            .unwrap();
        let mut transaction = store.begin().await.unwrap();
        let explain = format!("EXPLAIN (ANALYZE, FORMAT JSON) {}", POSTGRES.due);
        let row = sqlx::query(sqlx::AssertSqlSafe(explain))
            .bind(lane(Queue::Scheduled))
            .bind(50_i64)
            .bind(millis(HIDE))
            .fetch_one(&mut *transaction)
            .await
            .unwrap();
        drop(transaction);
        let plan: serde_json::Value = serde_json::from_str(
            &row.get::<sqlx::types::Json<serde_json::Value>, _>(0)
                .to_string(),
        )
        .unwrap();
        let mut read = Vec::new();
        rows_read(&plan[0]["Plan"], &mut read);
        assert!(!read.is_empty(), "{plan}");
        for (node, rows) in &read {
            assert!(!node.contains("Seq Scan"), "{read:?}");
            assert!(*rows <= f64::from(DUE), "{read:?}");
        }
        let taken = store.take_due(Queue::Scheduled, 50, HIDE).await.unwrap();
        assert_eq!(taken.len(), DUE as usize);
        sqlx::raw_sql("DROP SCHEMA barion_scale CASCADE")
            .execute(&pool)
            .await
            .unwrap();
    }
}
