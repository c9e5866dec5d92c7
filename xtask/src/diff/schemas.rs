//! Differences of named schemas: models, open lists, scalars and lists.

use serde_json::Value;

use super::limits::{self, Limits};
use super::{Breaks, Change, Harmless, Kind, Pair, fields, heirs, values};
use crate::spec::Spec;

pub(super) fn changes(pair: &Pair<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    let old = pair.old.schemas();
    let new = pair.new.schemas();
    for (name, after) in new.into_iter().flatten() {
        match old.and_then(|schemas| schemas.get(name)) {
            None => {
                let subject = format!("{} {name}", shape(pair.new, name, after));
                changes.push(Change::new(Kind::Added, subject));
            }
            Some(before) => changes.extend(compare(pair, name, before, after)),
        }
    }
    for (name, before) in old.into_iter().flatten() {
        if !new.is_some_and(|schemas| schemas.contains_key(name)) {
            let subject = format!("{} {name}", shape(pair.old, name, before));
            changes.push(
                Change::new(Kind::Removed, subject)
                    .verdict(Breaks("code that names it no longer compiles")),
            );
        }
    }
    heirs::once_for_heirs(pair, changes)
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

fn compare(pair: &Pair<'_>, name: &str, before: &Value, after: &Value) -> Vec<Change> {
    let direction = pair.usage.direction(name);
    let (from, to) = (shape(pair.old, name, before), shape(pair.new, name, after));
    if from != to {
        return vec![
            Change::new(Kind::Changed, format!("{from} {name}"))
                .detail(format!("is of another kind now: {to}"))
                .verdict(Breaks("another type stands for it")),
        ];
    }
    if from == "model" {
        return fields::changes(pair, name, direction);
    }
    let mut changes = Vec::new();
    let (old_type, new_type) = (fields::type_of(before), fields::type_of(after));
    if old_type != new_type {
        changes.push(
            Change::new(Kind::Changed, format!("{from} {name}"))
                .detail(format!("{old_type} -> {new_type}"))
                .verdict(Breaks("another type stands for it")),
        );
    }
    if (before["nullable"] == true) != (after["nullable"] == true) {
        let detail = if after["nullable"] == true {
            "may be null now"
        } else {
            "is never null now"
        };
        changes.push(
            Change::new(Kind::Changed, format!("{from} {name}"))
                .detail(detail)
                .verdict(Harmless("fields that are not required read null anyway")),
        );
    }
    changes.extend(values::changes(name, before, after));
    changes.extend(limits::changes(
        name,
        &Limits::own(before),
        &Limits::own(after),
        direction,
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
