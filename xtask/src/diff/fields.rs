//! Differences of the fields of models. A field that models inherit is reported once, with the
//! model that has it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::change::Change;
use super::change::Verdict::{self, Breaks, Harmless};
use super::limits::{self, Scope};
use super::pair::{Direction, Pair};
use super::types::{described, type_of};
use super::values::added_and_removed;
use crate::pairing::{Found, by_name};
use crate::spec::{Spec, ref_name};

/// A field: its schema, and whether it is required.
type Field = (Value, bool);
type Fields = BTreeMap<String, Field>;

/// The fields of all models in both documents, those that they inherit included.
pub(super) struct Models<'a> {
    pair: &'a Pair,
    old: BTreeMap<&'a str, Fields>,
    new: BTreeMap<&'a str, Fields>,
}

impl<'a> Models<'a> {
    pub(super) fn of(pair: &'a Pair) -> Self {
        let (old, new) = (fields_of_models(&pair.old), fields_of_models(&pair.new));
        Self { pair, old, new }
    }

    pub(super) fn changes(&self, model: &str) -> Vec<Change> {
        let none = Fields::new();
        let fields = [&self.old, &self.new].map(|models| models.get(model).unwrap_or(&none));
        let direction = self.pair.direction(model);
        let mut changes = Vec::new();
        for (name, found) in by_name(fields[0], fields[1]) {
            if self.reported_with(model, name) != model {
                continue;
            }
            let mut own = self.of_field(model, name, &found, direction);
            if !own.is_empty() {
                name_heirs(&mut own, &self.heirs(model, name));
            }
            changes.extend(own);
        }
        changes
    }

    fn of_field(
        &self,
        model: &str,
        name: &str,
        found: &Found<'_, Field>,
        direction: Direction,
    ) -> Vec<Change> {
        let subject = format!("field {model}.{name}");
        match *found {
            Found::New(field) => vec![added(&subject, field, direction)],
            Found::Old((schema, required)) => vec![
                Change::removed(&subject, described(schema, *required))
                    .verdict(Breaks("code that uses it no longer compiles")),
            ],
            Found::Both(before, after) => {
                let mut changes = changed(&subject, before, after, direction);
                let owner = format!("{model}.{name}");
                let schemas = (&before.0, &after.0);
                changes.extend(limits::changes(
                    &owner,
                    Scope::Own,
                    self.pair,
                    schemas,
                    direction,
                ));
                changes
            }
        }
    }

    /// The model with which a field is reported: of those that the model extends, the farthest one
    /// whose field of that name is the same, before and after.
    fn reported_with<'m>(&'m self, model: &'m str, name: &str) -> &'m str {
        let states = |model: &str| {
            [&self.old, &self.new].map(|models| models.get(model).and_then(|all| all.get(name)))
        };
        let parents = self.pair.new.schema(model)["allOf"].as_array();
        let mut parents = parents.into_iter().flatten().filter_map(ref_name);
        let parent = parents.find(|parent| states(parent) == states(model));
        parent.map_or(model, |parent| self.reported_with(parent, name))
    }

    /// The other models whose field is reported with this one.
    fn heirs(&self, model: &str, name: &str) -> Vec<&str> {
        let models = self.new.keys().copied();
        models
            .filter(|heir| *heir != model && self.reported_with(heir, name) == model)
            .collect()
    }
}

fn fields_of_models(spec: &Spec) -> BTreeMap<&str, Fields> {
    let fields = |model: &str| {
        let (properties, required) = spec.properties(spec.schema(model));
        let fields = properties.into_iter().map(|(name, schema)| {
            let required = required.contains(&name);
            (name, (schema, required))
        });
        fields.collect()
    };
    let models = spec.models();
    models
        .map(|model| (model.as_str(), fields(model)))
        .collect()
}

fn name_heirs(changes: &mut [Change], heirs: &[&str]) {
    if heirs.is_empty() {
        return;
    }
    for change in changes {
        let gap = if change.detail.is_empty() { "" } else { " " };
        let heirs = heirs.join(", ");
        change.detail = format!("{}{gap}(and so of {heirs})", change.detail);
    }
}

fn added(subject: &str, (schema, required): &Field, direction: Direction) -> Change {
    let verdict = if direction.request && *required {
        Breaks("requests without it are refused now")
    } else if direction.request {
        Harmless("it may be left out")
    } else {
        Harmless("answers may say more at any time")
    };
    Change::added(subject, described(schema, *required)).verdict(verdict)
}

