//! Who uses a schema: requests, answers, or both.

use std::collections::BTreeSet;

use crate::spec::{Kind, Spec, places, ref_name};

/// The named schemas by the direction that they travel in, in either document.
pub(super) struct Usage {
    requests: BTreeSet<String>,
    answers: BTreeSet<String>,
}

/// The directions that one schema travels in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Direction {
    pub(super) request: bool,
    pub(super) answer: bool,
}

impl Direction {
    pub(super) const REQUEST: Self = Self {
        request: true,
        answer: false,
    };
}

impl Usage {
    pub(super) fn of(old: &Spec, new: &Spec) -> Self {
        let both = |find: fn(&Spec) -> BTreeSet<String>| &find(old) | &find(new);
        Self {
            requests: &both(Spec::request_schemas) | &parameters(old, new),
            answers: both(Spec::answer_schemas),
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

/// What parameters refer to is sent, as requests are.
fn parameters(old: &Spec, new: &Spec) -> BTreeSet<String> {
    let of = |spec: &Spec| {
        let mut names = BTreeSet::new();
        let places = places(spec).into_iter();
        for parameter in places.filter(|place| place.kind == Kind::Parameter) {
            let name = ref_name(&parameter.value["schema"]);
            names.extend(name.map(str::to_owned));
        }
        names
    };
    &of(old) | &of(new)
}
