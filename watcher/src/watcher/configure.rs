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

    /// How long an update belongs to the process that has claimed it. If that process dies, the update
    /// is repeated after this time and not before. The handler is dropped after nine tenths of it. A
    /// payment that was taken to be refreshed, and its process died, is taken again after twice this
    /// time and a minute. From a second to a day. Default: two minutes.
    #[must_use]
    pub fn lease(self, lease: Duration) -> Self {
        let (shortest, longest) = (Duration::from_secs(1), Duration::from_secs(86_400));
        self.set(|settings| settings.lease = lease.clamp(shortest, longest))
    }

    /// How long before its end a reservation or an authorisation is reported that is neither finished
    /// nor given up: [`OrderChange::LapsesSoon`](crate::OrderChange::LapsesSoon). One that is
    /// shorter is reported at once. Default: twelve hours.
    #[must_use]
    pub fn lapse_warning(self, before: Duration) -> Self {
        self.set(|settings| settings.lapse_warning = before)
    }

    /// How many refreshes of known payments that a callback has named go on at the same time; half as
    /// many of payments whose time has come, and one of an unknown id. Default: 8.
    #[must_use]
    pub fn workers(self, count: usize) -> Self {
        self.set(|settings| settings.workers = count.clamp(1, 1_024))
    }

    /// How often the workers ask the store for payments that are due. Callbacks that this process has
    /// taken don't wait for it. Default: every 15 seconds.
    #[must_use]
    pub fn poll_interval(self, time: Duration) -> Self {
        self.set(|settings| settings.poll = time.max(Duration::from_millis(100)))
    }

    /// How long after a refresh callbacks make a payment due again; twice as long after each that has
    /// brought nothing new, up to five minutes: payers know the ids of their own payments, and can
    /// replay them. Barion takes two reads of a payment in five seconds anyway. Default: 3 seconds.
    #[must_use]
    pub fn callback_cooldown(self, pause: Duration) -> Self {
        self.set(|settings| settings.callback_cooldown = pause)
    }

    /// How many ids that nobody has tracked are read in a minute, by this process. Default: 60.
    #[must_use]
    pub fn unknown_reads_per_minute(self, count: u32) -> Self {
        self.set(|settings| settings.unknown_per_minute = count.clamp(1, 6_000))
    }

    /// How many ids that nobody has tracked may wait to be read, in the whole store. Further callbacks
    /// about such ids are answered with 503, and Barion calls again. Default: 100.
    #[must_use]
    pub fn unknown_capacity(self, count: u32) -> Self {
        self.set(|settings| settings.unknown_capacity = count.max(1))
    }

    /// After how long a tracked payment is given up that Barion says it does not know: see
    /// [`WatchError::GivenUp`]. Default: three days.
    #[must_use]
    pub fn give_up_after(self, time: Duration) -> Self {
        self.set(|settings| settings.give_up_after = time)
    }

    /// How the order's key is found of a payment that a callback names before it was tracked. Default:
    /// its `OrderNumber`, else its `PaymentRequestId`. `None`: the payment's id, an order of its own.
    #[must_use]
    pub fn order_key(
        self,
        key: impl Fn(&Payment) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.set(|settings| settings.order_key = Arc::new(key))
    }

    /// What to do with a refresh of the workers that did not end well, besides repeating it. It is an
    /// event (`warn`) of `tracing` anyway.
    #[must_use]
    pub fn on_error(self, tell: impl Fn(PaymentId, &WatchError) + Send + Sync + 'static) -> Self {
        self.set(|settings| settings.on_error = Arc::new(tell))
    }

    /// Another wall clock than the system's, for tests and simulations. Only the dates of Barion are
    /// compared with it: when a reservation lapses. What is due goes by the store's clock.
    #[must_use]
    pub fn wall_clock(self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.set(|settings| settings.wall_clock = Arc::new(clock))
    }
}
