//! Amounts on the wire: JSON numbers that keep every digit.

use rust_decimal::Decimal;
use serde::ser::{Error, Serialize, Serializer};
use serde_json::value::RawValue;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_digit_for_digit() {
        for text in ["16777217", "0.30", "99999999.99", "0", "-12.5"] {
            let amount = Amount(text.parse().unwrap());
            assert_eq!(serde_json::to_string(&amount).unwrap(), text);
        }
    }
}
