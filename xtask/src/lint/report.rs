//! The input and the output of a rule: the document with its places, and the report of problems.

use std::path::PathBuf;

use serde_json::Value;

use crate::problem::Problem;
use crate::spec::{Kind, Place, Spec, places};

/// The document that is checked, with its places.
pub(super) struct Document<'a> {
    pub(super) spec: &'a Spec,
    places: Vec<Place<'a>>,
}

impl<'a> Document<'a> {
    pub(super) fn of(spec: &'a Spec) -> Self {
        let places = places(spec);
        Self { spec, places }
    }

    /// The places of these kinds.
    pub(super) fn places(&self, kinds: &[Kind]) -> impl Iterator<Item = &Place<'a>> {
        let places = self.places.iter();
        places.filter(move |place| kinds.contains(&place.kind))
    }

    /// The places of all schemas, wherever they stand.
    pub(super) fn schemas(&self) -> impl Iterator<Item = &Place<'a>> {
        self.places.iter().filter(|place| place.kind.is_schema())
    }
}

/// The problems that the rules find.
pub(super) struct Report {
    pub(super) file: PathBuf,
    /// The name of the rule that runs.
    pub(super) rule: &'static str,
    pub(super) problems: Vec<Problem>,
}

impl Report {
    /// Adds a problem of the rule that runs.
    pub(super) fn add(&mut self, pointer: impl Into<String>, message: impl AsRef<str>) {
        let message = format!("{} (rule: {})", message.as_ref(), self.rule);
        self.problems
            .push(Problem::at(&self.file, pointer, message));
    }
}

/// Whether a value is a text that says something.
pub(super) fn says_something(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.trim().is_empty())
}
