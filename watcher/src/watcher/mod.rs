//! Watcher: refreshes payments, and has the shop's handler run once for each update of an order.

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

/// Watcher of payments: reads a payment when it may have changed, and has the shop's handler run for
/// each update of an order. Clones share everything.
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
///                 other => eprintln!("have a person look at {order}: {other:?}"),
///             },
///             OrderChange::PaidAgain { .. } => eprintln!("refund {}", update.payment.payment_id),
///             OrderChange::Payment(PaymentChange::Refunded(amount)) => println!("{amount} went back"),
///             _ => {}
///         }
///     }
///     Ok::<(), std::io::Error>(())
/// });
/// watcher.track(id, "order-1001").await?; // after each start
/// watcher.refresh(id).await?; // for each callback, and whenever else the shop wants to know
/// # assert_eq!(barion_tests::shipped(), ["order-1001"]);
/// # Ok(()) });
/// ```
///
/// # The handler
///
/// It gets an [`OrderUpdate`], one at a time for each order. Ask
/// [`Payment::matches_order`](barion::Payment::matches_order) before you ship: a payment of yours
/// need not be the one that this order asked for, and less may have been taken. An error means that
/// the update was not handled; it is repeated with the same number and the same changes, after 5
/// seconds, then 15, 45 and so on up to an hour. The handler is dropped when it takes longer than
/// nine tenths of the [`lease`](Self::lease). How often it can run is
/// [a table](crate::store#how-often-the-handler-runs).
///
/// # Callbacks
///
/// Barion gives up after six attempts. [`track`](Self::track) each payment that was started, and
/// [`start`](Self::start) the workers: they refresh what callbacks have named, and read each payment
/// again when its time has come, so that a lost callback is noticed.
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
    /// A watcher that reads payments with this client, keeps what it has seen in this store, and runs
    /// this handler.
    pub fn new<F, W, E>(client: Client, store: S, handler: F) -> Self
    where
        F: Fn(OrderUpdate) -> W + Send + Sync + 'static,
        W: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        Self::with(client, store, handler::plain(handler))
    }

    /// A watcher whose handler gets a transaction of the store's database. What it writes by it commits
    /// together with the completion of the update, or not at all: exactly once, whatever fails or dies.
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
    /// Keep it short: in SQLite nobody else can write meanwhile, the handler itself by another
    /// connection included, so don't call [`track`](Self::track) in it. Have other work done by a job
    /// that reads what the handler has written.
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

    /// The store.
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
