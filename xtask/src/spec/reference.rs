//! References (`$ref`), JSON pointers, and a walk over every value of a tree.

use serde_json::{Value, json};

const SCHEMA_REF: &str = "#/components/schemas/";

/// The name in a reference to a named schema, also where it is wrapped in an `allOf` of one.
#[must_use]
pub fn ref_name(value: &Value) -> Option<&str> {
    if let Some(target) = value["$ref"].as_str() {
        return target.strip_prefix(SCHEMA_REF);
    }
    match value["allOf"].as_array().map(Vec::as_slice) {
        Some([only]) => ref_name(only),
        _ => None,
    }
}

/// A reference to a named schema.
#[must_use]
pub fn make_ref(name: &str) -> Value {
    json!({ "$ref": format!("{SCHEMA_REF}{name}") })
}

/// Calls `visit` for every value of the tree with its JSON pointer, parents first.
pub fn walk<'a>(value: &'a Value, pointer: &str, visit: &mut dyn FnMut(&'a Value, &str)) {
    visit(value, pointer);
    match value {
        Value::Object(map) => {
            for (key, child) in map {
                walk(child, &format!("{pointer}/{}", escape(key)), visit);
            }
        }
        Value::Array(list) => {
            for (index, child) in list.iter().enumerate() {
                walk(child, &format!("{pointer}/{index}"), visit);
            }
        }
        _ => {}
    }
}

/// A key as it stands in a JSON pointer.
#[must_use]
pub fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
