//! Differences of the fields of models.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::limits::{self, Limits};
use super::usage::Direction;
use super::{Breaks, Change, Harmless, Kind, Pair, Verdict};
use crate::spec::{Spec, ref_name};

/// The type of a value, in the document's words.
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
    match schema["type"].as_str() {
        Some("array") => format!("list of {}", type_of(&schema["items"])),
        // The format of a text asserts nothing, that of a number decides its Rust type.
        Some("string") => "string".to_owned(),
        Some(name) => match schema["format"].as_str() {
            Some(format) => format!("{name} ({format})"),
            None => name.to_owned(),
        },
        None => "anything".to_owned(),
    }
}

/// The fields of a model, those it inherits included.
struct Fields {
    properties: Map<String, Value>,
    required: BTreeSet<String>,
}

impl Fields {
    fn of(spec: &Spec, name: &str) -> Self {
        let (properties, required) = spec.properties(&spec.root["components"]["schemas"][name]);
        Self {
            properties,
            required,
        }
    }

    fn describe(&self, property: &str) -> String {
        let schema = &self.properties[property];
        let required = if self.required.contains(property) {
            "required"
        } else {
            "optional"
        };
        format!("{}, {required}", type_of(schema))
    }
}

pub(super) fn changes(pair: &Pair<'_>, model: &str, direction: Direction) -> Vec<Change> {
    let (old, new) = (Fields::of(pair.old, model), Fields::of(pair.new, model));
    let mut changes = Vec::new();
    for property in new.properties.keys() {
        if old.properties.contains_key(property) {
            changes.extend(compare(pair, model, property, (&old, &new), direction));
        } else {
            changes.push(added(model, property, &new, direction));
        }
    }
    for property in old.properties.keys() {
        if !new.properties.contains_key(property) {
            changes.push(
                Change::new(Kind::Removed, format!("field {model}.{property}"))
                    .detail(old.describe(property))
                    .verdict(Breaks("code that uses it no longer compiles")),
            );
        }
    }
    changes
}

fn added(model: &str, property: &str, new: &Fields, direction: Direction) -> Change {
    let verdict = if direction.request && new.required.contains(property) {
        Breaks("requests without it are refused now")
    } else if direction.request {
        Harmless("it may be left out")
    } else {
        Harmless("answers may say more at any time")
    };
    Change::new(Kind::Added, format!("field {model}.{property}"))
        .detail(new.describe(property))
        .verdict(verdict)
}

fn compare(
    pair: &Pair<'_>,
    model: &str,
    property: &str,
    (old, new): (&Fields, &Fields),
    direction: Direction,
) -> Vec<Change> {
    let (before, after) = (&old.properties[property], &new.properties[property]);
    let required = (
        old.required.contains(property),
        new.required.contains(property),
    );
    let subject = format!("field {model}.{property}");
    let told = [
        kind(before, after),
        requirement(required, direction),
        null(before, after, required.1, direction),
        sensitivity(before, after),
    ];
    let mut changes: Vec<Change> = told
        .into_iter()
        .flatten()
        .map(|(detail, verdict)| {
            Change::new(Kind::Changed, &subject)
                .detail(detail)
                .verdict(verdict)
        })
        .collect();
    changes.extend(other_names(&subject, before, after));
    // A limit that the field has from a named scalar is told once, with that scalar.
    let own = (Limits::own(before), Limits::own(after));
    changes.extend(limits::changes_where(
        &format!("{model}.{property}"),
        (&Limits::of(pair.old, before), &Limits::of(pair.new, after)),
        direction,
        |keyword| own.0.get(keyword) != own.1.get(keyword),
    ));
    changes
}

type Told = Option<(String, Verdict)>;

fn kind(before: &Value, after: &Value) -> Told {
    let (from, to) = (type_of(before), type_of(after));
    (from != to).then(|| {
        (
            format!("{from} -> {to}"),
            Breaks("code that uses it meets another type"),
        )
    })
}

