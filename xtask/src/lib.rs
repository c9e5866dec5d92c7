//! The maintainer's commands, as a library: `cargo xtask` calls it, and the tests do.
//!
//! `regen` goes one way: read the document ([`spec`]), check our own rules ([`lint`]), make it fit for the
//! generator ([`lower`]), emit five files ([`client`], [`enums`], [`limits`], [`operations`], [`validation`]), and say
//! what changed ([`inventory`], [`changes`]). [`guards`] is what the simulation is measured by.

pub mod changes;
pub mod client;
pub mod coverage;
pub mod diff;
pub mod enums;
pub mod guards;
pub mod inventory;
pub mod json_schema;
pub mod limits;
pub mod lint;
pub mod lower;
pub mod operations;
pub mod print;
pub mod problem;
pub mod regen;
pub mod spec;
pub mod validation;
