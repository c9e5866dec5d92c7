//! Leases of others, as this process has seen them.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::order::Lease;

/// How many are kept before old ones are cleared out.
const CAPACITY: usize = 1_024;

/// When leases were seen first. A lease is over when it was seen for its whole length by this
/// process's steady clock: no wall clock that is wrong or jumps ends one early, or keeps one alive.
#[derive(Debug, Default)]
pub(super) struct Leases(Mutex<HashMap<u64, Seen>>);

#[derive(Debug)]
struct Seen {
    since: Instant,
    length: Duration,
    /// Of this process, which is not at it any more.
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
            // What is over was claimed anew, or will be seen for its whole length once more.
            seen.retain(|_, one| one.since.elapsed() < one.length * 2);
        }
        seen
    }

    /// How long a lease still lasts.
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

    /// A claim of this process is not worked on any more, whether it could be given back or not.
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
