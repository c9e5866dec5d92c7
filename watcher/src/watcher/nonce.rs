//! Nonces: random numbers that identify writes and claims.

/// Nonce of a write or a claim: no two have the same.
pub(super) fn nonce() -> u64 {
    fastrand::u64(..)
}
