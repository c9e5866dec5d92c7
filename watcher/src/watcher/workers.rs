//! Workers: background tasks that refresh the due payments of each queue.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use super::Watcher;
use super::wake::{QUEUES, Wake, place};
use crate::outcome::Cause;
use crate::store::{DuePayment, Queue, Store};
use crate::telemetry;

/// Shortest pause between two queries of an empty queue.
const MIN_PAUSE: Duration = Duration::from_millis(50);
/// Time between two reports of the backlog.
const REPORT_INTERVAL: Duration = Duration::from_secs(60);

fn cause(queue: Queue) -> Cause {
    match queue {
        Queue::Callback => Cause::Callback,
        Queue::Scheduled => Cause::Sweep,
        Queue::Unknown => Cause::Unknown,
    }
}

/// Progress of a queue's workers.
#[derive(Debug, Clone, Copy, Default)]
struct Progress {
    /// The number of wake-ups before the queue was last found empty.
    drained: u64,
    running: usize,
}

/// Workers: background tasks that refresh payments, started by [`Watcher::start`]. Dropping this
/// does not end them; [`shutdown`](Self::shutdown) does.
#[derive(Debug)]
#[must_use]
pub struct Workers {
    wake: Arc<Wake>,
    progress: Vec<watch::Receiver<Progress>>,
    queues: Vec<JoinHandle<()>>,
    reporter: JoinHandle<()>,
}

impl Workers {
    /// Waits until no payment is due and no refresh is running. For tests: the callbacks that were
    /// answered before are handled then. Does not wait for the repetition of failed refreshes.
    pub async fn wait_until_idle(&self) {
        let notified = |place: usize| self.wake.queues[place].notified.load(Ordering::SeqCst);
        loop {
            let before: Vec<u64> = (0..QUEUES.len()).map(notified).collect();
            for (place, progress) in self.progress.iter().enumerate() {
                let drained = |now: &Progress| now.running == 0 && now.drained >= before[place];
                // The tasks hold the senders; an error means that they have ended.
                let _ = progress.clone().wait_for(drained).await;
            }
            if (0..QUEUES.len()).all(|place| notified(place) == before[place]) {
                return;
            }
        }
    }

    /// Shuts down gracefully: answers callbacks with 503 from now on, refreshes what was accepted
    /// for at most half a minute (untracked ids within their [rate
    /// limit](Watcher::unknown_reads_per_minute)), then waits until all running refreshes have
    /// ended, which takes as long as their reads and the handler. With a database as the store
    /// nothing is lost that is still waiting then, or when this is cancelled.
    #[doc(alias = "graceful shutdown")]
    pub async fn shutdown(self) {
        self.wake.close();
        self.reporter.abort();
        for queue in self.queues {
            // These tasks do not fail: the refreshes are tasks of their own.
            let _ = queue.await;
        }
    }
}

impl<S: Store + Clone + 'static> Watcher<S> {
    /// Starts the workers as tasks of the current Tokio runtime: they refresh payments that
    /// callbacks have named, poll the others at their scheduled times, and read untracked ids
    /// within a rate limit. Start them once in each instance of the shop, and [shut them
    /// down](Workers::shutdown) after the server.
    #[doc(alias = "polling")]
    #[doc(alias = "background task")]
    pub fn start(&self) -> Workers {
        self.wake.open();
        let mut progress = Vec::new();
        let mut queues = Vec::new();
        for queue in QUEUES {
            let (sender, receiver) = watch::channel(Progress::default());
            self.wake.notify(queue);
            queues.push(tokio::spawn(self.clone().serve(queue, sender)));
            progress.push(receiver);
        }
        Workers {
            wake: Arc::clone(&self.wake),
            progress,
            queues,
            reporter: tokio::spawn(self.clone().report_backlog()),
        }
    }

    async fn report_backlog(self) {
        loop {
            sleep(REPORT_INTERVAL).await;
            if let Ok(backlog) = self.store.backlog().await {
                telemetry::backlog(backlog.open, backlog.oldest, backlog.overdue);
            }
        }
    }

    fn slots(&self, queue: Queue) -> usize {
        match queue {
            Queue::Callback => self.settings.workers,
            Queue::Scheduled => (self.settings.workers / 2).max(1),
            Queue::Unknown => 1,
        }
    }

    async fn serve(self, queue: Queue, progress: watch::Sender<Progress>) {
        let progress = Arc::new(progress);
        let total = self.slots(queue);
        let slots = Arc::new(Semaphore::new(total));
        let wake = &self.wake.queues[place(queue)];
        loop {
            let closing = self.wake.is_closed();
            if closing && (queue == Queue::Scheduled || self.wake.is_over()) {
                break;
            }
            let Ok(first) = Arc::clone(&slots).acquire_owned().await else {
                break;
            };
            let mut permits = vec![first];
            while let Ok(more) = Arc::clone(&slots).try_acquire_owned() {
                permits.push(more);
            }
            let notified = wake.notified.load(Ordering::SeqCst);
            let limit = u32::try_from(permits.len()).unwrap_or(u32::MAX);
            let due = match self.take(queue, limit).await {
                Ok(due) => due,
                Err(error) => {
                    telemetry::store_failed(&error);
                    if closing {
                        break;
                    }
                    Vec::new()
                }
            };
            let empty = due.is_empty();
            progress.send_modify(|now| {
                if empty {
                    now.drained = notified;
                }
                now.running += due.len();
            });
            let began = Instant::now();
            for (one, permit) in due.into_iter().zip(permits) {
                self.spawn(one, queue, permit, Arc::clone(&progress));
            }
            if empty {
                if closing {
                    break;
                }
                let _ = timeout(self.pause(queue).await, wake.notify.notified()).await;
            } else if queue == Queue::Unknown {
                // The rate limit holds however many ids are invented, and during shutdown too.
                let pause = Duration::from_secs(60) / self.settings.unknown_per_minute;
                tokio::time::sleep_until(began + pause).await;
            }
        }
        // Wait until all refreshes have ended.
        let all = u32::try_from(total).unwrap_or(u32::MAX);
        let _ = slots.acquire_many(all).await;
    }

    /// Time until the next query of a queue: when its next payment is due, or the polling interval.
    async fn pause(&self, queue: Queue) -> Duration {
        let next = self.store.next_due(queue).await.ok().flatten();
        let poll = self.settings.poll;
        next.map_or(poll, |next| next.clamp(MIN_PAUSE, poll.max(MIN_PAUSE)))
    }

    fn spawn(
        &self,
        due: DuePayment,
        queue: Queue,
        permit: OwnedSemaphorePermit,
        progress: Arc<watch::Sender<Progress>>,
    ) {
        let watcher = self.clone();
        tokio::spawn(async move {
            // Dropped also when `on_error` panics.
            let _running = Running {
                wake: Arc::clone(&watcher.wake),
                progress,
                _permit: permit,
            };
            let id = due.payment_id;
            // A task of its own: a store that panics ends this refresh only.
            let refresh = {
                let watcher = watcher.clone();
                tokio::spawn(async move { watcher.refresh_due(due, cause(queue)).await })
            };
            match refresh.await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => (watcher.settings.on_error)(id, &error),
                Err(_) => telemetry::panicked(id),
            }
        });
    }
}

/// Guard of a running refresh.
struct Running {
    wake: Arc<Wake>,
    progress: Arc<watch::Sender<Progress>>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Running {
    fn drop(&mut self) {
        // The payment may be due again at once.
        self.wake.notify(Queue::Callback);
        self.progress.send_modify(|now| now.running -= 1);
    }
}
