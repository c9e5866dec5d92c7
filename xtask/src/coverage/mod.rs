//! `cargo xtask spec coverage`: how far each operation and each property of the spec reaches.

mod facade;
mod measure;
mod readme;
mod reasons;
mod report;
mod rows;

pub use measure::measure;
pub use readme::readme;
pub use rows::{Coverage, OperationRow, PropertyRow, Reach};
