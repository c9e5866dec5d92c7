//! HTTP: the server, the calls of the API, the control calls and the pages.

mod api;
mod body;
mod control;
mod exchange;
mod failure;
pub(crate) mod faults;
mod history;
mod key;
mod operations;
mod page;
mod reply;
pub(crate) mod router;
pub(crate) mod server;
mod unserved;
