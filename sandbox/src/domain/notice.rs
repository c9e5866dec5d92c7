//! Notices: callbacks to send.

use uuid::Uuid;

/// Callback to send: the payment that changed, and the address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) payment: Uuid,
    pub(crate) url: String,
}
