//! The maintainer's commands, as a library: `cargo xtask` calls it, and the tests do.
//!
//! [`regen`] goes one way: it reads the document ([`spec`]), checks our own rules ([`lint`]),
//! generates the files ([`emit`]), and says what changed ([`inventory`]). [`diff`] compares two
//! documents, [`coverage`] says how far the document reaches, and [`guards`] is what the simulation
//! is measured by.

pub mod coverage;
pub mod diff;
pub mod emit;
pub mod guards;
pub mod inventory;
pub mod json_schema;
pub mod lint;
mod pairing;
pub mod problem;
pub mod regen;
pub mod source;
pub mod spec;
