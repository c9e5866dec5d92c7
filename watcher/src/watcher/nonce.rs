//! Nonces: random names of writes and claims.

/// Names a write or a claim. No two have the same.
pub(super) fn nonce() -> u64 {
    fastrand::u64(..)
}
