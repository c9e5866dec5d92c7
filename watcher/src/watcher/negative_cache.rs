//! Negative cache of payment ids that Barion does not know.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use barion::PaymentId;
use tokio::time::Instant;

/// For this time an untracked id is not read again.
const LIFETIME: Duration = Duration::from_secs(600);
/// Ids in the cache; the oldest is dropped.
const CAPACITY: usize = 4_096;

/// Negative cache: the latest untracked ids that Barion does not know. Anybody can invent ids, and
/// reading them again changes nothing.
#[derive(Debug, Default)]
pub(super) struct NegativeCache(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    since: HashMap<PaymentId, Instant>,
    order: VecDeque<PaymentId>,
}

impl NegativeCache {
    pub(super) fn insert(&self, id: PaymentId) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.since.insert(id, Instant::now()).is_none() {
            known.order.push_back(id);
        }
        if known.order.len() > CAPACITY
            && let Some(oldest) = known.order.pop_front()
        {
            known.since.remove(&oldest);
        }
    }

    pub(super) fn contains(&self, id: PaymentId) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known
            .since
            .get(&id)
            .is_some_and(|since| since.elapsed() < LIFETIME)
    }
}
