//! Token charge: the outcome of a payment that charges a registered token.

use std::fmt;

use barion_generated::enums::{PaymentStatus, RecurrenceResult, TransactionStatus};
use barion_generated::wire::{PosKey, Sensitive};
use barion_generated::{Client as RawClient, types};

use super::StartPayment;
use super::flow::ChargeToken;
use super::started::StartedPayment;
use crate::error::display::{write_hint, write_list};
use crate::error::{ApiError, Delivery, Error, ErrorKind, hint};
use crate::operation::contradiction::{is_charged, shown};
use crate::operation::processed::ProcessedTransaction;
use crate::operation::{Head, Operation, Outcome, Reply, Sealed};
use crate::unconfirmed::UnconfirmedRequest;
use crate::validation::violation::Violation;

impl Sealed for StartPayment<ChargeToken> {}

impl Operation for StartPayment<ChargeToken> {
    type Answer = TokenCharge;
    type Wire = types::StartPaymentResponse;
    const ID: &'static str = "payment_start_v2";

    async fn send(&self, raw: RawClient, pos_key: Option<PosKey>) -> Reply<Self::Wire> {
        let body = types::StartPaymentRequest {
            pos_key,
            ..self.wire().clone()
        };
        raw.payment_start_v2(&body).await
    }

    fn read(&self, answer: Self::Wire, _: Head) -> Result<TokenCharge, Error> {
        let payment = StartedPayment::from_wire(answer).and_then(TokenCharge::agree)?;
        Ok(TokenCharge::of_answer(payment))
    }

    fn unconfirmed(&self) -> Option<UnconfirmedRequest> {
        Some(self.into())
    }

    fn outcome(charge: &TokenCharge) -> Outcome {
        charge.outcome()
    }

    fn answer_of(error: Error) -> Result<TokenCharge, Error> {
        TokenCharge::of_error(error)
    }

    fn warnings(&self) -> &[Violation] {
        self.warnings()
    }
}

impl From<&StartPayment<ChargeToken>> for UnconfirmedRequest {
    fn from(request: &StartPayment<ChargeToken>) -> Self {
        Self::planned(request.id(), request.charge())
    }
}

/// Token charge: the outcome of charging a registered token.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum TokenCharge {
    /// The token was charged: the payment is `Succeeded`, `Reserved` or `Authorized`, by its type.
    Charged(StartedPayment),
    /// The token was refused: no money moved. The payer has to pay another way, or to register a
    /// new token.
    Refused(TokenRefusal),
    /// Unknown token: this shop has no such token at Barion, or its registration failed. Register
    /// it again.
    UnknownToken(TokenRefusal),
    /// 3D Secure challenge: the issuer asks the payer for one. Pass
    /// [`client_data`](Challenge::client_data) to Barion's script in the payer's browser; when the
    /// script has finished there, call [`complete_payment`](crate::Client::complete_payment).
    /// Nothing was charged yet.
    ChallengeNeeded(Challenge),
    /// Unclear: the answer fits none of these. Read the payment's state, and assume nothing.
    Unclear(StartedPayment),
}

/// Refusal of a token that was not charged. Its text is fit for logs, as that of [`ApiError`] is.
#[derive(Clone)]
#[non_exhaustive]
pub struct TokenRefusal {
    /// The payment that stays unpaid; `None` where Barion made none.
    pub payment: Option<StartedPayment>,
    /// API errors that say why, where Barion listed any: `CardExpired`, `InsufficientFunds` and the
    /// like.
    pub errors: Vec<ApiError>,
}

impl TokenRefusal {
    /// Hint: the likely cause and what to do, for the person who reads the log; `None` where
    /// nothing is known beyond the errors themselves. Programs should not decide by it. `Display`
    /// ends with it.
    #[must_use]
    #[doc(alias = "help")]
    #[doc(alias = "mend")]
    pub fn hint(&self) -> Option<&'static str> {
        let listed = self.errors.iter().find_map(ApiError::hint);
        let result = || self.payment.as_ref()?.recurrence_result.as_ref();
        listed.or_else(|| match result()? {
            RecurrenceResult::NotFound => hint::by_code("InvalidRecurrenceId"),
            RecurrenceResult::Failed => hint::by_code("CardError"),
            _ => None,
        })
    }
}

impl fmt::Display for TokenRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the token was not charged")?;
        write_list(f, &self.errors)?;
        write_hint(f, self.hint())
    }
}

