//! Faults at work: arming them, and what they make of answers and connections.

mod arm;
pub(crate) mod control;
pub(crate) mod line;
mod read;
mod shape;
mod spoil;

pub use arm::FaultError;
pub(crate) use arm::arm;
