//! How single values look on the wire: ids, times, amounts, and addresses with the payment's id.

use chrono::{DateTime, Datelike, Timelike, Utc};
use rust_decimal::Decimal;
use serde::ser::{Error, Serialize, Serializer};
use serde_json::value::RawValue;
use url::Url;
use uuid::Uuid;

/// The time that stands for "not yet known" in the answer to Start.
pub(crate) const UNSET_TIME: &str = "0001-01-01T00:00:00";

/// An id as answers print it: 32 lower-case hex digits.
pub(crate) fn id(id: Uuid) -> String {
    id.simple().to_string()
}

/// Reads an id with or without dashes; nothing else, so no braces and no `urn:`.
pub(crate) fn read_id(text: &str) -> Option<Uuid> {
    matches!(text.len(), 32 | 36)
        .then(|| Uuid::try_parse(text).ok())
        .flatten()
}

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

/// An amount that is written as a JSON number with exactly the decimal's own digits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Amount(pub(crate) Decimal);

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.0.to_string())
            .map_err(S::Error::custom)?
            .serialize(serializer)
    }
}

/// Whether the text can be a shop's `RedirectUrl` or `CallbackUrl`.
pub(crate) fn is_web_address(text: &str) -> bool {
    let clean = !text.chars().any(|c| c.is_whitespace() || c.is_control());
    clean && Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// The address with `paymentId` appended. The rest stays byte for byte as the shop sent it, only an
/// empty path becomes `/`, and a fragment stays at the end.
pub(crate) fn with_payment_id(address: &str, payment: Uuid) -> String {
    let (main, fragment) = match address.find('#') {
        Some(at) => address.split_at(at),
        None => (address, ""),
    };
    let joint = match main.find('?') {
        Some(at) if at + 1 == main.len() || main.ends_with('&') => "",
        Some(_) => "&",
        None if has_path(main) => "?",
        None => "/?",
    };
    format!("{main}{joint}paymentId={}{fragment}", id(payment))
}

fn has_path(address: &str) -> bool {
    let after_scheme = address.find("://").map_or(0, |at| at + 3);
    address[after_scheme..].contains('/')
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn sample() -> Uuid {
        read_id("9293B38D-35d2-aea2-1dcc-d6b7ee9a59e8").unwrap()
    }

    #[test]
    fn ids_are_read_in_both_forms_and_printed_without_dashes() {
        assert_eq!(id(sample()), "9293b38d35d2aea21dccd6b7ee9a59e8");
        assert_eq!(read_id(&id(sample())), Some(sample()));
        for wrong in [
            "",
            "x",
            "{9293b38d35d2aea21dccd6b7ee9a59e8}",
            "9293b38d35d2aea21dccd6b7ee9a59eg",
        ] {
            assert_eq!(read_id(wrong), None, "{wrong}");
        }
    }

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

    #[test]
    fn amounts_are_written_digit_for_digit() {
        for text in ["16777217", "0.30", "99999999.99", "0", "-12.5"] {
            let amount = Amount(text.parse().unwrap());
            assert_eq!(serde_json::to_string(&amount).unwrap(), text);
        }
    }

    #[test]
    fn the_payment_id_joins_the_query() {
        let tail = "paymentId=9293b38d35d2aea21dccd6b7ee9a59e8";
        for (given, head) in [
            ("http://localhost:8080", "http://localhost:8080/?"),
            ("http://localhost:8080/", "http://localhost:8080/?"),
            ("https://a.example/b", "https://a.example/b?"),
            ("https://a.example/b?", "https://a.example/b?"),
            ("https://a.example?x=%20Y", "https://a.example?x=%20Y&"),
            ("https://a.example/b?x=1&", "https://a.example/b?x=1&"),
            ("https://a.example/b?x=/?", "https://a.example/b?x=/?&"),
        ] {
            assert_eq!(with_payment_id(given, sample()), format!("{head}{tail}"));
        }
        assert_eq!(
            with_payment_id("https://a.example/b#top", sample()),
            format!("https://a.example/b?{tail}#top")
        );
    }

    #[test]
    fn only_absolute_web_addresses_pass() {
        assert!(is_web_address("http://localhost:8080"));
        for wrong in [
            "",
            "/back",
            "ftp://a.example",
            "javascript:alert(1)",
            "http://a.example/ b",
        ] {
            assert!(!is_web_address(wrong), "{wrong}");
        }
    }
}
