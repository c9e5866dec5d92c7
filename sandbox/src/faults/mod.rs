//! Faults on purpose: what a shop has to cope with and rarely sees.

mod armed;
mod fault;

pub(crate) use armed::Faults;
pub use fault::{CallbackFault, Fault, OperationFault};
pub(crate) use fault::{EVERY, Target};
