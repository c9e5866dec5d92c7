//! API errors: entries of the error list in Barion's answers.

use std::fmt;

use barion_generated::types;
use barion_generated::wire::{Sensitive, Timestamp};

use crate::error::redact;
use crate::id::PaymentId;

/// Maximum number of errors of one answer that are kept.
pub(crate) const MOST_KEPT: usize = 50;

/// API error: one entry of the error list in an answer. See <https://docs.barion.com/Responses>.
///
/// Its texts are fit for logs: [`title`](Self::title), [`description`](Self::description),
/// `Display` and `Debug` keep only words that can't be anybody's data, and have `(hidden)` in place
/// of all others.
#[derive(Clone)]
#[non_exhaustive]
pub struct ApiError {
    /// Error code of Barion, such as `ModelValidationError`; empty where the answer had none. An
    /// open list. `(hidden)` where it is neither a documented code nor made of known words, see
    /// [`code_unredacted`](Self::code_unredacted). [`is`](Self::is) compares the original code.
    pub code: String,
    /// Title: a short text, in a language that may differ.
    pub title: Option<String>,
    /// Description: a longer text. Says little when it is not in English.
    pub description: Option<String>,
    /// Identifier of the payment that it belongs to. Often missing.
    pub payment_id: Option<PaymentId>,
    /// Time of the error; `None` where the answer has no date.
    pub happened_at: Option<Timestamp>,
    /// Address of the call. May contain the shop key, so it is hidden.
    pub end_point: Option<Sensitive>,
    /// Caller. May be the shop key, so it is hidden.
    pub auth_data: Option<Sensitive>,
    given: Given,
}

/// The original texts.
#[derive(Clone)]
struct Given {
    code: String,
    title: Option<String>,
    description: Option<String>,
}

impl ApiError {
    /// Whether it has this error code; letter case is ignored.
    #[must_use]
    pub fn is(&self, code: &str) -> bool {
        self.given.code.eq_ignore_ascii_case(code)
    }

    /// Original error code. Not for logs: it may be any text.
    #[must_use]
    pub fn code_unredacted(&self) -> &str {
        &self.given.code
    }

    /// Original title. Not for logs: it may name people, and be of any length.
    #[must_use]
    pub fn title_unredacted(&self) -> Option<&str> {
        self.given.title.as_deref()
    }

    /// Original description. Not for logs: it names e-mail addresses and ids, and may be of any
    /// length.
    #[must_use]
    pub fn description_unredacted(&self) -> Option<&str> {
        self.given.description.as_deref()
    }

    pub(crate) fn from_wire(error: types::ApiError) -> Self {
        let types::ApiError {
            auth_data,
            description,
            end_point,
            error_code,
            happened_at,
            payment_id,
            title,
        } = error;
        let given = Given {
            code: error_code.unwrap_or_default(),
            title,
            description,
        };
        Self {
            code: redact::code(&given.code).to_owned(),
            title: given.title.as_deref().map(redact::text),
            description: given.description.as_deref().map(redact::text),
            payment_id: PaymentId::from_wire_if_set(payment_id),
            happened_at: happened_at.filter(|at| at.moment().is_some()),
            end_point,
            auth_data,
            given,
        }
    }

    /// Everything but the hint.
    pub(crate) fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = if self.code.is_empty() {
            "error without a code"
        } else {
            &self.code
        };
        f.write_str(code)?;
        let texts = [&self.title, &self.description].into_iter().flatten();
        for text in texts.filter(|text| !text.is_empty()) {
            write!(f, ": {text}")?;
        }
        Ok(())
    }
}

/// Only what is fit for logs, not the original texts.
impl fmt::Debug for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiError")
            .field("code", &self.code)
            .field("title", &self.title)
            .field("description", &self.description)
            .field("payment_id", &self.payment_id)
            .field("happened_at", &self.happened_at)
            .finish_non_exhaustive()
    }
}
