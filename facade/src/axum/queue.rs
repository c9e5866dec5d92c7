//! The payments that wait for a look, and the tasks that look.

use std::collections::HashSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::{AbortHandle, JoinHandle};

use crate::error::{Delivery, ErrorKind};
use crate::id::PaymentId;
use crate::store::{PaymentStore, StoreError};
use crate::watcher::{PaymentWatcher, WatchError};

/// How long after each failed look the next one follows. Barion takes two in five seconds.
const AGAIN: [Duration; 5] = [
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_secs(45),
    Duration::from_secs(135),
    Duration::from_secs(405),
];
/// How many payments a sweep looks at.
const SWEPT: u32 = 50;

type OnError = Arc<dyn Fn(PaymentId, &WatchError) + Send + Sync>;

pub(super) struct Options {
    pub(super) length: usize,
    pub(super) workers: usize,
    pub(super) sweep_every: Option<Duration>,
    pub(super) repeat_after: Vec<Duration>,
    pub(super) on_error: OnError,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            length: 1_024,
            workers: 4,
            sweep_every: Some(Duration::from_secs(300)),
            repeat_after: AGAIN.to_vec(),
            on_error: Arc::new(|_, _| {}),
        }
    }
}

/// A payment to look at, and how many looks have failed.
type Entry = (PaymentId, usize);

/// The payments that wait for a look.
pub(super) struct Queue {
    /// `None` after the end: nothing is taken any more.
    sender: Mutex<Option<mpsc::Sender<Entry>>>,
    /// Those in the channel. A look that has begun is not among them: it may have read the state already.
    waiting: Mutex<HashSet<PaymentId>>,
    /// How many wait or are being looked at.
    busy: watch::Sender<usize>,
}

/// A watcher, whatever its store.
trait Look: Send + Sync {
    fn look(
        &self,
        id: PaymentId,
    ) -> Pin<Box<dyn Future<Output = Result<(), WatchError>> + Send + '_>>;
    fn unsettled(
        &self,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<PaymentId>, StoreError>> + Send + '_>>;
}

impl<S: PaymentStore> Look for PaymentWatcher<S> {
    fn look(
        &self,
        id: PaymentId,
    ) -> Pin<Box<dyn Future<Output = Result<(), WatchError>> + Send + '_>> {
        Box::pin(async move { PaymentWatcher::look(self, id).await.map(drop) })
    }

    fn unsettled(
        &self,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<PaymentId>, StoreError>> + Send + '_>> {
        Box::pin(self.store().unsettled(SWEPT))
    }
}

/// The tasks that look at payments. Dropping it does not end them.
#[derive(Debug)]
#[must_use]
pub struct CallbackWorkers {
    queue: Arc<Queue>,
    workers: Vec<JoinHandle<()>>,
    sweeper: Option<AbortHandle>,
}

impl CallbackWorkers {
    /// Waits until no payment waits for a look and none is being looked at. For tests: a callback that was answered before
    /// has had its effect then. Looks that failed and will be repeated are not waited for.
    pub async fn idle(&self) {
        // The queue holds the sender, so this can't fail.
        let _ = self
            .queue
            .busy
            .subscribe()
            .wait_for(|busy| *busy == 0)
            .await;
    }

    /// Takes no more callbacks, which are answered with 503 from now on, and waits until all looks are through that were
    /// answered with 200. Looks that have failed and are to be repeated later are left to the next sweep of the store.
    pub async fn shutdown(self) {
        if let Some(sweeper) = &self.sweeper {
            sweeper.abort();
        }
        *lock(&self.queue.sender) = None;
        for worker in self.workers {
            // A worker does not fail: the looks are tasks of their own.
            let _ = worker.await;
        }
    }
}

impl std::fmt::Debug for Queue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Queue")
            .field("waiting", &lock(&self.waiting).len())
            .finish_non_exhaustive()
    }
}

