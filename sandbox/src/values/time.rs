//! Times on the wire, in the forms that Barion's answers have them.

use chrono::{DateTime, Datelike, Timelike, Utc};

/// The time that stands for "not yet known" in the answer to Start.
pub(crate) const UNSET_TIME: &str = "0001-01-01T00:00:00";

/// A time without zone, as in the answers to Start, Finish, Capture and Cancel.
pub(crate) fn naive(time: DateTime<Utc>) -> String {
    let (day, at) = (time.date_naive(), time.time());
    // A format that is read anew each time would take most of the time of an answer.
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}",
        day.year(),
        day.month(),
        day.day(),
        at.hour(),
        at.minute(),
        at.second(),
        // A leap second's own ones are above 999.
        at.nanosecond() / 1_000_000 % 1_000
    )
}

/// A time with `Z`, as in payment states.
pub(crate) fn zoned(time: DateTime<Utc>) -> String {
    let mut text = naive(time);
    text.push('Z');
    text
}

/// A time with seven fraction digits and `Z`, as in error entries.
pub(crate) fn happened(time: DateTime<Utc>) -> String {
    format!(
        "{}.{:07}Z",
        time.format("%Y-%m-%dT%H:%M:%S"),
        time.nanosecond() / 100 % 10_000_000
    )
}

/// A time as the header `Date` has it, in whole seconds.
pub(crate) fn http_date(time: DateTime<Utc>) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let (day, at) = (time.date_naive(), time.time());
    // By hand, as in `naive`. A week-day's own name is of three letters.
    format!(
        "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
        day.weekday(),
        day.day(),
        MONTHS.get(day.month0() as usize).unwrap_or(&"Jan"),
        day.year(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    #[test]
    fn times_have_three_or_seven_digits() {
        let time = Utc.with_ymd_and_hms(2022, 12, 15, 9, 28, 29).unwrap()
            + chrono::TimeDelta::milliseconds(40);
        assert_eq!(naive(time), "2022-12-15T09:28:29.040");
        assert_eq!(zoned(time), "2022-12-15T09:28:29.040Z");
        assert_eq!(happened(time), "2022-12-15T09:28:29.0400000Z");
    }

    #[test]
    fn a_date_of_http_is_cut_off_at_the_second() {
        let time = Utc.with_ymd_and_hms(1994, 11, 6, 8, 49, 37).unwrap()
            + chrono::TimeDelta::milliseconds(999);
        assert_eq!(http_date(time), "Sun, 06 Nov 1994 08:49:37 GMT");
        for month in 1..=12 {
            let time = Utc.with_ymd_and_hms(2026, month, 1, 0, 0, 0).unwrap();
            let by_chrono = time.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
            assert_eq!(http_date(time), by_chrono);
        }
    }
}
