//! Errors of the watcher.

use std::error::Error as StdError;
use std::fmt;

use barion::{Error, PaymentId};

type BoxError = Box<dyn StdError + Send + Sync>;

/// Why a refresh did not end well. Nothing is lost: what was not handled is repeated.
#[derive(Debug)]
#[non_exhaustive]
pub enum WatchError {
    /// The payment's state could not be read.
    Read(Error),
    /// Barion has not known a tracked payment for longer than
    /// [`give_up_after`](crate::Watcher::give_up_after): it is not read again until a callback names
    /// it. A key or an environment of another shop is the likely cause.
    GivenUp(Error),
    /// The store failed. If it did so after the handler was through, and until the end of the lease,
    /// the update is repeated.
    Store(StoreError),
    /// The shop's handler failed.
    Handler(BoxError),
    /// The handler took longer than nine tenths of the lease and was dropped, or could not begin by
    /// then since the store or Barion was slow, or somebody else has claimed the update since.
    TooLong,
}

impl fmt::Display for WatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(error) => write!(f, "the payment could not be read: {error}"),
            Self::GivenUp(error) => {
                write!(
                    f,
                    "Barion has not known the payment for long, it is given up: {error}"
                )
            }
            Self::Store(error) => fmt::Display::fmt(error, f),
            Self::Handler(error) => {
                write!(
                    f,
                    "the shop's handler failed, the update will be repeated: {error}"
                )
            }
            Self::TooLong => f.write_str(
                "the shop's handler took longer than its lease, the update will be repeated: \
                 make the lease longer or the handler shorter",
            ),
        }
    }
}

impl StdError for WatchError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Read(error) | Self::GivenUp(error) => Some(error),
            Self::Store(error) => Some(error),
            Self::Handler(error) => Some(&**error),
            Self::TooLong => None,
        }
    }
}

impl From<StoreError> for WatchError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Why a payment could not be tracked.
#[derive(Debug)]
#[non_exhaustive]
pub enum TrackError {
    /// The payment belongs to another order already: it was tracked for it, or a callback came first
    /// and its own `OrderNumber` or `PaymentRequestId` is another key. Give both the same, or say by
    /// [`order_key`](crate::Watcher::order_key) how the key is found.
    OtherOrder {
        /// The payment.
        payment: PaymentId,
        /// The order it belongs to.
        order: String,
    },
    /// The key of an order has 1 to 255 bytes, and no NUL.
    Key,
    /// The store failed. Track it again.
    Store(StoreError),
}

impl fmt::Display for TrackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherOrder { payment, order } => write!(
                f,
                "payment {payment} belongs to the order {order:?} already: track it by the key \
                 that its OrderNumber or PaymentRequestId has, or set Watcher::order_key"
            ),
            Self::Key => f.write_str("order: the key of an order has 1 to 255 bytes, and no NUL"),
            Self::Store(error) => fmt::Display::fmt(error, f),
        }
    }
}

impl StdError for TrackError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Store(error) => Some(error),
            Self::OtherOrder { .. } | Self::Key => None,
        }
    }
}

impl From<StoreError> for TrackError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Failure of a store.
#[derive(Debug)]
pub struct StoreError(BoxError);

impl StoreError {
    /// What the storage said.
    pub fn new(source: impl Into<BoxError>) -> Self {
        Self(source.into())
    }

    pub(crate) fn contended() -> Self {
        Self::new("the record changed under every attempt to replace it")
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the store of payments failed: {}", self.0)
    }
}

impl StdError for StoreError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.0)
    }
}
