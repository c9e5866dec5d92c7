//! Control calls, below `/sandbox/`: pay, cancel, callbacks, faults, the clock, health.
//!
//! For tests in any language. They need no key: this is a tool for one computer.

mod answers;
mod bodies;
mod calls;

pub(crate) use calls::Control;
