//! An operation of the API: a row of the table of operations.

use axum::http::Method;

use super::access::Access;
use super::call::Call;
use crate::http::failure::Failure;
use crate::values::id::read_id;
use crate::wire::request::documented;

/// The parameter of a path that is a payment's id, in 32 hex digits.
const PAYMENT: &str = "{PaymentId}";

/// An operation of the API.
#[derive(Debug)]
pub(crate) struct Operation {
    /// Its `operationId` in the API's description.
    pub(crate) id: &'static str,
    /// The one method that it takes.
    pub(crate) method: Method,
    /// Its path, with a `{Name}` for a parameter; several ones are separated by `|`.
    pub(crate) path: &'static str,
    pub(crate) access: Access,
}

impl Operation {
    /// The parameter of a path, if the path is this operation's; letters match in any case. Without
    /// a parameter it is empty.
    pub(super) fn parameter<'a>(&self, path: &'a str) -> Option<&'a str> {
        self.path
            .split('|')
            .find_map(|pattern| parameter(pattern, path))
    }

    /// Whether the path has the payment's id in it.
    pub(crate) fn has_payment_in_path(&self) -> bool {
        self.path.contains(PAYMENT)
    }

    /// Whether it starts a payment. Barion's names say so.
    pub(crate) fn starts_payment(&self) -> bool {
        let name = self.path.rsplit('/').next();
        name.is_some_and(|name| name.starts_with("Start"))
    }

    /// Refuses names that are not documented, in a strict sandbox.
    pub(crate) fn check_names(&self, call: &Call<'_>) -> Result<(), Failure> {
        if !call.is_strict() {
            return Ok(());
        }
        let problems = if self.method == Method::GET {
            documented::problems(self.id, &call.fields())
        } else {
            documented::problems(self.id, call.body)
        };
        if problems.is_empty() {
            return Ok(());
        }
        Err(Failure::Model(problems))
    }
}

fn parameter<'a>(pattern: &str, path: &'a str) -> Option<&'a str> {
    let mut found = "";
    let mut given = path.split('/');
    for wanted in pattern.split('/') {
        let segment = given.next()?;
        let fits = match wanted {
            // A dashed id does not route (measured). Assumed: neither does anything else that is no
            // id.
            PAYMENT => segment.len() == 32 && read_id(segment).is_some(),
            _ if wanted.starts_with('{') => !segment.is_empty(),
            _ => wanted.eq_ignore_ascii_case(segment),
        };
        if !fits {
            return None;
        }
        if wanted.starts_with('{') {
            found = segment;
        }
    }
    // A path of two segments may end with a slash.
    let is_short = pattern.split('/').count() == 3;
    match (given.next(), given.next()) {
        (None, _) => Some(found),
        (Some(""), None) if is_short => Some(found),
        _ => None,
    }
}
