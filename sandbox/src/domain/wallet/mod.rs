//! The wallet of the shops' owner: accounts, history, orders and statements.

pub(crate) mod account;
pub(crate) mod booking;
pub(crate) mod item;
pub(crate) mod order;
pub(crate) mod query;
pub(crate) mod statement;
