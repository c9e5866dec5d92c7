//! Expiry of leases by this process's monotonic clock.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::order::Lease;

/// Above this number expired leases are removed.
const CAPACITY: usize = 1_024;

/// Leases that this process has seen, and since when. A lease has expired when this process has
/// seen it for its whole length by its monotonic clock: a wall clock that is wrong or jumps neither
/// ends one early nor keeps one alive.
#[derive(Debug, Default)]
pub(super) struct Leases(Mutex<HashMap<u64, Seen>>);

#[derive(Debug)]
struct Seen {
    since: Instant,
    length: Duration,
    /// It is this process's own, and no task works on it any more.
    abandoned: bool,
}

impl Seen {
    fn left(&self) -> Duration {
        if self.abandoned {
            return Duration::ZERO;
        }
        self.length.saturating_sub(self.since.elapsed())
    }
}

impl Leases {
    fn seen(&self) -> MutexGuard<'_, HashMap<u64, Seen>> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= CAPACITY {
            // An expired one was claimed anew; if it comes again, it is waited for once more.
            seen.retain(|_, one| one.since.elapsed() < one.length * 2);
        }
        seen
    }

    /// Time until a lease expires.
    pub(super) fn left(&self, lease: Lease) -> Duration {
        let mut seen = self.seen();
        seen.entry(lease.token)
            .or_insert_with(|| Seen {
                since: Instant::now(),
                length: lease.length(),
                abandoned: false,
            })
            .left()
    }

    /// Abandons a claim of this process, whether it could be released in the store or not.
    pub(super) fn abandon(&self, token: u64, length: Duration) {
        let mut seen = self.seen();
        let abandoned = Seen {
            since: Instant::now(),
            length,
            abandoned: true,
        };
        seen.insert(token, abandoned);
    }
}
