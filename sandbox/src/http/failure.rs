//! Failures of API calls: the status and the errors that each is answered with.

use axum::http::StatusCode;
use axum::response::Response;
use uuid::Uuid;

use super::reply::{json, not_kept, plain};
use crate::domain::payment::Refusal;
use crate::store::{MayBeStore, StoreError};
use crate::wire::answer::error::{Code, Entry, Envelope, ErrorContext};

/// More entries than this are not listed; a hostile request must not get a huge answer.
const MOST: usize = 50;

/// Why an API call failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// No key, or not the shop's.
    Key,
    /// The request itself is wrong, one text per problem.
    Model(Vec<String>),
    /// No such payment.
    UnknownPayment(Uuid),
    /// These payees have no wallet.
    Payees(Vec<String>),
    /// The chain id of the token is missing or another one.
    Trace,
    /// The payment does not allow it.
    Refused(Uuid, Vec<Refusal>),
    /// Anything else with a code of its own.
    Coded(Code, StatusCode, String),
    /// State calls for one payment came too fast.
    TooManyRequests,
    /// The store failed; nothing was changed.
    Store(StoreError),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl MayBeStore for Failure {
    fn of_store(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}

const KEY: Code = ("AuthenticationFailed", "User authentication failed.");
const MODEL: Code = ("ModelValidationError", "Model validation error");
const UNKNOWN: Code = ("NotExistingPaymentId", "The payment id is not known");
const PAYEE: Code = ("InvalidUser", "The payee is not valid");
const TRACE: Code = ("ThreeDsNotEnabled", "The token needs an authentication");
const STATUS: Code = (
    "PaymentStatusNotValid",
    "The state of the payment does not allow this",
);
const FOREIGN: Code = (
    "TransactionDoesNotBelongToPayment",
    "The transaction is not part of the payment",
);
const LOW_BALANCE: Code = ("TooLowBalanceToMakeRefund", "Too low balance");
const KIND: Code = (
    "InvalidTransactionType",
    "The kind of the transaction does not allow this",
);
const TOO_MUCH: Code = (
    "AmountToRefundIsGreaterThanTransactionAmount",
    "More than what is left cannot be refunded",
);

impl Failure {
    /// Another code, with the HTTP status that most errors have.
    pub(crate) fn coded(code: Code, text: impl Into<String>) -> Self {
        Self::Coded(code, StatusCode::BAD_REQUEST, text.into())
    }

    /// The answer that reports this failure.
    pub(crate) fn answer(&self, context: &ErrorContext<'_>) -> Response {
        let status = match self {
            // Recordings show 401 and, from 2021, 400.
            Self::Key => StatusCode::UNAUTHORIZED,
            // The body of this answer is not known.
            Self::TooManyRequests => {
                return plain(
                    StatusCode::TOO_MANY_REQUESTS,
                    "text/plain; charset=utf-8",
                    String::new(),
                );
            }
            Self::Coded(_, status, _) => *status,
            Self::Store(_) => return not_kept(),
            _ => StatusCode::BAD_REQUEST,
        };
        let errors = self
            .entries()
            .into_iter()
            .take(MOST)
            .map(|(code, text, payment)| Entry::new(code, text, payment, context))
            .collect();
        json(status, &Envelope { errors })
    }

    fn entries(&self) -> Vec<(Code, String, Option<Uuid>)> {
        match self {
            Self::Key => vec![(
                KEY,
                "The request carries no key that opens this call.".to_owned(),
                None,
            )],
            Self::Model(problems) => problems
                .iter()
                .map(|problem| (MODEL, problem.clone(), None))
                .collect(),
            Self::UnknownPayment(id) => vec![(
                UNKNOWN,
                format!("There is no payment {}.", id.hyphenated()),
                None,
            )],
            Self::Payees(payees) => payees
                .iter()
                .map(|payee| (PAYEE, format!("There is no wallet of {payee}."), None))
                .collect(),
            Self::Trace => vec![(
                TRACE,
                "The TraceId of the first payment is missing or was changed.".to_owned(),
                None,
            )],
            Self::Refused(payment, refusals) => refusals
                .iter()
                .map(|refusal| {
                    let (code, text) = refused(refusal);
                    (code, text, Some(*payment))
                })
                .collect(),
            Self::Coded(code, _, text) => vec![(*code, text.clone(), None)],
            Self::TooManyRequests | Self::Store(_) => Vec::new(),
        }
    }
}

fn refused(refusal: &Refusal) -> (Code, String) {
    match refusal {
        Refusal::Status(text) => (STATUS, text.clone()),
        Refusal::Foreign(id) => (FOREIGN, format!("The payment has no transaction {id}.")),
        Refusal::Kind(id) => (KIND, format!("The call cannot act on transaction {id}.")),
        Refusal::TooMuch(id) => (
            TOO_MUCH,
            format!("Less than that is left of transaction {id}."),
        ),
        Refusal::LowBalance => (
            LOW_BALANCE,
            "The wallet does not hold enough money for the refund.".to_owned(),
        ),
        Refusal::Model(text) => (MODEL, text.clone()),
    }
}
