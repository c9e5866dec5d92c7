//! Amounts of requests.

use rust_decimal::Decimal;

use super::reader::Reader;
use crate::domain::currency::Currency;

/// An amount above zero with no more digits than the currency has.
pub(crate) fn read_amount(reader: Reader<'_>, name: &str, currency: Option<Currency>) -> Decimal {
    let Some(given) = reader.required_decimal(name) else {
        return Decimal::ZERO;
    };
    if given <= Decimal::ZERO {
        reader.problem(format!("The field {name} must be greater than 0."));
    }
    let Some(currency) = currency else {
        return given;
    };
    currency.fit(given).unwrap_or_else(|| {
        reader.problem(format!(
            "The field {name} has too many digits for {}.",
            currency.code
        ));
        given
    })
}
