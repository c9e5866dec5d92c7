//! How calls are sent, against a local Barion.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that can't go on fails"
)]

mod http_client;
mod pace;
mod proxy;
mod retry;
mod support;
#[cfg(feature = "tracing")]
mod tracing;
