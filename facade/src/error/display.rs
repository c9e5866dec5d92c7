//! Display of errors, fit for logs.

use std::fmt;

use super::Error;
use super::api_error::ApiError;

/// Maximum number of errors of one answer that are shown.
const MOST_SHOWN: usize = 5;

/// Writes the errors after their message, up to the maximum.
pub(crate) fn write_list(f: &mut fmt::Formatter<'_>, errors: &[ApiError]) -> fmt::Result {
    for (index, error) in errors.iter().take(MOST_SHOWN).enumerate() {
        f.write_str(if index == 0 { ": " } else { "; " })?;
        error.write(f)?;
    }
    match errors.len().saturating_sub(MOST_SHOWN) {
        0 => Ok(()),
        more => write!(f, "; and {more} more"),
    }
}

/// Writes a hint after the error that it is about.
pub(crate) fn write_hint(f: &mut fmt::Formatter<'_>, hint: Option<&str>) -> fmt::Result {
    match hint {
        Some(hint) => write!(f, " (likely: {hint})"),
        None => Ok(()),
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f)?;
        write_hint(f, self.hint())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.0.operation {
            write!(f, "{operation}: ")?;
        }
        f.write_str(&self.0.message)?;
        if let Some(status) = self.0.status {
            write!(
                f,
                " (HTTP {status}, {})",
                self.content_type().unwrap_or("no content type")
            )?;
        }
        write_list(f, &self.0.api_errors)?;
        if let Some(snippet) = self.snippet() {
            write!(f, ", the body is {snippet}")?;
        }
        if self.0.attempts > 1 {
            write!(f, ", {} attempts", self.0.attempts)?;
        }
        write_hint(f, self.hint())
    }
}
