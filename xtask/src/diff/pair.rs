//! The two documents, and who uses which schema.

use std::collections::BTreeSet;

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

    /// An unused schema counts as one that travels in both directions, which is the careful guess.
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
