//! Clock of the sandbox: virtual, so that it moves only when it is advanced, or real.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// The furthest the clock can be set ahead, so that no later sum of dates can overflow.
const FURTHEST: TimeDelta = TimeDelta::days(36_500);

/// The times between which a clock can begin, so that its years have four digits for ever.
const EARLIEST: DateTime<Utc> = DateTime::UNIX_EPOCH;
const LATEST: DateTime<Utc> = match DateTime::from_timestamp(221_845_392_000, 0) {
    Some(time) => time,
    None => DateTime::UNIX_EPOCH,
};

/// Clock that starts at the real time or at a given one, and can be advanced, never set back. In
/// between it stands still, unless it moves with the real time.
#[derive(Debug)]
pub(crate) struct Clock {
    start: DateTime<Utc>,
    /// Counts the real time; a virtual clock has none.
    since: Option<Instant>,
    ahead: Mutex<TimeDelta>,
}

/// How a clock stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ClockState {
    /// Without what it was set ahead by.
    start: DateTime<Utc>,
    #[serde(with = "crate::values::exact::period")]
    ahead: TimeDelta,
}

impl ClockState {
    /// Whether the two differ by nothing but the time that passed by itself.
    pub(crate) fn as_far_ahead(&self, other: &Self) -> bool {
        self.ahead == other.ahead
    }
}

/// Where an advance is to end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Goal {
    ahead: TimeDelta,
    /// What the clock shows then, if it does not move by itself.
    pub(crate) time: DateTime<Utc>,
}

impl Clock {
    pub(crate) fn new(real_time: bool) -> Self {
        Self::from(Utc::now(), real_time)
    }

    /// A clock that begins at this time.
    pub(crate) fn from(start: DateTime<Utc>, real_time: bool) -> Self {
        Self {
            start: start.clamp(EARLIEST, LATEST),
            since: real_time.then(Instant::now),
            ahead: Mutex::new(TimeDelta::zero()),
        }
    }

    /// A clock that continues from a state. In real time the time that passed in between counts
    /// too.
    pub(crate) fn resumed(real_time: bool, state: ClockState) -> Self {
        let mut clock = Self::new(real_time);
        clock.start = if real_time {
            // Also if the computer's time was set back.
            clock.start.max(state.start)
        } else {
            state.start
        };
        clock.ahead = Mutex::new(state.ahead.clamp(TimeDelta::zero(), FURTHEST));
        clock
    }

    /// How it stands now.
    pub(crate) fn state(&self) -> ClockState {
        let ahead = *self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        ClockState {
            start: self.unset(),
            ahead,
        }
    }

    /// The sandbox's time, to the millisecond.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.at(*self.ahead.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Where the clock is to be after an advance; a hundred years altogether at most.
    pub(crate) fn goal(&self, by: Duration) -> Goal {
        let by = TimeDelta::from_std(by).unwrap_or(FURTHEST).min(FURTHEST);
        let ahead = *self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        let ahead = (ahead + by).min(FURTHEST);
        Goal {
            ahead,
            time: self.at(ahead),
        }
    }

    /// Goes as far as to this time on the way to a goal; a time that is over changes nothing.
    pub(crate) fn go_to(&self, time: DateTime<Utc>) {
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        let left = time - self.at(*ahead);
        if left > TimeDelta::zero() {
            // Bounded by the goal; cut off here, the time might never be reached.
            *ahead += left;
        }
    }

    /// Ends an advance.
    pub(crate) fn arrive(&self, goal: Goal) {
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        *ahead = goal.ahead.max(*ahead);
    }

    /// The time without what the clock was set ahead by.
    fn unset(&self) -> DateTime<Utc> {
        // Counted from a monotonic clock: a correction of the computer's time must not turn back
        // payments.
        let passed = self.since.map(|since| since.elapsed()).unwrap_or_default();
        let passed = TimeDelta::from_std(passed).unwrap_or(FURTHEST);
        self.start.checked_add_signed(passed).unwrap_or(self.start)
    }

    fn at(&self, ahead: TimeDelta) -> DateTime<Utc> {
        self.unset()
            .checked_add_signed(ahead)
            .unwrap_or(self.start)
            .trunc_subsecs(3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advance(clock: &Clock, by: Duration) {
        clock.arrive(clock.goal(by));
    }

    #[test]
    fn advancing_adds_up_and_is_bounded() {
        let clock = Clock::new(false);
        let before = clock.now();
        advance(&clock, Duration::from_secs(1800));
        advance(&clock, Duration::from_secs(1800));
        assert_eq!(clock.now() - before, TimeDelta::hours(1));
        advance(&clock, Duration::MAX);
        advance(&clock, Duration::MAX);
        assert_eq!(clock.now() - before, FURTHEST);
    }

    #[test]
    fn stops_on_the_way_do_not_make_it_longer() {
        let clock = Clock::new(false);
        let before = clock.now();
        let goal = clock.goal(Duration::from_secs(60));
        clock.go_to(before + TimeDelta::seconds(2));
        assert_eq!(clock.now(), before + TimeDelta::seconds(2));
        clock.go_to(before);
        assert_eq!(clock.now(), before + TimeDelta::seconds(2));
        clock.arrive(goal);
        assert_eq!(clock.now(), before + TimeDelta::minutes(1));
        assert_eq!(clock.now(), goal.time);
    }

    #[test]
    fn every_time_up_to_the_goal_is_reached() {
        let clock = Clock::new(false);
        advance(&clock, Duration::from_nanos(999_999));
        let goal = clock.goal(Duration::MAX);
        clock.go_to(goal.time);
        assert_eq!(clock.now(), goal.time);
    }

    #[test]
    fn only_the_real_time_passes_by_itself() {
        let (still, real) = (Clock::new(false), Clock::new(true));
        let (before, begun) = (still.now(), real.now());
        while real.now() == begun {
            std::hint::spin_loop();
        }
        assert_eq!(still.now(), before);
        advance(&real, Duration::from_secs(60));
        assert!(real.now() > begun + TimeDelta::minutes(1));
    }

    #[test]
    fn the_time_is_in_whole_milliseconds() {
        for clock in [Clock::new(false), Clock::new(true)] {
            assert_eq!(clock.now().timestamp_subsec_nanos() % 1_000_000, 0);
        }
    }
}