fn changed(subject: &str, before: &Field, after: &Field, direction: Direction) -> Vec<Change> {
    let details = [
        kind(&before.0, &after.0),
        requirement(before.1, after.1, direction),
        null(&before.0, &after.0, after.1, direction),
        sensitivity(&before.0, &after.0),
    ];
    let details = details.into_iter().flatten();
    let details = details.chain(other_names(&before.0, &after.0));
    details
        .map(|(detail, verdict)| Change::changed(subject, detail).verdict(verdict))
        .collect()
}

type Detail = (String, Verdict);

fn kind(before: &Value, after: &Value) -> Option<Detail> {
    let (from, to) = (type_of(before), type_of(after));
    let verdict = Breaks("code that uses it meets another type");
    (from != to).then(|| (format!("{from} -> {to}"), verdict))
}

fn requirement(before: bool, after: bool, direction: Direction) -> Option<Detail> {
    let (detail, verdict) = match (before, after) {
        (false, true) if direction.request => (
            "optional -> required",
            Breaks("requests without it are refused now"),
        ),
        (false, true) => (
            "optional -> required",
            Breaks("answers without it can't be read any more"),
        ),
        (true, false) if direction.answer => {
            ("required -> optional", Breaks("it may be missing now"))
        }
        (true, false) => (
            "required -> optional",
            Harmless("requests send it as before"),
        ),
        _ => return None,
    };
    Some((detail.to_owned(), verdict))
}

/// Optional fields are left out by requests and read null in answers, even if the document does not
/// allow null.
fn null(before: &Value, after: &Value, required: bool, direction: Direction) -> Option<Detail> {
    let (detail, verdict) = match (before["nullable"] == true, after["nullable"] == true) {
        (false, true) if required && direction.answer => {
            ("may be null now", Breaks("it may be missing now"))
        }
        (false, true) if direction.answer => (
            "may be null now",
            Harmless("optional fields read null anyway"),
        ),
        (false, true) => ("may be null now", Harmless("requests need not say null")),
        (true, false) if required && direction.request => (
            "is never null now",
            Breaks("requests with null are refused now"),
        ),
        (true, false) => (
            "is never null now",
            Harmless("optional fields are left out rather than null"),
        ),
        _ => return None,
    };
    Some((detail.to_owned(), verdict))
}

fn sensitivity(before: &Value, after: &Value) -> Option<Detail> {
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
fn other_names(before: &Value, after: &Value) -> Vec<Detail> {
    let (added, removed) = added_and_removed(&before["x-barion-also"], &after["x-barion-also"]);
    let added = added.into_iter().map(|name| {
        let detail = format!("is read by the name {name} too");
        (detail, Harmless("it was not read before"))
    });
    let removed = removed.into_iter().map(|name| {
        let detail = format!("is no longer read by the name {name}");
        (detail, Breaks("answers with that name seem to lack it"))
    });
    added.chain(removed).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::diff::testing::{SCHEMAS, said, told, with};

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

    #[test]
    fn an_inherited_field_is_told_once() {
        let more = json!({ "allOf": [{ "$ref": "#/components/schemas/Card" }, { "properties": { "Own": { "type": "string" } } }] });
        let heir = (format!("{SCHEMAS}/GoldCard"), more);
        let expected = "removed field Card.Year: string, optional (and so of GoldCard) | breaking: code that uses it no longer compiles";
        let old = with(&[(&heir.0, heir.1.clone())]);
        let new = with(&[
            (&heir.0, heir.1),
            (&format!("{SCHEMAS}/Card/properties/Year"), json!(null)),
        ]);
        assert_eq!(told(&old, &new), [expected]);
    }

    #[test]
    fn a_field_of_a_model_in_the_middle_is_told_there() {
        let extend = |model: &str, own: &str| json!({ "allOf": [{ "$ref": format!("#/components/schemas/{model}") }, { "properties": { own: { "type": "string" } } }] });
        let (gold, black) = (format!("{SCHEMAS}/Gold"), format!("{SCHEMAS}/Black"));
        let old = with(&[(&gold, extend("Card", "A")), (&black, extend("Gold", "B"))]);
        let new = with(&[(&gold, extend("Card", "C")), (&black, extend("Gold", "B"))]);
        assert_eq!(
            told(&old, &new),
            [
                "added field Gold.C: string, optional (and so of Black) | not breaking: it may be left out",
                "removed field Gold.A: string, optional (and so of Black) | breaking: code that uses it no longer compiles",
            ]
        );
    }
}
