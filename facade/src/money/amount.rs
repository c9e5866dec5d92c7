//! Amounts of a request: prices and totals.

use barion_generated::enums::Currency;
use rust_decimal::Decimal;

use crate::money::Money;
use crate::validation::violation::{Rule, Violation};

/// Amount of a request: a number in the payment's currency, or a [`Money`], whose currency must
/// then be that of the payment.
///
/// Whole numbers can be written as they are, others are made as a [`Decimal`]:
/// `Decimal::new(1990, 2)` is 19.90. Floating point numbers are not accepted:
///
/// ```compile_fail,E0277
/// barion::Item::new("Mug", 1, 19.90);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amount {
    number: Decimal,
    currency: Option<Currency>,
}

impl Amount {
    /// The number, in any currency.
    pub(crate) fn number(&self) -> Decimal {
        self.number
    }

    /// The violation of an amount that is not of this currency.
    pub(crate) fn not_in(&self, currency: &Currency) -> Option<String> {
        let own = self.currency.as_ref().filter(|own| *own != currency)?;
        Some(format!("is in {own}; the payment is in {currency}"))
    }

    /// The number, for a request in this currency.
    pub(crate) fn of(
        &self,
        currency: &Currency,
        field: impl Into<String>,
        found: &mut Vec<Violation>,
    ) -> Decimal {
        if let Some(problem) = self.not_in(currency) {
            let violation = Violation::new(field, problem)
                .rule(Rule::Currency)
                .limit(currency)
                .hint("convert it, or start a payment of its own");
            found.push(violation);
        }
        self.number
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

impl From<&Money> for Amount {
    fn from(money: &Money) -> Self {
        money.clone().into()
    }
}

macro_rules! from_numbers {
    ($($number:ty),+) => {
        $(impl From<$number> for Amount {
            fn from(number: $number) -> Self {
                Self { number: number.into(), currency: None }
            }
        })+
    };
}

from_numbers!(
    Decimal, i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize
);
