//! The rule that requests are limited, so that the facade can check them before they leave.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Report, says_something};
use crate::places::{self, Place};
use crate::spec::{Spec, escape, ref_name};

/// Scalars whose shape leaves nothing to limit.
const EXEMPT: [&str; 3] = ["Guid", "PosKey", "Timestamp"];

pub(super) fn limits(report: &mut Report<'_>) {
    let spec = report.spec;
    for (pointer, schema) in request_properties(spec) {
        for missing in Limited::of(spec, schema).missing() {
            report.add(&pointer, missing);
        }
    }
}

/// The properties of all request bodies, where they are defined, and the items of those that are lists.
fn request_properties(spec: &Spec) -> Vec<Place<'_>> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for (pointer, root) in request_roots(spec) {
        for (pointer, schema) in places::schemas_in(root, &pointer) {
            if is_member(&pointer) && seen.insert(pointer.clone()) {
                found.push((pointer, schema));
            }
        }
    }
    found
}

/// The models that requests use, and bodies that are written where they are used.
fn request_roots(spec: &Spec) -> Vec<Place<'_>> {
    let named = spec.schemas().into_iter().flatten();
    let requests = spec.request_schemas();
    let named = named
        .filter(|(name, _)| requests.contains(*name))
        .map(|(name, schema)| (format!("/components/schemas/{}", escape(name)), schema));
    let mut found: Vec<Place<'_>> = named.collect();
    for operation in spec.operations() {
        let body = &operation.value["requestBody"];
        let (pointer, body) = match body["$ref"].as_str().and_then(|to| to.strip_prefix('#')) {
            Some(pointer) => (pointer.to_owned(), spec.resolve(body)),
            None => (format!("{}/requestBody", operation.pointer()), body),
        };
        for (media_type, content) in body["content"].as_object().into_iter().flatten() {
            let pointer = format!("{pointer}/content/{}/schema", escape(media_type));
            found.push((pointer, &content["schema"]));
        }
    }
    found
}

/// Whether the place is that of a property, or of what a list holds.
fn is_member(pointer: &str) -> bool {
    let mut segments = pointer.rsplit('/');
    let (last, before) = (segments.next(), segments.next());
    before == Some("properties") || last == Some("items")
}

/// A property together with the named scalar or list that it refers to.
struct Limited<'a> {
    property: &'a Value,
    name: &'a str,
    named: &'a Value,
}

impl<'a> Limited<'a> {
    fn of(spec: &'a Spec, property: &'a Value) -> Self {
        let name = ref_name(property).unwrap_or_default();
        let schemas = spec.schemas();
        let named = schemas.and_then(|schemas| schemas.get(name));
        let named = named.filter(|_| !spec.is_model(name));
        Self {
            property,
            name,
            named: named.unwrap_or(&Value::Null),
        }
    }

    /// Which limits are neither there nor excused.
    fn missing(&self) -> Vec<&'static str> {
        if EXEMPT.contains(&self.name) || self.is_excused() {
            return Vec::new();
        }
        if self.name == "TimeSpan" {
            let missing = |key| !self.has(key);
            return [
                (
                    "x-barion-minimum",
                    "has no x-barion-minimum, nor x-barion-no-limit to say why",
                ),
                (
                    "x-barion-maximum",
                    "has no x-barion-maximum, nor x-barion-no-limit to say why",
                ),
            ]
            .into_iter()
            .filter(|(key, _)| missing(key))
            .map(|(_, message)| message)
            .collect();
        }
        let kind = self.get("type").and_then(Value::as_str);
        let missing = match kind {
            Some("string") if !self.has("maxLength") && !self.is_limited_by_shape() => {
                "has no maxLength, nor x-barion-no-limit to say why"
            }
            Some("array") if !self.has("minItems") => {
                "has no minItems, nor x-barion-no-limit to say why"
            }
            Some("number" | "integer") if !self.has("minimum") => {
                "has no minimum, nor x-barion-no-limit to say why"
            }
            _ => return Vec::new(),
        };
        vec![missing]
    }

    fn get(&self, key: &str) -> Option<&'a Value> {
        self.property.get(key).or_else(|| self.named.get(key))
    }

    fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Named lists of values and named patterns say by themselves what fits.
    fn is_limited_by_shape(&self) -> bool {
        self.named.get("x-barion-values").is_some() || self.named.get("pattern").is_some()
    }

    fn is_excused(&self) -> bool {
        self.get("x-barion-no-limit").is_some_and(says_something)
    }
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
