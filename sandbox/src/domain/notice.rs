//! Notices: callbacks that are to be sent.

use uuid::Uuid;

/// A callback that is to be sent: the payment that changed, and the address to call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) payment: Uuid,
    pub(crate) url: String,
}
