//! Helpers of the tests.

pub(crate) mod fixtures;
pub(crate) mod stub;
