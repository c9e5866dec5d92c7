//! What the generated crate offers, read back from its Rust text and not from the document; and
//! what differs between two states of it.

mod changes;
mod facts;
mod limits;

pub use changes::changes;
pub use facts::{Field, Inventory};
