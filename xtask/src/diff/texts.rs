//! How many texts differ: descriptions, examples, sources and whatever else changes nothing for applications.

use serde_json::{Map, Value};

use super::{Change, Harmless, Kind, Pair};

/// What has consequences and so is compared elsewhere, by its meaning.
const COMPARED: [&str; 32] = [
    "$ref",
    "additionalProperties",
    "also",
    "deprecated",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "fractionDigits",
    "in",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "name",
    "nullable",
    "openapi",
    "operationId",
    "pattern",
    "required",
    "type",
    "uniqueItems",
    "value",
    "x-barion-also",
    "x-barion-key",
    "x-barion-maximum",
    "x-barion-minimum",
    "x-barion-moves-money",
    "x-barion-sensitive",
];

pub(super) fn changes(pair: &Pair<'_>) -> Option<Change> {
    let places = count(
        &without_servers(&pair.old.root),
        &without_servers(&pair.new.root),
    );
    (places > 0).then(|| {
        let places = format!("in {places} place{}", if places == 1 { "" } else { "s" });
        Change::new(Kind::Changed, "texts")
            .detail(places)
            .verdict(Harmless("descriptions, examples, sources and the like"))
    })
}

/// Addresses of servers are told by themselves.
fn without_servers(root: &Value) -> Value {
    let mut root = root.clone();
    if let Some(sections) = root.as_object_mut() {
        sections.remove("servers");
    }
    root
}

/// The differences that are no structure. What was added or removed as a whole is told by its name, not by its texts.
fn count(old: &Value, new: &Value) -> usize {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => objects(old, new),
        (Value::Array(old), Value::Array(new)) => lists(old, new),
        _ => 0,
    }
}

fn objects(old: &Map<String, Value>, new: &Map<String, Value>) -> usize {
    let added = new.keys().filter(|key| !old.contains_key(*key));
    let keys = old.keys().chain(added);
    keys.map(|key| match (old.get(key), new.get(key)) {
        (before, after) if before == after => 0,
        // That of a number is part of its type; that of a text asserts nothing.
        _ if key == "format" && old.get("type").is_some_and(|kind| kind != "string") => 0,
        (before, after) if is_text(key, before.or(after)) => 1,
        (Some(before), Some(after)) => count(before, after),
        _ => 0,
    })
    .sum()
}

/// Whether a key stands for a text as a whole. What looks like a name of ours (a property called `Description`) holds
/// an object and is gone through instead, but an example is a whole whatever it looks like.
fn is_text(key: &str, value: Option<&Value>) -> bool {
    let structure = key == "x-barion-values" || COMPARED.contains(&key);
    let example = ["example", "examples"].contains(&key) || key.starts_with("x-");
    let plain = !value.is_some_and(|value| value.is_object() || holds_objects(value));
    !structure && (example || plain)
}

fn holds_objects(value: &Value) -> bool {
    let list = value.as_array().into_iter().flatten();
    list.into_iter().any(Value::is_object)
}

/// Entries with a name (parameters) or a value (enumerations) are compared with their like, others by position.
fn lists(old: &[Value], new: &[Value]) -> usize {
    let name = |entry: &Value| {
        let name = entry.get("value").or_else(|| entry.get("name"));
        name.cloned()
    };
    let like = |index: usize, entry: &Value| match name(entry) {
        Some(name_of_it) => new
            .iter()
            .find(|other| name(other) == Some(name_of_it.clone())),
        None => new.get(index).filter(|other| name(other).is_none()),
    };
    let pairs = old.iter().enumerate();
    pairs
        .filter_map(|(index, entry)| Some(count(entry, like(index, entry)?)))
        .sum()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::diff::testing::{POST, SCHEMAS, said};

    const WHY: &str = "not breaking: descriptions, examples, sources and the like";

    #[test]
    fn texts_are_counted_and_not_told() {
        let edits = [
            ("/info/title".to_owned(), json!("Another title")),
            (format!("{POST}/description"), json!("Pays the bill.")),
            (
                format!("{POST}/requestBody/content/application~1json/example"),
                json!({ "Total": 2 }),
            ),
            (
                format!("{SCHEMAS}/Card/x-barion-source"),
                json!(["elsewhere"]),
            ),
            (
                format!("{SCHEMAS}/Card/x-barion-confidence"),
                json!("reported"),
            ),
            (
                format!("{SCHEMAS}/Colour/x-barion-values/0/meaning"),
                json!("Very red."),
            ),
        ];
        let edits: Vec<(&str, serde_json::Value)> = edits
            .iter()
            .map(|(place, value)| (place.as_str(), value.clone()))
            .collect();
        assert_eq!(
            said(&edits),
            [format!("changed texts: in 6 places | {WHY}")]
        );
        assert_eq!(
            said(&edits[..1]),
            [format!("changed texts: in 1 place | {WHY}")]
        );
    }

    #[test]
    fn texts_of_what_is_new_or_gone_do_not_count() {
        let entry = json!({ "value": "Green", "meaning": "Green." });
        assert_eq!(
            said(&[(&format!("{SCHEMAS}/Colour/x-barion-values/1"), entry)]),
            [
                "added value Colour.Green | not breaking: it was read as unrecognized before",
                "removed value Colour.Blue | breaking: code that names it no longer compiles",
            ]
        );
    }

    #[test]
    fn nothing_is_said_of_equal_documents() {
        assert!(said(&[]).is_empty());
    }
}
