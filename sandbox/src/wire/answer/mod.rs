//! Answers: the wire's names and its order of properties.

mod no_errors;

pub(crate) mod error;
pub(crate) mod processed;
pub(crate) mod shop;
pub(crate) mod start;
pub(crate) mod state;
pub(crate) mod statement;
pub(crate) mod wallet;
