//! Orders: the unit of a shop's work. An order has any number of payments, and is paid once.

mod change;
pub(crate) mod due;
mod record;
#[cfg(test)]
mod testing;
mod update;

pub use change::OrderChange;
pub use record::{StoredOrder, StoredPayment};
pub use update::OrderUpdate;

pub(crate) use record::{Claim, Claiming, Completion, Lease, Next};
