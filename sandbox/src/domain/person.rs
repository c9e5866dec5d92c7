//! People and companies that pay or are paid.

use serde::{Deserialize, Serialize};

/// A payer or payee.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Person {
    pub(crate) email: Option<String>,
    pub(crate) organization: Option<String>,
}

impl Person {
    pub(crate) fn with_email(email: &str) -> Self {
        Self {
            email: Some(email.to_owned()),
            organization: None,
        }
    }

    pub(crate) fn barion() -> Self {
        Self {
            email: None,
            organization: Some("Barion".to_owned()),
        }
    }

    /// Whether both have the same e-mail address, in any letter case.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (&self.email, &other.email) {
            (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
            _ => false,
        }
    }
}
