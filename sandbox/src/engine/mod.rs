//! The engine of a sandbox: joins the rules, the store and the callbacks.

mod error;
mod outcome;
mod payer;
mod requests;
mod run;
mod setup;
mod time;

pub use error::ControlError;
pub use outcome::Outcome;
pub use requests::RecordedRequest;
pub(crate) use run::Engine;
pub(crate) use setup::Setup;
