//! The sandbox against the spec.

pub(crate) mod contract;
