//! Outcomes that the next charge of a token can be set to.

/// Outcome of the next charge of a token, set with
/// [`Sandbox::next_token_charge`](crate::Sandbox::next_token_charge).
///
/// The first five make a payment and are its `RecurrenceResult`. The others are error codes of the
/// start call, and no payment is made.
#[doc(alias = "TokenCharge")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenChargeOutcome {
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
const CHARGES: [(&str, TokenChargeOutcome); 18] = [
    ("Successful", TokenChargeOutcome::Successful),
    ("Failed", TokenChargeOutcome::Failed),
    ("NotFound", TokenChargeOutcome::NotFound),
    (
        "ThreeDSAuthenticationRequired",
        TokenChargeOutcome::ThreeDSAuthenticationRequired,
    ),
    (
        "AuthenticationFails",
        TokenChargeOutcome::AuthenticationFails,
    ),
    (
        "RecurringPaymentNotAllowed",
        TokenChargeOutcome::RecurringPaymentNotAllowed,
    ),
    (
        "InvalidRecurrenceId",
        TokenChargeOutcome::InvalidRecurrenceId,
    ),
    (
        "RecurringPaymentDenied",
        TokenChargeOutcome::RecurringPaymentDenied,
    ),
    ("InsufficientFunds", TokenChargeOutcome::InsufficientFunds),
    (
        "OriginalPaymentWasntSuccessful",
        TokenChargeOutcome::OriginalPaymentWasntSuccessful,
    ),
    ("InvalidCurrency", TokenChargeOutcome::InvalidCurrency),
    ("CardExpired", TokenChargeOutcome::CardExpired),
    ("TopUpFailed", TokenChargeOutcome::TopUpFailed),
    ("ThreeDsNotEnabled", TokenChargeOutcome::ThreeDsNotEnabled),
    ("InvalidUser", TokenChargeOutcome::InvalidUser),
    (
        "UserCantMakeOutgoingTransaction",
        TokenChargeOutcome::UserCantMakeOutgoingTransaction,
    ),
    ("CardError", TokenChargeOutcome::CardError),
    ("PingFailed", TokenChargeOutcome::PingFailed),
];

/// How many of [`CHARGES`] make a payment.
const WITH_PAYMENT: usize = 5;

impl TokenChargeOutcome {
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
pub(super) mod by_name {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    use super::{CHARGES, TokenChargeOutcome};

    #[allow(
        clippy::trivially_copy_pass_by_ref,
        reason = "the form in which a field is handed over"
    )]
    pub(in crate::domain::payment) fn serialize<S: Serializer>(
        charge: &TokenChargeOutcome,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        let known = CHARGES.iter().find(|(_, one)| one == charge);
        to.serialize_str(known.map_or("Successful", |(name, _)| name))
    }

    pub(in crate::domain::payment) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<TokenChargeOutcome, D::Error> {
        let name = String::deserialize(from)?;
        TokenChargeOutcome::read(&name)
            .ok_or_else(|| D::Error::custom("a charge that is not known here"))
    }
}
