//! Tokens, and what becomes of charges on them.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::kinds::Currency;
use crate::cards::Card;
use crate::ids::new_id;

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
    #[serde(with = "crate::exact::decimal")]
    pub(crate) amount: Decimal,
    pub(crate) currency: Currency,
    /// What the next charge is to end in.
    #[serde(with = "by_name")]
    pub(crate) next: TokenCharge,
}

/// What a charge of a token can be made to end in. Set for one charge with
/// [`Sandbox::next_token_charge`](crate::Sandbox::next_token_charge).
///
/// The first five make a payment, whose `RecurrenceResult` tells; the others are error codes of the
/// start call, and no payment is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenCharge {
    /// As usual: the charge succeeds, unless the request asks for a challenge.
    #[default]
    Successful,
    /// The bank refuses the charge.
    Failed,
    /// The token is not found.
    NotFound,
    /// The payer has to authenticate; `Complete` succeeds then.
    ThreeDSAuthenticationRequired,
    /// The payer has to authenticate and fails; `Complete` answers `IsSuccessful: false`.
    AuthenticationFails,
    /// The feature is not enabled for the shop.
    RecurringPaymentNotAllowed,
    /// The token is unknown, or its registration failed.
    InvalidRecurrenceId,
    /// The payer's wallet was deleted, suspended or blocked.
    RecurringPaymentDenied,
    /// The payer's wallet does not hold enough.
    InsufficientFunds,
    /// The first payment was not successful.
    OriginalPaymentWasntSuccessful,
    /// The payer's wallet has no account in the currency.
    InvalidCurrency,
    /// The card is not valid any more.
    CardExpired,
    /// The card could not be charged.
    TopUpFailed,
    /// The issuer wants an authentication.
    ThreeDsNotEnabled,
    /// The payee cannot be paid.
    InvalidUser,
    /// The payer's wallet is limited.
    UserCantMakeOutgoingTransaction,
    /// Something went wrong in the authentication or with the bank.
    CardError,
    /// The bank did not answer.
    PingFailed,
}

/// All of them, with their names in control calls; the names of errors are Barion's codes.
const CHARGES: [(&str, TokenCharge); 18] = [
    ("Successful", TokenCharge::Successful),
    ("Failed", TokenCharge::Failed),
    ("NotFound", TokenCharge::NotFound),
    (
        "ThreeDSAuthenticationRequired",
        TokenCharge::ThreeDSAuthenticationRequired,
    ),
    ("AuthenticationFails", TokenCharge::AuthenticationFails),
    (
        "RecurringPaymentNotAllowed",
        TokenCharge::RecurringPaymentNotAllowed,
    ),
    ("InvalidRecurrenceId", TokenCharge::InvalidRecurrenceId),
    (
        "RecurringPaymentDenied",
        TokenCharge::RecurringPaymentDenied,
    ),
    ("InsufficientFunds", TokenCharge::InsufficientFunds),
    (
        "OriginalPaymentWasntSuccessful",
        TokenCharge::OriginalPaymentWasntSuccessful,
    ),
    ("InvalidCurrency", TokenCharge::InvalidCurrency),
    ("CardExpired", TokenCharge::CardExpired),
    ("TopUpFailed", TokenCharge::TopUpFailed),
    ("ThreeDsNotEnabled", TokenCharge::ThreeDsNotEnabled),
    ("InvalidUser", TokenCharge::InvalidUser),
    (
        "UserCantMakeOutgoingTransaction",
        TokenCharge::UserCantMakeOutgoingTransaction,
    ),
    ("CardError", TokenCharge::CardError),
    ("PingFailed", TokenCharge::PingFailed),
];

/// How many of [`CHARGES`] make a payment.
const WITH_PAYMENT: usize = 5;

impl TokenCharge {
    /// Reads a name in any letter case.
    pub(crate) fn read(name: &str) -> Option<Self> {
        let mut all = CHARGES.iter();
        all.find(|(word, _)| word.eq_ignore_ascii_case(name))
            .map(|(_, charge)| *charge)
    }

    /// The code of the error that the start call answers.
    pub(crate) fn error(self) -> Option<&'static str> {
        let mut errors = CHARGES.iter().skip(WITH_PAYMENT);
        errors
            .find(|(_, charge)| *charge == self)
            .map(|(code, _)| *code)
    }
}

/// A charge under its name in control calls.
mod by_name {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    use super::{CHARGES, TokenCharge};

    #[allow(
        clippy::trivially_copy_pass_by_ref,
        reason = "the form in which a field is handed over"
    )]
    pub(super) fn serialize<S: Serializer>(charge: &TokenCharge, to: S) -> Result<S::Ok, S::Error> {
        let known = CHARGES.iter().find(|(_, one)| one == charge);
        to.serialize_str(known.map_or("Successful", |(name, _)| name))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<TokenCharge, D::Error> {
        let name = String::deserialize(from)?;
        TokenCharge::read(&name).ok_or_else(|| D::Error::custom("a charge that is not known here"))
    }
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
