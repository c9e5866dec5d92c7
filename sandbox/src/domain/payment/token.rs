//! Tokens: what a successful first payment registers for later charges.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::token_charge::TokenChargeOutcome;
use crate::domain::cards::Card;
use crate::domain::currency::Currency;
use crate::domain::ids::new_id;

/// What pays.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Means {
    Card(Card),
    /// The payer's wallet.
    Balance,
    Bank,
}

/// What a successful first payment registers under the shop's `RecurrenceId`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Token {
    /// There is none for a wallet's balance.
    pub(crate) trace_id: Option<String>,
    pub(crate) means: Means,
    pub(crate) payer: String,
    /// What the first payment came to.
    #[serde(with = "crate::values::exact::decimal")]
    pub(crate) amount: Decimal,
    pub(crate) currency: Currency,
    /// What the next charge is to end in.
    #[serde(with = "super::token_charge::by_name")]
    pub(crate) next: TokenChargeOutcome,
}

/// A chain id as an issuer makes it: with runs of blanks inside, so that a client which trims or
/// collapses blanks is found out.
pub(crate) fn trace_id() -> String {
    let random = new_id().simple().to_string().to_ascii_uppercase();
    format!("{}  {}  0", &random[..6], &random[6..10])
}

/// An authorisation code of six characters.
pub(crate) fn authorization_code() -> String {
    new_id().simple().to_string()[..6].to_owned()
}

/// Opaque data for the payer's browser. There is no script here that could use it.
pub(crate) fn client_data() -> String {
    new_id().simple().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trace_ids_hold_runs_of_blanks_and_differ() {
        let first = trace_id();
        assert!(first.contains("  ") && first.len() <= 100);
        assert_ne!(first, trace_id());
    }
}
