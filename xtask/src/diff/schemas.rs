//! Differences of named schemas: models, open lists, scalars and lists.

use std::collections::BTreeMap;

use serde_json::Value;

use super::change::Change;
use super::change::Verdict::{Breaks, Harmless};
use super::fields::Models;
use super::limits::{self, Scope};
use super::pair::Pair;
use super::types::type_of;
use super::values;
use crate::pairing::{Found, by_name};
use crate::spec::Spec;

pub(super) fn changes(pair: &Pair) -> Vec<Change> {
    let of = |spec: &'_ Spec| -> BTreeMap<String, Value> {
        spec.schemas()
            .cloned()
            .unwrap_or_default()
            .into_iter()
            .collect()
    };
    let models = Models::of(pair);
    let mut changes = Vec::new();
    for (name, found) in by_name(&of(&pair.old), &of(&pair.new)) {
        match found {
            Found::New(after) => {
                let subject = format!("{} {name}", shape(&pair.new, name, after));
                changes.push(Change::added(subject, ""));
            }
            Found::Old(before) => {
                let subject = format!("{} {name}", shape(&pair.old, name, before));
                let verdict = Breaks("code that names it no longer compiles");
                changes.push(Change::removed(subject, "").verdict(verdict));
            }
            Found::Both(before, after) => {
                changes.extend(changed(&models, pair, name, before, after));
            }
        }
    }
    changes
}

/// What kind of type stands for a schema.
fn shape(spec: &Spec, name: &str, schema: &Value) -> &'static str {
    if spec.is_model(name) {
        "model"
    } else if schema.get("x-barion-values").is_some() {
        "enumeration"
    } else if schema["type"] == "array" {
        "list"
    } else {
        "scalar"
    }
}

fn changed(
    models: &Models<'_>,
    pair: &Pair,
    name: &str,
    before: &Value,
    after: &Value,
) -> Vec<Change> {
    let (from, to) = (
        shape(&pair.old, name, before),
        shape(&pair.new, name, after),
    );
    let subject = format!("{from} {name}");
    let another = Breaks("another type stands for it");
    if from != to {
        let detail = format!("is of another kind now: {to}");
        return vec![Change::changed(subject, detail).verdict(another)];
    }
    if from == "model" {
        return models.changes(name);
    }
    let mut changes = Vec::new();
    let (old_type, new_type) = (type_of(before), type_of(after));
    if old_type != new_type {
        let detail = format!("{old_type} -> {new_type}");
        changes.push(Change::changed(&subject, detail).verdict(another));
    }
    let nullable = after["nullable"] == true;
    if (before["nullable"] == true) != nullable {
        let detail = if nullable {
            "may be null now"
        } else {
            "is never null now"
        };
        let verdict = Harmless("fields that are not required read null anyway");
        changes.push(Change::changed(&subject, detail).verdict(verdict));
    }
    changes.extend(values::changes(name, before, after));
    changes.extend(limits::changes(
        name,
        Scope::Own,
        pair,
        (before, after),
        pair.direction(name),
    ));
    changes
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::diff::testing::{SCHEMAS, said};

    #[test]
    fn schemas_come_and_go() {
        for (schema, kind) in [
            (json!({ "properties": {} }), "model"),
            (json!({ "x-barion-values": [] }), "enumeration"),
            (json!({ "type": "array" }), "list"),
            (json!({ "type": "string" }), "scalar"),
        ] {
            let added = said(&[(&format!("{SCHEMAS}/Extra"), schema)]);
            assert_eq!(added, [format!("added {kind} Extra")]);
        }
        assert_eq!(
            said(&[(&format!("{SCHEMAS}/Card"), json!(null))]),
            ["removed model Card | breaking: code that names it no longer compiles"]
        );
    }

    #[test]
    fn a_schema_of_another_kind_is_told_once() {
        assert_eq!(
            said(&[(&format!("{SCHEMAS}/Colour"), json!({ "type": "string" }))]),
            [
                "changed enumeration Colour: is of another kind now: scalar | breaking: another type stands for it"
            ]
        );
    }

    #[test]
    fn scalars_and_lists_are_compared() {
        for (place, value, expected) in [
            (
                "Id/type",
                json!("integer"),
                "changed scalar Id: string -> integer | breaking: another type stands for it",
            ),
            (
                "Errors/items",
                json!({ "type": "string" }),
                "changed list Errors: list of Card -> list of string | breaking: another type stands for it",
            ),
            (
                "Errors/nullable",
                json!(true),
                "changed list Errors: may be null now | not breaking: fields that are not required read null anyway",
            ),
            (
                "Id/maxLength",
                json!(31),
                "changed limit Id.maxLength: tightened: 32 -> 31 | breaking: what was accepted before is refused now",
            ),
        ] {
            assert_eq!(said(&[(&format!("{SCHEMAS}/{place}"), value)]), [expected]);
        }
    }
}
