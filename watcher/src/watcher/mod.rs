//! Watcher: the main type, which refreshes payments and runs the shop's handler for each update of
//! an order.

mod accept;
mod complete;
mod configure;
pub(crate) mod handler;
mod leases;
mod negative_cache;
mod nonce;
mod refresh;
mod settings;
pub(crate) mod sweep;
mod track;
mod wake;
pub(crate) mod workers;

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use barion::Client;

use crate::order::OrderUpdate;
use crate::store::{Store, TimeoutStore, TransactionalStore};
use handler::{Handler, HandlerFuture};
use leases::Leases;
use negative_cache::NegativeCache;
use settings::Settings;
use wake::Wake;

/// Watcher of payments: reads a payment from Barion when it may have changed (after a callback, or
/// by polling), and runs the shop's handler for each update of its order. Clones share everything.
///
/// ```
/// use barion::PaymentChange;
/// use barion_watcher::{MemoryStore, OrderChange, OrderUpdate, Watcher};
///
/// # use barion_tests::{price_of, ship};
/// # barion_tests::example(async |shop| {
/// # let (client, id) = (shop.client()?, shop.paid().await?);
/// let watcher = Watcher::new(client, MemoryStore::new(), |update: OrderUpdate| async move {
///     let order = update.order.as_str();
///     for change in &update.changes {
///         match change {
///             OrderChange::OrderPaid => match update.payment.matches_order(&price_of(order).await?) {
///                 paid if paid.is_exact() => ship(order).await?,
///                 other => eprintln!("check {order} by hand: {other:?}"),
///             },
///             OrderChange::PaidAgain { .. } => eprintln!("refund {}", update.payment.payment_id),
///             OrderChange::Payment(PaymentChange::Refunded(amount)) => println!("{amount} went back"),
///             _ => {}
///         }
///     }
///     Ok::<(), std::io::Error>(())
/// });
/// watcher.track(id, "order-1001").await?; // after each start of a payment
/// watcher.refresh(id).await?; // reads it now, such as on the page that the payer comes back to
/// # assert_eq!(barion_tests::shipped(), ["order-1001"]);
/// # Ok(()) });
/// ```
///
/// # The handler
///
/// The handler gets an [`OrderUpdate`], one at a time for each order. Check
/// [`Payment::matches_order`](barion::Payment::matches_order) before you ship: the payment may be
/// another one than this order asked for, and its amount may be less.
///
/// When the handler returns an error, the update counts as not handled. It is repeated with the
/// same number and the same changes after 5 seconds, then 15, 45 and so on, at most an hour
/// (backoff). The handler is dropped when it takes longer than nine tenths of the
/// [`lease`](Self::lease). How often it can run for one update is [a
/// table](crate::store#how-often-the-handler-runs).
///
/// # Callbacks
///
/// Barion sends a callback at most six times, and it can be lost. So [`track`](Self::track) each
/// payment that was started, and [`start`](Self::start) the workers: they refresh the payments that
/// callbacks name, and poll the others until they are over.
#[doc(alias = "webhook")]
#[doc(alias = "polling")]
#[doc(alias = "callback")]
pub struct Watcher<S> {
    client: Client,
    store: TimeoutStore<S>,
    handler: Handler<S>,
    settings: Arc<Settings>,
    leases: Arc<Leases>,
    negative_cache: Arc<NegativeCache>,
    wake: Arc<Wake>,
}

impl<S: Clone> Clone for Watcher<S> {
    fn clone(&self) -> Self {
        Self {
            client: self.client.clone(),
            store: self.store.clone(),
            handler: self.handler.clone(),
            settings: Arc::clone(&self.settings),
            leases: Arc::clone(&self.leases),
            negative_cache: Arc::clone(&self.negative_cache),
            wake: Arc::clone(&self.wake),
        }
    }
}

impl<S: fmt::Debug> fmt::Debug for Watcher<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watcher")
            .field("client", &self.client)
            .field("store", &self.store.0)
            .field("handler", &self.handler)
            .finish_non_exhaustive()
    }
}

impl<S: Store> Watcher<S> {
    /// Watcher with a plain handler: it runs at least once for each update. See the
    /// [table](crate::store#how-often-the-handler-runs) for the cases in which it is repeated.
    #[doc(alias = "at-least-once")]
    pub fn new<F, W, E>(client: Client, store: S, handler: F) -> Self
    where
        F: Fn(OrderUpdate) -> W + Send + Sync + 'static,
        W: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        Self::with(client, store, handler::plain(handler))
    }

    /// Watcher with a transactional handler: what the handler writes is exactly-once. It gets a
    /// transaction of the store's database; its writes commit together with the completion of the
    /// update, or not at all, whatever fails or dies.
    ///
    /// ```
    /// # #[cfg(feature = "sqlx-sqlite")]
    /// # barion_tests::example(async |shop| {
    /// use barion_watcher::{OrderChange, SqliteStore, Watcher};
    ///
    /// # let (client, id) = (shop.client()?, shop.paid().await?);
    /// # let pool = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await?;
    /// # sqlx::query("CREATE TABLE shipments (order_key TEXT PRIMARY KEY)").execute(&pool).await?;
    /// let store = SqliteStore::new(pool.clone());
    /// store.migrate().await?;
    /// let watcher = Watcher::transactional(client, store, |update, transaction| {
    ///     Box::pin(async move {
    ///         if update.changes.contains(&OrderChange::OrderPaid) {
    ///             sqlx::query("INSERT INTO shipments (order_key) VALUES ($1)")
    ///                 .bind(update.order)
    ///                 .execute(&mut **transaction)
    ///                 .await?;
    ///         }
    ///         Ok::<(), sqlx::Error>(())
    ///     })
    /// });
    /// watcher.track(id, "order-1001").await?;
    /// watcher.refresh(id).await?;
    /// # let shipped: Vec<String> = sqlx::query_scalar("SELECT order_key FROM shipments").fetch_all(&pool).await?;
    /// # assert_eq!(shipped, ["order-1001"]);
    /// # Ok(()) });
    /// ```
    ///
    /// Keep the handler short: in SQLite nothing else can write during its transaction, not even
    /// the handler itself by another connection, so don't call [`track`](Self::track) in it. For
    /// work outside of the database write a row (a transactional outbox), and do the work in a job.
    #[doc(alias = "exactly-once")]
    #[doc(alias = "outbox")]
    pub fn transactional<F, E>(client: Client, store: S, handler: F) -> Self
    where
        S: TransactionalStore,
        F: for<'t> Fn(OrderUpdate, &'t mut S::Transaction) -> HandlerFuture<'t, E>
            + Send
            + Sync
            + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
    {
        Self::with(client, store, handler::transactional(handler))
    }

    fn with(client: Client, store: S, handler: Handler<S>) -> Self {
        Self {
            client,
            store: TimeoutStore(store),
            handler,
            settings: Arc::default(),
            leases: Arc::default(),
            negative_cache: Arc::default(),
            wake: Arc::default(),
        }
    }

    /// The store of this watcher.
    #[must_use]
    pub fn store(&self) -> &S {
        &self.store.0
    }

    /// Milliseconds since 1970, by the shop's clock.
    fn now(&self) -> u64 {
        let since = (self.settings.wall_clock)()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }
}
