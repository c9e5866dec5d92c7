//! What the client does: calls, lost answers, reconciliation, secrets.

pub(crate) mod chaos;
pub(crate) mod flows;
pub(crate) mod lost;
pub(crate) mod offline;
pub(crate) mod raw;
pub(crate) mod reconcile;
pub(crate) mod secrets;
