//! Money: exact amounts with their currency.

pub(crate) mod amount;
pub(crate) mod checked;
pub(crate) mod stored;

use std::cmp::Ordering;
use std::fmt;

use barion_generated::enums::Currency;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Money: an exact amount of one currency.
///
/// It is never rounded silently: arithmetic refuses mixed currencies, and results with more digits
/// than can be held (28). It is not a floating point number in storage either: serde writes
/// `{"amount":"19.90","currency":"EUR"}`.
///
/// ```
/// use barion::{Currency, Decimal, Money};
///
/// let mug = Money::new(Decimal::new(1990, 2), Currency::Eur);
/// let two = mug.checked_mul(2)?;
/// assert_eq!(two.to_string(), "39.80 EUR");
/// assert_eq!(two.checked_sub(&mug)?, mug);
/// assert!(mug.checked_add(&Money::new(500, Currency::Huf)).is_err());
/// # Ok::<(), barion::MoneyError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    #[serde(with = "crate::money::stored::amount")]
    amount: Decimal,
    currency: Currency,
}

/// Error of arithmetic with money.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MoneyError {
    /// Different currencies.
    Currencies(Currency, Currency),
    /// Too many digits: the result has more than can be computed exactly (28).
    Digits,
}

impl fmt::Display for MoneyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Currencies(one, other) => write!(
                f,
                "{one} and {other} don't add up: convert one of them yourself"
            ),
            Self::Digits => f.write_str("the result has more than 28 digits, and is not rounded"),
        }
    }
}

impl std::error::Error for MoneyError {}

impl Money {
    /// Money of this amount and currency; negative for what is taken off. Whole numbers can be
    /// written as they are, `Decimal::new(1990, 2)` is 19.90.
    pub fn new(amount: impl Into<Decimal>, currency: Currency) -> Self {
        Self {
            amount: amount.into(),
            currency,
        }
    }

    /// Zero, in a currency.
    #[must_use]
    pub fn zero(currency: Currency) -> Self {
        Self::new(Decimal::ZERO, currency)
    }

    /// Amount, without the currency.
    #[must_use]
    pub fn amount(&self) -> Decimal {
        self.amount
    }

    /// Currency.
    #[must_use]
    pub fn currency(&self) -> &Currency {
        &self.currency
    }

    /// Whether the amount is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.amount.is_zero()
    }

    /// Whether the amount has no more digits after the point than its currency, which Barion
    /// requires of totals: none in HUF, two in EUR, USD, CZK, RON and PLN. Any amount fits a
    /// currency that this version does not know.
    #[must_use]
    pub fn fits_currency(&self) -> bool {
        let digits = self.currency.fraction_digits();
        digits.is_none_or(|digits| self.amount.normalize().scale() <= digits)
    }

    /// Sum of two amounts.
    ///
    /// # Errors
    /// When the currencies differ, or the sum can't be held exactly.
    pub fn checked_add(&self, other: &Self) -> Result<Self, MoneyError> {
        self.agree(other)?;
        let sum = checked::sum([Some(self.amount), Some(other.amount)].into_iter());
        self.with(sum)
    }

    /// Difference of two amounts.
    ///
    /// # Errors
    /// As [`checked_add`](Self::checked_add).
    pub fn checked_sub(&self, other: &Self) -> Result<Self, MoneyError> {
        self.agree(other)?;
        let difference = checked::sum([Some(self.amount), Some(-other.amount)].into_iter());
        self.with(difference)
    }

    /// Product: the amount times a number.
    ///
    /// # Errors
    /// When the product can't be held exactly.
    pub fn checked_mul(&self, times: impl Into<Decimal>) -> Result<Self, MoneyError> {
        self.with(checked::product(self.amount, times.into()))
    }

    /// Sum of any number of amounts; zero of this currency when there are none.
    ///
    /// # Errors
    /// As [`checked_add`](Self::checked_add).
    pub fn sum<'a>(
        currency: Currency,
        amounts: impl IntoIterator<Item = &'a Self>,
    ) -> Result<Self, MoneyError> {
        amounts
            .into_iter()
            .try_fold(Self::zero(currency), |sum, amount| sum.checked_add(amount))
    }

    fn agree(&self, other: &Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::Currencies(
                self.currency.clone(),
                other.currency.clone(),
            ))
        }
    }

    fn with(&self, amount: Option<Decimal>) -> Result<Self, MoneyError> {
        let amount = amount.ok_or(MoneyError::Digits)?;
        Ok(Self::new(amount, self.currency.clone()))
    }
}

