//! Tests across the crates: what is generated, what is sent, what is read, and what a shop gets to see.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that can't go on fails"
)]

mod bodies;
mod chaos;
mod contract;
mod coverage;
mod errors;
mod examples;
mod fixtures;
mod flows;
mod generated;
mod hostile;
mod json_schema;
mod layers;
mod limits;
mod lost;
mod money;
mod node;
mod oddities;
mod offline;
mod operations;
mod raw;
mod reading;
mod reconcile;
mod rehearsal;
mod requests;
mod scenarios;
mod secrets;
mod stub;
mod tokens;
mod violations;
mod watcher;
mod wire;
