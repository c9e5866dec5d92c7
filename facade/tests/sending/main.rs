//! Sending of calls to a local Barion: retries, rate limit, proxies, TLS.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that can't go on fails"
)]

#[cfg(feature = "blocking")]
mod blocking;
mod extremes;
mod http_client;
mod proxy;
mod rate_limit;
mod retry;
mod support;
#[cfg(all(
    feature = "rustls-no-provider",
    not(any(feature = "rustls", feature = "native-tls"))
))]
mod tls;
