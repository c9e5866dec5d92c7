//! A change, and the verdict about it.

/// What happened to the subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// It is new.
    Added,
    /// It is different.
    Changed,
    /// It is gone.
    Removed,
}

impl Kind {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Removed => "removed",
        }
    }
}

/// Whether an application that depends on the facade breaks, with the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It breaks.
    Breaks(&'static str),
    /// It does not break.
    Harmless(&'static str),
    /// It plainly does not break.
    Plain,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What happened.
    pub kind: Kind,
    /// What it happened to, such as `field BankCard.ValidThruYear`.
    pub subject: String,
    /// What exactly, such as `required -> optional`; may be empty.
    pub detail: String,
    /// Whether an application breaks.
    pub verdict: Verdict,
}

impl Change {
    pub(super) fn added(subject: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(Kind::Added, subject, detail)
    }

    pub(super) fn changed(subject: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(Kind::Changed, subject, detail)
    }

    pub(super) fn removed(subject: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(Kind::Removed, subject, detail)
    }

    fn new(kind: Kind, subject: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            kind,
            subject: subject.into(),
            detail: detail.into(),
            verdict: Verdict::Plain,
        }
    }

    pub(super) fn verdict(mut self, verdict: Verdict) -> Self {
        self.verdict = verdict;
        self
    }

    /// Whether an application that depends on the facade breaks.
    #[must_use]
    pub fn is_breaking(&self) -> bool {
        matches!(self.verdict, Verdict::Breaks(_))
    }
}
