//! Differences of open lists of values.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Breaks, Change, Harmless, Kind, Verdict};

pub(super) fn changes(name: &str, before: &Value, after: &Value) -> Vec<Change> {
    let (old, new) = (by_value(before), by_value(after));
    let mut changes = Vec::new();
    for (value, entry) in &new {
        let subject = format!("value {name}.{value}");
        match old.get(value) {
            None => changes.push(
                Change::new(Kind::Added, subject)
                    .verdict(Harmless("it was read as unrecognized before")),
            ),
            Some(before) => {
                changes.extend(spellings(&subject, before, entry));
                changes.extend(digits(&subject, before, entry));
            }
        }
    }
    for value in old.keys().filter(|value| !new.contains_key(*value)) {
        changes.push(
            Change::new(Kind::Removed, format!("value {name}.{value}"))
                .verdict(Breaks("code that names it no longer compiles")),
        );
    }
    changes
}

fn by_value(schema: &Value) -> BTreeMap<&str, &Value> {
    let values = schema["x-barion-values"].as_array().into_iter().flatten();
    values
        .filter_map(|entry| Some((entry["value"].as_str()?, entry)))
        .collect()
}

fn spellings(subject: &str, before: &Value, after: &Value) -> Vec<Change> {
    let of = |entry: &Value| -> BTreeSet<String> {
        let also = entry["also"].as_array().into_iter().flatten();
        also.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let (old, new) = (of(before), of(after));
    let added = new.difference(&old).map(|spelling| {
        Change::new(Kind::Changed, subject)
            .detail(format!("is spelt {spelling} too"))
            .verdict(Harmless("that was read as unrecognized before"))
    });
    let removed = old.difference(&new).map(|spelling| {
        Change::new(Kind::Changed, subject)
            .detail(format!("is no longer spelt {spelling}"))
            .verdict(Breaks("that is read as unrecognized now"))
    });
    added.chain(removed).collect()
}

/// The digits after the point that amounts of a currency may have; none said means that nothing is checked.
fn digits(subject: &str, before: &Value, after: &Value) -> Option<Change> {
    let of = |entry: &Value| entry["fractionDigits"].as_u64();
    let (old, new) = (of(before), of(after));
    let fewer: Verdict = match (old, new) {
        (_, None) => Harmless("what was accepted before still is"),
        (Some(old), Some(new)) if new > old => Harmless("what was accepted before still is"),
        _ => Breaks("amounts with more digits are refused now"),
    };
    let text = |digits: Option<u64>| digits.map_or("none".to_owned(), |digits| digits.to_string());
    (old != new).then(|| {
        Change::new(Kind::Changed, subject)
            .detail(format!("fractionDigits {} -> {}", text(old), text(new)))
            .verdict(fewer)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::diff::testing::{SCHEMAS, said};

    #[test]
    fn values_come_and_go() {
        let values = format!("{SCHEMAS}/Colour/x-barion-values");
        let red =
            json!({ "value": "Red", "meaning": "Red.", "also": ["Rot"], "fractionDigits": 2 });
        let (blue, green) = (
            json!({ "value": "Blue", "meaning": "Blue." }),
            json!({ "value": "Green" }),
        );
        assert_eq!(
            said(&[(&values, json!([green, red, blue]))]),
            ["added value Colour.Green | not breaking: it was read as unrecognized before"]
        );
        assert_eq!(
            said(&[(&values, json!([red]))]),
            ["removed value Colour.Blue | breaking: code that names it no longer compiles"]
        );
    }

    #[test]
    fn spellings_and_digits_of_a_value() {
        let red = format!("{SCHEMAS}/Colour/x-barion-values/0");
        for (key, value, expected) in [
            (
                "also",
                json!(["Rot", "Rouge"]),
                "is spelt Rouge too | not breaking: that was read as unrecognized before",
            ),
            (
                "also",
                json!(null),
                "is no longer spelt Rot | breaking: that is read as unrecognized now",
            ),
            (
                "fractionDigits",
                json!(0),
                "fractionDigits 2 -> 0 | breaking: amounts with more digits are refused now",
            ),
            (
                "fractionDigits",
                json!(3),
                "fractionDigits 2 -> 3 | not breaking: what was accepted before still is",
            ),
            (
                "fractionDigits",
                json!(null),
                "fractionDigits 2 -> none | not breaking: what was accepted before still is",
            ),
        ] {
            assert_eq!(
                said(&[(&format!("{red}/{key}"), value)]),
                [format!("changed value Colour.Red: {expected}")]
            );
        }
        assert_eq!(
            said(&[(
                &format!("{SCHEMAS}/Colour/x-barion-values/1/fractionDigits"),
                json!(2)
            )]),
            [
                "changed value Colour.Blue: fractionDigits none -> 2 | breaking: amounts with more digits are refused now"
            ]
        );
    }
}
