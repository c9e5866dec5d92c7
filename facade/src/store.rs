//! What a shop has seen of its payments, and what it has still to do about it.
//!
//! A store keeps one [`StoredPayment`] for each payment. It answers two questions: what has changed since the shop last
//! did something about it, and who is doing something about it just now.
//!
//! # Nothing lost, nothing done twice
//!
//! What the shop does about a change, such as shipping, happens between two writes:
//!
//! 1. [`advance`](PaymentStore::advance) keeps what was seen, and hands out a [`Claim`] to one caller at a time: others
//!    are told [`Busy`](Advance::Busy). The changes stay pending.
//! 2. The shop does its work.
//! 3. [`done`](PaymentStore::done) strikes the changes off.
//!
//! So each change is claimed by one instance of the shop, once. A shop that crashes between 1 and 3 leaves a claim that
//! runs out with its lease; then the same changes are handed out again, as [`repeated`](Claim::repeated) and under the
//! same [`number`](Claim::number). Only then can work be done twice, since nobody knows how far it came: make it
//! idempotent by the payment's id and that number, or do it in the transaction of a database of your own.
//!
//! Leases are measured by the clocks of the shop's machines, which must agree to within a few seconds.
//!
//! # Keep the records
//!
//! A payment without a record is a new one: whatever it has come to is told from the beginning, `Paid` first. So keep
//! records as long as Barion may call about their payments, which for refunds is months; and tell the store by
//! [`adopt`](PaymentStore::adopt) of payments that the shop has worked on before it had one.

mod memory;
mod record;
#[cfg(any(feature = "sqlx-postgres", feature = "sqlx-sqlite"))]
mod sql;

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::id::PaymentId;
use crate::state::PaymentSnapshot;

pub use memory::MemoryStore;
pub use record::{Advance, Claim, StoredPayment};
#[cfg(feature = "sqlx-postgres")]
pub use sql::PostgresStore;
#[cfg(any(feature = "sqlx-postgres", feature = "sqlx-sqlite"))]
pub use sql::SCHEMA;
#[cfg(feature = "sqlx-sqlite")]
pub use sql::SqliteStore;

/// How often a record is tried to be replaced while others replace it too. Each try that fails is one that succeeded
/// elsewhere, so this many never fail in earnest.
const TRIES: u32 = 1_000;

/// Where a shop keeps what it has seen of its payments.
///
/// There are [`MemoryStore`], and with the features `sqlx-sqlite` and `sqlx-postgres` `SqliteStore` and `PostgresStore`.
/// One of your own needs the first three methods: a table with a key, a revision and a text will do.
pub trait PaymentStore: Send + Sync {
    /// The record of a payment; `None` where there is none.
    fn load(
        &self,
        id: PaymentId,
    ) -> impl Future<Output = Result<Option<StoredPayment>, StoreError>> + Send;

    /// Puts a record in the place of the one with this [`revision`](StoredPayment::revision), or where there is none if
    /// `old` is `None`; in one atomic step. `false`, and nothing changed, when that is not what is there.
    fn replace(
        &self,
        old: Option<u64>,
        new: &StoredPayment,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// The payments that are not [settled](StoredPayment::is_settled), at most so many: those first that were written
    /// longest ago.
    fn unsettled(
        &self,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<PaymentId>, StoreError>> + Send;

    /// Makes a record of a payment that was just started, if there is none, so that it counts as unsettled even if no
    /// callback about it ever comes.
    fn expect(&self, id: PaymentId) -> impl Future<Output = Result<(), StoreError>> + Send {
        async move {
            if self.load(id).await?.is_none() {
                // Somebody else may have made it meanwhile, which is as good.
                self.replace(None, &StoredPayment::expected(id, now()))
                    .await?;
            }
            Ok(())
        }
    }

    /// Keeps a state as one that the shop has done its work about already, where there is no record yet: for payments from
    /// before there was a store. `false` when there is a record, which stays as it is.
    fn adopt(
        &self,
        state: &PaymentSnapshot,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send {
        async move {
            self.replace(None, &StoredPayment::adopted(state, now()))
                .await
        }
    }

    /// Puts a payment that could not be read behind the others that are unsettled.
    fn postpone(&self, id: PaymentId) -> impl Future<Output = Result<(), StoreError>> + Send {
        async move {
            if let Some(old) = self.load(id).await? {
                // Whoever else writes it puts it behind the others too.
                self.replace(Some(old.revision()), &old.rewritten(now()))
                    .await?;
            }
            Ok(())
        }
    }

    /// Keeps a state that was just read, and claims what is to be done about it for this long.
    fn advance(
        &self,
        state: &PaymentSnapshot,
        lease: Duration,
    ) -> impl Future<Output = Result<Advance, StoreError>> + Send {
        async move {
            for _ in 0..TRIES {
                let old = self.load(state.payment_id).await?;
                let revision = old.as_ref().map(StoredPayment::revision);
                let (new, advance) = StoredPayment::advanced(old, state, now(), lease);
                if self.replace(revision, &new).await? {
                    return Ok(advance);
                }
            }
            Err(StoreError::contended())
        }
    }

    /// Strikes off what was claimed, after it was done. `false` when the lease had run out and somebody else claimed it:
    /// then it is being done again.
    fn done(&self, claim: &Claim) -> impl Future<Output = Result<bool, StoreError>> + Send {
        settle(self, claim, true)
    }

    /// Gives back what was claimed, undone: the next look hands it out again.
    fn give_back(&self, claim: &Claim) -> impl Future<Output = Result<bool, StoreError>> + Send {
        settle(self, claim, false)
    }
}

/// A store that is shared.
impl<S: PaymentStore> PaymentStore for Arc<S> {
    fn load(
        &self,
        id: PaymentId,
    ) -> impl Future<Output = Result<Option<StoredPayment>, StoreError>> + Send {
        S::load(self, id)
    }

    fn replace(
        &self,
        old: Option<u64>,
        new: &StoredPayment,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send {
        S::replace(self, old, new)
    }

    fn unsettled(
        &self,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<PaymentId>, StoreError>> + Send {
        S::unsettled(self, limit)
    }
}

async fn settle<S: PaymentStore + ?Sized>(
    store: &S,
    claim: &Claim,
    done: bool,
) -> Result<bool, StoreError> {
    for _ in 0..TRIES {
        let Some(old) = store.load(claim.payment_id()).await? else {
            return Ok(false);
        };
        let revision = old.revision();
        let Some(new) = old.settled_by(claim, done, now()) else {
            return Ok(false);
        };
        if store.replace(Some(revision), &new).await? {
            return Ok(true);
        }
    }
    Err(StoreError::contended())
}

/// Milliseconds since 1970.
fn now() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Why a store could not keep or tell something.
#[derive(Debug)]
pub struct StoreError(Box<dyn std::error::Error + Send + Sync>);

impl StoreError {
    /// What the storage said.
    pub fn new(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(source.into())
    }

    fn contended() -> Self {
        Self::new("the record changed under every try to replace it")
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the store of payments failed: {}", self.0)
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.0)
    }
}
