//! Rules about bodies and parameters: they have schemas and examples.

use serde_json::{Map, Value};

use super::report::{Document, Report};
use crate::spec::{Kind, Operation, Spec};

/// Whether a media type is JSON, with or without parameters such as a charset.
pub(super) fn is_json(media_type: &str) -> bool {
    essence(media_type) == "application/json"
}

/// Whether a media type is that of a file, which is passed on as it is: a picture, a PDF, an office
/// document.
fn is_file(media_type: &str) -> bool {
    let essence = essence(media_type);
    let office = essence.starts_with("application/vnd.") && !essence.contains('+');
    let known = [
        "application/pdf",
        "application/octet-stream",
        "application/zip",
    ];
    essence.starts_with("image/") || office || known.contains(&essence)
}

fn essence(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or_default().trim()
}

fn answer<'a>(spec: &'a Spec, operation: &Operation<'a>) -> &'a Value {
    spec.resolve(&operation.value["responses"]["200"])
}

pub(super) fn answer_schema(document: &Document<'_>, report: &mut Report) {
    for operation in document.spec.operations() {
        let pointer = format!("{}/responses/200", operation.pointer());
        let content = answer(document.spec, &operation)["content"].as_object();
        let Some(content) = content.filter(|content| !content.is_empty()) else {
            report.add(pointer, "has no schema");
            continue;
        };
        for (media_type, body) in content {
            if !is_json(media_type) && !is_file(media_type) {
                report.add(
                    &pointer,
                    format!("answers with {media_type:?}, which is neither JSON nor a file"),
                );
            } else if !body["schema"].is_object() {
                report.add(&pointer, format!("has no schema for {media_type:?}"));
            }
        }
    }
}

pub(super) fn request_example(document: &Document<'_>, report: &mut Report) {
    for operation in document.spec.operations() {
        if let Some(body) = operation.value.get("requestBody") {
            let content = document.spec.resolve(body)["content"].as_object();
            if !content.is_some_and(|content| content.values().all(has_example)) {
                report.add(
                    format!("{}/requestBody", operation.pointer()),
                    "has no example",
                );
            }
        }
    }
}

pub(super) fn answer_example(document: &Document<'_>, report: &mut Report) {
    for operation in document.spec.operations() {
        let content = answer(document.spec, &operation)["content"].as_object();
        let missing = content
            .into_iter()
            .flatten()
            .any(|(media_type, body)| is_json(media_type) && !has_example(body));
        if missing {
            report.add(
                format!("{}/responses/200", operation.pointer()),
                "has no example",
            );
        }
    }
}

pub(super) fn parameter_example(document: &Document<'_>, report: &mut Report) {
    for parameter in document.places(&[Kind::Parameter]) {
        if !has_example(parameter.value) {
            report.add(&parameter.pointer, "has no example");
        }
    }
}

fn has_example(holder: &Value) -> bool {
    let several = holder["examples"].as_object();
    holder.get("example").is_some() || !several.is_none_or(Map::is_empty)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::lint::testing::{GET, POST, breaks, passes};

    #[test]
    fn answers_have_schemas() {
        let answer = format!("{GET}/responses/200");
        let content = format!("{answer}/content");
        for other in [
            json!(null),
            json!({}),
            json!("text"),
            json!({ "application/pdf": {} }),
            json!({ "text/html": { "schema": { "type": "string" } } }),
            json!({ "application/vnd.barion+json": { "schema": { "type": "string" } } }),
        ] {
            breaks("answer-schema", &[(&content, other)], &[&answer]);
        }
        breaks(
            "answer-schema",
            &[(&format!("{GET}/responses"), json!(null))],
            &[&answer],
        );
        let file = json!({ "schema": { "type": "string", "format": "binary" } });
        passes(&[(&content, json!({ "image/png": file, "image/jpeg": file }))]);
    }

    #[test]
    fn requests_have_examples() {
        let json = format!("{POST}/requestBody/content/application~1json");
        let body = format!("{POST}/requestBody");
        breaks(
            "request-example",
            &[(&format!("{json}/example"), json!(null))],
            &[&body],
        );
        passes(&[
            (&format!("{json}/example"), json!(null)),
            (
                &format!("{json}/examples"),
                json!({ "one": { "value": { "Total": 1 } } }),
            ),
        ]);
    }

    #[test]
    fn answers_have_examples_unless_they_are_files() {
        let answer = format!("{POST}/responses/200");
        let examples = format!("{answer}/content/application~1json/examples");
        for other in [json!(null), json!({})] {
            breaks("answer-example", &[(&examples, other)], &[&answer]);
        }
        let file = json!({ "application/pdf": { "schema": { "type": "string" } } });
        passes(&[(&format!("{GET}/responses/200/content"), file)]);
    }

    #[test]
    fn parameters_have_examples_where_they_are_defined() {
        for place in [
            format!("{POST}/parameters/0"),
            "/components/parameters/Page".to_owned(),
        ] {
            let example = format!("{place}/example");
            breaks("parameter-example", &[(&example, json!(null))], &[&place]);
            passes(&[
                (&example, json!(null)),
                (
                    &format!("{place}/examples"),
                    json!({ "one": { "summary": "Elsewhere" } }),
                ),
            ]);
        }
    }
}
