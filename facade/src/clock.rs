//! Clocks: the time of day of this machine, and of Barion as its answers tell it.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// Wall clock: the time of day of the system, or of a simulation.
#[derive(Clone)]
pub(crate) struct WallClock(Arc<dyn Fn() -> SystemTime + Send + Sync>);

impl WallClock {
    pub(crate) fn new(clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(clock))
    }

    pub(crate) fn now(&self) -> SystemTime {
        (self.0)()
    }
}

impl Default for WallClock {
    fn default() -> Self {
        Self::new(SystemTime::now)
    }
}

impl fmt::Debug for WallClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WallClock")
    }
}

/// Barion's clock, as far as the header `Date` of its answers has told it.
///
/// What Barion dates (when a payment was created) is compared with this clock, as that of this machine may be wrong.
#[derive(Debug, Default)]
pub(crate) struct ServerClock(Mutex<Clock>);

#[derive(Debug, Default)]
struct Clock {
    /// The answer that tells it best.
    heard: Option<Heard>,
    latest: Option<SystemTime>,
}

/// What Barion's clock showed, at the latest when its answer was there.
#[derive(Debug, Clone, Copy)]
struct Heard {
    date: SystemTime,
    at: Instant,
}

impl Heard {
    /// The earliest that Barion's clock can have shown at a moment.
    fn earliest(&self, at: Instant) -> Option<SystemTime> {
        match at.checked_duration_since(self.at) {
            Some(since) => self.date.checked_add(since),
            None => self.date.checked_sub(self.at.duration_since(at)),
        }
    }
}

impl ServerClock {
    /// An answer that is there now carries this date.
    pub(crate) fn hear(&self, date: SystemTime) {
        let at = Instant::now();
        let new = Heard { date, at };
        let mut clock = self.lock();
        // An answer that was long on its way, or comes out of a cache, tells an earlier time than one that was not.
        if clock.heard.is_none_or(|old| old.earliest(at) < Some(date)) {
            clock.heard = Some(new);
        }
        clock.latest = clock.latest.max(Some(date));
    }

    /// The latest date of any answer. A local Barion's clock may stand still, so that it is no more than that.
    pub(crate) fn latest(&self) -> Option<SystemTime> {
        self.lock().latest
    }

    /// The earliest that Barion's clock can have shown at a moment; `None` when it was never heard.
    pub(crate) fn earliest(&self, at: Instant) -> Option<SystemTime> {
        self.lock().heard?.earliest(at)
    }

    fn lock(&self) -> MutexGuard<'_, Clock> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A moment so much later; the furthest that there is when that is too far.
pub(crate) fn later(from: Instant, by: Duration) -> Instant {
    // As tokio does for a sleep without end: some thirty years.
    from.checked_add(by)
        .unwrap_or_else(|| from + Duration::from_secs(86_400 * 365 * 30))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use tokio::time::{Instant, advance};

    use super::{ServerClock, later};

    fn date(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn seconds(time: Option<SystemTime>) -> Option<u64> {
        Some(
            time?
                .duration_since(SystemTime::UNIX_EPOCH)
                .unwrap()
                .as_secs(),
        )
    }

    #[tokio::test(start_paused = true)]
    async fn the_freshest_answer_tells_barions_time() {
        let clock = ServerClock::default();
        let begun = Instant::now();
        assert_eq!(clock.earliest(begun), None);
        advance(Duration::from_secs(10)).await;
        clock.hear(date(1_000));
        assert_eq!(seconds(clock.earliest(begun)), Some(990));
        advance(Duration::from_secs(60)).await;
        assert_eq!(seconds(clock.earliest(Instant::now())), Some(1_060));
        // Out of a cache, or long on its way.
        clock.hear(date(1_020));
        assert_eq!(seconds(clock.earliest(begun)), Some(990));
        clock.hear(date(1_062));
        assert_eq!(seconds(clock.earliest(begun)), Some(992));
    }

    #[tokio::test(start_paused = true)]
    async fn no_time_is_too_long() {
        let now = Instant::now();
        assert_eq!(
            later(now, Duration::from_secs(1)),
            now + Duration::from_secs(1)
        );
        assert!(later(now, Duration::MAX) > now + Duration::from_secs(1_000_000));
    }
}
