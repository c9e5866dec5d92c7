//! Rules about single operations.

use std::collections::BTreeMap;

use super::Report;

pub(super) fn id(report: &mut Report<'_>) {
    let mut seen: BTreeMap<&str, String> = BTreeMap::new();
    for operation in report.spec.operations() {
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
    id.starts_with(|c: char| c.is_ascii_lowercase())
        && id
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

pub(super) fn key(report: &mut Report<'_>) {
    for operation in report.spec.operations() {
        let key = operation.value["x-barion-key"].as_str();
        if !matches!(key, Some("shop" | "wallet" | "none")) {
            report.add(
                format!("{}/x-barion-key", operation.pointer()),
                "must be shop, wallet or none",
            );
        }
    }
}

pub(super) fn moves_money(report: &mut Report<'_>) {
    for operation in report.spec.operations() {
        if !operation.value["x-barion-moves-money"].is_boolean() {
            report.add(
                format!("{}/x-barion-moves-money", operation.pointer()),
                "must say true or false: it decides whether a call may be repeated",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::lint::testing::{GET, POST, breaks, passes};

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
}
