//! Errors of the watcher.

use std::error::Error as StdError;
use std::fmt;

use barion::{Error, PaymentId};

type BoxError = Box<dyn StdError + Send + Sync>;

/// Error of a refresh. Nothing is lost: an update that was not handled is repeated.
#[derive(Debug)]
#[non_exhaustive]
pub enum WatchError {
    /// The payment's state could not be read.
    Read(Error),
    /// The payment was given up: Barion has answered for longer than
    /// [`give_up_after`](crate::Watcher::give_up_after) that it does not know it. It is not read
    /// again until a callback names it. The likely cause is a key of another shop, or the wrong
    /// environment.
    GivenUp(Error),
    /// The store failed. If it kept failing from the end of the handler to the end of the lease,
    /// the update is repeated although it was handled.
    Store(StoreError),
    /// The shop's handler failed or panicked. The update is repeated.
    Handler(BoxError),
    /// The lease was too short: the handler took longer than nine tenths of it and was dropped, or
    /// could not begin by then because the store or Barion was slow, or another task has claimed
    /// the update since. The update is repeated.
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

/// Error of [`track`](crate::Watcher::track) and [`seed`](crate::Watcher::seed).
#[derive(Debug)]
#[non_exhaustive]
pub enum TrackError {
    /// The payment belongs to another order already: it was tracked for that one, or a callback
    /// came first and its own `OrderNumber` or `PaymentRequestId` is another key. Use the same text
    /// for both, or set [`order_key`](crate::Watcher::order_key).
    OtherOrder {
        /// The payment.
        payment: PaymentId,
        /// The order it belongs to.
        order: String,
    },
    /// The order's key is invalid: it needs 1 to 255 bytes, and no NUL.
    Key,
    /// The store failed. Call it again.
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

/// Error of a [`Store`](crate::Store), such as a lost connection to its database.
#[derive(Debug)]
pub struct StoreError(BoxError);

impl StoreError {
    /// Wraps the error of the storage.
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
