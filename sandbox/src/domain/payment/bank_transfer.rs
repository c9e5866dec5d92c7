//! Bank transfers as a way to pay.

/// Outcome of a payment by bank transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BankTransfer {
    /// The transfer was sent; the bank has not answered yet.
    Waiting,
    /// The money arrived.
    Succeeded,
    /// The money did not arrive.
    Failed,
}

impl BankTransfer {
    /// Reads a name in any letter case.
    pub(crate) fn read(name: &str) -> Option<Self> {
        [
            ("Waiting", Self::Waiting),
            ("Succeeded", Self::Succeeded),
            ("Failed", Self::Failed),
        ]
        .into_iter()
        .find(|(word, _)| word.eq_ignore_ascii_case(name))
        .map(|(_, outcome)| outcome)
    }
}