fn requirement(required: (bool, bool), direction: Direction) -> Told {
    match required {
        (false, true) => Some((
            "optional -> required".to_owned(),
            if direction.request {
                Breaks("requests without it are refused now")
            } else {
                Breaks("answers without it can't be read any more")
            },
        )),
        (true, false) => Some((
            "required -> optional".to_owned(),
            if direction.answer {
                Breaks("it may be missing now")
            } else {
                Harmless("requests send it as before")
            },
        )),
        _ => None,
    }
}

/// Optional fields are left out by requests and read null in answers, whatever the document says of null.
fn null(before: &Value, after: &Value, required: bool, direction: Direction) -> Told {
    match (before["nullable"] == true, after["nullable"] == true) {
        (false, true) => Some((
            "may be null now".to_owned(),
            if required && direction.answer {
                Breaks("it may be missing now")
            } else if direction.answer {
                Harmless("optional fields read null anyway")
            } else {
                Harmless("requests need not say null")
            },
        )),
        (true, false) => Some((
            "is never null now".to_owned(),
            if required && direction.request {
                Breaks("requests with null are refused now")
            } else {
                Harmless("optional fields are left out rather than null")
            },
        )),
        _ => None,
    }
}

fn sensitivity(before: &Value, after: &Value) -> Told {
    let of = |schema: &Value| {
        let mark = schema["x-barion-sensitive"].as_str();
        mark.unwrap_or("open").to_owned()
    };
    let (from, to) = (of(before), of(after));
    let verdict = if from == "open" || to == "open" {
        Breaks("another type stands for it, which hides its text or no longer does")
    } else {
        Harmless("its text is hidden as before")
    };
    (from != to).then(|| (format!("{from} -> {to}"), verdict))
}

