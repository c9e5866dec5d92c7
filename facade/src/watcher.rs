//! Doing the shop's work when a payment has changed.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::change::PaymentChange;
use crate::client::Client;
use crate::clock::later;
use crate::error::Error;
use crate::id::PaymentId;
use crate::state::Payment;
use crate::store::{Advance, Claim, PaymentStore, StoreError};

/// How long the shop's work may take, unless set.
const LEASE: Duration = Duration::from_secs(120);
/// How long a look waits before it asks again whether somebody else is through.
const PAUSE: Duration = Duration::from_millis(250);

type BoxError = Box<dyn std::error::Error + Send + Sync>;
type Work = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>>;

/// What a shop is told about a payment.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PaymentNews {
    /// What has changed since the shop last did its work, in order; at least one.
    pub changes: Vec<PaymentChange>,
    /// The payment as it was just read.
    pub payment: Payment,
    /// The number of this piece of work among those of the payment, from 1; the same when it is repeated. With the
    /// payment's id a key to make the work idempotent.
    pub number: u64,
    /// The work has been begun before and did not end well, so a part of it may be done: it failed, it took too long, or
    /// the shop crashed.
    pub repeated: bool,
}

/// Looks at payments and has the shop do its work about what has changed: each change once, whatever the number and order
/// of the looks, with any number of instances of the shop on one store.
///
/// ```
/// use barion::{MemoryStore, PaymentChange, PaymentNews, PaymentWatcher};
///
/// # use barion_tests::{price_of, ship};
/// # barion_tests::example(async |shop| {
/// # let (client, id) = (shop.client()?, shop.paid().await?);
/// let watcher = PaymentWatcher::new(client, MemoryStore::new(), |news: PaymentNews| async move {
///     let order = news.payment.payment_request_id.as_deref().unwrap_or("");
///     for change in &news.changes {
///         match change {
///             PaymentChange::Paid => match news.payment.matches_order(&price_of(order).await?) {
///                 paid if paid.is_exact() => ship(order).await?,
///                 other => eprintln!("have a person look at {order}: {other:?}"),
///             },
///             PaymentChange::Refunded(amount) => println!("{amount} went back"),
///             _ => {}
///         }
///     }
///     Ok::<(), std::io::Error>(())
/// });
/// // For every callback, and whenever else the shop wants to know:
/// watcher.look(id).await?;
/// # assert_eq!(barion_tests::shipped(), ["order-1001"]);
/// # Ok(()) });
/// ```
///
/// # What the work is
///
/// Look the order up by `payment_request_id`, and ask [`Payment::matches_order`] before you ship: anybody can send a
/// callback, a payment of yours need not be the one that this order asked for, and less than was asked for may have been
/// taken. An error of the work means that it was not done; the
/// next look repeats it, with whatever else has changed meanwhile. It is dropped when it takes longer than nine tenths of
/// the [`lease`](Self::lease).
///
/// Several payments can belong to one order. An expired one is no reason to cancel an order that another one has paid: see
/// [`order_standing`](crate::order_standing).
///
/// # Callbacks that never come
///
/// Barion gives up after six attempts. Tell the watcher of each started payment by [`expect`](Self::expect), and
/// [`sweep`](Self::sweep) every few minutes, and when the shop starts: that also ends what a crash has interrupted.
pub struct PaymentWatcher<S> {
    client: Client,
    store: S,
    work: Arc<dyn Fn(PaymentNews) -> Work + Send + Sync>,
    lease: Duration,
}

impl<S: Clone> Clone for PaymentWatcher<S> {
    fn clone(&self) -> Self {
        Self {
            client: self.client.clone(),
            store: self.store.clone(),
            work: Arc::clone(&self.work),
            lease: self.lease,
        }
    }
}

impl<S: fmt::Debug> fmt::Debug for PaymentWatcher<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PaymentWatcher")
            .field("client", &self.client)
            .field("store", &self.store)
            .field("lease", &self.lease)
            .finish_non_exhaustive()
    }
}

/// Why a look did not end well. The changes stay to be done: look again.
#[derive(Debug)]
#[non_exhaustive]
pub enum WatchError {
    /// The payment's state could not be read.
    Read(Error),
    /// The store failed.
    Store(StoreError),
    /// The shop's work failed.
    Work(Box<dyn std::error::Error + Send + Sync>),
    /// The shop's work took too long and was dropped, or was done after the lease had run out and is being repeated.
    TooLong,
}

impl fmt::Display for WatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(error) => write!(f, "the payment could not be read: {error}"),
            Self::Store(error) => fmt::Display::fmt(error, f),
            Self::Work(error) => write!(f, "the shop's work failed and will be repeated: {error}"),
            Self::TooLong => f.write_str(
                "the shop's work took longer than its lease and will be repeated: make the lease longer, or the work shorter",
            ),
        }
    }
}

