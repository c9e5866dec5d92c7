//! Differences of the parameters of an operation.

use std::collections::BTreeMap;

use serde_json::Value;

use super::change::Change;
use super::change::Verdict::{Breaks, Harmless};
use super::limits::{self, Scope};
use super::pair::{Direction, Pair};
use super::types::{described, type_of};
use crate::pairing::{Found, by_name};
use crate::spec::{Operation, Spec};

/// Parameters are only sent.
const DIRECTION: Direction = Direction {
    request: true,
    answer: false,
};

pub(super) fn changes(
    id: &str,
    pair: &Pair,
    before: &Operation<'_>,
    after: &Operation<'_>,
) -> Vec<Change> {
    let mut changes = Vec::new();
    let parameters = (of(&pair.old, before), of(&pair.new, after));
    for (name, found) in by_name(&parameters.0, &parameters.1) {
        let subject = format!("parameter {id}.{name}");
        match found {
            Found::New(after) => changes.push(added(subject, after)),
            Found::Old(_) => changes.push(
                Change::removed(subject, "")
                    .verdict(Breaks("calls that pass it no longer compile")),
            ),
            Found::Both(before, after) => {
                changes.extend(changed(&subject, before, after));
                let schemas = (&before["schema"], &after["schema"]);
                let owner = format!("{id}.{name}");
                changes.extend(limits::changes(
                    &owner,
                    Scope::All,
                    pair,
                    schemas,
                    DIRECTION,
                ));
            }
        }
    }
    changes
}

/// The parameters by name, those of the path included.
fn of<'a>(spec: &'a Spec, operation: &Operation<'a>) -> BTreeMap<&'a str, &'a Value> {
    let on_path = spec.root["paths"][operation.path]["parameters"].as_array();
    let own = operation.value["parameters"].as_array();
    let parameters = on_path.into_iter().chain(own).flatten();
    let parameters = parameters.map(|parameter| spec.resolve(parameter));
    parameters
        .filter_map(|parameter| Some((parameter["name"].as_str()?, parameter)))
        .collect()
}

fn added(subject: String, parameter: &Value) -> Change {
    let required = parameter["required"] == true;
    let verdict = if required {
        Breaks("calls without it no longer compile")
    } else {
        Harmless("it may be left out")
    };
    Change::added(subject, described(&parameter["schema"], required)).verdict(verdict)
}

fn changed(subject: &str, before: &Value, after: &Value) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut tell = |detail: String, verdict| {
        changes.push(Change::changed(subject, detail).verdict(verdict));
    };
    let (from, to) = (type_of(&before["schema"]), type_of(&after["schema"]));
    if from != to {
        tell(format!("{from} -> {to}"), Breaks("calls pass another type"));
    }
    match (before["required"] == true, after["required"] == true) {
        (false, true) => tell(
            "optional -> required".to_owned(),
            Breaks("calls without it are refused now"),
        ),
        (true, false) => tell(
            "required -> optional".to_owned(),
            Harmless("calls pass it as before"),
        ),
        _ => {}
    }
    if before["in"] != after["in"] {
        let detail = format!("in {} -> {}", before["in"], after["in"]);
        tell(detail, Harmless("the facade places it"));
    }
    changes
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::diff::testing::{POST, said};

    #[test]
    fn parameters_are_compared() {
        let parameter = |required: bool, schema| json!({ "name": "Size", "in": "query", "required": required, "schema": schema });
        let add = |parameter| said(&[(&format!("{POST}/parameters/1"), parameter)]);
        let text = json!({ "type": "string" });
        assert_eq!(
            add(parameter(true, text.clone())),
            [
                "added parameter pay_bill.Size: string, required | breaking: calls without it no longer compile"
            ]
        );
        assert_eq!(
            add(parameter(false, text)),
            ["added parameter pay_bill.Size: string, optional | not breaking: it may be left out"]
        );
        for (place, value, expected) in [
            (
                "required",
                json!(null),
                "changed parameter pay_bill.Id: required -> optional | not breaking: calls pass it as before",
            ),
            (
                "in",
                json!("query"),
                "changed parameter pay_bill.Id: in \"path\" -> \"query\" | not breaking: the facade places it",
            ),
            (
                "schema/type",
                json!("integer"),
                "changed parameter pay_bill.Id: string -> integer | breaking: calls pass another type",
            ),
            (
                "schema/maxLength",
                json!(5),
                "changed limit pay_bill.Id.maxLength: tightened: 10 -> 5 | breaking: what was accepted before is refused now",
            ),
        ] {
            assert_eq!(
                said(&[(&format!("{POST}/parameters/0/{place}"), value)]),
                [expected]
            );
        }
        assert_eq!(
            said(&[(&format!("{POST}/parameters"), json!([]))]),
            ["removed parameter pay_bill.Id | breaking: calls that pass it no longer compile"]
        );
    }
}