/// Other names that a field is read by (`x-barion-also`).
fn other_names(subject: &str, before: &Value, after: &Value) -> Vec<Change> {
    let names = |schema: &Value| -> BTreeSet<String> {
        let list = schema["x-barion-also"].as_array().into_iter().flatten();
        list.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let (old, new) = (names(before), names(after));
    let added = new.difference(&old).map(|name| {
        Change::new(Kind::Changed, subject)
            .detail(format!("is read by the name {name} too"))
            .verdict(Harmless("it was not read before"))
    });
    let removed = old.difference(&new).map(|name| {
        Change::new(Kind::Changed, subject)
            .detail(format!("is no longer read by the name {name}"))
            .verdict(Breaks("answers with that name seem to lack it"))
    });
    added.chain(removed).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::diff::testing::{SCHEMAS, said};

    fn of(model: &str, place: &str, value: serde_json::Value) -> Vec<String> {
        said(&[(&format!("{SCHEMAS}/{model}/{place}"), value)])
    }

    #[test]
    fn fields_come_and_go() {
        let text = json!({ "type": "string" });
        assert_eq!(
            of("PayResponse", "properties/More", text.clone()),
            [
                "added field PayResponse.More: string, optional | not breaking: answers may say more at any time"
            ]
        );
        assert_eq!(
            of("PayRequest", "properties/More", text.clone()),
            ["added field PayRequest.More: string, optional | not breaking: it may be left out"]
        );
        let required = json!(["Total", "Flag", "More"]);
        assert_eq!(
            said(&[
                (&format!("{SCHEMAS}/PayRequest/properties/More"), text),
                (&format!("{SCHEMAS}/PayRequest/required"), required),
            ]),
            [
                "added field PayRequest.More: string, required | breaking: requests without it are refused now"
            ]
        );
        assert_eq!(
            of("PayResponse", "properties/Note", json!(null)),
            [
                "removed field PayResponse.Note: string, optional | breaking: code that uses it no longer compiles"
            ]
        );
        assert_eq!(
            of("Line", "properties/Count", json!(null)),
            [
                "removed field Line.Count: integer (int32), optional | breaking: code that uses it no longer compiles"
            ]
        );
    }

    #[test]
    fn a_renamed_field_is_another_one() {
        let said = said(&[
            (&format!("{SCHEMAS}/Card/properties/Year"), json!(null)),
            (
                &format!("{SCHEMAS}/Card/properties/Expiry"),
                json!({ "type": "string" }),
            ),
        ]);
        assert_eq!(
            said,
            [
                "added field Card.Expiry: string, optional | not breaking: answers may say more at any time",
                "removed field Card.Year: string, optional | breaking: code that uses it no longer compiles",
            ]
        );
    }

    #[test]
    fn types_are_compared() {
        for (model, place, value, expected) in [
            (
                "PayResponse",
                "Note/type",
                json!("boolean"),
                "field PayResponse.Note: string -> boolean",
            ),
            (
                "PayRequest",
                "Name",
                json!({ "$ref": "#/components/schemas/Id" }),
                "field PayRequest.Name: string -> Id",
            ),
            (
                "Line",
                "Count/format",
                json!("int64"),
                "field Line.Count: integer (int32) -> integer (int64)",
            ),
        ] {
            let said = of(model, &format!("properties/{place}"), value);
            let expected =
                format!("changed {expected} | breaking: code that uses it meets another type");
            assert!(said.contains(&expected), "{expected}\n{said:#?}");
        }
    }

    #[test]
    fn requirements_depend_on_the_direction() {
        assert_eq!(
            of("PayRequest", "required", json!(["Total", "Flag", "Name"])),
            [
                "changed field PayRequest.Name: optional -> required | breaking: requests without it are refused now"
            ]
        );
        assert_eq!(
            of("PayRequest", "required", json!(["Flag"])),
            [
                "changed field PayRequest.Total: required -> optional | not breaking: requests send it as before"
            ]
        );
        assert_eq!(
            of("Card", "required", json!(["Year"])),
            [
                "changed field Card.Year: optional -> required | breaking: answers without it can't be read any more"
            ]
        );
        assert_eq!(
            of("PayResponse", "required", json!(null)),
            [
                "changed field PayResponse.Id: required -> optional | breaking: it may be missing now"
            ]
        );
    }

    #[test]
    fn null_matters_for_required_fields_only() {
        for (model, field, value, expected) in [
            (
                "PayResponse",
                "Note",
                json!(true),
                "may be null now | not breaking: optional fields read null anyway",
            ),
            (
                "PayResponse",
                "Id",
                json!(true),
                "may be null now | breaking: it may be missing now",
            ),
            (
                "PayRequest",
                "Flag",
                json!(null),
                "is never null now | breaking: requests with null are refused now",
            ),
            (
                "PayRequest",
                "Total",
                json!(true),
                "may be null now | not breaking: requests need not say null",
            ),
        ] {
            assert_eq!(
                of(model, &format!("properties/{field}/nullable"), value),
                [format!("changed field {model}.{field}: {expected}")]
            );
        }
    }

    #[test]
    fn a_hidden_text_is_another_type() {
        let place = "properties/Number/x-barion-sensitive";
        assert_eq!(
            of("Card", place, json!(null)),
            [
                "changed field Card.Number: personal -> open | breaking: another type stands for it, which hides its text or no longer does"
            ]
        );
        assert_eq!(
            of("Card", place, json!("secret")),
            [
                "changed field Card.Number: personal -> secret | not breaking: its text is hidden as before"
            ]
        );
    }

    #[test]
    fn other_names_of_a_field_are_compared() {
        let place = "properties/Year/x-barion-also";
        assert_eq!(
            of("Card", place, json!(["YearOld", "Jahr"])),
            [
                "changed field Card.Year: is read by the name Jahr too | not breaking: it was not read before"
            ]
        );
        assert_eq!(
            of("Card", place, json!(null)),
            [
                "changed field Card.Year: is no longer read by the name YearOld | breaking: answers with that name seem to lack it"
            ]
        );
    }
}
