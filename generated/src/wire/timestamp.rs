//! Timestamps.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;

use chrono::{DateTime, Datelike, NaiveDateTime, Utc};
use serde_with::{DeserializeFromStr, SerializeDisplay};

/// A moment as Barion writes it, and what it means.
///
/// Read with 0 to 9 fraction digits, with and without `Z` or an offset (without one it is UTC).
/// Year 0001 is how Barion says "not set". A text that can't be read is kept and means "not set"
/// too: an odd date must never make an answer unreadable after the money has moved.
///
/// ```
/// # use barion_generated::wire::Timestamp;
/// let naive: Timestamp = serde_json::from_str("\"2024-05-31T12:23:17.868\"").unwrap();
/// assert_eq!(naive.moment().unwrap().to_rfc3339(), "2024-05-31T12:23:17.868+00:00");
/// let unset: Timestamp = serde_json::from_str("\"0001-01-01T00:00:00\"").unwrap();
/// assert_eq!(unset.moment(), None);
/// ```
#[derive(
    Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, SerializeDisplay, DeserializeFromStr,
)]
pub struct Timestamp {
    moment: Option<DateTime<Utc>>,
    text: Box<str>,
}

impl Timestamp {
    /// The moment in UTC; `None` when Barion has not set it, or wrote something that is no date.
    #[must_use]
    pub fn moment(&self) -> Option<DateTime<Utc>> {
        self.moment
    }

    /// The text as it came, or as it will be sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl From<DateTime<Utc>> for Timestamp {
    /// A moment to send: milliseconds, no zone, as the docs of the 3D Secure properties ask for.
    fn from(moment: DateTime<Utc>) -> Self {
        let text = moment.format("%Y-%m-%dT%H:%M:%S%.3f").to_string();
        Self {
            moment: Some(moment),
            text: text.into(),
        }
    }
}

impl From<SystemTime> for Timestamp {
    /// As from a moment of chrono. What lies outside the years 1 to 9999 becomes the nearest moment
    /// within.
    fn from(time: SystemTime) -> Self {
        let millis = match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
            Err(before) => {
                i64::try_from(before.duration().as_millis()).map_or(i64::MIN, i64::wrapping_neg)
            }
        };
        let millis = millis.clamp(FIRST_MILLI, LAST_MILLI);
        DateTime::from_timestamp_millis(millis).map_or_else(Self::default, Self::from)
    }
}

/// The first millisecond of the year 1, and the last one of the year 9999.
const FIRST_MILLI: i64 = -62_135_596_800_000;
const LAST_MILLI: i64 = 253_402_300_799_999;

impl FromStr for Timestamp {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self {
            moment: read(text).filter(|moment| moment.year() > 1),
            text: text.into(),
        })
    }
}

fn read(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    DateTime::parse_from_rfc3339(text)
        .map(|moment| moment.to_utc())
        .or_else(|_| {
            NaiveDateTime::parse_from_str(&text.replacen(' ', "T", 1), "%Y-%m-%dT%H:%M:%S%.f")
                .map(|moment| moment.and_utc())
        })
        .ok()
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Timestamp;

    fn millis(text: &str) -> Option<i64> {
        let read: Timestamp = text.parse().unwrap();
        assert_eq!(read.as_str(), text, "the text is kept");
        read.moment().map(|moment| moment.timestamp_millis())
    }

    #[test]
    fn all_recorded_forms_are_the_same_moment() {
        for text in [
            "2020-12-12T16:54:59.24",
            "2020-12-12T16:54:59.24Z",
            "2020-12-12T16:54:59.2400000Z",
            "2020-12-12T17:54:59.240+01:00",
            "2020-12-12 16:54:59.240",
        ] {
            assert_eq!(millis(text), Some(1_607_792_099_240), "{text}");
        }
        assert_eq!(millis("2020-12-12T16:54:59"), Some(1_607_792_099_000));
    }

    #[test]
    fn year_one_and_nonsense_are_not_set() {
        for text in [
            "0001-01-01T00:00:00",
            "0001-01-01T00:00:00Z",
            "",
            "12. 12. 2020 16:54",
        ] {
            assert_eq!(millis(text), None, "{text}");
        }
    }

    #[test]
    fn it_is_sent_in_milliseconds_without_a_zone() {
        let moment = chrono::DateTime::from_timestamp_millis(1_607_792_099_240).unwrap();
        assert_eq!(Timestamp::from(moment).as_str(), "2020-12-12T16:54:59.240");
    }

    #[test]
    fn any_time_of_the_system_can_be_sent() {
        use std::time::{Duration, SystemTime};

        let epoch = SystemTime::UNIX_EPOCH;
        let sent = |time: SystemTime| Timestamp::from(time).as_str().to_owned();
        let moment = epoch + Duration::from_millis(1_607_792_099_240);
        assert_eq!(sent(moment), "2020-12-12T16:54:59.240");
        assert_eq!(
            sent(epoch - Duration::from_secs(1)),
            "1969-12-31T23:59:59.000"
        );
        let seconds = |seconds| Duration::from_secs(seconds);
        assert_eq!(sent(epoch + seconds(1 << 50)), "9999-12-31T23:59:59.999");
        assert_eq!(sent(epoch - seconds(1 << 50)), "0001-01-01T00:00:00.000");
    }

    proptest! {
        #[test]
        fn any_text_is_kept(text in ".{0,40}") {
            let read: Timestamp = text.parse().unwrap();
            prop_assert_eq!(read.as_str(), text);
        }
    }
}
