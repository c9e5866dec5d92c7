//! Currencies and the digits of their amounts.

use rust_decimal::Decimal;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A currency and the digits that its amounts may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Currency {
    pub(crate) code: &'static str,
    pub(crate) digits: u32,
}

/// Assumed for RON and PLN: two digits, by analogy; nothing is documented.
pub(crate) const CURRENCIES: [Currency; 6] = [
    Currency {
        code: "HUF",
        digits: 0,
    },
    Currency {
        code: "EUR",
        digits: 2,
    },
    Currency {
        code: "USD",
        digits: 2,
    },
    Currency {
        code: "CZK",
        digits: 2,
    },
    Currency {
        code: "RON",
        digits: 2,
    },
    Currency {
        code: "PLN",
        digits: 2,
    },
];

/// By its code; how many digits it has is known here.
impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.code.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let code = String::deserialize(from)?;
        let known = CURRENCIES.into_iter().find(|one| one.code == code);
        known.ok_or_else(|| D::Error::custom("a currency that is not known here"))
    }
}

impl Currency {
    /// The amount with no more digits than the currency has; `None` when that would change its
    /// value.
    pub(crate) fn fit(self, amount: Decimal) -> Option<Decimal> {
        let rounded = amount.round_dp(self.digits);
        (rounded == amount).then_some(rounded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_judged_by_value() {
        let [huf, eur, ..] = CURRENCIES;
        let fit = |currency: Currency, text: &str| {
            currency
                .fit(text.parse().unwrap())
                .map(|amount| amount.to_string())
        };
        assert_eq!(fit(huf, "84.0").as_deref(), Some("84"));
        assert_eq!(fit(huf, "84.5"), None);
        assert_eq!(fit(eur, "0.30").as_deref(), Some("0.30"));
        assert_eq!(fit(eur, "9.9900").as_deref(), Some("9.99"));
        assert_eq!(fit(eur, "0.001"), None);
    }
}
