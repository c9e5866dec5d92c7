//! Recorder of unconfirmed requests, and its result.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::unconfirmed::UnconfirmedRequest;

pub(crate) type BoxError = Box<dyn StdError + Send + Sync>;

/// Result of writing a request down, for [`Client::recording`](crate::Client::recording).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Recorded {
    /// The request is written, durably.
    Written,
    /// Its key is taken by another request, or by the same request that was sent already. Nothing
    /// is sent then, and the call ends in [`ErrorKind::Unsettled`](crate::ErrorKind::Unsettled).
    KeyTaken,
}

/// Function that writes a request down.
#[derive(Clone)]
pub(crate) struct Recorder(
    pub(crate)  Arc<
        dyn Fn(UnconfirmedRequest) -> BoxFuture<'static, Result<Recorded, BoxError>> + Send + Sync,
    >,
);

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recorder(..)")
    }
}
