//! Queue of callbacks, and the task that sends what is due, one at a time and in order.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::attempt::{CallbackAttempt, CallbackNext};
use super::policy::Callbacks;
use super::post::CallbackClient;
use super::schedule::{Delivery, Schedule};
use crate::domain::clock::Clock;
use crate::domain::notice::Notice;
use crate::faults::CallbackFault;
use crate::log::{Line, Log};
use crate::values::id::format_id;

/// The log holds this many attempts; older ones are dropped.
pub(crate) const KEPT: usize = 10_000;

/// How shops are called.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    pub(crate) policy: Callbacks,
    /// Whether the id is in a form body too.
    pub(crate) body: bool,
    /// Whether a line is written for each attempt.
    pub(crate) log: Log,
}

/// The way to the task that sends.
#[derive(Debug)]
pub(crate) struct CallbackQueue {
    off: bool,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    clock: Arc<Clock>,
    state: Mutex<State>,
    /// Changes whenever something may have become due or was done.
    news: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct State {
    schedule: Schedule,
    /// An attempt is under way, which may put its own retry into the schedule.
    attempting: bool,
    log: VecDeque<CallbackAttempt>,
}

impl CallbackQueue {
    /// Starts the sending task; it ends when the handle is aborted.
    pub(crate) fn start(
        options: Options,
        clock: Arc<Clock>,
    ) -> Result<(Self, JoinHandle<()>), reqwest::Error> {
        let client = CallbackClient::new(options.policy, options.body)?;
        let shared = Shared::new(clock);
        let queue = Self {
            off: options.policy == Callbacks::Off,
            shared: Arc::clone(&shared),
        };
        let task = tokio::spawn(async move { shared.send_for_ever(&client, options.log).await });
        Ok((queue, task))
    }

    /// A queue that sends nothing, and has no task.
    pub(crate) fn off(clock: Arc<Clock>) -> Self {
        Self {
            off: true,
            shared: Shared::new(clock),
        }
    }

    pub(crate) fn is_off(&self) -> bool {
        self.off
    }

    /// Puts a new one into the schedule, as the fault has it. Not to be called while callbacks are
    /// off.
    pub(crate) fn send(&self, notice: Notice, fault: Option<CallbackFault>) {
        let now = self.shared.clock.now();
        let delivery = Delivery {
            payment: notice.payment,
            url: notice.url,
            number: 1,
            copy: false,
        };
        let mut state = self.shared.state();
        match fault {
            None => state.schedule.add_new(delivery, now),
            Some(CallbackFault::Duplicate) => {
                let copy = Delivery {
                    copy: true,
                    ..delivery.clone()
                };
                state.schedule.add(delivery, now);
                state.schedule.add_new(copy, now);
            }
            Some(CallbackFault::Late(by)) => {
                // The bound of such faults keeps this within the calendar.
                let by = TimeDelta::from_std(by).unwrap_or_default();
                state.schedule.add_new(delivery, now + by);
            }
            Some(CallbackFault::Reordered) => state.schedule.hold(delivery),
            Some(CallbackFault::Lost) => {
                let why = Err("lost: a fault was armed, and nothing was sent".to_owned());
                state.note(delivery, now, why, CallbackNext::GivenUp);
            }
        }
        drop(state);
        self.look();
    }

    /// Has the task look at the clock again.
    pub(crate) fn look(&self) {
        self.shared.news.send_replace(());
    }

    /// When the next attempt is due that was not made yet.
    pub(crate) fn next(&self) -> Option<DateTime<Utc>> {
        self.shared.state().schedule.next()
    }

    pub(crate) fn log(&self) -> Vec<CallbackAttempt> {
        self.shared.state().log.iter().cloned().collect()
    }

    /// Waits until nothing is left that is due by now.
    pub(crate) async fn settled(&self) {
        let mut news = self.shared.news.subscribe();
        // The sender lives in `self`, so the wait cannot fail.
        let _ = news.wait_for(|()| self.shared.is_idle()).await;
    }
}

impl Shared {
    fn new(clock: Arc<Clock>) -> Arc<Self> {
        Arc::new(Self {
            clock,
            state: Mutex::default(),
            news: watch::Sender::new(()),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_idle(&self) -> bool {
        let now = self.clock.now();
        let state = self.state();
        !state.attempting && state.schedule.next().is_none_or(|due| due > now)
    }

    async fn send_for_ever(&self, client: &CallbackClient, log: Log) {
        let mut news = self.news.subscribe();
        loop {
            while let Some((delivery, at)) = self.take() {
                let (begun, began_at) = (Instant::now(), Utc::now());
                let again = client.allows(&delivery.url);
                let result = if again {
                    client.post(&delivery.url, delivery.payment).await
                } else {
                    Err(
                        "refused: the sandbox only calls http addresses of this computer"
                            .to_owned(),
                    )
                };
                let status = result.as_ref().ok().copied();
                let id = format_id(delivery.payment);
                log.write(&Line::of_callback(
                    (began_at, at),
                    delivery.number,
                    status,
                    begun.elapsed(),
                    &id,
                ));
                self.done(delivery, at, result, again);
                self.news.send_replace(());
            }
            if news.changed().await.is_err() {
                return;
            }
        }
    }

    fn take(&self) -> Option<(Delivery, DateTime<Utc>)> {
        let now = self.clock.now();
        let mut state = self.state();
        let delivery = state.schedule.take(now)?;
        state.attempting = true;
        Some((delivery, now))
    }

    /// Logs an attempt, and puts the next one into the schedule.
    fn done(
        &self,
        delivery: Delivery,
        at: DateTime<Utc>,
        result: Result<u16, String>,
        again: bool,
    ) {
        // The delay counts from the outcome; on a clock that stands still that is the attempt
        // itself.
        let now = self.clock.now();
        let next = match delivery.retry(now).filter(|_| again) {
            _ if result == Ok(200) => CallbackNext::Done,
            Some(due) => CallbackNext::RetryAt(due),
            None => CallbackNext::GivenUp,
        };
        let mut state = self.state();
        state.note(delivery, at, result, next);
        state.attempting = false;
    }
}

impl State {
    fn note(
        &mut self,
        delivery: Delivery,
        at: DateTime<Utc>,
        result: Result<u16, String>,
        next: CallbackNext,
    ) {
        if self.log.len() == KEPT {
            self.log.pop_front();
        }
        self.log.push_back(CallbackAttempt {
            payment_id: format_id(delivery.payment),
            url: delivery.url.clone(),
            number: delivery.number,
            at,
            result,
            next,
        });
        if let CallbackNext::RetryAt(due) = next {
            let number = delivery.number + 1;
            self.schedule.add(Delivery { number, ..delivery }, due);
        }
    }
}
