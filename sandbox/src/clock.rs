//! The sandbox's own time: the real time plus what was advanced.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// The furthest the clock can be set ahead, so that no later sum of dates can overflow.
const FURTHEST: TimeDelta = TimeDelta::days(36_500);

/// A clock that starts at the real time, moves with it and can be advanced, never set back.
#[derive(Debug)]
pub(crate) struct Clock {
    start: DateTime<Utc>,
    since: Instant,
    ahead: Mutex<TimeDelta>,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self {
            start: Utc::now(),
            since: Instant::now(),
            ahead: Mutex::new(TimeDelta::zero()),
        }
    }

    /// The sandbox's time, to the millisecond.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        // Counted from a monotonic clock: a correction of the computer's time must not turn back payments.
        let passed = TimeDelta::from_std(self.since.elapsed()).unwrap_or(FURTHEST);
        let ahead = *self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        self.start
            .checked_add_signed(passed)
            .and_then(|time| time.checked_add_signed(ahead))
            .unwrap_or(self.start)
            .trunc_subsecs(3)
    }

    /// Sets the clock ahead, at most a hundred years altogether.
    pub(crate) fn advance(&self, by: Duration) {
        let by = TimeDelta::from_std(by).unwrap_or(FURTHEST).min(FURTHEST);
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        *ahead = (*ahead + by).min(FURTHEST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advancing_adds_up_and_is_bounded() {
        let clock = Clock::new();
        let before = clock.now();
        clock.advance(Duration::from_secs(1800));
        clock.advance(Duration::from_secs(1800));
        let moved = clock.now() - before;
        assert!(moved >= TimeDelta::hours(1) && moved < TimeDelta::hours(2));
        clock.advance(Duration::MAX);
        clock.advance(Duration::MAX);
        assert!(clock.now() - before <= FURTHEST + TimeDelta::hours(1));
    }

    #[test]
    fn the_time_is_in_whole_milliseconds() {
        assert_eq!(Clock::new().now().timestamp_subsec_nanos() % 1_000_000, 0);
    }
}
