//! Rules about where things are known from.

use super::{Report, says_something};
use crate::places::Place;
use crate::spec::{Spec, escape};

/// The grades that `x-barion-confidence` may have; `spec/README.md` tells what they mean.
pub const CONFIDENCES: [&str; 4] = ["confirmed", "documented", "reported", "conflicting"];

/// What must say where it is known from.
fn claims(spec: &Spec) -> Vec<Place<'_>> {
    let operations = spec.operations().into_iter();
    let operations = operations.map(|operation| (operation.pointer(), operation.value));
    let schemas = spec.schemas().into_iter().flatten();
    let schemas =
        schemas.map(|(name, schema)| (format!("/components/schemas/{}", escape(name)), schema));
    operations.chain(schemas).collect()
}

pub(super) fn source(report: &mut Report<'_>) {
    for (pointer, value) in claims(report.spec) {
        let sources = value["x-barion-source"].as_array();
        if !sources.is_some_and(|list| !list.is_empty() && list.iter().all(says_something)) {
            report.add(
                pointer,
                "has no x-barion-source: say where this is known from",
            );
        }
    }
}

pub(super) fn confidence(report: &mut Report<'_>) {
    for (pointer, value) in claims(report.spec) {
        let confidence = value["x-barion-confidence"].as_str().unwrap_or_default();
        if !CONFIDENCES.contains(&confidence) {
            let known = CONFIDENCES.join(", ");
            let message = format!("has no x-barion-confidence, or an unknown one: {known}");
            report.add(pointer, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::lint::testing::{POST, SCHEMAS, breaks, passes};

    #[test]
    fn operations_and_schemas_name_their_sources() {
        for place in [POST.to_owned(), format!("{SCHEMAS}/Guid")] {
            let source = format!("{place}/x-barion-source");
            for other in [
                json!(null),
                json!([]),
                json!("docs"),
                json!([""]),
                json!([1]),
            ] {
                breaks("source", &[(&source, other)], &[&place]);
            }
            passes(&[(&source, json!(["a", "b"]))]);
        }
    }

    #[test]
    fn operations_and_schemas_say_how_sure_they_are() {
        for place in [POST.to_owned(), format!("{SCHEMAS}/Guid")] {
            let confidence = format!("{place}/x-barion-confidence");
            for other in [json!(null), json!("sure"), json!(1)] {
                breaks("confidence", &[(&confidence, other)], &[&place]);
            }
            passes(&[(&confidence, json!("conflicting"))]);
        }
    }
}
