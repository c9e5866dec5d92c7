//! Types of schemas, in the document's words.

use serde_json::Value;

use crate::spec::ref_name;

pub(super) fn type_of(schema: &Value) -> String {
    if let Some(name) = ref_name(schema) {
        return name.to_owned();
    }
    for key in ["anyOf", "oneOf", "allOf"] {
        if let Some(parts) = schema[key].as_array() {
            let parts: Vec<String> = parts.iter().map(type_of).collect();
            return format!("{key} {}", parts.join(", "));
        }
    }
    match (schema["type"].as_str(), schema["format"].as_str()) {
        (Some("array"), _) => format!("list of {}", type_of(&schema["items"])),
        // The format of a text asserts nothing, that of a number decides its Rust type.
        (Some(name), Some(format)) if name != "string" => format!("{name} ({format})"),
        (Some(name), _) => name.to_owned(),
        (None, _) => "anything".to_owned(),
    }
}

/// The type, and whether it must be there.
pub(super) fn described(schema: &Value, required: bool) -> String {
    let required = if required { "required" } else { "optional" };
    format!("{}, {required}", type_of(schema))
}
