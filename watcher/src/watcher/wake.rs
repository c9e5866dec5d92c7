//! What wakes the workers of a process, and ends them.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::store::Lane;

pub(super) const LANES: [Lane; 3] = [Lane::Noticed, Lane::Scheduled, Lane::Unknown];
/// How long what waits is refreshed after the end was asked for.
const CLOSING: Duration = Duration::from_secs(30);

pub(super) fn place(lane: Lane) -> usize {
    match lane {
        Lane::Noticed => 0,
        Lane::Scheduled => 1,
        Lane::Unknown => 2,
    }
}

/// What wakes the workers, shared by the clones of a watcher.
#[derive(Debug, Default)]
pub(super) struct Wake {
    pub(super) lanes: [LaneWake; 3],
    closed: AtomicBool,
    /// When it was closed.
    closed_at: Mutex<Option<Instant>>,
}

#[derive(Debug, Default)]
pub(super) struct LaneWake {
    pub(super) notify: Notify,
    /// How often somebody has asked for it.
    pub(super) asked: AtomicU64,
}

impl Wake {
    /// Something in this lane may be due.
    pub(super) fn asked(&self, lane: Lane) {
        let lane = &self.lanes[place(lane)];
        lane.asked.fetch_add(1, Ordering::SeqCst);
        lane.notify.notify_one();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    pub(super) fn open(&self) {
        self.closed.store(false, Ordering::SeqCst);
    }

    /// Whether no more time is left for what waits.
    pub(super) fn is_over(&self) -> bool {
        let closed = self
            .closed_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        closed.is_some_and(|closed| closed.elapsed() >= CLOSING)
    }

    pub(super) fn close(&self) {
        *self
            .closed_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        self.closed.store(true, Ordering::SeqCst);
        for lane in &self.lanes {
            lane.notify.notify_one();
        }
    }
}
