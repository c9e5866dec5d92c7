//! `cargo xtask spec diff`: what differs between two states of the document, and what of it breaks applications.
//!
//! This is our own because crates such as `drift` judge schemas only: they leave limits aside, hold extensions for
//! trivial, and know nothing of open lists or of applications that see the service through a facade.
//!
//! A change is breaking if an application that depends on the facade may no longer compile or may behave differently.
//! So direction matters: what a request must satisfy may only get looser, what an answer promises only firmer.

use crate::spec::{Spec, loops};

mod document;
mod fields;
mod heirs;
mod limits;
mod operations;
mod render;
mod schemas;
mod texts;
mod usage;
mod values;

#[cfg(test)]
mod testing;

pub use render::{markdown, text};
use usage::Usage;

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

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What happened.
    pub kind: Kind,
    /// What it happened to, such as `field BankCard.ValidThruYear`.
    pub subject: String,
    /// What exactly, such as `required -> optional`; may be empty.
    pub detail: String,
    /// Why an application that depends on the facade breaks; `None` where it does not.
    pub breaking: Option<String>,
    /// Why it does not break, where that is not plain.
    pub harmless: Option<String>,
}

impl Change {
    fn new(kind: Kind, subject: impl Into<String>) -> Self {
        Self {
            kind,
            subject: subject.into(),
            detail: String::new(),
            breaking: None,
            harmless: None,
        }
    }

    fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    fn verdict(mut self, verdict: Verdict) -> Self {
        match verdict {
            Verdict::Breaks(why) => self.breaking = Some(why.to_owned()),
            Verdict::Harmless(why) => self.harmless = Some(why.to_owned()),
        }
        self
    }
}

/// The judgement of a change, with the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Breaks(&'static str),
    Harmless(&'static str),
}

use Verdict::{Breaks, Harmless};

/// Both documents, and who uses which schema in either of them.
struct Pair<'a> {
    old: &'a Spec,
    new: &'a Spec,
    usage: Usage,
}

/// Everything that differs: servers and keys first, then operations, then schemas with their fields, limits and values, then the number of
/// changed texts.
#[must_use]
pub fn diff(old: &Spec, new: &Spec) -> Vec<Change> {
    let (old, new) = (&without_loops(old), &without_loops(new));
    let pair = Pair {
        old,
        new,
        usage: Usage::of(old, new),
    };
    let mut changes = document::changes(&pair);
    changes.extend(operations::changes(&pair));
    changes.extend(schemas::changes(&pair));
    changes.extend(texts::changes(&pair));
    changes
}

/// The document without schemas that contain themselves as a whole; the lint refuses those, and nobody who follows
/// references comes to an end with them.
fn without_loops(spec: &Spec) -> Spec {
    let mut spec = spec.clone();
    for pointer in loops(&spec) {
        if let Some(schema) = spec.root.pointer_mut(&pointer) {
            *schema = serde_json::json!({});
        }
    }
    spec
}
