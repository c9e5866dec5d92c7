//! Clocks: the time of day of this machine, and of Barion by the `Date` of its answers.

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

/// Barion's clock, as far as it is known from the header `Date` of its answers.
///
/// What Barion dates (when a payment was created) is compared with this clock, as that of this
/// machine may be wrong.
#[derive(Debug, Default)]
pub(crate) struct ServerClock(Mutex<Clock>);

#[derive(Debug, Default)]
struct Clock {
    /// The answer that shows it best.
    heard: Option<Heard>,
    latest: Option<SystemTime>,
    /// An answer that shows quite another time, until a second one agrees.
    odd: Option<Heard>,
}

/// A date that is further than this from the expected one has to be confirmed.
const ODD: Duration = Duration::from_secs(3_600);

/// Distance of two times.
fn apart(one: SystemTime, other: SystemTime) -> Duration {
    one.duration_since(other)
        .unwrap_or_else(|error| error.duration())
}

/// What Barion's clock showed, at the latest when its answer had arrived.
#[derive(Debug, Clone, Copy)]
struct Heard {
    date: SystemTime,
    at: Instant,
}

impl Heard {
    /// Whether another answer may be of the same clock, stopped or running.
    fn agrees_with(&self, other: Self) -> bool {
        self.earliest(other.at)
            .is_some_and(|expected| apart(expected, other.date) <= ODD)
    }

    /// Whether another answer confirms that a clock shows this odd time. A time in the past may
    /// come out of a cache, twice, but not from a clock that runs.
    fn is_confirmed_by(&self, other: Self, lies_back: bool) -> bool {
        let passed = other.at.saturating_duration_since(self.at);
        let goes = self.earliest(other.at).is_some_and(|expected| {
            passed >= Duration::from_secs(20)
                && apart(expected, other.date) <= Duration::from_secs(5)
        });
        self.agrees_with(other) && (goes || !lies_back)
    }

    /// The earliest that Barion's clock can have shown at a moment.
    fn earliest(&self, at: Instant) -> Option<SystemTime> {
        match at.checked_duration_since(self.at) {
            Some(since) => self.date.checked_add(since),
            None => self.date.checked_sub(self.at.duration_since(at)),
        }
    }
}

impl ServerClock {
    /// Notes that an answer which has just arrived carries this date.
    pub(crate) fn hear(&self, date: SystemTime) {
        let at = Instant::now();
        let new = Heard { date, at };
        let mut clock = self.lock();
        let expected = clock.heard.and_then(|heard| heard.earliest(at));
        if let Some(expected) = expected.filter(|expected| apart(*expected, date) > ODD) {
            let is_confirmed = clock
                .odd
                .is_some_and(|odd| odd.is_confirmed_by(new, date < expected));
            if !is_confirmed {
                clock.odd = clock.odd.filter(|odd| odd.agrees_with(new)).or(Some(new));
                return;
            }
            // The clock of a local Barion was set, or the one answer that it was known by was
            // wrong.
            *clock = Clock::default();
        }
        clock.odd = None;
        // An answer that was long on its way, or comes out of a cache, shows an earlier time than
        // one that was not.
        if clock.heard.is_none_or(|old| old.earliest(at) < Some(date)) {
            clock.heard = Some(new);
        }
        clock.latest = clock.latest.max(Some(date));
    }

    /// The latest date of any answer. The clock of a local Barion may stand still, so it is no more
    /// than that.
    pub(crate) fn latest(&self) -> Option<SystemTime> {
        self.lock().latest
    }

    /// The earliest that Barion's clock can have shown at a moment; `None` when no answer has
    /// arrived.
    pub(crate) fn earliest(&self, at: Instant) -> Option<SystemTime> {
        self.lock().heard?.earliest(at)
    }

    fn lock(&self) -> MutexGuard<'_, Clock> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The moment after this duration; the furthest that there is when that is too far.
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
        // One wrong date is not believed, two that agree are.
        clock.hear(date(4_000_000_000));
        assert_eq!(
            (seconds(clock.earliest(begun)), seconds(clock.latest())),
            (Some(992), Some(1_062))
        );
        clock.hear(date(1_062));
        clock.hear(date(4_000_000_000));
        assert_eq!(seconds(clock.latest()), Some(1_062));
        clock.hear(date(4_000_000_001));
        assert_eq!(seconds(clock.latest()), Some(4_000_000_001));
        // A date in the past may come out of a cache, any number of times; a clock goes on.
        for _ in 0..3 {
            clock.hear(date(1_100));
            advance(Duration::from_secs(30)).await;
        }
        assert_eq!(seconds(clock.latest()), Some(4_000_000_001));
        clock.hear(date(1_190));
        assert_eq!(seconds(clock.latest()), Some(1_190));
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
