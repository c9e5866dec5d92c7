//! Where things stand in the document: every schema, parameter and body, with its JSON pointer.

use serde_json::Value;

use crate::spec::{Spec, escape};

/// A value of the document and its JSON pointer.
pub type Place<'a> = (String, &'a Value);

/// Every schema, wherever it stands, parents first: named ones, those of bodies and parameters, and the schemas of
/// properties and items inside them. Examples are no schemas, however they look.
#[must_use]
pub fn schemas(spec: &Spec) -> Vec<Place<'_>> {
    let mut found = Vec::new();
    for (name, schema) in spec.schemas().into_iter().flatten() {
        inside(
            schema,
            &format!("/components/schemas/{}", escape(name)),
            &mut found,
        );
    }
    for (pointer, holder) in holders(spec) {
        if let Some(schema) = holder.get("schema") {
            inside(schema, &format!("{pointer}/schema"), &mut found);
        }
    }
    found
}

/// A schema and the schemas inside it, parents first.
#[must_use]
pub fn schemas_in<'a>(schema: &'a Value, pointer: &str) -> Vec<Place<'a>> {
    let mut found = Vec::new();
    inside(schema, pointer, &mut found);
    found
}

fn inside<'a>(schema: &'a Value, pointer: &str, found: &mut Vec<Place<'a>>) {
    found.push((pointer.to_owned(), schema));
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        inside(
            property,
            &format!("{pointer}/properties/{}", escape(name)),
            found,
        );
    }
    for key in ["allOf", "anyOf", "oneOf"] {
        for (index, part) in schema[key].as_array().into_iter().flatten().enumerate() {
            inside(part, &format!("{pointer}/{key}/{index}"), found);
        }
    }
    for key in ["items", "not", "additionalProperties"] {
        if let Some(part) = schema.get(key).filter(|part| part.is_object()) {
            inside(part, &format!("{pointer}/{key}"), found);
        }
    }
}

/// Everything that has a schema and examples for it: parameters, headers, and each media type of each body.
#[must_use]
pub fn holders(spec: &Spec) -> Vec<Place<'_>> {
    let mut found = Vec::new();
    for (pointer, value) in outside_of_schemas(spec) {
        let last = pointer.rsplit('/').nth(1).unwrap_or_default();
        if ["parameters", "headers", "content"].contains(&last) && value.get("$ref").is_none() {
            found.push((pointer, value));
        }
    }
    found
}

/// Every parameter where it is defined, so that one that many operations refer to counts once.
#[must_use]
pub fn parameters(spec: &Spec) -> Vec<Place<'_>> {
    let mut found = holders(spec);
    found.retain(|(pointer, _)| pointer.rsplit('/').nth(1) == Some("parameters"));
    found
}

/// All values under `paths` and the `components` that are not schemas, without what is in examples and extensions.
fn outside_of_schemas(spec: &Spec) -> Vec<Place<'_>> {
    let mut found = Vec::new();
    descend(&spec.root["paths"], "/paths".to_owned(), &mut found);
    for (section, value) in spec.root["components"].as_object().into_iter().flatten() {
        if !["schemas", "examples", "securitySchemes"].contains(&section.as_str()) {
            descend(
                value,
                format!("/components/{}", escape(section)),
                &mut found,
            );
        }
    }
    found
}

fn descend<'a>(value: &'a Value, pointer: String, found: &mut Vec<Place<'a>>) {
    match value {
        Value::Object(map) => {
            for (key, child) in map {
                if !["schema", "example", "examples"].contains(&key.as_str())
                    && !key.starts_with("x-")
                {
                    descend(child, format!("{pointer}/{}", escape(key)), found);
                }
            }
        }
        Value::Array(list) => {
            for (index, child) in list.iter().enumerate() {
                descend(child, format!("{pointer}/{index}"), found);
            }
        }
        _ => {}
    }
    found.push((pointer, value));
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{holders, schemas};
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
        let pointers = |found: Vec<super::Place<'_>>| -> Vec<String> {
            found.into_iter().map(|(pointer, _)| pointer).collect()
        };
        let (p, q) = ("/paths/~1a/get/parameters/0", "/components/parameters/Q");
        let body = "/components/responses/Yes/content/application~1json";
        assert_eq!(pointers(holders(&spec)), [p, q, body]);
        assert_eq!(
            pointers(schemas(&spec)),
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
