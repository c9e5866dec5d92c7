//! Periods of time, in the forms in which clients write them.

use chrono::TimeDelta;

/// Reads `d.hh:mm:ss`, `d:hh:mm:ss` or `hh:mm:ss`, each with up to seven fraction digits.
///
/// ISO 8601 periods such as `P1D` are not understood, as with Barion.
pub(crate) fn read_span(text: &str) -> Option<TimeDelta> {
    let (days, clock) = split_days(text)?;
    let mut parts = clock.split(':');
    let (hours, minutes, seconds) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let (seconds, fraction) = match seconds.split_once('.') {
        Some((whole, fraction)) => (whole, ticks(fraction)?),
        None => (seconds, 0),
    };
    let whole = ((number(days, 6)? * 24 + below(hours, 24)?) * 60 + below(minutes, 60)?) * 60
        + below(seconds, 60)?;
    Some(TimeDelta::seconds(whole) + TimeDelta::nanoseconds(fraction * 100))
}

/// The day part and the rest. Both separators are in use.
fn split_days(text: &str) -> Option<(&str, &str)> {
    let colons = text.matches(':').count();
    let dot_first = text
        .find('.')
        .filter(|dot| text.find(':').is_some_and(|colon| *dot < colon));
    match (colons, dot_first) {
        (2, Some(dot)) => Some((&text[..dot], &text[dot + 1..])),
        (2, None) => Some(("0", text)),
        (3, None) => text.split_once(':'),
        _ => None,
    }
}

fn number(text: &str, longest: usize) -> Option<i64> {
    let plain = (1..=longest).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

fn below(text: &str, limit: i64) -> Option<i64> {
    number(text, 2).filter(|value| *value < limit)
}

fn ticks(fraction: &str) -> Option<i64> {
    number(fraction, 7)?;
    format!("{fraction:0<7}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_three_forms_are_read() {
        for (text, seconds) in [
            ("1.00:00:00", 86_400),
            ("1:00:00:00", 86_400),
            ("00:30:00", 1_800),
            ("0:30:00", 1_800),
            ("3.14:15:28", 310_528),
            ("365.00:00:00", 31_536_000),
        ] {
            assert_eq!(read_span(text), Some(TimeDelta::seconds(seconds)), "{text}");
        }
        assert_eq!(
            read_span("00:00:01.5"),
            Some(TimeDelta::milliseconds(1_500))
        );
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "P1D",
            "30",
            "30:00",
            "24:00:00",
            "00:60:00",
            "00:00:60",
            "1.2.00:00:00",
            "-1.00:00:00",
            "1:1:1:1:1",
            "00:00:00.12345678",
            "9999999.00:00:00",
            "a.00:00:00",
            ":00:00",
            "1..00:00:00",
            "٣:00:00",
        ] {
            assert_eq!(read_span(text), None, "{text}");
        }
    }
}
