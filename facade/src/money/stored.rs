//! Storage format of amounts: texts, which are read back exactly or not at all.
//!
//! The library's own parsers accept underscores between the digits, and round what is too long.

use std::borrow::Cow;

use barion_generated::wire;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serializer, de};

fn exactly<E: de::Error>(text: &str) -> Result<Decimal, E> {
    let number: wire::Decimal = text.parse().map_err(E::custom)?;
    Ok(number.get())
}

/// For `#[serde(with)]`: an amount.
pub(crate) mod amount {
    use super::{Cow, Decimal, Deserialize, Deserializer, Serializer, exactly};

    pub(crate) fn serialize<S: Serializer>(
        amount: &Decimal,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        rust_decimal::serde::str::serialize(amount, serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Decimal, D::Error> {
        exactly(&Cow::<str>::deserialize(deserializer)?)
    }
}

/// For `#[serde(with)]`: an amount, or none.
pub(crate) mod amount_option {
    use super::{Cow, Decimal, Deserialize, Deserializer, Serializer, exactly};

    #[allow(clippy::ref_option, reason = "serde asks for it")]
    pub(crate) fn serialize<S: Serializer>(
        amount: &Option<Decimal>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        rust_decimal::serde::str_option::serialize(amount, serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Decimal>, D::Error> {
        let text = Option::<Cow<str>>::deserialize(deserializer)?;
        text.map(|text| exactly(&text)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use barion_generated::enums::Currency;
    use rust_decimal::Decimal;

    use crate::money::Money;

    #[test]
    fn what_is_not_exact_is_refused() {
        let stored = |amount: &str| {
            serde_json::from_str::<Money>(&format!(r#"{{"amount":{amount},"currency":"HUF"}}"#))
        };
        let read = stored(r#""1000.50""#).unwrap();
        assert_eq!(read, Money::new(Decimal::new(100_050, 2), Currency::Huf));
        for amount in [
            r#""1_000""#,
            r#""0.1234567890123456789012345678901234567890123456789012345""#,
            r#"" 1""#,
            "1000.5",
        ] {
            assert!(stored(amount).is_err(), "{amount}");
        }
    }
}
