//! Envelope of errors.

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use crate::values::id::format_id;
use crate::values::time;

/// A code with its title. Only the first title is known from recordings.
pub(crate) type Code = (&'static str, &'static str);

/// Context of an error: what its entry has of the call.
pub(crate) struct ErrorContext<'a> {
    /// The whole address, with the key in it where the client put it there.
    pub(crate) end_point: &'a str,
    /// The `AuthData` of the caller.
    pub(crate) auth_data: Option<String>,
    pub(crate) now: DateTime<Utc>,
}

/// The answer of a call that failed.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Envelope {
    pub(crate) errors: Vec<Entry>,
}

/// One error of an answer.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Entry {
    title: &'static str,
    description: String,
    error_code: &'static str,
    happened_at: String,
    auth_data: Option<String>,
    end_point: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_id: Option<String>,
}

impl Entry {
    pub(crate) fn new(
        code: Code,
        text: String,
        payment: Option<Uuid>,
        context: &ErrorContext<'_>,
    ) -> Self {
        Self {
            title: code.1,
            description: text,
            error_code: code.0,
            happened_at: time::happened(context.now),
            auth_data: context.auth_data.clone(),
            end_point: context.end_point.to_owned(),
            payment_id: payment.map(format_id),
        }
    }
}
