//! Differences of operations and their parameters.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::fields::type_of;
use super::limits::{self, Limits};
use super::usage::Direction;
use super::{Breaks, Change, Harmless, Kind, Pair, Verdict};
use crate::spec::{Operation, Spec};

pub(super) fn changes(pair: &Pair<'_>) -> Vec<Change> {
    let (old, new) = (by_id(pair.old), by_id(pair.new));
    let mut changes = Vec::new();
    for (id, after) in &new {
        let subject = format!("operation {id}");
        match old.get(id) {
            None => changes.push(Change::new(Kind::Added, subject).detail(after.address())),
            Some(before) => {
                changes.extend(compare(&subject, before, after));
                changes.extend(compare_parameters(id, pair, before, after));
            }
        }
    }
    for (id, before) in old.iter().filter(|(id, _)| !new.contains_key(*id)) {
        changes.push(
            Change::new(Kind::Removed, format!("operation {id}"))
                .detail(before.address())
                .verdict(Breaks("calls of it no longer compile")),
        );
    }
    changes
}

/// What is compared of an operation.
struct Facts<'a> {
    operation: Operation<'a>,
    statuses: BTreeSet<&'a str>,
    request: String,
    answer: String,
    parameters: BTreeMap<&'a str, &'a Value>,
}

impl Facts<'_> {
    fn address(&self) -> String {
        let method = self.operation.method.to_ascii_uppercase();
        format!("{method} {}", self.operation.path)
    }

    fn text(&self, key: &str) -> String {
        match &self.operation.value[key] {
            Value::Null => "none".to_owned(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }
}

fn by_id(spec: &Spec) -> BTreeMap<&str, Facts<'_>> {
    let operations = spec.operations().into_iter();
    operations
        .map(|operation| (operation.id(), facts(spec, operation)))
        .collect()
}

fn facts<'a>(spec: &'a Spec, operation: Operation<'a>) -> Facts<'a> {
    let responses = operation.value["responses"].as_object();
    let on_path = spec.root["paths"][operation.path]["parameters"].as_array();
    let own = operation.value["parameters"].as_array();
    let parameters = on_path.into_iter().chain(own).flatten();
    Facts {
        operation,
        statuses: responses
            .into_iter()
            .flat_map(|all| all.keys().map(String::as_str))
            .collect(),
        request: body(spec, &operation.value["requestBody"]),
        answer: body(spec, &operation.value["responses"]["200"]),
        parameters: parameters
            .map(|parameter| spec.resolve(parameter))
            .filter_map(|parameter| Some((parameter["name"].as_str()?, parameter)))
            .collect(),
    }
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

fn compare(subject: &str, before: &Facts<'_>, after: &Facts<'_>) -> Vec<Change> {
    let unseen = Harmless("the facade sends it, applications don't see it");
    let flag = |key| (before.text(key), after.text(key));
    let mut changes = Vec::new();
    let mut tell = |what: &str, (from, to): (String, String), verdict: Verdict| {
        if from != to {
            changes.push(
                Change::new(Kind::Changed, subject)
                    .detail(format!("{what} {from} -> {to}"))
                    .verdict(verdict),
            );
        }
    };
    tell("address", (before.address(), after.address()), unseen);
    tell(
        "key",
        flag("x-barion-key"),
        Breaks("another key is sent, so applications must hold that one"),
    );
    tell(
        "moves-money",
        flag("x-barion-moves-money"),
        Breaks("whether a call may be repeated is decided by it"),
    );
    tell(
        "request",
        (before.request.clone(), after.request.clone()),
        Breaks("applications build another type"),
    );
    tell(
        "answer",
        (before.answer.clone(), after.answer.clone()),
        Breaks("applications read another type"),
    );
    tell(
        "deprecated",
        flag("deprecated"),
        Harmless("a note, calls go on as before"),
    );
    changes.extend(statuses(subject, before, after));
    changes
}

fn statuses(subject: &str, before: &Facts<'_>, after: &Facts<'_>) -> Option<Change> {
    let added = after.statuses.difference(&before.statuses);
    let removed = before.statuses.difference(&after.statuses);
    let told: Vec<String> = added
        .map(|status| format!("+{status}"))
        .chain(removed.map(|status| format!("-{status}")))
        .collect();
    (!told.is_empty()).then(|| {
        Change::new(Kind::Changed, subject)
            .detail(format!("statuses {}", told.join(" ")))
            .verdict(Harmless("the error list decides, whatever the status"))
    })
}

fn compare_parameters(
    id: &str,
    pair: &Pair<'_>,
    before: &Facts<'_>,
    after: &Facts<'_>,
) -> Vec<Change> {
    let mut changes = Vec::new();
    for (name, parameter) in &after.parameters {
        let subject = format!("parameter {id}.{name}");
        match before.parameters.get(name) {
            None => changes.push(added(subject, parameter)),
            Some(old) => changes.extend(parameter_changes(&subject, pair, old, parameter)),
        }
    }
    for name in before.parameters.keys() {
        if !after.parameters.contains_key(name) {
            changes.push(
                Change::new(Kind::Removed, format!("parameter {id}.{name}"))
                    .verdict(Breaks("calls that pass it no longer compile")),
            );
        }
    }
    changes
}

fn added(subject: String, parameter: &Value) -> Change {
    let change = Change::new(Kind::Added, subject);
    let kind = type_of(&parameter["schema"]);
    if parameter["required"] == true {
        change
            .detail(format!("{kind}, required"))
            .verdict(Breaks("calls without it no longer compile"))
    } else {
        change
            .detail(format!("{kind}, optional"))
            .verdict(Harmless("it may be left out"))
    }
}

fn parameter_changes(subject: &str, pair: &Pair<'_>, before: &Value, after: &Value) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut tell = |detail: String, verdict| {
        changes.push(
            Change::new(Kind::Changed, subject)
                .detail(detail)
                .verdict(verdict),
        );
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
        tell(
            format!("in {} -> {}", before["in"], after["in"]),
            Harmless("the facade places it"),
        );
    }
    changes.extend(limits::changes(
        subject.trim_start_matches("parameter "),
        &Limits::of(pair.old, &before["schema"]),
        &Limits::of(pair.new, &after["schema"]),
        Direction::REQUEST,
    ));
    changes
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
