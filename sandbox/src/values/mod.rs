//! Values as they are written and read: ids, times, amounts, addresses.
//!
//! The lowest layer: nothing here knows of payments.

pub(crate) mod address;
pub(crate) mod amount;
pub(crate) mod exact;
pub(crate) mod id;
pub(crate) mod time;
