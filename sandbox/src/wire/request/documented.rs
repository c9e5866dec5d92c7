//! Check of a request against the documentation, to the letter: its names, and words from lists.
//!
//! Done by the description of the API, and only in a strict sandbox: elsewhere unknown names are
//! ignored, as Barion is known to do, so that a name with a typo goes unnoticed.

use std::sync::LazyLock;

use serde_json::Value;

use crate::wire::json::{Json, Object};
use crate::wire::openapi::OPENAPI;

/// Longer names are cut off in answers.
const LONGEST: usize = 100;

static DESCRIPTION: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(OPENAPI).unwrap_or_default());

/// What is not as documented in the body of an operation's request, or in its query when it has no
/// body; each with where it is. Operations that are not described are not judged.
pub(crate) fn problems(operation: &str, request: &Object) -> Vec<String> {
    let mut problems = Vec::new();
    let Some(described) = find(operation) else {
        return problems;
    };
    let body = described.pointer("/requestBody/content/application~1json/schema");
    match (body, described["parameters"].as_array()) {
        (Some(schema), _) => check_object(schema, request, "", &mut problems),
        (None, Some(parameters)) => check_query(parameters, request, &mut problems),
        (None, None) => {}
    }
    // Members have no order, and an answer should not differ from run to run.
    problems.sort_unstable();
    problems
}

fn find(operation: &str) -> Option<&'static Value> {
    let paths = DESCRIPTION["paths"].as_object()?;
    let methods = paths.values().filter_map(Value::as_object);
    let mut all = methods.flat_map(serde_json::Map::values);
    all.find(|one| one["operationId"] == operation)
}

fn check_query(parameters: &'static [Value], request: &Object, problems: &mut Vec<String>) {
    for (name, value) in request.members() {
        let known = parameters
            .iter()
            .find(|one| one["name"] == name && one["in"] == "query");
        match known {
            Some(one) => check(&one["schema"], value, name, problems),
            // The documented place of the key before there was a header.
            None if name.eq_ignore_ascii_case("POSKey") => {}
            None => unknown(name, problems),
        }
    }
}

fn check(schema: &'static Value, value: &Json, path: &str, problems: &mut Vec<String>) {
    match value {
        Json::Object(object) => check_object(schema, object, path, problems),
        Json::List(list) => {
            let items = parts(schema).into_iter().find_map(|part| part.get("items"));
            for (place, one) in list.iter().enumerate() {
                if let Some(items) = items {
                    check(items, one, &format!("{path}[{place}]"), problems);
                }
            }
        }
        Json::Text(word) | Json::Number(word) if !word.is_empty() => {
            let mut lists = parts(schema)
                .into_iter()
                .filter_map(|part| part["x-barion-values"].as_array());
            let Some(words) = lists.next() else {
                return;
            };
            if !words.iter().any(|one| one["value"] == word.as_str()) {
                problems.push(format!(
                    "The field {path} is not one of the documented words."
                ));
            }
        }
        _ => {}
    }
}

fn check_object(schema: &'static Value, object: &Object, path: &str, problems: &mut Vec<String>) {
    let parts = parts(schema);
    // An object where there should be none is the reader's to refuse.
    if !parts.iter().any(|part| part.get("properties").is_some()) {
        return;
    }
    for (name, value) in object.members() {
        let path = if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        };
        let known = parts
            .iter()
            .find_map(|part| part.get("properties")?.get(name));
        match known {
            Some(schema) => check(schema, value, &path, problems),
            None => unknown(&path, problems),
        }
    }
}

fn unknown(path: &str, problems: &mut Vec<String>) {
    let path: String = path.chars().take(LONGEST).collect();
    problems.push(format!("The field {path} is not documented."));
}

/// A schema with everything that it refers to or consists of.
fn parts(schema: &'static Value) -> Vec<&'static Value> {
    let mut found = vec![schema];
    let mut seen = 0;
    while let Some(one) = found.get(seen).copied() {
        seen += 1;
        let target = one["$ref"].as_str().and_then(|path| path.strip_prefix('#'));
        found.extend(target.and_then(|path| DESCRIPTION.pointer(path)));
        found.extend(one["allOf"].as_array().into_iter().flatten());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::json;

    fn problems_of(operation: &str, text: &str) -> Vec<String> {
        match json::parse(text.as_bytes()) {
            Ok(Json::Object(object)) => problems(operation, &object),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn names_are_judged_wherever_they_are() {
        let text = r#"{"PaymentType":"Immediate","paymentWindow":null,"GooglePayToken":"{\"x\":1}",
            "Transactions":[{"Total":1,"Items":[{"Name":"x"},{"Nmae":"x"}]}],
            "PurchaseInformation":{"GiftCardPurchase":{"Amount":1,"Amonut":1}}}"#;
        let google = problems_of("payment_start_with_google_token_v3", text);
        let expected = [
            "The field PurchaseInformation.GiftCardPurchase.Amonut is not documented.",
            "The field Transactions[0].Items[1].Nmae is not documented.",
            "The field paymentWindow is not documented.",
        ];
        assert_eq!(google, expected);
        assert_eq!(
            problems_of("payment_start_v2", text).len(),
            4,
            "no Google token"
        );
        assert!(problems_of("withdraw_bank_transfer_v2", text).is_empty());
    }

    #[test]
    fn words_are_taken_as_they_are_documented() {
        for (text, count) in [
            (
                r#"{"Currency":"HUF","FundingSources":["All","BankCard"],"PaymentType":""}"#,
                0,
            ),
            (
                r#"{"Currency":"huf","FundingSources":["All","Card"],"ChallengePreference":10}"#,
                3,
            ),
        ] {
            assert_eq!(problems_of("payment_start_v2", text).len(), count, "{text}");
        }
    }

    #[test]
    fn queries_have_names_too() {
        for (query, count) in [("Limit=3&Currency=HUF", 0), ("Limitt=3&Currency=huf", 2)] {
            let query = Object::of_query(Some(query));
            assert_eq!(problems("get_history_v3", &query).len(), count);
        }
    }

    #[test]
    fn a_long_name_is_cut_off() {
        let text = format!("{{\"{}\":1}}", "x".repeat(10_000));
        assert!(problems_of("payment_start_v2", &text)[0].len() < 200);
    }
}
