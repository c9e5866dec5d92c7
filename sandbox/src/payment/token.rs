//! Tokens: the part of token payments that this first cut has.

use uuid::Uuid;

use crate::cards::Card;

/// What a successful first payment registers under the shop's `RecurrenceId`.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) trace_id: String,
    pub(crate) card: Card,
    pub(crate) payer: String,
}

/// A chain id as an issuer makes it: with runs of blanks inside, so that a client which trims or
/// collapses blanks is found out.
pub(crate) fn trace_id() -> String {
    let random = Uuid::new_v4().simple().to_string().to_ascii_uppercase();
    format!("{}  {}  0", &random[..6], &random[6..10])
}

/// An authorisation code of six characters.
pub(crate) fn authorization_code() -> String {
    Uuid::new_v4().simple().to_string()[..6].to_owned()
}

/// Opaque data for the payer's browser. There is no script here that could use it.
pub(crate) fn client_data() -> String {
    Uuid::new_v4().simple().to_string()
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
