//! Tokens: cards and wallets that were paid with once, and can be charged again.
//!
//! See <https://docs.barion.com/Token_payment_3D_Secure>.

use std::fmt;

use barion_generated::enums::{PaymentStatus, RecurrenceResult, RecurrenceType, TransactionStatus};
use barion_generated::wire::{Sensitive, Timestamp};
use serde::{Deserialize, Serialize};

use crate::answer::{ProcessedTransaction, StartedPayment};
use crate::api_error::write_list;
use crate::contradiction::{is_charged, shown};
use crate::error::{ApiError, Delivery, Error, ErrorKind};
use crate::help;
use crate::unsettled::Came;

macro_rules! kept {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Sensitive);

        impl $name {
            /// The text, byte for byte as it is given.
            #[must_use]
            pub fn new(text: impl Into<String>) -> Self {
                Self(Sensitive::new(text))
            }

            /// The text, byte for byte, to store it. Not shown by `Debug`.
            #[must_use]
            pub fn as_str(&self) -> &str {
                self.0.expose()
            }

            pub(crate) fn wire(&self) -> Sensitive {
                self.0.clone()
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::new(text)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(hidden)"))
            }
        }
    };
}

kept! {
    /// Your own name of a token, 1 to 100 characters: unique for each payer and card, chosen when it is registered.
    RecurrenceId
}

kept! {
    /// The card issuer's id of a chain of payments, up to 100 characters.
    ///
    /// Read it from the state of the first payment ([`Payment::trace_id`](crate::Payment::trace_id)) and store it byte
    /// for byte: runs of blanks belong to it, and a database or form that trims them breaks the token.
    TraceId
}

impl TraceId {
    pub(crate) fn from_wire_if_set(text: Option<Sensitive>) -> Option<Self> {
        text.filter(|text| !text.expose().is_empty()).map(Self)
    }
}

/// How the payment of a token is registered by its first payment, which the payer makes on the gateway page.
///
/// When the payment has succeeded, store its [`TraceId`] with your [`RecurrenceId`]: later charges need both. Needs the
/// token feature of the shop; Barion refuses with `RecurringPaymentNotAllowed` otherwise.
#[derive(Debug, Clone)]
#[must_use]
pub struct TokenRegistration {
    pub(crate) recurrence_id: RecurrenceId,
    pub(crate) kind: RecurrenceType,
    pub(crate) schedule: Option<(Timestamp, u16)>,
}

impl TokenRegistration {
    /// For payments that the payer starts with one click, present at the shop's page.
    pub fn one_click(recurrence_id: impl Into<RecurrenceId>) -> Self {
        Self {
            recurrence_id: recurrence_id.into(),
            kind: RecurrenceType::OneClickPayment,
            schedule: None,
        }
    }

    /// For payments of any amount that the shop starts without the payer. The shop answers for disputes.
    pub fn merchant_initiated(recurrence_id: impl Into<RecurrenceId>) -> Self {
        Self {
            recurrence_id: recurrence_id.into(),
            kind: RecurrenceType::MerchantInitiatedPayment,
            schedule: None,
        }
    }

    /// For a subscription: payments without the payer, of at most the first amount, until a moment and not more often than
    /// every so many days (1 to 9999). The issuer answers for disputes.
    ///
    /// Where the first amount is lower (a trial, a discount), register for
    /// [`merchant_initiated`](Self::merchant_initiated) payments instead.
    pub fn recurring(
        recurrence_id: impl Into<RecurrenceId>,
        until: impl Into<Timestamp>,
        every_days: u16,
    ) -> Self {
        Self {
            recurrence_id: recurrence_id.into(),
            kind: RecurrenceType::RecurringPayment,
            schedule: Some((until.into(), every_days)),
        }
    }
}

/// A registered token, to charge.
#[derive(Debug, Clone)]
#[must_use]
pub struct Token {
    pub(crate) recurrence_id: RecurrenceId,
    pub(crate) kind: RecurrenceType,
    pub(crate) trace_id: Option<TraceId>,
}

impl Token {
    /// The payer clicked. The issuer may still ask for a challenge, see [`TokenCharge::ChallengeNeeded`].
    pub fn one_click(recurrence_id: impl Into<RecurrenceId>) -> Self {
        Self {
            recurrence_id: recurrence_id.into(),
            kind: RecurrenceType::OneClickPayment,
            trace_id: None,
        }
    }

