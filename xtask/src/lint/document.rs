//! Rules about the document as a whole, and that its references lead somewhere.

use serde_json::Value;

use super::report::{Document, Report};
use crate::spec::{Spec, loops, walk};

pub(super) fn version(document: &Document<'_>, report: &mut Report) {
    let version = document.spec.root["openapi"].as_str().unwrap_or_default();
    if !version.starts_with("3.0.") {
        let message = format!("is {version:?}: the generator reads OpenAPI 3.0.x only");
        report.add("/openapi", message);
    }
}

pub(super) fn sections(document: &Document<'_>, report: &mut Report) {
    for (pointer, what) in [("/paths", "operations"), ("/components/schemas", "schemas")] {
        let section = document.spec.root.pointer(pointer);
        if !section.is_some_and(Value::is_object) {
            report.add(pointer, format!("is missing: the {what} are expected here"));
        }
    }
}

pub(super) fn references(document: &Document<'_>, report: &mut Report) {
    for (pointer, target) in dangling(document.spec) {
        report.add(
            pointer,
            format!("points to {target:?}, which does not exist"),
        );
    }
    for pointer in loops(document.spec) {
        report.add(pointer, "refers to itself, so that it never ends");
    }
}

/// The references that lead nowhere: their places and targets.
pub(super) fn dangling(spec: &Spec) -> Vec<(String, String)> {
    let mut found = Vec::new();
    walk(&spec.root, "", &mut |value, pointer| {
        if let Some(target) = value.get("$ref").and_then(Value::as_str) {
            let pointed = target
                .strip_prefix('#')
                .and_then(|to| spec.root.pointer(to));
            if pointed.is_none() {
                found.push((format!("{pointer}/$ref"), target.to_owned()));
            }
        }
    });
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::lint::testing::{POST, SCHEMAS, breaks, passes};

    #[test]
    fn other_versions_are_refused() {
        breaks(
            "openapi-version",
            &[("/openapi", json!("3.1.0"))],
            &["/openapi"],
        );
        breaks(
            "openapi-version",
            &[("/openapi", json!(null))],
            &["/openapi"],
        );
        passes(&[("/openapi", json!("3.0.1"))]);
    }

    #[test]
    fn sections_must_be_there() {
        // Without operations nothing uses the schemas, and without schemas no reference finds one.
        breaks(
            "sections",
            &[
                ("/paths", json!(null)),
                ("/components", json!({ "schemas": {} })),
            ],
            &["/paths"],
        );
        breaks(
            "sections",
            &[("/paths", json!({})), ("/components", json!(null))],
            &["/components/schemas"],
        );
        passes(&[
            ("/paths", json!({})),
            ("/components", json!({ "schemas": {} })),
        ]);
    }

    #[test]
    fn references_must_lead_somewhere() {
        let body = format!("{POST}/requestBody/content/application~1json/schema/$ref");
        for target in ["#/components/schemas/Other", "other.yaml#/Line", "#Line"] {
            breaks(
                "reference",
                &[(&format!("{POST}/responses/400"), json!({ "$ref": target }))],
                &[&format!("{POST}/responses/400/$ref")],
            );
        }
        passes(&[(&body, json!("#/components/schemas/PayRequest"))]);
    }

    #[test]
    fn schemas_must_come_to_an_end() {
        let line = format!("{SCHEMAS}/Line");
        breaks(
            "reference",
            &[(&line, json!({ "$ref": "#/components/schemas/Line" }))],
            &[
                &line,
                &format!("{SCHEMAS}/PayRequest/properties/Lines/items"),
            ],
        );
        passes(&[(
            &format!("{line}/properties/Inner"),
            json!({ "$ref": "#/components/schemas/Line" }),
        )]);
    }
}
