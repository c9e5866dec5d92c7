//! What writes requests down, and what it says of that.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::unconfirmed::UnconfirmedRequest;

pub(crate) type BoxError = Box<dyn StdError + Send + Sync>;

/// What became of writing a request down, for [`Client::recording`](crate::Client::recording).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Recorded {
    /// It is written, durably.
    Written,
    /// Its key is taken by another request, or by one of the same request that was sent already. Nothing is sent then, and
    /// the call ends in [`ErrorKind::Unsettled`](crate::ErrorKind::Unsettled).
    KeyTaken,
}

/// What writes a request down.
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
