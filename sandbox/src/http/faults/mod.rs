//! Faults at work: arming them, and what they make of answers and connections.

mod arm;
pub(crate) mod connection;
pub(crate) mod control;
mod read;
mod shape;
mod spoil;

pub use arm::FaultError;
pub(crate) use arm::arm;
