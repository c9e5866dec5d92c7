//! Lowering: turns the true, complete document into the one that the generator does well.
//!
//! The document says what Barion does. The generator would turn parts of it into code that breaks
//! on Barion's real answers, or into code without a use. Each step below takes one such part away;
//! `spec/README.md` lists them for maintainers.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::spec::{LIMITS, Spec, make_ref, ref_name};

/// The schemas that hand-written types of `barion_generated::wire` stand for.
pub(super) const WIRE_TYPES: [&str; 8] = [
    "DashedGuid",
    "Decimal",
    "FreeForm",
    "Guid",
    "PosKey",
    "RelatedId",
    "TimeSpan",
    "Timestamp",
];

/// The schema that lowering adds for texts marked `x-barion-sensitive`.
pub(super) const SENSITIVE: &str = "Sensitive";

/// The names of the open enumerations.
#[must_use]
pub(super) fn open_enums(spec: &Spec) -> BTreeSet<String> {
    let schemas = spec.schemas().into_iter().flatten();
    schemas
        .filter(|(_, schema)| schema.get("x-barion-values").is_some())
        .map(|(name, _)| name.clone())
        .collect()
}

/// The lowered document. The input must have passed the lint.
pub(super) fn lower(spec: &Spec) -> Value {
    let answers = spec.answer_schemas();
    let enums = open_enums(spec);
    let mut root = spec.root.clone();
    if let Some(schemas) = root
        .pointer_mut("/components/schemas")
        .and_then(Value::as_object_mut)
    {
        for (name, schema) in &mut *schemas {
            if WIRE_TYPES.contains(&name.as_str()) || enums.contains(name) {
                *schema = opaque(schema);
            } else {
                lower_model(schema, answers.contains(name));
            }
        }
        inline_lists(schemas);
        let sensitive = opaque(&json!({ "description": "A text that is not shown." }));
        schemas.insert(SENSITIVE.to_owned(), sensitive);
    }
    for item in values(&mut root, "paths") {
        for operation in item.as_object_mut().into_iter().flat_map(Map::values_mut) {
            lower_operation(operation);
        }
    }
    root
}

/// The values of the map under a key; none where there is no map.
fn values<'a>(value: &'a mut Value, key: &str) -> impl Iterator<Item = &'a mut Value> {
    let map = value.get_mut(key).and_then(Value::as_object_mut);
    map.into_iter().flat_map(Map::values_mut)
}

/// The entries of the list under a key; none where there is no list.
fn entries<'a>(value: &'a mut Value, key: &str) -> impl Iterator<Item = &'a mut Value> {
    let list = value.get_mut(key).and_then(Value::as_array_mut);
    list.into_iter().flatten()
}

/// A named text without a shape of its own: the settings of the generator say which hand-written
/// type stands for it.
fn opaque(schema: &Value) -> Value {
    json!({ "type": "string", "description": schema["description"].clone() })
}

/// The generator can't hold two error types, and loses the status of an error body it can't read.
/// Without them every answer but 200 arrives as it is, and the layer above reads it with all facts
/// at hand.
fn lower_operation(operation: &mut Value) {
    if let Some(responses) = operation
        .get_mut("responses")
        .and_then(Value::as_object_mut)
    {
        responses.retain(|status, _| status == "200");
    }
    for response in values(operation, "responses") {
        strip_examples(response);
        lower_content(response);
    }
    if let Some(body) = operation.get_mut("requestBody") {
        strip_examples(body);
    }
    for parameter in entries(operation, "parameters") {
        if let Some(schema) = parameter.get_mut("schema").and_then(Value::as_object_mut) {
            strip_limits(schema);
        }
    }
}

/// A file is bytes, in any format: the generator can't hold several formats under one status.
fn lower_content(response: &mut Value) {
    let is_file = |content: &Map<String, Value>| {
        !content.contains_key("application/json") && !content.is_empty()
    };
    if response["content"].as_object().is_some_and(is_file) {
        let bytes = json!({ "type": "string", "format": "binary" });
        response["content"] = json!({ "application/octet-stream": { "schema": bytes } });
    }
}

fn strip_examples(body: &mut Value) {
    for content in values(body, "content").filter_map(Value::as_object_mut) {
        content.remove("example");
        content.remove("examples");
    }
}

/// The generator would turn limits into a type for each property. They are emitted as data and
/// checks instead.
fn strip_limits(schema: &mut Map<String, Value>) {
    schema.retain(|keyword, _| {
        !LIMITS.contains(&keyword.as_str()) && !keyword.starts_with("exclusive")
    });
}

fn lower_model(schema: &mut Value, answer: bool) {
    for part in entries(schema, "allOf") {
        lower_model(part, answer);
    }
    for property in values(schema, "properties") {
        lower_property(property, answer);
    }
}

fn lower_property(property: &mut Value, answer: bool) {
    if property.get("x-barion-sensitive").is_some() {
        let description = property["description"].clone();
        *property = json!({ "allOf": [make_ref(SENSITIVE)], "description": description });
    }
    let is_list = property["type"] == "array";
    let is_text = property["type"] == "string";
    let Some(keywords) = property.as_object_mut() else {
        return;
    };
    strip_limits(keywords);
    if is_text {
        // Addresses stay texts: one that the url crate refuses must not make an answer unreadable.
        keywords.remove("format");
    }
    // What is not required reads null as well; saying so twice would nest the options.
    keywords.remove("nullable");
    if is_list && answer {
        // The service sends null for an empty list now and then.
        keywords.insert("nullable".to_owned(), Value::Bool(true));
    }
}

/// Puts named lists (the error list) where they are referred to: the generator would make a type of
/// each.
fn inline_lists(schemas: &mut Map<String, Value>) {
    let mut lists = schemas.clone();
    lists.retain(|_, schema| schema["type"] == "array");
    schemas.retain(|name, _| !lists.contains_key(name));
    for schema in schemas.values_mut() {
        for property in values(schema, "properties") {
            if let Some(list) = ref_name(property).and_then(|name| lists.get(name)) {
                *property = list.clone();
            }
        }
    }
}
