//! Exact amounts and periods in stored JSON: texts, to the last digit and with the digits given.
//!
//! Digits need no escapes, so that they can be read out of the text where they stand. A module of
//! our own, as the crate of decimals changes how it writes them with the features that other crates
//! switch on.

/// An amount.
pub(crate) mod decimal {
    use rust_decimal::Decimal;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(amount: &Decimal, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(amount)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Decimal, D::Error> {
        let text = <&str>::deserialize(from)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// An amount or none.
pub(crate) mod option {
    use rust_decimal::Decimal;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    #[allow(
        clippy::ref_option,
        reason = "the form in which a field is handed over"
    )]
    pub(crate) fn serialize<S: Serializer>(
        amount: &Option<Decimal>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match amount {
            Some(amount) => to.collect_str(amount),
            None => to.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Decimal>, D::Error> {
        let text = Option::<&str>::deserialize(from)?;
        text.map(|text| text.parse().map_err(D::Error::custom))
            .transpose()
    }
}

/// A period that is not negative, as whole seconds and nanoseconds.
pub(crate) mod period {
    use chrono::TimeDelta;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    pub(crate) fn serialize<S: Serializer>(period: &TimeDelta, to: S) -> Result<S::Ok, S::Error> {
        (period.num_seconds(), period.subsec_nanos()).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<TimeDelta, D::Error> {
        let (seconds, nanoseconds) = <(i64, u32)>::deserialize(from)?;
        TimeDelta::new(seconds, nanoseconds).ok_or_else(|| D::Error::custom("no period"))
    }
}
