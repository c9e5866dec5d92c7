//! The operations of the API: one table, and a handler for each row.

mod access;
mod apple;
mod call;
mod checks;
mod google;
mod operation;
mod owned;
mod payment;
mod qr;
mod refund;
mod shop;
mod start;
mod table;
mod wallet;

pub(crate) use call::Call;
pub(crate) use operation::Operation;
pub(crate) use table::{IDS, Route};
