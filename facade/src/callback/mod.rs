//! Callbacks (webhooks, IPN): Barion's messages to a shop that a payment has changed.
//!
//! A callback is an unsigned POST with the payment's id and nothing more. It proves nothing: take
//! the id and read the payment's state. Barion accepts only status 200 as an answer, waits 15
//! seconds for it, and repeats the callback up to five times, after 2, 6, 18, 54 and 162 seconds.
//!
//! The crate `barion-watcher` handles callbacks in a shop's server: it copes with those that come
//! twice, late or not at all, and has a route for axum that answers as Barion expects.
//!
//! See the page on callbacks (IPN) at <https://docs.barion.com>.

mod notice;
mod source;

pub use ipnet::IpNet;
pub use notice::{CallbackNotice, NoticeError};
pub use source::{PRODUCTION_ADDRESSES, SourceCheck, TEST_ADDRESSES};
