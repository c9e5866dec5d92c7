//! The two documents, what stands in both under one name, and who uses which schema.

use std::collections::{BTreeMap, BTreeSet};

use crate::spec::{Kind, Spec, loops, places, ref_name};

/// Both documents.
pub(super) struct Pair {
    pub(super) old: Spec,
    pub(super) new: Spec,
    /// The schemas that are sent, in either document.
    requests: BTreeSet<String>,
    /// The schemas that are answered with, in either document.
    answers: BTreeSet<String>,
}

/// The directions in which a schema travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Direction {
    pub(super) request: bool,
    pub(super) answer: bool,
}

impl Pair {
    pub(super) fn of(old: &Spec, new: &Spec) -> Self {
        let (old, new) = (without_loops(old), without_loops(new));
        let both = |find: fn(&Spec) -> BTreeSet<String>| &find(&old) | &find(&new);
        Self {
            requests: &both(Spec::request_schemas) | &both(of_parameters),
            answers: both(Spec::answer_schemas),
            old,
            new,
        }
    }

    /// A schema that nobody uses is taken to travel in both directions, which is the careful guess.
    pub(super) fn direction(&self, name: &str) -> Direction {
        let (request, answer) = (self.requests.contains(name), self.answers.contains(name));
        Direction {
            request: request || !answer,
            answer: answer || !request,
        }
    }
}

/// The document without schemas that contain themselves as a whole; the lint refuses those, and
/// following their references never ends.
fn without_loops(spec: &Spec) -> Spec {
    let mut spec = spec.clone();
    for pointer in loops(&spec) {
        if let Some(schema) = spec.root.pointer_mut(&pointer) {
            *schema = serde_json::json!({});
        }
    }
    spec
}

/// What parameters refer to is sent, as requests are.
fn of_parameters(spec: &Spec) -> BTreeSet<String> {
    let parameters = places(spec).into_iter();
    let parameters = parameters.filter(|place| place.kind == Kind::Parameter);
    parameters
        .filter_map(|parameter| ref_name(&parameter.value["schema"]).map(str::to_owned))
        .collect()
}

/// What two documents have under one name.
pub(super) enum Found<'a, T> {
    New(&'a T),
    Both(&'a T, &'a T),
    Old(&'a T),
}

/// What is in either of two maps: first what is new or in both, then what is old.
pub(super) fn by_name<'a, K: Ord, T>(
    old: &'a BTreeMap<K, T>,
    new: &'a BTreeMap<K, T>,
) -> impl Iterator<Item = (&'a K, Found<'a, T>)> {
    let there = new.iter().map(|(name, after)| match old.get(name) {
        None => (name, Found::New(after)),
        Some(before) => (name, Found::Both(before, after)),
    });
    let gone = old.iter().filter(|(name, _)| !new.contains_key(name));
    there.chain(gone.map(|(name, before)| (name, Found::Old(before))))
}