impl Queue {
    pub(super) fn start<S: PaymentStore + 'static>(
        watcher: PaymentWatcher<S>,
        options: Options,
    ) -> (Arc<Self>, CallbackWorkers) {
        let (sender, receiver) = mpsc::channel(options.length);
        let queue = Arc::new(Self {
            sender: Mutex::new(Some(sender)),
            waiting: Mutex::default(),
            busy: watch::Sender::new(0),
        });
        let team = Arc::new(Team {
            queue: Arc::clone(&queue),
            receiver: tokio::sync::Mutex::new(receiver),
            watcher: Arc::new(watcher),
            repeat_after: options.repeat_after,
            on_error: options.on_error,
        });
        let workers = (0..options.workers)
            .map(|_| tokio::spawn(Arc::clone(&team).work()))
            .collect();
        let sweeper = options.sweep_every.map(|every| {
            let watcher: Arc<dyn Look> = Arc::clone(&team.watcher);
            tokio::spawn(sweep(Arc::clone(&queue), watcher, every)).abort_handle()
        });
        let workers = CallbackWorkers {
            queue: Arc::clone(&queue),
            workers,
            sweeper,
        };
        (queue, workers)
    }

    /// Whether the payment will be looked at.
    pub(super) fn take(&self, id: PaymentId) -> bool {
        self.put((id, 0))
    }

    fn put(&self, entry: Entry) -> bool {
        let sender = lock(&self.sender);
        let Some(sender) = sender.as_ref() else {
            return false;
        };
        let mut waiting = lock(&self.waiting);
        if waiting.contains(&entry.0) {
            return true;
        }
        let taken = sender.try_send(entry).is_ok();
        if taken {
            waiting.insert(entry.0);
            self.busy.send_modify(|busy| *busy += 1);
        }
        taken
    }
}

/// What the workers share.
struct Team {
    queue: Arc<Queue>,
    receiver: tokio::sync::Mutex<mpsc::Receiver<Entry>>,
    watcher: Arc<dyn Look>,
    repeat_after: Vec<Duration>,
    on_error: OnError,
}

impl Team {
    async fn work(self: Arc<Self>) {
        loop {
            let next = self.receiver.lock().await.recv().await;
            let Some((id, failed)) = next else { return };
            // From here on another notice means another look.
            lock(&self.queue.waiting).remove(&id);
            // A task of its own: work that panics ends its own look only, and is repeated when its lease is over.
            let team = Arc::clone(&self);
            let look = tokio::spawn(async move { team.watcher.look(id).await });
            let looked = look.await;
            self.queue.busy.send_modify(|busy| *busy -= 1);
            let wait = match looked {
                Ok(Ok(())) => continue,
                Ok(Err(error)) => {
                    (self.on_error)(id, &error);
                    if was_refused(&error) {
                        continue;
                    }
                    asked_to_wait(&error)
                }
                Err(_) => None,
            };
            if let Some(delay) = self.repeat_after.get(failed) {
                let delay = wait.map_or(*delay, |wait| wait.max(*delay));
                let queue = Arc::clone(&self.queue);
                tokio::spawn(async move {
                    tokio::time::sleep(delay).await;
                    queue.put((id, failed + 1));
                });
            }
        }
    }
}

/// Whether Barion does not know the payment, or the shop: anybody can make up an id, and asking again changes nothing.
fn was_refused(error: &WatchError) -> bool {
    matches!(error, WatchError::Read(error)
        if error.kind() == ErrorKind::Api && error.delivery() == Delivery::Answered)
}

fn asked_to_wait(error: &WatchError) -> Option<Duration> {
    match error {
        WatchError::Read(error) => error.retry_after(),
        _ => None,
    }
}

async fn sweep(queue: Arc<Queue>, watcher: Arc<dyn Look>, every: Duration) {
    let mut ticks = tokio::time::interval(every);
    loop {
        ticks.tick().await;
        // A store that fails now is asked again the next time.
        for id in watcher.unsettled().await.unwrap_or_default() {
            queue.take(id);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
