//! Tests across the crates: what is generated, what is sent, what is read, and what a shop gets to
//! see.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that can't go on fails"
)]

mod answers;
mod client;
mod payment;
mod requests;
mod sandbox;
mod spec;
mod support;
mod watcher;