    /// The shop charges without the payer. The trace id is not optional:
    ///
    /// ```compile_fail,E0061
    /// barion::Token::merchant_initiated("subscription-7");
    /// ```
    pub fn merchant_initiated(
        recurrence_id: impl Into<RecurrenceId>,
        trace_id: impl Into<TraceId>,
    ) -> Self {
        Self {
            recurrence_id: recurrence_id.into(),
            kind: RecurrenceType::MerchantInitiatedPayment,
            trace_id: Some(trace_id.into()),
        }
    }

    /// The next payment of a subscription.
    pub fn recurring(recurrence_id: impl Into<RecurrenceId>, trace_id: impl Into<TraceId>) -> Self {
        Self {
            recurrence_id: recurrence_id.into(),
            kind: RecurrenceType::RecurringPayment,
            trace_id: Some(trace_id.into()),
        }
    }

    /// As [`merchant_initiated`](Self::merchant_initiated), for tokens that never had a trace id: those of a wallet's
    /// balance, and those from before 3D Secure.
    pub fn merchant_initiated_untraced(recurrence_id: impl Into<RecurrenceId>) -> Self {
        Self {
            recurrence_id: recurrence_id.into(),
            kind: RecurrenceType::MerchantInitiatedPayment,
            trace_id: None,
        }
    }

    /// As [`recurring`](Self::recurring), for tokens that never had a trace id.
    pub fn recurring_untraced(recurrence_id: impl Into<RecurrenceId>) -> Self {
        Self {
            recurrence_id: recurrence_id.into(),
            kind: RecurrenceType::RecurringPayment,
            trace_id: None,
        }
    }
}

/// What became of a charge.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum TokenCharge {
    /// The token was charged: the payment is `Succeeded`, `Reserved` or `Authorized`, by its type.
    Charged(StartedPayment),
    /// It was not: no money moved. The payer has to pay another way, or to register anew.
    Refused(TokenRefusal),
    /// Barion knows no such token of this shop, or its registration failed: register anew.
    UnknownToken(TokenRefusal),
    /// The issuer asks the payer for a challenge. Hand [`client_data`](Challenge::client_data) to Barion's script in the
    /// payer's browser; when it has called back there, call
    /// [`complete_payment`](crate::Client::complete_payment). Nothing was charged yet.
    ChallengeNeeded(Challenge),
    /// The answer fits none of these: read the payment's state, and take nothing for granted.
    Unclear(StartedPayment),
}

/// A token that was not charged. As a text it is fit for logs, as [`ApiError`] is.
#[derive(Clone)]
#[non_exhaustive]
pub struct TokenRefusal {
    /// The payment that stays behind unpaid; `None` where Barion made none.
    pub payment: Option<StartedPayment>,
    /// Why, where Barion said so: `CardExpired`, `InsufficientFunds` and the like.
    pub errors: Vec<ApiError>,
}

impl TokenRefusal {
    /// What is likely behind it and what to do, for the person who reads the log; `None` where
    /// nothing is known beyond the errors themselves. Advice, not for programs to decide by.
    /// `Display` ends with it.
    #[must_use]
    pub fn help(&self) -> Option<&'static str> {
        let listed = self.errors.iter().find_map(ApiError::help);
        let result = || self.payment.as_ref()?.recurrence_result.as_ref();
        listed.or_else(|| match result()? {
            RecurrenceResult::NotFound => help::by_code("InvalidRecurrenceId"),
            RecurrenceResult::Failed => help::by_code("CardError"),
            _ => None,
        })
    }
}

impl fmt::Display for TokenRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the token was not charged")?;
        write_list(f, &self.errors)?;
        help::write(f, self.help())
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

/// A charge that waits for the payer's authentication.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Challenge {
    /// The payment, still `Prepared`.
    pub payment: StartedPayment,
    /// What Barion's script needs; opaque.
    pub client_data: Sensitive,
}

/// Codes that say that nothing was charged, for a reason of the token or the payer.
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
            // The status says where the money is; where the result contradicts it, nothing is proven.
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

    /// What came of the call.
    pub(crate) fn came(&self) -> Came {
        match self {
            Self::Charged(payment) | Self::Unclear(payment) => Came::charged(payment.payment_id),
            // It may still be completed, and a second one of the same name, too.
            Self::ChallengeNeeded(challenge) => Came::charged(challenge.payment.payment_id),
            Self::Refused(_) | Self::UnknownToken(_) => Came::Nothing,
        }
    }

    /// Whether status and result of a charge exclude each other.
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

    /// Barion tells a refusal by an error too; which way when is not documented.
    pub(crate) fn of_error(error: Error) -> Result<Self, Error> {
        let says = |codes: &[&str]| codes.iter().any(|code| error.has_code(code));
        let answered = error.kind() == ErrorKind::Api && error.delivery() == Delivery::Answered;
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
