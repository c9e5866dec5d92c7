//! Places: every operation, parameter, body and schema of the document with its JSON pointer,
//! listed by one walk. The lint, the diff and the search for loops pick from this list what they
//! look at.

use serde_json::Value;

use super::document::Spec;
use super::reference::escape;

/// A value of the document, where it stands, and what it is.
#[derive(Debug, Clone)]
pub struct Place<'a> {
    /// The JSON pointer.
    pub pointer: String,
    /// What it is.
    pub kind: Kind,
    /// The value.
    pub value: &'a Value,
}

/// What a value of the document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An operation.
    Operation,
    /// A parameter, where it is defined.
    Parameter,
    /// A header of an answer, where it is defined.
    Header,
    /// A body with one media type.
    Content,
    /// A named schema.
    NamedSchema,
    /// The schema of a property.
    Property,
    /// The schema of the entries of a list.
    Items,
    /// Any other schema.
    Schema,
}

impl Kind {
    /// Whether it is a schema.
    #[must_use]
    pub fn is_schema(self) -> bool {
        matches!(
            self,
            Self::NamedSchema | Self::Property | Self::Items | Self::Schema
        )
    }
}

/// Every operation; then every parameter, header and body; then every schema, parents first.
/// Examples are none of these, however they look.
#[must_use]
pub fn places(spec: &Spec) -> Vec<Place<'_>> {
    let mut found: Vec<Place<'_>> = Vec::new();
    for operation in spec.operations() {
        found.push(Place {
            pointer: operation.pointer(),
            kind: Kind::Operation,
            value: operation.value,
        });
    }
    let first = found.len();
    holders(&spec.root["paths"], "/paths".to_owned(), &mut found);
    for (section, value) in spec.root["components"].as_object().into_iter().flatten() {
        if !["schemas", "examples", "securitySchemes"].contains(&section.as_str()) {
            holders(
                value,
                format!("/components/{}", escape(section)),
                &mut found,
            );
        }
    }
    let mut schemas = Vec::new();
    for (name, schema) in spec.schemas().into_iter().flatten() {
        let pointer = format!("/components/schemas/{}", escape(name));
        schemas_in(schema, &pointer, Kind::NamedSchema, &mut schemas);
    }
    for holder in &found[first..] {
        if let Some(schema) = holder.value.get("schema") {
            let pointer = format!("{}/schema", holder.pointer);
            schemas_in(schema, &pointer, Kind::Schema, &mut schemas);
        }
    }
    found.extend(schemas);
    found
}

/// Everything in a value that has a schema and examples for it, children first.
fn holders<'a>(value: &'a Value, pointer: String, found: &mut Vec<Place<'a>>) {
    match value {
        Value::Object(map) => {
            for (key, child) in map {
                let skipped = ["schema", "example", "examples"].contains(&key.as_str());
                if !skipped && !key.starts_with("x-") {
                    holders(child, format!("{pointer}/{}", escape(key)), found);
                }
            }
        }
        Value::Array(list) => {
            for (index, child) in list.iter().enumerate() {
                holders(child, format!("{pointer}/{index}"), found);
            }
        }
        _ => {}
    }
    let kind = match pointer.rsplit('/').nth(1) {
        Some("parameters") => Kind::Parameter,
        Some("headers") => Kind::Header,
        Some("content") => Kind::Content,
        _ => return,
    };
    if value.get("$ref").is_none() {
        found.push(Place {
            pointer,
            kind,
            value,
        });
    }
}

/// A schema and the schemas inside it, parents first.
fn schemas_in<'a>(value: &'a Value, pointer: &str, kind: Kind, found: &mut Vec<Place<'a>>) {
    let place = Place {
        pointer: pointer.to_owned(),
        kind,
        value,
    };
    found.push(place);
    for (name, property) in value["properties"].as_object().into_iter().flatten() {
        let pointer = format!("{pointer}/properties/{}", escape(name));
        schemas_in(property, &pointer, Kind::Property, found);
    }
    for key in ["allOf", "anyOf", "oneOf"] {
        for (index, part) in value[key].as_array().into_iter().flatten().enumerate() {
            schemas_in(
                part,
                &format!("{pointer}/{key}/{index}"),
                Kind::Schema,
                found,
            );
        }
    }
    for (key, kind) in [
        ("items", Kind::Items),
        ("not", Kind::Schema),
        ("additionalProperties", Kind::Schema),
    ] {
        if let Some(part) = value.get(key).filter(|part| part.is_object()) {
            schemas_in(part, &format!("{pointer}/{key}"), kind, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Kind, places};
    use crate::spec::Spec;

    #[test]
    fn schemas_and_their_holders_are_found_and_examples_are_not() {
        let spec = Spec::parse(
            Path::new("test.yaml"),
            "
paths:
  /a:
    get:
      parameters: [{ name: P, schema: { type: string }, example: { schema: { type: string } } }]
      responses: { '200': { $ref: '#/components/responses/Yes' } }
components:
  parameters: { Q: { name: Q, schema: { type: string } } }
  responses: { Yes: { content: { application/json: { schema: { items: { not: {} } } } } } }
  schemas:
    A: { properties: { example: { allOf: [{ type: string }] } } }
",
        )
        .unwrap();
        let pointers = |wanted: fn(Kind) -> bool| -> Vec<String> {
            let found = places(&spec).into_iter();
            let found = found.filter(|place| wanted(place.kind));
            found.map(|place| place.pointer).collect()
        };
        let (p, q) = ("/paths/~1a/get/parameters/0", "/components/parameters/Q");
        let body = "/components/responses/Yes/content/application~1json";
        assert_eq!(pointers(|kind| kind == Kind::Operation), ["/paths/~1a/get"]);
        assert_eq!(
            pointers(|kind| !kind.is_schema() && kind != Kind::Operation),
            [p, q, body]
        );
        assert_eq!(
            pointers(Kind::is_schema),
            [
                "/components/schemas/A".to_owned(),
                "/components/schemas/A/properties/example".to_owned(),
                "/components/schemas/A/properties/example/allOf/0".to_owned(),
                format!("{p}/schema"),
                format!("{q}/schema"),
                format!("{body}/schema"),
                format!("{body}/schema/items"),
                format!("{body}/schema/items/not"),
            ]
        );
    }
}
