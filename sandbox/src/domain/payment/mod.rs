//! Payments and the rules that change them.

pub(crate) mod bank_transfer;
mod challenge;
mod expiry;
mod fees;
pub(crate) mod finish;
pub(crate) mod funding;
pub(crate) mod history;
pub(crate) mod kinds;
mod model;
mod prepare;
pub(crate) mod refund;
mod refusal;
pub(crate) mod start_order;
pub(crate) mod token;
pub(crate) mod token_charge;
mod transaction;
mod transitions;

pub(crate) use model::{Attempt, Payment};
pub(crate) use refusal::Refusal;
pub(crate) use transaction::{Item, Role, Transaction};
