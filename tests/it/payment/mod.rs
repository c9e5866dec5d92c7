//! Payments from the order to the money, and what can follow on them.

pub(crate) mod followups;
pub(crate) mod scenarios;
pub(crate) mod tokens;
