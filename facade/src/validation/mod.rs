//! Validation of requests, before anything is sent: limits of the spec, and rules beyond them.

pub(crate) mod limits;
pub(crate) mod rules;
pub(crate) mod violation;
