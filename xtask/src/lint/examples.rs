//! The rule that examples fit their schemas.

use serde_json::Value;

use super::bodies::is_json;
use super::document::dangling;
use super::report::{Document, Report};
use crate::json_schema::JsonSchemas;
use crate::spec::{Kind, escape};

pub(super) fn valid(document: &Document<'_>, report: &mut Report) {
    if !dangling(document.spec).is_empty() {
        return; // Reported already, and no schema can be trusted.
    }
    let schemas = match JsonSchemas::of(document.spec) {
        Ok(schemas) => schemas,
        Err(problems) => {
            for problem in problems.0 {
                let message = format!("is no schema, so no example can fit: {}", problem.message);
                report.add(problem.pointer.unwrap_or_default(), message);
            }
            return;
        }
    };
    for example in examples(document) {
        for mismatch in schemas.mismatches(example.schema, example.value) {
            report.add(
                format!("{}{}", example.pointer, mismatch.pointer),
                format!("does not fit the schema: {}", mismatch.message),
            );
        }
    }
}

struct Example<'a> {
    pointer: String,
    schema: &'a Value,
    value: &'a Value,
}

/// All examples: those of parameters, headers and JSON bodies, and those that stand in schemas.
fn examples<'a>(document: &Document<'a>) -> Vec<Example<'a>> {
    let mut found = Vec::new();
    for place in document.places(&[Kind::Parameter, Kind::Header, Kind::Content]) {
        let media_type = place.pointer.rsplit('/').next().unwrap_or_default();
        let for_json = place.kind != Kind::Content || is_json(&media_type.replace("~1", "/"));
        if let Some(schema) = place.value.get("schema").filter(|_| for_json) {
            let one = place
                .value
                .get("example")
                .map(|value| ("example".to_owned(), value));
            let several = place.value["examples"].as_object().into_iter().flatten();
            // An example may be elsewhere (`externalValue`); then there is nothing to check.
            let several = several.filter_map(|(name, example)| {
                let value = document.spec.resolve(example).get("value")?;
                Some((format!("examples/{}/value", escape(name)), value))
            });
            found.extend(
                one.into_iter()
                    .chain(several)
                    .map(|(below, value)| Example {
                        pointer: format!("{}/{below}", place.pointer),
                        schema,
                        value,
                    }),
            );
        }
    }
    for place in document.schemas() {
        found.extend(place.value.get("example").map(|value| Example {
            pointer: format!("{}/example", place.pointer),
            schema: place.value,
            value,
        }));
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::lint::testing::{POST, SCHEMAS, breaks, passes};

    #[test]
    fn examples_fit_their_schemas() {
        let request = format!("{POST}/requestBody/content/application~1json/example");
        let answer = format!("{POST}/responses/200/content/application~1json/examples/paid/value");
        let error = "/components/responses/Refused/content/application~1json/example".to_owned();
        let parameter = format!("{POST}/parameters/0/example");
        for (place, value, inside) in [
            (&request, json!({ "Total": "3.5" }), "/Total"),
            (&request, json!({}), ""),
            (
                &request,
                json!({ "Total": 1, "Lines": [{}, { "Count": 1.5 }] }),
                "/Lines/1/Count",
            ),
            (&answer, json!({ "Total": true }), "/Total"),
            (&error, json!({ "Errors": {} }), "/Errors"),
            (&parameter, json!("no id"), ""),
            (
                &"/components/parameters/Page/example".to_owned(),
                json!("one"),
                "",
            ),
        ] {
            let pointer = format!("{place}{inside}");
            breaks("valid-example", &[(place, value)], &[&pointer]);
        }
        passes(&[
            (&request, json!({ "Total": 3, "Unknown": [1] })),
            (&answer, json!({ "Currency": null })),
        ]);
    }

    #[test]
    fn examples_inside_schemas_and_under_names_count_too() {
        let name = format!("{SCHEMAS}/PayResponse/properties/Note/example");
        breaks("valid-example", &[(&name, json!(7))], &[&name]);
        let shared = json!({ "one": { "value": 3 } });
        let examples = "/components/parameters/Page/examples";
        let reference = json!({ "it": { "$ref": "#/components/examples/one" } });
        let edits = [("/components/examples", shared), (examples, reference)];
        passes(&edits);
        let [mut shared, reference] = edits;
        shared.1 = json!({ "one": { "value": "three" } });
        breaks(
            "valid-example",
            &[shared, reference],
            &["/components/parameters/Page/examples/it/value"],
        );
    }

    #[test]
    fn an_invalid_schema_is_reported() {
        let kind = format!("{SCHEMAS}/Line/type");
        breaks("valid-example", &[(&kind, json!("objekt"))], &[&kind]);
    }
}
