//! Differences of open lists of values.

use std::collections::BTreeMap;

use serde_json::Value;

use super::change::Change;
use super::change::Verdict::{Breaks, Harmless};
use crate::pairing::{Found, by_name};

pub(super) fn changes(name: &str, before: &Value, after: &Value) -> Vec<Change> {
    let mut changes = Vec::new();
    for (value, found) in by_name(&by_value(before), &by_value(after)) {
        let subject = format!("value {name}.{value}");
        match found {
            Found::New(_) => {
                let verdict = Harmless("it was read as unrecognized before");
                changes.push(Change::added(subject, "").verdict(verdict));
            }
            Found::Old(_) => {
                let verdict = Breaks("code that names it no longer compiles");
                changes.push(Change::removed(subject, "").verdict(verdict));
            }
            Found::Both(before, after) => {
                changes.extend(spellings(&subject, &before["also"], &after["also"]));
                changes.extend(digits(&subject, before, after));
            }
        }
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
    let (added, removed) = added_and_removed(before, after);
    let added = added.into_iter().map(|spelling| {
        Change::changed(subject, format!("is spelt {spelling} too"))
            .verdict(Harmless("that was read as unrecognized before"))
    });
    let removed = removed.into_iter().map(|spelling| {
        Change::changed(subject, format!("is no longer spelt {spelling}"))
            .verdict(Breaks("that is read as unrecognized now"))
    });
    added.chain(removed).collect()
}

/// The texts of a list that only the new one has, and those that only the old one has.
pub(super) fn added_and_removed<'a>(
    old: &'a Value,
    new: &'a Value,
) -> (Vec<&'a str>, Vec<&'a str>) {
    let texts = |list: &'a Value| -> Vec<&'a str> {
        let list = list.as_array().into_iter().flatten();
        list.filter_map(Value::as_str).collect()
    };
    let (old, new) = (texts(old), texts(new));
    let without = |list: &[&'a str], other: &[&'a str]| -> Vec<&'a str> {
        list.iter()
            .filter(|text| !other.contains(text))
            .copied()
            .collect()
    };
    (without(&new, &old), without(&old, &new))
}

/// The digits after the point that amounts of a currency may have; none said means that nothing is
/// checked.
fn digits(subject: &str, before: &Value, after: &Value) -> Option<Change> {
    let of = |entry: &Value| entry["fractionDigits"].as_u64();
    let (old, new) = (of(before), of(after));
    let more = match (old, new) {
        (_, None) => true,
        (Some(old), Some(new)) => new > old,
        (None, Some(_)) => false,
    };
    let verdict = if more {
        Harmless("what was accepted before still is")
    } else {
        Breaks("amounts with more digits are refused now")
    };
    let text = |digits: Option<u64>| digits.map_or("none".to_owned(), |digits| digits.to_string());
    (old != new).then(|| {
        let detail = format!("fractionDigits {} -> {}", text(old), text(new));
        Change::changed(subject, detail).verdict(verdict)
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
