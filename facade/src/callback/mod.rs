//! What Barion tells a shop: that a payment has changed, and nothing more.
//!
//! A callback is an unsigned POST with the payment's id. It proves nothing, so take the id and ask. The crate
//! `barion-watcher` does, copes with callbacks that come twice, late or not at all, and has a route for axum that answers
//! as Barion wants it. Barion takes 200 only, waits 15 seconds, and calls up to five more times after 2, 6, 18, 54 and
//! 162 seconds.
//!
//! See the page on callbacks (IPN) at <https://docs.barion.com>.

mod notice;
mod source;

pub use ipnet::IpNet;
pub use notice::{CallbackNotice, NoticeError};
pub use source::{PRODUCTION_ADDRESSES, SourceCheck, TEST_ADDRESSES};