impl std::error::Error for WatchError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Read(error) => Some(error),
            Self::Store(error) => Some(error),
            Self::Work(error) => Some(&**error),
            Self::TooLong => None,
        }
    }
}

impl From<StoreError> for WatchError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What came of a [`sweep`](PaymentWatcher::sweep).
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Sweep {
    /// How many payments were looked at.
    pub looked_at: usize,
    /// Those of them where the look did not end well.
    pub failed: Vec<(PaymentId, WatchError)>,
}

impl<S: PaymentStore> PaymentWatcher<S> {
    /// A watcher that reads payments with this client, keeps what it has seen in this store, and has this work done.
    pub fn new<W, F, E>(client: Client, store: S, work: W) -> Self
    where
        W: Fn(PaymentNews) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let boxed = move |news| -> Work {
            let work = work(news);
            Box::pin(async move { work.await.map_err(Into::into) })
        };
        Self {
            client,
            store,
            work: Arc::new(boxed),
            lease: LEASE,
        }
    }

    /// How long a piece of work belongs to whoever has begun it. If the shop crashes, it is repeated after this time and
    /// not before. At least a second. Default: two minutes.
    #[must_use]
    pub fn lease(mut self, lease: Duration) -> Self {
        self.lease = lease.max(Duration::from_secs(1));
        self
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &S {
        &self.store
    }

    /// Keeps in mind a payment that was just started, so that a [`sweep`](Self::sweep) finds it even if no callback comes.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn expect(&self, id: PaymentId) -> Result<(), StoreError> {
        self.store.expect(id).await
    }

    /// Reads the payment, and has the work done if anything has changed. Returns what that was.
    ///
    /// While another look at the same payment has its work done, here or in another instance of the shop, this one waits.
    ///
    /// # Errors
    /// When the payment can't be read, the store fails, or the work does: it will be repeated by the next look.
    pub async fn look(&self, id: PaymentId) -> Result<Vec<PaymentChange>, WatchError> {
        let mut payment = match self.read(id).await {
            Ok(payment) => payment,
            Err(error) => {
                // So that one that can't be read keeps no sweep from the others. The reading is what failed.
                let _ = self.store.postpone(id).await;
                return Err(error);
            }
        };
        let state = payment.snapshot();
        let (claim, since) = loop {
            let since = Instant::now();
            match self.store.advance(&state, self.lease).await? {
                Advance::Nothing => return Ok(Vec::new()),
                Advance::Claimed(claim) => break (claim, since),
                Advance::Busy(left) => {
                    tokio::time::sleep(left.clamp(PAUSE / 10, PAUSE)).await;
                }
            }
        };
        if claim.state != state {
            // Another look has overtaken this one: what was read here is older than what is to be told.
            payment = match self.read(id).await {
                Ok(payment) => payment,
                Err(error) => return Err(self.undone(&claim, error).await),
            };
        }
        self.work(&claim, payment, since).await?;
        Ok(claim.changes)
    }

    async fn work(
        &self,
        claim: &Claim,
        payment: Payment,
        since: Instant,
    ) -> Result<(), WatchError> {
        let news = PaymentNews {
            changes: claim.changes.clone(),
            payment,
            number: claim.number,
            repeated: claim.repeated,
        };
        // To be over before the lease is, by the clocks of other machines too.
        let until = later(since, self.lease / 10 * 9);
        let error = match tokio::time::timeout_at(until, (self.work)(news)).await {
            Ok(Ok(())) if self.store.done(claim).await? => return Ok(()),
            Ok(Ok(())) => return Err(WatchError::TooLong),
            Ok(Err(error)) => WatchError::Work(error),
            Err(_) => WatchError::TooLong,
        };
        Err(self.undone(claim, error).await)
    }

    /// Gives the claim back, so that nobody has to wait for its lease to run out.
    async fn undone(&self, claim: &Claim, error: WatchError) -> WatchError {
        // A claim that can't be given back runs out; what went wrong first is what matters.
        let _ = self.store.give_back(claim).await;
        error
    }

    async fn read(&self, id: PaymentId) -> Result<Payment, WatchError> {
        self.client
            .payment_state(id)
            .await
            .map_err(WatchError::Read)
    }

    /// Looks at every payment that is not over or has work left, at most so many, one after the other; those first that
    /// were looked at longest ago. To be run when the shop starts and every few minutes, by one instance or by all.
    ///
    /// # Errors
    /// When the store can't tell which payments these are. A look that fails is in the answer, and does not end the sweep.
    pub async fn sweep(&self, limit: u32) -> Result<Sweep, StoreError> {
        let mut sweep = Sweep::default();
        for id in self.store.unsettled(limit).await? {
            sweep.looked_at += 1;
            if let Err(error) = self.look(id).await {
                sweep.failed.push((id, error));
            }
        }
        Ok(sweep)
    }
}