/// `None` for different currencies.
impl PartialOrd for Money {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        (self.currency == other.currency).then(|| self.amount.cmp(&other.amount))
    }
}

/// Text for people: at least the digits that the currency has, and the currency's code, such as
/// `1990 HUF` or `19.90 EUR`. Use a locale library where the payer's own notation matters.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.currency.fraction_digits().unwrap_or(0);
        let amount = self.amount.normalize();
        // Rescaling only ever adds zeros here; where there is no room for them, it adds fewer.
        let mut shown = amount;
        shown.rescale(digits.max(amount.scale()));
        write!(f, "{shown} {}", self.currency)
    }
}

impl From<Money> for Decimal {
    fn from(money: Money) -> Self {
        money.amount
    }
}

#[cfg(test)]
mod tests {
    use barion_generated::enums::Currency;
    use rust_decimal::Decimal;

    use super::{Money, MoneyError};

    fn euros(cents: i64) -> Money {
        Money::new(Decimal::new(cents, 2), Currency::Eur)
    }

    #[test]
    fn currencies_do_not_mix() {
        let forints = Money::new(10, Currency::Huf);
        let refused = MoneyError::Currencies(Currency::Eur, Currency::Huf);
        assert_eq!(euros(10).checked_add(&forints), Err(refused.clone()));
        assert_eq!(euros(10).checked_sub(&forints), Err(refused));
        assert_eq!(euros(10).partial_cmp(&forints), None);
        assert!(euros(10) < euros(11));
        assert_eq!(
            Money::sum(Currency::Eur, &[euros(10), euros(20)]),
            Ok(euros(30))
        );
        assert!(Money::sum(Currency::Huf, &[euros(10)]).is_err());
        assert!(Money::sum(Currency::Huf, []).is_ok_and(|sum| sum.is_zero()));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let most = Money::new(Decimal::MAX, Currency::Eur);
        assert_eq!(most.checked_add(&euros(1)), Err(MoneyError::Digits));
        assert_eq!(most.checked_mul(2), Err(MoneyError::Digits));
        assert!(most.to_string().ends_with(" EUR"));
    }

    #[test]
    fn people_see_the_digits_of_the_currency() {
        assert_eq!(euros(1_990).to_string(), "19.90 EUR");
        assert_eq!(Money::new(-5, Currency::Czk).to_string(), "-5.00 CZK");
        // Barion sometimes answers HUF with digits after the point.
        let forints = Money::new(Decimal::new(8_400, 2), Currency::Huf);
        assert_eq!(forints.to_string(), "84 HUF");
        assert!(forints.fits_currency());
        assert!(!Money::new(Decimal::new(5, 1), Currency::Huf).fits_currency());
        assert_eq!(
            Money::new(Decimal::new(12_345, 4), Currency::Eur).to_string(),
            "1.2345 EUR"
        );
    }

    #[test]
    fn storage_keeps_every_digit() {
        let json = serde_json::to_string(&euros(1_990)).unwrap();
        assert_eq!(json, r#"{"amount":"19.90","currency":"EUR"}"#);
        assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), euros(1_990));
        let new: Money = serde_json::from_str(r#"{"amount":"1","currency":"XYZ"}"#).unwrap();
        assert_eq!(new.to_string(), "1 XYZ");
    }
}
