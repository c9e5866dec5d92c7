//! The rule that requests are limited, so that the facade can check them before they leave.

use serde_json::Value;

use super::report::{Document, Report, says_something};
use crate::spec::{Kind, Spec, escape, limit, ref_name};

/// Scalars whose shape leaves nothing to limit.
const EXEMPT: [&str; 3] = ["Guid", "PosKey", "Timestamp"];

pub(super) fn limits(document: &Document<'_>, report: &mut Report) {
    let spec = document.spec;
    let bodies = request_bodies(spec);
    for place in document.places(&[Kind::Property, Kind::Items]) {
        if bodies.iter().any(|body| place.pointer.starts_with(body)) {
            for keyword in missing(spec, place.value) {
                let message = format!("has no {keyword}, nor x-barion-no-limit to say why");
                report.add(&place.pointer, message);
            }
        }
    }
}

/// The places below which everything is sent: the schemas that requests use, and request bodies.
fn request_bodies(spec: &Spec) -> Vec<String> {
    let named = spec.request_schemas().into_iter();
    let mut found: Vec<String> = named
        .map(|name| format!("/components/schemas/{}/", escape(&name)))
        .collect();
    for operation in spec.operations() {
        let body = operation.value["requestBody"]["$ref"].as_str();
        found.push(match body.and_then(|target| target.strip_prefix('#')) {
            Some(pointer) => format!("{pointer}/"),
            None => format!("{}/requestBody/", operation.pointer()),
        });
    }
    found
}

/// Which limits of a property are neither there nor excused.
fn missing(spec: &Spec, property: &Value) -> Vec<&'static str> {
    let get = |keyword| limit(spec, property, keyword);
    let name = ref_name(property).unwrap_or_default();
    if EXEMPT.contains(&name) || get("x-barion-no-limit").is_some_and(says_something) {
        return Vec::new();
    }
    let needed: &[&str] = match get("type").and_then(Value::as_str) {
        _ if name == "TimeSpan" => &["x-barion-minimum", "x-barion-maximum"],
        // Named lists of values and named patterns say by themselves what fits.
        Some("string") if named_has(spec, name, &["x-barion-values", "pattern"]) => &[],
        Some("string") => &["maxLength"],
        Some("array") => &["minItems"],
        Some("number" | "integer") => &["minimum"],
        _ => &[],
    };
    let needed = needed.iter().copied();
    needed.filter(|keyword| get(keyword).is_none()).collect()
}

fn named_has(spec: &Spec, name: &str, keywords: &[&str]) -> bool {
    let schema = spec.schema(name);
    keywords.iter().any(|keyword| schema.get(keyword).is_some())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::lint::testing::{POST, SCHEMAS, breaks, passes};

    fn property(name: &str) -> String {
        format!("{SCHEMAS}/PayRequest/properties/{name}")
    }

    #[test]
    fn each_kind_needs_its_limit_or_a_reason() {
        for (name, keyword) in [
            ("Name", "maxLength"),
            ("Note", "x-barion-no-limit"),
            ("Total", "minimum"),
            ("Lines", "minItems"),
            ("Window", "x-barion-minimum"),
            ("Window", "x-barion-maximum"),
        ] {
            let place = property(name);
            let limit = (format!("{place}/{keyword}"), json!(null));
            let reason = format!("{place}/x-barion-no-limit");
            breaks("limits", &[(&limit.0, limit.1.clone())], &[&place]);
            breaks(
                "limits",
                &[(&limit.0, limit.1.clone()), (&reason, json!(" "))],
                &[&place],
            );
            passes(&[(&limit.0, limit.1), (&reason, json!("Nobody knows."))]);
        }
        let count = format!("{SCHEMAS}/Line/properties/Count");
        breaks(
            "limits",
            &[(&format!("{count}/minimum"), json!(null))],
            &[&count],
        );
    }

    #[test]
    fn a_named_scalar_may_bring_the_limit() {
        let text = |extra: Value| {
            let mut schema = json!({
                "type": "string", "description": "A text.", "x-barion-source": ["docs"], "x-barion-confidence": "reported",
            });
            schema
                .as_object_mut()
                .unwrap()
                .extend(extra.as_object().unwrap().clone());
            (format!("{SCHEMAS}/Text"), schema)
        };
        let note = property("Note");
        let refers =
            json!({ "allOf": [{ "$ref": "#/components/schemas/Text" }], "description": "A note." });
        for extra in [
            json!({ "maxLength": 3 }),
            json!({ "pattern": "^a$" }),
            json!({ "x-barion-values": [{ "value": "a", "meaning": "A." }] }),
            json!({ "x-barion-no-limit": "Nobody knows." }),
        ] {
            let (place, schema) = text(extra);
            passes(&[(&place, schema), (&note, refers.clone())]);
        }
        let (place, schema) = text(json!({ "minLength": 3 }));
        breaks("limits", &[(&place, schema), (&note, refers)], &[&note]);
    }

    #[test]
    fn items_and_bodies_in_place_are_limited_too_and_answers_are_not() {
        let lines = property("Lines");
        let texts = json!({ "type": "array", "minItems": 1, "description": "Lines.", "items": { "type": "string" } });
        let items = format!("{lines}/items");
        breaks(
            "limits",
            &[
                (&lines, texts),
                (
                    &format!("{POST}/requestBody/content/application~1json/example/Lines"),
                    json!(null),
                ),
                (&format!("{SCHEMAS}/Line"), json!(null)),
            ],
            &[&items],
        );
        let schema = format!("{POST}/requestBody/content/application~1json/schema");
        let inline = json!({ "allOf": [
            { "$ref": "#/components/schemas/PayRequest" },
            { "properties": { "Extra": { "type": "string", "description": "More." } } },
        ] });
        breaks(
            "limits",
            &[(&schema, inline)],
            &[&format!("{schema}/allOf/1/properties/Extra")],
        );
        passes(&[(
            &format!("{SCHEMAS}/PayResponse/properties/More"),
            json!({ "type": "string", "description": "More." }),
        )]);
    }
}
