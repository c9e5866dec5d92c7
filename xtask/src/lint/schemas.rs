//! Rules about schemas: descriptions, units, and the direction in which they travel.

use super::report::{Document, Report, says_something};
use crate::spec::{Kind, escape, ref_name};

/// Everything is explained. A property that is a reference and nothing else is by its target.
pub(super) fn description(document: &Document<'_>, report: &mut Report) {
    let kinds = [
        Kind::Operation,
        Kind::Parameter,
        Kind::NamedSchema,
        Kind::Property,
    ];
    for place in document.places(&kinds) {
        let bare = place.kind == Kind::Property
            && place.value.get("$ref").is_some()
            && place.value.as_object().is_some_and(|keys| keys.len() == 1);
        if !bare && !says_something(&place.value["description"]) {
            report.add(&place.pointer, "has no description");
        }
    }
}

pub(super) fn unit(document: &Document<'_>, report: &mut Report) {
    for property in document.places(&[Kind::Property]) {
        let schema = property.value;
        let counts = ref_name(schema) == Some("Decimal") || schema["type"] == "integer";
        if counts && !says_something(&schema["x-barion-unit"]) {
            report.add(
                &property.pointer,
                "has no x-barion-unit: say what it counts, such as money, quantity or days",
            );
        }
    }
}

pub(super) fn unused_schema(document: &Document<'_>, report: &mut Report) {
    let used = document.spec.used_schemas();
    let schemas = document.spec.schemas().into_iter().flatten();
    for (name, _) in schemas.filter(|(name, _)| !used.contains(*name)) {
        report.add(pointer(name), "is used by no operation: take it away");
    }
}

pub(super) fn one_direction(document: &Document<'_>, report: &mut Report) {
    let spec = document.spec;
    let both = &spec.request_schemas() & &spec.answer_schemas();
    for name in both.iter().filter(|name| spec.is_model(name)) {
        report.add(
            pointer(name),
            "is used by requests and answers: write two models",
        );
    }
}

pub(super) fn lenient_answer(document: &Document<'_>, report: &mut Report) {
    for name in document.spec.answer_schemas() {
        let schema = document.spec.schema(&name);
        let parts = schema["allOf"].as_array().into_iter().flatten();
        let requires = parts
            .chain([schema])
            .any(|part| ref_name(part).is_none() && part.get("required").is_some());
        if requires {
            report.add(
                pointer(&name),
                "requires properties in an answer: without one, the whole answer would be unreadable",
            );
        }
    }
}

fn pointer(name: &str) -> String {
    format!("/components/schemas/{}", escape(name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::lint::testing::{GET, POST, SCHEMAS, breaks, passes};

    #[test]
    fn schemas_without_a_use_are_reported() {
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

    #[test]
    fn decimals_and_integers_of_requests_and_answers_have_units() {
        for place in [
            "PayRequest/properties/Total",
            "PayResponse/properties/Total",
            "Line/properties/Count",
        ] {
            let place = format!("{SCHEMAS}/{place}");
            let unit = format!("{place}/x-barion-unit");
            for other in [json!(null), json!(""), json!(1)] {
                breaks("unit", &[(&unit, other)], &[&place]);
            }
            passes(&[(&unit, json!("percent"))]);
        }
    }

    #[test]
    fn everything_is_described() {
        for place in [
            GET.to_owned(),
            format!("{POST}/parameters/0"),
            "/components/parameters/Page".to_owned(),
            format!("{SCHEMAS}/Guid"),
            format!("{SCHEMAS}/Line/properties/Gift"),
        ] {
            let description = format!("{place}/description");
            for other in [json!(null), json!("\n"), json!(["A list."])] {
                breaks("description", &[(&description, other)], &[&place]);
            }
            passes(&[(&description, json!("Something else."))]);
        }
    }

    #[test]
    fn a_summary_does_not_replace_a_description_and_a_bare_reference_needs_none() {
        breaks(
            "description",
            &[
                (&format!("{GET}/description"), json!(null)),
                (&format!("{GET}/summary"), json!("Prints.")),
            ],
            &[GET],
        );
        let inside = "/components/responses/Refused/content/application~1json/schema/properties";
        let errors = format!("{inside}/Errors");
        passes(&[(&errors, json!({ "$ref": "#/components/schemas/ErrorList" }))]);
        let wrapped = json!({ "allOf": [{ "$ref": "#/components/schemas/ErrorList" }] });
        breaks("description", &[(&errors, wrapped)], &[&errors]);
    }
}
