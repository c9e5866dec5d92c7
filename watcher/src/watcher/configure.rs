//! Setters of a watcher's settings.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use barion::{Payment, PaymentId};

use super::Watcher;
use super::settings::Settings;
use crate::error::WatchError;

impl<S> Watcher<S> {
    fn set(mut self, set: impl FnOnce(&mut Settings)) -> Self {
        set(Arc::make_mut(&mut self.settings));
        self
    }

    /// Lease: for how long a process may handle an update that it has claimed. If the process dies,
    /// the update is repeated after this time, not before. The handler is dropped after nine tenths
    /// of it. A payment that was taken to be refreshed by a process that died is taken again after
    /// twice this time and a minute. Between a second and a day. Default: two minutes.
    #[must_use]
    pub fn lease(self, lease: Duration) -> Self {
        let (shortest, longest) = (Duration::from_secs(1), Duration::from_secs(86_400));
        self.set(|settings| settings.lease = lease.clamp(shortest, longest))
    }

    /// Warning before a reservation or an authorisation lapses: how long before its end
    /// [`OrderChange::LapsesSoon`](crate::OrderChange::LapsesSoon) is reported, if it is neither
    /// finished nor given up by then. One that is shorter is reported at once. Default: twelve
    /// hours.
    #[must_use]
    pub fn lapse_warning(self, before: Duration) -> Self {
        self.set(|settings| settings.lapse_warning = before)
    }

    /// Concurrency of the workers: the number of payments named by callbacks that are refreshed at
    /// the same time. Scheduled payments get half as many besides, unknown ids one. Default: 8.
    #[doc(alias = "concurrency")]
    #[must_use]
    pub fn workers(self, count: usize) -> Self {
        self.set(|settings| settings.workers = count.clamp(1, 1_024))
    }

    /// Polling interval: how often the workers ask the store for due payments. Callbacks that this
    /// process has accepted don't wait for it. At least a tenth of a second. Default: 15 seconds.
    #[doc(alias = "polling")]
    #[must_use]
    pub fn poll_interval(self, time: Duration) -> Self {
        self.set(|settings| settings.poll = time.max(Duration::from_millis(100)))
    }

    /// Cooldown of callbacks: for this time after a refresh a callback does not make the payment
    /// due again. It doubles with each refresh that found nothing new, up to five minutes, because
    /// payers know the ids of their own payments and can replay callbacks. Barion's rate limit for
    /// reads of one payment is two in five seconds anyway. Default: 3 seconds.
    #[doc(alias = "debounce")]
    #[must_use]
    pub fn callback_cooldown(self, time: Duration) -> Self {
        self.set(|settings| settings.callback_cooldown = time)
    }

    /// Rate limit for untracked ids: how many of them this process reads in a minute. From 1 to
    /// 6,000. Default: 60.
    #[must_use]
    pub fn unknown_reads_per_minute(self, count: u32) -> Self {
        self.set(|settings| settings.unknown_per_minute = count.clamp(1, 6_000))
    }

    /// Capacity of the queue of untracked ids, in the whole store. Callbacks of further ones are
    /// answered with 503, and Barion repeats them. Default: 100.
    #[must_use]
    pub fn unknown_capacity(self, count: u32) -> Self {
        self.set(|settings| settings.unknown_capacity = count.max(1))
    }

    /// Time after which a tracked payment that Barion does not know is given up: see
    /// [`WatchError::GivenUp`]. Default: three days.
    #[must_use]
    pub fn give_up_after(self, time: Duration) -> Self {
        self.set(|settings| settings.give_up_after = time)
    }

    /// Key of the order of an untracked payment that a callback has named. Default: the payment's
    /// `OrderNumber`, else its `PaymentRequestId`. `None`: its id; it is an order of its own then.
    #[must_use]
    pub fn order_key(
        self,
        key: impl Fn(&Payment) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.set(|settings| settings.order_key = Arc::new(key))
    }

    /// Error callback of the workers, called for each refresh that failed. The refresh is repeated
    /// anyway, and is an event (`warn`) of `tracing`. Default: none.
    #[must_use]
    pub fn on_error(self, report: impl Fn(PaymentId, &WatchError) + Send + Sync + 'static) -> Self {
        self.set(|settings| settings.on_error = Arc::new(report))
    }

    /// Wall clock, for tests and simulations. It is compared with Barion's dates only: when a
    /// reservation lapses. What is due goes by the store's clock. Default: the system's.
    #[must_use]
    pub fn wall_clock(self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.set(|settings| settings.wall_clock = Arc::new(clock))
    }
}
