//! Requests, read leniently and judged strictly: from JSON to the rules' own terms.

mod amount;
pub(crate) mod choices;
pub(crate) mod documented;
mod items;
mod number;
pub(crate) mod payment;
pub(crate) mod reader;
pub(crate) mod shop;
mod span;
pub(crate) mod start;
mod three_ds;
pub(crate) mod wallet;
