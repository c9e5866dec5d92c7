//! Orders: their records, claims and updates. An order has any number of payments, and is paid
//! once.

mod change;
mod claim;
mod deadline;
pub(crate) mod due;
mod lease;
mod payment;
mod record;
#[cfg(test)]
mod testing;
mod update;

pub use change::OrderChange;
pub use payment::StoredPayment;
pub use record::StoredOrder;
pub use update::OrderUpdate;

pub(crate) use claim::{Claim, Claiming, Next};
pub(crate) use lease::Lease;
pub(crate) use record::Completion;
