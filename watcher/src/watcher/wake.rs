//! Wake-up and shutdown signals for the workers of a process.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::store::Queue;

pub(super) const QUEUES: [Queue; 3] = [Queue::Callback, Queue::Scheduled, Queue::Unknown];
/// Time for waiting payments after a shutdown was requested.
const SHUTDOWN_TIME: Duration = Duration::from_secs(30);

/// Index of a queue.
pub(super) fn place(queue: Queue) -> usize {
    match queue {
        Queue::Callback => 0,
        Queue::Scheduled => 1,
        Queue::Unknown => 2,
    }
}

/// Signals for the workers, shared by the clones of a watcher.
#[derive(Debug, Default)]
pub(super) struct Wake {
    pub(super) queues: [QueueWake; 3],
    closed: AtomicBool,
    /// When it was closed.
    closed_at: Mutex<Option<Instant>>,
}

/// Signal for the workers of one queue.
#[derive(Debug, Default)]
pub(super) struct QueueWake {
    pub(super) notify: Notify,
    /// Number of wake-ups.
    pub(super) notified: AtomicU64,
}

impl Wake {
    /// Wakes the workers of a queue: a payment in it may be due.
    pub(super) fn notify(&self, queue: Queue) {
        let queue = &self.queues[place(queue)];
        queue.notified.fetch_add(1, Ordering::SeqCst);
        queue.notify.notify_one();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    pub(super) fn open(&self) {
        self.closed.store(false, Ordering::SeqCst);
    }

    /// Whether the time for waiting payments is over.
    pub(super) fn is_over(&self) -> bool {
        let closed = self
            .closed_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        closed.is_some_and(|closed| closed.elapsed() >= SHUTDOWN_TIME)
    }

    pub(super) fn close(&self) {
        *self
            .closed_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        self.closed.store(true, Ordering::SeqCst);
        for queue in &self.queues {
            queue.notify.notify_one();
        }
    }
}
