//! `cargo xtask spec diff`: what differs between two states of the document, and what of it breaks
//! applications.
//!
//! This is our own because crates such as `drift` judge schemas only: they leave limits aside, hold
//! extensions for trivial, and know nothing of open lists or of applications that see the service
//! through a facade.
//!
//! A change is breaking if an application that depends on the facade may no longer compile or may
//! behave differently. So direction matters: what a request must satisfy may only get looser, what
//! an answer promises only firmer.

mod change;
mod compare;
mod document;
mod fields;
mod limits;
mod operations;
mod pair;
mod parameters;
mod render;
mod schemas;
mod texts;
mod types;
mod values;

#[cfg(test)]
mod testing;

pub use change::{Change, Kind, Verdict};
pub use compare::diff;
pub use render::{markdown, text};
