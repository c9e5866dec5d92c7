//! Parsing of decimal numbers, exactly or not at all.

use rust_decimal::Decimal;

/// The most digits after the point that a number can hold.
const MOST_SCALE: i64 = 28;

/// The number that a text writes by the grammar of JSON, or `None`: for any other text, and for a
/// number that can't be held exactly. Nothing is rounded.
///
/// The library's own readers are not used: `from_str_exact` takes underscores between the digits,
/// `from_scientific` rounds.
pub(super) fn exactly(text: &str) -> Option<Decimal> {
    let written = Written::of(text)?;
    written.held().or_else(|| written.normalized()?.held())
}

/// A number as it is written: `digits`, times ten to the power of `exponent`.
struct Written {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Written {
    fn of(text: &str) -> Option<Self> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, power(exponent)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((whole, fraction)) => (whole, are_digits(fraction).then_some(fraction)?),
            None => (mantissa, ""),
        };
        if !are_digits(whole) || (whole.len() > 1 && whole.starts_with('0')) {
            return None;
        }
        Some(Self {
            negative,
            digits: format!("{whole}{fraction}"),
            exponent: exponent.saturating_sub(i64::try_from(fraction.len()).ok()?),
        })
    }

    /// The same number without zeros at either end.
    fn normalized(&self) -> Option<Self> {
        let digits = self.digits.trim_start_matches('0');
        let significant = digits.trim_end_matches('0');
        let zeros = i64::try_from(digits.len() - significant.len()).ok()?;
        let exponent = if significant.is_empty() {
            0
        } else {
            self.exponent.saturating_add(zeros)
        };
        Some(Self {
            negative: self.negative,
            digits: format!("0{significant}"),
            exponent,
        })
    }

    fn held(&self) -> Option<Decimal> {
        let digits: i128 = self.digits.parse().ok()?;
        let digits = if self.negative { -digits } else { digits };
        if self.exponent > MOST_SCALE || self.exponent < -MOST_SCALE {
            return None;
        }
        let power = u32::try_from(self.exponent.unsigned_abs()).ok()?;
        let (number, scale) = if self.exponent > 0 {
            (digits.checked_mul(10_i128.checked_pow(power)?)?, 0)
        } else {
            (digits, power)
        };
        Decimal::try_from_i128_with_scale(number, scale).ok()
    }
}

fn are_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What stands behind the `e`. One too great to be counted is as good as the greatest.
fn power(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    are_digits(digits).then(|| {
        let power = digits.parse().unwrap_or(i64::MAX);
        if negative { -power } else { power }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::exactly;

    fn read(text: &str) -> Option<String> {
        exactly(text).map(|number| number.to_string())
    }

    #[test]
    fn each_spelling_is_decided() {
        for (text, number) in [
            ("0", "0"),
            ("-0", "0"),
            ("-0.00", "0.00"),
            ("84.00", "84.00"),
            ("8.4e1", "84"),
            ("8.4E+1", "84"),
            ("840e-1", "84.0"),
            ("0e999999999999999999999", "0"),
            ("1e28", "10000000000000000000000000000"),
            ("1e-28", "0.0000000000000000000000000001"),
            ("10e-29", "0.0000000000000000000000000001"),
            // The greatest that fits: 29 digits.
            (
                "79228162514264337593543950335",
                "79228162514264337593543950335",
            ),
            // More digits than fit, but zeros at the end of a fraction say nothing.
            ("1.00000000000000000000000000000000000000000000000000", "1"),
            ("0.00000000000000000000000000000000000000000000000000", "0"),
        ] {
            assert_eq!(read(text).as_deref(), Some(number), "{text}");
        }
    }

    #[test]
    fn what_is_not_exact_or_no_number_is_refused() {
        for text in [
            "",
            " 1",
            "1 ",
            "1 000",
            "1_000",
            "1,5",
            "1,000.00",
            "+1",
            "--1",
            ".5",
            "-.5",
            "1.",
            "1.e1",
            "1e",
            "1e+",
            "1e1.0",
            "1e1_0",
            "007",
            "00",
            "-",
            ".",
            "0x10",
            "１",
            "1١",
            "½",
            "NaN",
            "Infinity",
            "1.2.3",
            "1e-29",
            "1e-30",
            "1e29",
            "1e99",
            "1e999999999999999999999",
            "79228162514264337593543950336",
            "0.00000000000000000000000000001",
            "12345678901234567890123456789012345678901234567890123456",
            "1.2345678901234567890123456789012345678901234567890123456",
            "340282366920938463463374607431768211457",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    /// The digits without what says nothing: sign, digits, and the place of the first digit.
    fn meaning(text: &str) -> (bool, String, isize) {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let negative = mantissa.starts_with('-');
        let mantissa = mantissa.trim_start_matches('-');
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        let digits = all.trim_start_matches('0');
        if digits.is_empty() {
            return (false, String::new(), 0);
        }
        let place = exponent.parse::<isize>().unwrap() + whole.len().cast_signed()
            - (all.len() - digits.len()).cast_signed();
        (negative, digits.trim_end_matches('0').to_owned(), place)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_096))]

        /// An accepted text is the number that was written, digit by digit.
        #[test]
        fn what_is_accepted_is_what_was_written(
            text in "-?[0-9]{1,34}(\\.[0-9]{1,34})?([eE][+-]?[0-9]{1,2})?"
        ) {
            if let Some(number) = read(&text) {
                prop_assert_eq!(meaning(&number), meaning(&text), "{}", text);
            }
        }

        /// And what .NET's `decimal` can write is always accepted.
        #[test]
        fn what_barion_can_hold_is_accepted(digits in 0_u128..(1 << 96), scale in 0_u32..=28) {
            let number = rust_decimal::Decimal::from_i128_with_scale(digits.cast_signed(), scale);
            prop_assert_eq!(exactly(&number.to_string()), Some(number));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}|[-+0-9._eE]{0,40}") {
            let _ = exactly(&text);
        }
    }
}
