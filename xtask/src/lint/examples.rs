//! The rule that examples are true.

use serde_json::Value;

use super::Report;
use super::bodies::is_json;
use crate::json_schema::JsonSchemas;
use crate::places;
use crate::spec::{Spec, escape};

pub(super) fn valid(report: &mut Report<'_>) {
    if report.dangling {
        return; // Told already, and no schema can be trusted.
    }
    let schemas = match JsonSchemas::of(report.spec) {
        Ok(schemas) => schemas,
        Err(problems) => {
            for problem in problems.0 {
                let message = format!("is no schema, so no example can fit: {}", problem.message);
                report.add(problem.pointer.unwrap_or_default(), message);
            }
            return;
        }
    };
    for Example {
        pointer,
        schema,
        value,
    } in examples(report.spec)
    {
        for mismatch in schemas.mismatches(schema, value) {
            report.add(
                format!("{pointer}{}", mismatch.pointer),
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

/// All examples: those of parameters and JSON bodies, and those that stand in schemas.
fn examples(spec: &Spec) -> Vec<Example<'_>> {
    let mut found = Vec::new();
    for (pointer, holder) in places::holders(spec) {
        if let Some(schema) = holder.get("schema")
            && is_for_json(&pointer)
        {
            of_holder(spec, &pointer, holder, schema, &mut found);
        }
    }
    for (pointer, schema) in places::schemas(spec) {
        if let Some(value) = schema.get("example") {
            found.push(Example {
                pointer: format!("{pointer}/example"),
                schema,
                value,
            });
        }
    }
    found
}

fn of_holder<'a>(
    spec: &'a Spec,
    pointer: &str,
    holder: &'a Value,
    schema: &'a Value,
    found: &mut Vec<Example<'a>>,
) {
    if let Some(value) = holder.get("example") {
        found.push(Example {
            pointer: format!("{pointer}/example"),
            schema,
            value,
        });
    }
    for (name, example) in holder["examples"].as_object().into_iter().flatten() {
        // An example may be elsewhere (`externalValue`); then there is nothing to check.
        if let Some(value) = spec.resolve(example).get("value") {
            found.push(Example {
                pointer: format!("{pointer}/examples/{}/value", escape(name)),
                schema,
                value,
            });
        }
    }
}

/// Parameters and headers are; of bodies only those whose media type is JSON.
fn is_for_json(pointer: &str) -> bool {
    let mut segments = pointer.rsplit('/');
    let (key, section) = (segments.next(), segments.next());
    section != Some("content") || key.is_some_and(|key| is_json(&key.replace("~1", "/")))
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
    fn a_schema_that_is_none_is_told() {
        let kind = format!("{SCHEMAS}/Line/type");
        breaks("valid-example", &[(&kind, json!("objekt"))], &[&kind]);
    }
}
