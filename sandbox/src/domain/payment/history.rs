//! History of a payment, for its page: moments and events.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::kinds::PaymentStatus;

/// Counts everything that is noted. A clock that stands still cannot say what came first.
static PLACES: AtomicU64 = AtomicU64::new(0);

/// When something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Moment {
    /// By the sandbox's clock.
    pub(crate) at: DateTime<Utc>,
    /// Among the moments of the same time.
    pub(crate) place: u64,
}

impl Moment {
    /// This time, after all moments of the same time that there were before.
    pub(crate) fn new(at: DateTime<Utc>) -> Self {
        let place = PLACES.fetch_add(1, Ordering::Relaxed);
        Self { at, place }
    }

    /// Lets later moments have no place before this one.
    pub(crate) fn begin_at(place: u64) {
        PLACES.fetch_max(place, Ordering::Relaxed);
    }

    /// Later moments have this place or one after it.
    pub(crate) fn next_place() -> u64 {
        PLACES.load(Ordering::Relaxed)
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Event {
    /// A call of the API: its operation and what was answered.
    Request { operation: String, answer: String },
    /// Something the payer did that causes no callback.
    Payer(String),
    /// A change with a callback, the status after it, and how many transactions there were then.
    Change {
        what: Cow<'static, str>,
        status: PaymentStatus,
        transactions: usize,
    },
}
