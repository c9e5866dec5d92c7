//! Time spans.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde_with::{DeserializeFromStr, SerializeDisplay};

/// A length of time as Barion writes it, `d.hh:mm:ss`.
///
/// Read with or without the day, with a dot or a colon after it, and with a fraction of a second.
/// Printed with the day and a dot, which every known reader takes. It counts ticks of 100
/// nanoseconds; what a `Duration` has below that is dropped.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, SerializeDisplay, DeserializeFromStr,
)]
pub struct TimeSpan(Duration);

/// A text that is no time span.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a time span of the form d.hh:mm:ss")]
pub struct InvalidTimeSpan(String);

const DAY: u64 = 24 * 60 * 60;

impl TimeSpan {
    /// The length.
    #[must_use]
    pub fn duration(self) -> Duration {
        self.0
    }
}

impl From<Duration> for TimeSpan {
    fn from(duration: Duration) -> Self {
        let ticks = duration.subsec_nanos() / 100;
        Self(Duration::new(duration.as_secs(), ticks * 100))
    }
}

impl From<TimeSpan> for Duration {
    fn from(span: TimeSpan) -> Self {
        span.0
    }
}

impl fmt::Display for TimeSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let (days, rest) = (seconds / DAY, seconds % DAY);
        let (hours, minutes, seconds) = (rest / 3600, rest / 60 % 60, rest % 60);
        write!(f, "{days}.{hours:02}:{minutes:02}:{seconds:02}")?;
        match self.0.subsec_nanos() / 100 {
            0 => Ok(()),
            ticks => write!(f, ".{ticks:07}"),
        }
    }
}

impl fmt::Debug for TimeSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for TimeSpan {
    type Err = InvalidTimeSpan;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        read(text.trim()).ok_or_else(|| InvalidTimeSpan(text.chars().take(40).collect()))
    }
}

fn read(text: &str) -> Option<TimeSpan> {
    let parts: Vec<&str> = text.split(':').collect();
    let (days, hours, minutes, seconds) = match parts[..] {
        [days, hours, minutes, seconds] => (days, hours, minutes, seconds),
        [first, minutes, seconds] => match first.split_once('.') {
            Some((days, hours)) => (days, hours, minutes, seconds),
            None => ("0", first, minutes, seconds),
        },
        _ => return None,
    };
    let (seconds, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    let (days, hours) = (number(days, u64::MAX)?, number(hours, 23)?);
    let (minutes, seconds) = (number(minutes, 59)?, number(seconds, 59)?);
    let total = days
        .checked_mul(DAY)?
        .checked_add((hours * 60 + minutes) * 60 + seconds)?;
    Some(TimeSpan(Duration::new(total, nanos(fraction)?)))
}

fn number(text: &str, max: u64) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|value| digits && *value <= max)
}

fn nanos(fraction: &str) -> Option<u32> {
    if fraction.is_empty() {
        return Some(0);
    }
    (fraction.len() <= 7).then_some(())?;
    let ticks = number(&format!("{fraction:0<7}"), 9_999_999)?;
    u32::try_from(ticks * 100).ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::TimeSpan;

    #[test]
    fn all_forms_in_use_are_read() {
        for (text, seconds) in [
            ("0.00:30:00", 1_800),
            ("00:30:00", 1_800),
            ("1.00:00:00", 86_400),
            ("1:00:00:00", 86_400),
            ("365.23:59:59", 31_622_399),
        ] {
            let span: TimeSpan = text.parse().unwrap();
            assert_eq!(span.duration(), Duration::from_secs(seconds), "{text}");
        }
        let span: TimeSpan = "00:00:01.5".parse().unwrap();
        assert_eq!(span.duration(), Duration::from_millis(1_500));
    }

    #[test]
    fn what_is_no_span_is_refused() {
        for text in [
            "",
            "P1D",
            "1",
            "24:00:00",
            "00:60:00",
            "-1.00:00:00",
            "+1.00:00:00",
            "1.00:00:00.12345678",
            "99999999999999999999.00:00:00",
        ] {
            assert!(text.parse::<TimeSpan>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_span_goes_out_and_comes_back(seconds in 0_u64..100_000_000, ticks in 0_u32..10_000_000) {
            let span = TimeSpan::from(Duration::new(seconds, ticks * 100));
            prop_assert_eq!(span.to_string().parse::<TimeSpan>().unwrap(), span);
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,30}") {
            let _ = text.parse::<TimeSpan>();
        }
    }
}
