//! The `Errors` of a success.

/// Always empty: the `Errors` of a success.
pub(crate) type NoErrors = [(); 0];
