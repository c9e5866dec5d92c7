//! Differences of operations.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::change::Change;
use super::change::Verdict::{self, Breaks, Harmless};
use super::pair::Pair;
use super::parameters;
use super::types::type_of;
use crate::pairing::{Found, by_name};
use crate::spec::{Operation, Spec};

pub(super) fn changes(pair: &Pair) -> Vec<Change> {
    let mut changes = Vec::new();
    for (id, found) in by_name(&by_id(&pair.old), &by_id(&pair.new)) {
        let subject = format!("operation {id}");
        match found {
            Found::New(after) => changes.push(Change::added(subject, address(after))),
            Found::Old(before) => changes.push(
                Change::removed(subject, address(before))
                    .verdict(Breaks("calls of it no longer compile")),
            ),
            Found::Both(before, after) => {
                let old = aspects(&pair.old, before).into_iter();
                for (from, to) in old.zip(aspects(&pair.new, after)) {
                    if from.1 != to.1 {
                        let detail = format!("{} {} -> {}", from.0, from.1, to.1);
                        changes.push(Change::changed(&subject, detail).verdict(from.2));
                    }
                }
                changes.extend(statuses(&subject, before, after));
                changes.extend(parameters::changes(id, pair, before, after));
            }
        }
    }
    changes
}

fn by_id(spec: &Spec) -> BTreeMap<&str, Operation<'_>> {
    let operations = spec.operations().into_iter();
    operations
        .map(|operation| (operation.id(), operation))
        .collect()
}

fn address(operation: &Operation<'_>) -> String {
    format!(
        "{} {}",
        operation.method.to_ascii_uppercase(),
        operation.path
    )
}

/// What is compared of an operation: its name, its value, and the verdict about another value.
fn aspects(spec: &Spec, operation: &Operation<'_>) -> [(&'static str, String, Verdict); 6] {
    let text = |key: &str| match &operation.value[key] {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let unseen = "the facade sends it, applications don't see it";
    let other_key = "another key is sent, so applications must hold that one";
    let repeated = "whether a call may be repeated is decided by it";
    let request = body(spec, &operation.value["requestBody"]);
    let answer = body(spec, &operation.value["responses"]["200"]);
    [
        ("address", address(operation), Harmless(unseen)),
        ("key", text("x-barion-key"), Breaks(other_key)),
        (
            "moves-money",
            text("x-barion-moves-money"),
            Breaks(repeated),
        ),
        (
            "request",
            request,
            Breaks("applications build another type"),
        ),
        ("answer", answer, Breaks("applications read another type")),
        (
            "deprecated",
            text("deprecated"),
            Harmless("a note, calls go on as before"),
        ),
    ]
}

/// The model of a JSON body, or the media types of another one.
fn body(spec: &Spec, body: &Value) -> String {
    let content = spec.resolve(body)["content"].as_object();
    let kinds = content.into_iter().flatten().map(|(media_type, body)| {
        if media_type == "application/json" {
            type_of(&body["schema"])
        } else {
            media_type.clone()
        }
    });
    let kinds: Vec<String> = kinds.collect();
    if kinds.is_empty() {
        "none".to_owned()
    } else {
        kinds.join(" or ")
    }
}

fn statuses(subject: &str, before: &Operation<'_>, after: &Operation<'_>) -> Option<Change> {
    let of = |operation: &Operation<'_>| -> BTreeSet<String> {
        let responses = operation.value["responses"].as_object().into_iter();
        responses.flat_map(Map::keys).cloned().collect()
    };
    let (old, new) = (of(before), of(after));
    let added = new.difference(&old).map(|status| format!("+{status}"));
    let removed = old.difference(&new).map(|status| format!("-{status}"));
    let statuses: Vec<String> = added.chain(removed).collect();
    (!statuses.is_empty()).then(|| {
        Change::changed(subject, format!("statuses {}", statuses.join(" ")))
            .verdict(Harmless("the error list decides, whatever the status"))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::diff::testing::{POST, said};

    #[test]
    fn operations_come_and_go() {
        assert_eq!(
            said(&[("/paths/~1print", json!(null))]),
            ["removed operation print_bill: GET /print | breaking: calls of it no longer compile"]
        );
        let other = json!({ "get": { "operationId": "other" } });
        assert_eq!(
            said(&[("/paths/~1other", other)]),
            ["added operation other: GET /other"]
        );
    }

    #[test]
    fn a_renamed_operation_is_another_one() {
        assert_eq!(
            said(&[("/paths/~1print/get/operationId", json!("print_it"))]),
            [
                "added operation print_it: GET /print",
                "removed operation print_bill: GET /print | breaking: calls of it no longer compile",
            ]
        );
    }

    #[test]
    fn what_an_operation_does_is_compared() {
        for (place, value, expected) in [
            (
                "x-barion-key",
                json!("wallet"),
                "key shop -> wallet | breaking: another key is sent, so applications must hold that one",
            ),
            (
                "x-barion-moves-money",
                json!(false),
                "moves-money true -> false | breaking: whether a call may be repeated is decided by it",
            ),
            (
                "requestBody/content/application~1json/schema",
                json!({ "$ref": "#/components/schemas/Line" }),
                "request PayRequest -> Line | breaking: applications build another type",
            ),
            (
                "responses/200/content",
                json!({ "application/pdf": {} }),
                "answer PayResponse -> application/pdf | breaking: applications read another type",
            ),
            (
                "responses/409",
                json!({}),
                "statuses +409 | not breaking: the error list decides, whatever the status",
            ),
            (
                "responses/400",
                json!(null),
                "statuses -400 | not breaking: the error list decides, whatever the status",
            ),
            (
                "deprecated",
                json!(true),
                "deprecated none -> true | not breaking: a note, calls go on as before",
            ),
        ] {
            let said = said(&[(&format!("{POST}/{place}"), value)]);
            let expected = format!("changed operation pay_bill: {expected}");
            assert!(said.contains(&expected), "{expected}\n{said:#?}");
        }
    }

    #[test]
    fn the_address_is_the_business_of_the_facade() {
        let moved = json!({ "get": { "operationId": "print_bill", "responses": { "200": {
            "content": { "application/pdf": { "schema": { "type": "string" } } }
        } } } });
        assert_eq!(
            said(&[
                ("/paths/~1print", json!(null)),
                ("/paths/~1v2~1print", moved)
            ]),
            [
                "changed operation print_bill: address GET /print -> GET /v2/print | not breaking: the facade sends it, applications don't see it"
            ]
        );
    }
}
