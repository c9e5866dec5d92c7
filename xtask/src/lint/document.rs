//! Rules about the document as a whole.

use serde_json::Value;

use super::Report;
use crate::reach;
use crate::spec::walk;

pub(super) fn version(report: &mut Report<'_>) {
    let version = report.spec.root["openapi"].as_str().unwrap_or_default();
    if !version.starts_with("3.0.") {
        let message = format!("is {version:?}: the generator reads OpenAPI 3.0.x only");
        report.add("/openapi", message);
    }
}

pub(super) fn sections(report: &mut Report<'_>) {
    for (pointer, what) in [("/paths", "operations"), ("/components/schemas", "schemas")] {
        if !report
            .spec
            .root
            .pointer(pointer)
            .is_some_and(Value::is_object)
        {
            report.add(pointer, format!("is missing: the {what} are expected here"));
        }
    }
}

pub(super) fn references(report: &mut Report<'_>) {
    let spec = report.spec;
    walk(&spec.root, "", &mut |value, pointer| {
        if let Some(target) = value.get("$ref").and_then(Value::as_str) {
            let found = target
                .strip_prefix('#')
                .and_then(|target| spec.root.pointer(target));
            if found.is_none() {
                report.dangling = true;
                report.add(
                    format!("{pointer}/$ref"),
                    format!("points to {target:?}, which does not exist"),
                );
            }
        }
    });
    for pointer in reach::loops(spec) {
        report.add(pointer, "refers to itself, so that it never ends");
    }
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
