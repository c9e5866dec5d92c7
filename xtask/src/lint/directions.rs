//! Rules about who uses a schema: requests, answers, or nobody.

use super::Report;
use crate::reach;
use crate::spec::{escape, ref_name};

pub(super) fn unused_schema(report: &mut Report<'_>) {
    let used = reach::used(report.spec);
    for name in report.spec.schemas().into_iter().flat_map(|all| all.keys()) {
        if !used.contains(name) {
            report.add(
                format!("/components/schemas/{}", escape(name)),
                "is used by no operation: take it away",
            );
        }
    }
}

pub(super) fn one_direction(report: &mut Report<'_>) {
    let requests = report.spec.request_schemas();
    for name in report.spec.answer_schemas() {
        if requests.contains(&name) && report.spec.is_model(&name) {
            report.add(
                format!("/components/schemas/{}", escape(&name)),
                "is used by requests and answers: write two models",
            );
        }
    }
}

pub(super) fn lenient_answer(report: &mut Report<'_>) {
    for name in report.spec.answer_schemas() {
        let schema = &report.spec.root["components"]["schemas"][&name];
        let parts = schema["allOf"].as_array().into_iter().flatten();
        let requires = parts
            .chain([schema])
            .any(|part| ref_name(part).is_none() && part.get("required").is_some());
        if requires {
            report.add(
                format!("/components/schemas/{}", escape(&name)),
                "requires properties in an answer: a missing one would make the whole answer unreadable",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::lint::testing::{GET, SCHEMAS, breaks, passes};

    #[test]
    fn schemas_that_nobody_uses_are_told() {
        let extra = format!("{SCHEMAS}/Extra");
        let schema = json!({
            "type": "string", "description": "More.", "x-barion-source": ["docs"], "x-barion-confidence": "reported",
        });
        breaks("unused-schema", &[(&extra, schema.clone())], &[&extra]);
        passes(&[
            (&extra, schema),
            (
                &format!("{GET}/responses/200/content/application~1pdf/schema"),
                json!({ "$ref": "#/components/schemas/Extra" }),
            ),
        ]);
    }

    #[test]
    fn a_model_serves_one_direction() {
        let lines = format!("{SCHEMAS}/PayResponse/properties/Lines");
        let wrapped = json!({ "type": "array", "items": { "allOf": [{ "$ref": "#/components/schemas/Line" }] }, "description": "Lines." });
        breaks(
            "one-direction",
            &[(&lines, wrapped)],
            &[&format!("{SCHEMAS}/Line")],
        );
        let scalar =
            json!({ "allOf": [{ "$ref": "#/components/schemas/Guid" }], "description": "An id." });
        passes(&[(&format!("{SCHEMAS}/PayResponse/properties/Id"), scalar)]);
    }

    #[test]
    fn answers_require_nothing() {
        for name in ["PayResponse", "ApiError"] {
            let place = format!("{SCHEMAS}/{name}");
            breaks(
                "lenient-answer",
                &[(&format!("{place}/required"), json!([]))],
                &[&place],
            );
            let part = json!([{ "type": "object", "required": [] }]);
            breaks(
                "lenient-answer",
                &[(&format!("{place}/allOf"), part)],
                &[&place],
            );
        }
        passes(&[(&format!("{SCHEMAS}/Line/required"), json!(["Count"]))]);
    }
}