impl fmt::Debug for TokenRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let payment = self.payment.as_ref().map(|payment| payment.payment_id);
        f.debug_struct("TokenRefusal")
            .field("payment", &payment)
            .field("errors", &self.errors)
            .finish()
    }
}

/// 3D Secure challenge: a charge that waits for the payer's authentication.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Challenge {
    /// The payment, still `Prepared`.
    pub payment: StartedPayment,
    /// Data for Barion's script; opaque.
    pub client_data: Sensitive,
}

/// Error codes that say that nothing was charged, for a reason of the token or the payer.
const REFUSALS: [&str; 8] = [
    "CardError",
    "CardExpired",
    "InsufficientFunds",
    "OriginalPaymentWasntSuccessful",
    "PingFailed",
    "RecurringPaymentDenied",
    "ThreeDsNotEnabled",
    "TopUpFailed",
];

impl TokenCharge {
    pub(crate) fn of_answer(payment: StartedPayment) -> Self {
        let charged = matches!(
            payment.status,
            PaymentStatus::Succeeded | PaymentStatus::Reserved | PaymentStatus::Authorized
        );
        let untouched = matches!(
            payment.status,
            PaymentStatus::Prepared | PaymentStatus::Failed | PaymentStatus::Canceled
        );
        let refusal = |payment| TokenRefusal {
            payment: Some(payment),
            errors: Vec::new(),
        };
        match (
            &payment.recurrence_result,
            &payment.three_ds_auth_client_data,
        ) {
            // The status says where the money is; where the result contradicts it, nothing is
            // proven.
            (Some(RecurrenceResult::Successful | RecurrenceResult::None) | None, _) if charged => {
                Self::Charged(payment)
            }
            (Some(RecurrenceResult::Failed), _) if untouched => Self::Refused(refusal(payment)),
            (Some(RecurrenceResult::NotFound), _) if untouched => {
                Self::UnknownToken(refusal(payment))
            }
            (Some(RecurrenceResult::ThreeDSAuthenticationRequired), Some(data)) if !charged => {
                let client_data = data.clone();
                Self::ChallengeNeeded(Challenge {
                    payment,
                    client_data,
                })
            }
            _ => Self::Unclear(payment),
        }
    }

    /// Outcome of the call.
    pub(crate) fn outcome(&self) -> Outcome {
        match self {
            Self::Charged(payment) | Self::Unclear(payment) => Outcome::charged(payment.payment_id),
            // It may still be completed, and so may a second one with the same identifier.
            Self::ChallengeNeeded(challenge) => Outcome::charged(challenge.payment.payment_id),
            Self::Refused(_) | Self::UnknownToken(_) => Outcome::NotCarriedOut,
        }
    }

    /// Refuses an answer whose status and result exclude each other.
    pub(crate) fn agree(payment: StartedPayment) -> Result<StartedPayment, Error> {
        let untouched = matches!(
            payment.status,
            PaymentStatus::Prepared
                | PaymentStatus::Started
                | PaymentStatus::Failed
                | PaymentStatus::Canceled
                | PaymentStatus::Expired
        );
        let contradiction = match &payment.recurrence_result {
            Some(RecurrenceResult::Successful) => untouched,
            Some(RecurrenceResult::Failed | RecurrenceResult::NotFound) => {
                let done = |one: &ProcessedTransaction| {
                    one.pos_transaction_id.is_some()
                        && one.status == Some(TransactionStatus::Succeeded)
                };
                is_charged(&payment.status) || payment.transactions.iter().any(done)
            }
            _ => false,
        };
        if !contradiction {
            return Ok(payment);
        }
        let result = payment
            .recurrence_result
            .as_ref()
            .map(RecurrenceResult::as_str);
        let what = format!(
            "it says that the payment is {}, and of the token {}",
            shown(&payment.status),
            result.unwrap_or_default()
        );
        Err(Error::contradicting(what).with_payment_id(Some(payment.payment_id)))
    }

    /// Barion reports a refusal by an error too; when it does which is not documented.
    pub(crate) fn of_error(error: Error) -> Result<Self, Error> {
        let says = |codes: &[&str]| codes.iter().any(|code| error.has_code(code));
        let answered = error.kind() == ErrorKind::Api && error.delivery() == Delivery::Rejected;
        let refusal = || TokenRefusal {
            payment: None,
            errors: error.api_errors().to_vec(),
        };
        if answered && says(&["InvalidRecurrenceId"]) {
            Ok(Self::UnknownToken(refusal()))
        } else if answered && says(&REFUSALS) {
            Ok(Self::Refused(refusal()))
        } else {
            Err(error)
        }
    }
}
