//! The number of texts that differ: descriptions, examples, sources and other keywords that change
//! nothing for applications.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::change::{Change, Verdict::Harmless};
use super::pair::Pair;
use crate::spec::LIMITS;

/// What has consequences and so is compared elsewhere, by its meaning; limits are too.
const COMPARED: [&str; 20] = [
    "$ref",
    "additionalProperties",
    "also",
    "deprecated",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "fractionDigits",
    "in",
    "name",
    "nullable",
    "openapi",
    "operationId",
    "required",
    "type",
    "value",
    "x-barion-also",
    "x-barion-key",
    "x-barion-moves-money",
    "x-barion-sensitive",
    "x-barion-values",
];

pub(super) fn changes(pair: &Pair) -> Option<Change> {
    let (old, new) = (Texts::of(&pair.old.root), Texts::of(&pair.new.root));
    let places: BTreeSet<&(String, String)> = old.texts.keys().chain(new.texts.keys()).collect();
    // What was added or removed as a whole is reported by its name, not by its texts.
    let in_both = |holder| old.holders.contains(holder) && new.holders.contains(holder);
    let differ = places
        .into_iter()
        .filter(|place| in_both(&place.0) && old.texts.get(*place) != new.texts.get(*place));
    let places = differ.count();
    (places > 0).then(|| {
        let places = format!("in {places} place{}", if places == 1 { "" } else { "s" });
        Change::changed("texts", places)
            .verdict(Harmless("descriptions, examples, sources and the like"))
    })
}

/// The texts of a document.
#[derive(Default)]
struct Texts<'a> {
    /// The places of all objects.
    holders: BTreeSet<String>,
    /// The texts, by the place of their object and their key.
    texts: BTreeMap<(String, String), &'a Value>,
}

impl<'a> Texts<'a> {
    fn of(root: &'a Value) -> Self {
        let mut texts = Self::default();
        texts.collect(root, String::new());
        texts
    }

    fn collect(&mut self, value: &'a Value, place: String) {
        match value {
            Value::Object(map) => {
                for (key, child) in map {
                    // The format of a number is part of its type; that of a text asserts nothing.
                    let typed = key == "format" && value["type"] != "string";
                    // Addresses of servers are reported by themselves.
                    let servers = place.is_empty() && key == "servers";
                    if is_text(key, child) && !typed {
                        self.texts.insert((place.clone(), key.clone()), child);
                    } else if !servers {
                        self.collect(child, format!("{place}/{key}"));
                    }
                }
                self.holders.insert(place);
            }
            Value::Array(list) => {
                for (index, entry) in list.iter().enumerate() {
                    // Values and parameters are compared with their like, others by position.
                    let name = entry.get("value").or_else(|| entry.get("name"));
                    let name = name.map_or_else(|| index.to_string(), |name| format!("={name}"));
                    self.collect(entry, format!("{place}/{name}"));
                }
            }
            _ => {}
        }
    }
}

/// Whether a key holds a text as a whole. A name of ours (a property called `Description`) holds an
/// object, which is gone through instead; but an example is always a whole.
fn is_text(key: &str, value: &Value) -> bool {
    let structure = COMPARED.contains(&key) || LIMITS.contains(&key);
    let example = ["example", "examples"].contains(&key) || key.starts_with("x-");
    let plain = match value {
        Value::Object(_) => false,
        Value::Array(entries) => !entries.is_empty() && !entries.iter().any(Value::is_object),
        _ => true,
    };
    !structure && (example || plain)
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
