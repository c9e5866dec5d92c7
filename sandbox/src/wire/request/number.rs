//! Amounts, read from their text without ever becoming floating point.

use rust_decimal::Decimal;

/// Reads a decimal in JSON's notation, also one that was sent as a JSON string.
///
/// Nothing is rounded: what does not fit a 28-digit decimal is not a number here.
pub(crate) fn read_decimal(text: &str) -> Option<Decimal> {
    let text = text.trim();
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], read_exponent(&text[at + 1..])?),
        None => (text, 0),
    };
    if !is_plain(mantissa) {
        return None;
    }
    shift(Decimal::from_str_exact(mantissa).ok()?, exponent)
}

/// A whole number within `0..=most`, given as a number or as text.
pub(crate) fn read_count(text: &str, most: u32) -> Option<u32> {
    let value = read_decimal(text)?.normalize();
    if value.scale() != 0 {
        return None;
    }
    u32::try_from(value).ok().filter(|count| *count <= most)
}

/// Sign, digits, point, digits: the parser of the decimal type would also take underscores and a
/// plus.
fn is_plain(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    match unsigned.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(unsigned),
    }
}

fn read_exponent(text: &str) -> Option<i32> {
    let exponent: i32 = text.parse().ok()?;
    (-28..=28).contains(&exponent).then_some(exponent)
}

fn shift(value: Decimal, exponent: i32) -> Option<Decimal> {
    let ten = Decimal::TEN;
    let mut value = value;
    for _ in 0..exponent.max(0) {
        value = value.checked_mul(ten)?;
    }
    let scale = value.scale() + exponent.min(0).unsigned_abs();
    let mut shifted = value;
    shifted.set_scale(scale).ok()?;
    Some(shifted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_keep_every_digit() {
        for (text, same) in [
            ("16777217", "16777217"),
            ("0.30", "0.30"),
            ("99999999.99", "99999999.99"),
            ("84.0", "84.0"),
            (" 10 ", "10"),
            ("-5.25", "-5.25"),
            (
                "0.1000000000000000055511151231",
                "0.1000000000000000055511151231",
            ),
        ] {
            assert_eq!(read_decimal(text).unwrap().to_string(), same);
        }
        for (text, same) in [("1e3", "1000"), ("1.5E+2", "150"), ("25e-2", "0.25")] {
            assert_eq!(
                read_decimal(text).unwrap().normalize(),
                same.parse().unwrap()
            );
        }
    }

    #[test]
    fn other_notations_are_no_numbers() {
        for text in [
            "",
            "-",
            ".5",
            "5.",
            "+5",
            "1_000",
            "1,5",
            "NaN",
            "1e",
            "1e99",
            "0x10",
            "--1",
            "99999999999999999999999999999999",
            "1e28e1",
        ] {
            assert_eq!(read_decimal(text), None, "{text}");
        }
    }

    #[test]
    fn counts_are_whole_and_bounded() {
        assert_eq!(read_count("4.0", 9999), Some(4));
        assert_eq!(read_count("9999", 9999), Some(9999));
        for wrong in ["10000", "-1", "1.5", "x"] {
            assert_eq!(read_count(wrong, 9999), None, "{wrong}");
        }
    }
}
