//! Callbacks (webhooks) to shops: what is sent, when it is retried, and what came of it.

mod attempt;
mod policy;
mod post;
mod queue;
mod schedule;

pub use attempt::{CallbackAttempt, CallbackNext};
pub use policy::Callbacks;
pub(crate) use queue::{CallbackQueue, Options};
