//! Amounts that may know their currency.

use barion_generated::enums::Currency;
use rust_decimal::Decimal;

use crate::money::Money;

/// An amount in the payment's currency: a [`Money`], whose currency is checked, or a number.
///
/// Made by `into()`: methods that take `impl Into<Amount>` take `Money`, `Decimal` and whole numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amount {
    number: Decimal,
    currency: Option<Currency>,
}

impl Amount {
    pub(crate) fn number(&self) -> Decimal {
        self.number
    }

    /// What is wrong, if it is not of this currency.
    pub(crate) fn not_in(&self, currency: &Currency) -> Option<String> {
        let own = self.currency.as_ref().filter(|own| *own != currency)?;
        Some(format!(
            "is in {own}; the payment is in {currency}: convert it yourself"
        ))
    }
}

impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        Self {
            number: money.amount(),
            currency: Some(money.currency().clone()),
        }
    }
}

macro_rules! from_number {
    ($($number:ty),*) => {$(
        impl From<$number> for Amount {
            fn from(number: $number) -> Self {
                Self { number: number.into(), currency: None }
            }
        }
    )*};
}

from_number!(Decimal, i32, i64, u32, u64);
