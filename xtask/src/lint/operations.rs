//! Rules about operations: names, keys, whether they move money, and where they are known from.

use std::collections::BTreeMap;

use super::report::{Document, Report, says_something};
use crate::spec::Kind;

/// The grades that `x-barion-confidence` may have; `spec/README.md` tells what they mean.
const CONFIDENCES: [&str; 4] = ["confirmed", "documented", "reported", "conflicting"];

pub(super) fn id(document: &Document<'_>, report: &mut Report) {
    let mut seen: BTreeMap<&str, String> = BTreeMap::new();
    for operation in document.spec.operations() {
        let pointer = operation.pointer();
        let id = operation.id();
        let place = format!("{pointer}/operationId");
        if !is_snake_case(id) {
            report.add(
                place,
                "must be a name in snake_case: it becomes the method's name",
            );
        } else if let Some(other) = seen.insert(id, pointer) {
            report.add(place, format!("{id:?} is already the name of {other}"));
        }
    }
}

fn is_snake_case(id: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    id.starts_with(|c: char| c.is_ascii_lowercase()) && id.chars().all(plain)
}

pub(super) fn key(document: &Document<'_>, report: &mut Report) {
    for place in document.places(&[Kind::Operation]) {
        let key = place.value["x-barion-key"].as_str();
        if !matches!(key, Some("shop" | "wallet" | "none")) {
            let pointer = format!("{}/x-barion-key", place.pointer);
            report.add(pointer, "must be shop, wallet or none");
        }
    }
}

pub(super) fn moves_money(document: &Document<'_>, report: &mut Report) {
    for place in document.places(&[Kind::Operation]) {
        if !place.value["x-barion-moves-money"].is_boolean() {
            report.add(
                format!("{}/x-barion-moves-money", place.pointer),
                "must say true or false: it decides whether a call may be repeated",
            );
        }
    }
}

pub(super) fn source(document: &Document<'_>, report: &mut Report) {
    for place in document.places(&[Kind::Operation, Kind::NamedSchema]) {
        let sources = place.value["x-barion-source"].as_array();
        if !sources.is_some_and(|list| !list.is_empty() && list.iter().all(says_something)) {
            let message = "has no x-barion-source: say where this is known from";
            report.add(&place.pointer, message);
        }
    }
}

pub(super) fn confidence(document: &Document<'_>, report: &mut Report) {
    for place in document.places(&[Kind::Operation, Kind::NamedSchema]) {
        let confidence = place.value["x-barion-confidence"]
            .as_str()
            .unwrap_or_default();
        if !CONFIDENCES.contains(&confidence) {
            let known = CONFIDENCES.join(", ");
            let message = format!("has no x-barion-confidence, or an unknown one: {known}");
            report.add(&place.pointer, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::lint::testing::{GET, POST, SCHEMAS, breaks, passes};

    #[test]
    fn ids_are_snake_case_and_unique() {
        let (get, post) = (format!("{GET}/operationId"), format!("{POST}/operationId"));
        for id in [json!(null), json!(7), json!("PrintBill"), json!("2_bills")] {
            breaks("operation-id", &[(&get, id)], &[&get]);
        }
        breaks("operation-id", &[(&get, json!("pay_bill"))], &[&post]);
        passes(&[(&get, json!("print_bill_v2"))]);
    }

    #[test]
    fn the_key_is_one_of_three() {
        let key = format!("{GET}/x-barion-key");
        for other in [json!(null), json!("Shop"), json!(true)] {
            breaks("key", &[(&key, other)], &[&key]);
        }
        passes(&[(&key, json!("wallet"))]);
    }

    #[test]
    fn moving_money_is_yes_or_no() {
        let moves = format!("{GET}/x-barion-moves-money");
        for other in [json!(null), json!("no")] {
            breaks("moves-money", &[(&moves, other)], &[&moves]);
        }
        passes(&[(&moves, json!(true))]);
    }

    #[test]
    fn operations_and_schemas_name_their_sources() {
        for place in [POST.to_owned(), format!("{SCHEMAS}/Guid")] {
            let source = format!("{place}/x-barion-source");
            for other in [
                json!(null),
                json!([]),
                json!("docs"),
                json!([""]),
                json!([1]),
            ] {
                breaks("source", &[(&source, other)], &[&place]);
            }
            passes(&[(&source, json!(["a", "b"]))]);
        }
    }

    #[test]
    fn operations_and_schemas_say_how_sure_they_are() {
        for place in [POST.to_owned(), format!("{SCHEMAS}/Guid")] {
            let confidence = format!("{place}/x-barion-confidence");
            for other in [json!(null), json!("sure"), json!(1)] {
                breaks("confidence", &[(&confidence, other)], &[&place]);
            }
            passes(&[(&confidence, json!("conflicting"))]);
        }
    }
}
