//! The wallet in the store: its accounts, and everything that was booked on them.

mod accounts;
mod bookings;
mod handle;
mod items;
mod orders;
mod returns;
mod statements;

pub(crate) use handle::Wallet;
pub(crate) use orders::OrderError;
