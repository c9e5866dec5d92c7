//! Accounts of the wallet, one for each currency.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::currency::Currency;
use crate::domain::ids::new_id;

/// What the accounts begin with. Accounts in other currencies are opened with the first money.
pub(crate) const OPENING: [(&str, i64); 4] = [
    ("HUF", 1_000_000),
    ("EUR", 10_000),
    ("USD", 10_000),
    ("CZK", 100_000),
];

/// One account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) id: Uuid,
    pub(crate) currency: Currency,
    #[serde(with = "crate::values::exact::decimal")]
    pub(crate) opening: Decimal,
    #[serde(with = "crate::values::exact::decimal")]
    pub(crate) available: Decimal,
    #[serde(with = "crate::values::exact::decimal")]
    pub(crate) blocked: Decimal,
}

impl Account {
    /// A new account with this balance.
    pub(crate) fn new(currency: Currency, opening: Decimal) -> Self {
        Self {
            id: new_id(),
            currency,
            opening,
            available: opening,
            blocked: Decimal::ZERO,
        }
    }
}
