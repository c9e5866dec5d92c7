//! Exact decimal numbers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use serde_json::value::RawValue;

use super::digits::exactly;

/// An exact decimal number: an amount of money, or a quantity.
///
/// It is read from the digits of the JSON text and written as such; no binary floating point number
/// is involved on either side, and no feature of another crate in the build can change that. `84`,
/// `84.0`, `84.00` and `"84.0"` read as the same number; a whole number leaves without a fraction,
/// others without trailing zeros. It serializes to JSON only.
///
/// A number that can't be held exactly is refused, never rounded. So is every text that is not
/// written as JSON writes numbers: `1_000`, `+1`, `.5`, `1.`, `0x10`. A text inside of JSON may
/// have blanks around it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Decimal(rust_decimal::Decimal);

/// A text that is no decimal number, or one that can't be held exactly: with more than 28 digits in
/// all, or after the point.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a decimal number of at most 28 digits")]
pub struct InvalidDecimal(String);

impl Decimal {
    /// Zero.
    pub const ZERO: Self = Self(rust_decimal::Decimal::ZERO);

    /// The number, to compute with.
    #[must_use]
    pub fn get(self) -> rust_decimal::Decimal {
        self.0
    }
}

impl From<rust_decimal::Decimal> for Decimal {
    fn from(number: rust_decimal::Decimal) -> Self {
        Self(number)
    }
}

impl From<Decimal> for rust_decimal::Decimal {
    fn from(number: Decimal) -> Self {
        number.0
    }
}

impl From<i64> for Decimal {
    fn from(number: i64) -> Self {
        Self(number.into())
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Normalized, so that the text does not tell how the number was computed.
        fmt::Display::fmt(&self.0.normalize(), f)
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Decimal {
    type Err = InvalidDecimal;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        exactly(text)
            .map(Self)
            .ok_or_else(|| InvalidDecimal(text.chars().take(40).collect()))
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.to_string())
            .map_err(ser::Error::custom)?
            .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        from_json(&raw).map_err(de::Error::custom)
    }
}

fn from_json(raw: &RawValue) -> Result<Decimal, InvalidDecimal> {
    let text = raw.get();
    if text.starts_with('"') {
        let digits: String = serde_json::from_str(text).unwrap_or_default();
        digits.trim().parse()
    } else {
        text.parse()
    }
}

/// Reads a number of an answer. What is no exact number reads as not set: an odd number must not
/// hide a payment, and nothing stands in its place that is not exact.
pub(crate) fn exact_or_not_set<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Decimal>, D::Error> {
    let raw = Option::<Box<RawValue>>::deserialize(deserializer)?;
    Ok(raw.and_then(|raw| from_json(&raw).ok()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Decimal;

    fn read(json: &str) -> Decimal {
        serde_json::from_str(json).unwrap()
    }

    fn round_trip(json: &str) -> String {
        serde_json::to_string(&read(json)).unwrap()
    }

    #[test]
    fn every_spelling_of_a_number_is_the_same_number() {
        for json in [
            "84",
            "84.0",
            "84.00",
            "\"84.0\"",
            "84.0000000",
            "8.4e1",
            "\" 84\\n\"",
        ] {
            assert_eq!(round_trip(json), "84", "{json}");
        }
    }

    #[test]
    fn numbers_that_floats_get_wrong_stay_exact() {
        for json in [
            "16777217",
            "99999999.99",
            "0.3",
            "-0.01",
            "9007199254740993",
            "0.1234567890123456789",
        ] {
            assert_eq!(round_trip(json), json);
        }
        let sum = read("0.1").get() + read("0.2").get();
        assert_eq!(serde_json::to_string(&Decimal::from(sum)).unwrap(), "0.3");
    }

    #[test]
    fn negative_zero_is_zero() {
        assert_eq!(round_trip("-0.00"), "0");
    }

    #[test]
    fn what_is_no_number_is_refused_with_its_text() {
        for json in [
            "\"\"",
            "\"12,5\"",
            "\"1_000\"",
            "\"+1\"",
            "\".5\"",
            "\"1.\"",
            "\"\u{ff11}\"",
            "\"0x10\"",
            "true",
            "[1]",
            "1e99",
            "1e-30",
            "0.1234567890123456789012345678901234567890123456789012345",
        ] {
            let error = serde_json::from_str::<Decimal>(json).unwrap_err();
            assert!(
                error.to_string().contains("decimal number"),
                "{json}: {error}"
            );
        }
    }

    #[test]
    fn it_survives_a_tree() {
        let tree = serde_json::json!({ "Total": 12 });
        let total: Decimal = serde_json::from_value(tree["Total"].clone()).unwrap();
        assert_eq!(total, Decimal::from(12));
    }

    proptest! {
        #[test]
        fn any_amount_goes_out_and_comes_back(units in any::<i64>(), scale in 0_u32..=10) {
            let amount = Decimal::from(rust_decimal::Decimal::new(units, scale));
            let json = serde_json::to_string(&amount).unwrap();
            prop_assert_eq!(read(&json), amount);
            prop_assert!(!json.contains(['e', 'E', '"']));
        }
    }
}
