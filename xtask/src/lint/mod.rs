//! The rules that our own document keeps, beyond being valid OpenAPI.
//!
//! Each rule has a name and a function that reports every place where it is broken.
//! `cargo xtask spec lint` runs them, `cargo xtask regen` refuses a document that breaks one, and
//! `cargo xtask spec lint --rules` lists them.

mod bodies;
mod document;
mod examples;
mod limits;
mod operations;
mod report;
mod rules;
mod schemas;
mod values;

#[cfg(test)]
mod testing;

pub use rules::{Rule, lint, rules};
