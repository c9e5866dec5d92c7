//! Differences of limits: tighter or looser.

use rust_decimal::Decimal;
use serde_json::Value;

use super::change::Change;
use super::change::Verdict::{Breaks, Harmless};
use super::pair::{Direction, Pair};
use crate::spec::{LIMITS, Spec, exclusive_flag, limit, ref_name, seconds};

/// Which limits of a schema are compared.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// Those that it has itself: what comes from a named scalar is reported once, with that scalar.
    Own,
    /// All that hold for it.
    All,
}

/// The limits that differ; `owner` is what they belong to, such as `Item.Name`.
pub(super) fn changes(
    owner: &str,
    scope: Scope,
    pair: &Pair,
    (before, after): (&Value, &Value),
    direction: Direction,
) -> Vec<Change> {
    let mut changes = Vec::new();
    for keyword in LIMITS {
        let flag = exclusive_flag(keyword);
        let own = |schema: &Value| (schema.get(keyword).cloned(), schema.get(flag).cloned());
        if scope == Scope::Own && own(before) == own(after) {
            continue;
        }
        let limits = (
            Limit::of(&pair.old, before, keyword),
            Limit::of(&pair.new, after, keyword),
        );
        let subject = format!("limit {owner}.{keyword}");
        changes.extend(changed(subject, keyword, limits, direction));
    }
    let items = |schema: &Value| match &schema["items"] {
        items if items.is_object() && ref_name(items).is_none() => items.clone(),
        _ => Value::Null,
    };
    let items = (items(before), items(after));
    if items.0.is_object() || items.1.is_object() {
        let owner = format!("{owner}.items");
        changes.extend(self::changes(
            &owner,
            scope,
            pair,
            (&items.0, &items.1),
            direction,
        ));
    }
    changes
}

/// One limit: how it reads, and what it is compared by.
struct Limit {
    text: String,
    number: Option<Decimal>,
    exclusive: bool,
}

impl Limit {
    fn of(spec: &Spec, schema: &Value, keyword: &str) -> Option<Self> {
        let value = limit(spec, schema, keyword)?;
        let exclusive = limit(spec, schema, exclusive_flag(keyword)) == Some(&Value::Bool(true));
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        let number = match value {
            Value::Number(number) => exactly(&number.to_string()),
            Value::String(span) => seconds(span).map(Decimal::from),
            _ => None,
        };
        let text = if exclusive {
            format!("{text} (exclusive)")
        } else {
            text
        };
        Some(Self {
            text,
            number,
            exclusive,
        })
    }
}

/// A bound may be one of an amount, so its digits are compared.
fn exactly(number: &str) -> Option<Decimal> {
    let decimal = Decimal::from_str_exact(number);
    decimal.or_else(|_| Decimal::from_scientific(number)).ok()
}

/// `None` where it is as tight as before.
fn changed(
    subject: String,
    keyword: &str,
    (old, new): (Option<Limit>, Option<Limit>),
    direction: Direction,
) -> Option<Change> {
    let text = |limit: &Option<Limit>| match limit {
        Some(limit) => limit.text.clone(),
        None => "none".to_owned(),
    };
    // A flag that is off limits nothing.
    let is_on = |limit: &&Limit| limit.text != "false";
    let tighter = match (old.as_ref().filter(is_on), new.as_ref().filter(is_on)) {
        (None, None) => return None,
        (Some(old), Some(new)) if old.text == new.text => return None,
        (None, Some(_)) => Some(true),
        (Some(_), None) => Some(false),
        (Some(old), Some(new)) => match old.number.zip(new.number) {
            // Of equal bounds the exclusive one is tighter.
            Some((from, to)) if from == to && old.exclusive == new.exclusive => return None,
            Some((from, to)) if from == to => Some(new.exclusive),
            Some((from, to)) if keyword.contains("min") => Some(to > from),
            Some((from, to)) if keyword.contains("max") => Some(to < from),
            _ => None,
        },
    };
    let (word, why) = match tighter {
        Some(true) => (
            "tightened",
            Breaks("what was accepted before is refused now"),
        ),
        Some(false) => ("loosened", Harmless("what was accepted before still is")),
        None => (
            "changed",
            Breaks("what was accepted before may be refused now"),
        ),
    };
    let verdict = if direction.request {
        why
    } else {
        Harmless("answers are not checked")
    };
    let detail = format!("{word}: {} -> {}", text(&old), text(&new));
    Some(Change::changed(subject, detail).verdict(verdict))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::diff::testing::{SCHEMAS, told, with};

    const TIGHTER: &str = "breaking: what was accepted before is refused now";
    const LOOSER: &str = "not breaking: what was accepted before still is";

    /// What is said of one limit of a field of a request, from one value to another.
    fn said(keyword: &str, from: Value, to: Value) -> Vec<String> {
        let place = format!("{SCHEMAS}/PayRequest/properties/Limited/{keyword}");
        let limited = |value: Value| match value {
            Value::Null => with(&[]),
            value => with(&[(&place, value)]),
        };
        told(&limited(from), &limited(to))
    }

    #[test]
    fn bounds_get_tighter_or_looser() {
        let (none, low, high) = (json!(null), json!(2), json!(10));
        for (keyword, tight, loose) in [
            ("maxLength", &low, &high),
            ("maxItems", &low, &high),
            ("maximum", &low, &high),
            ("minLength", &high, &low),
            ("minItems", &high, &low),
            ("minimum", &high, &low),
        ] {
            let subject = format!("changed limit PayRequest.Limited.{keyword}");
            let expect = |from: &Value, to: &Value, word: &str, verdict: &str| {
                let text = |value: &Value| {
                    if value.is_null() {
                        "none".to_owned()
                    } else {
                        value.to_string()
                    }
                };
                assert_eq!(
                    said(keyword, from.clone(), to.clone()),
                    [format!(
                        "{subject}: {word}: {} -> {} | {verdict}",
                        text(from),
                        text(to)
                    )]
                );
            };
            expect(loose, tight, "tightened", TIGHTER);
            expect(tight, loose, "loosened", LOOSER);
            expect(&none, loose, "tightened", TIGHTER);
            expect(loose, &none, "loosened", LOOSER);
        }
    }

    #[test]
    fn exclusive_bounds_are_tighter() {
        let place = format!("{SCHEMAS}/PayRequest/properties/Total");
        let plain = with(&[]);
        let strict = with(&[(&format!("{place}/exclusiveMinimum"), json!(true))]);
        assert_eq!(
            told(&plain, &strict),
            [format!(
                "changed limit PayRequest.Total.minimum: tightened: 0 -> 0 (exclusive) | {TIGHTER}"
            )]
        );
        assert_eq!(
            told(&strict, &plain),
            [format!(
                "changed limit PayRequest.Total.minimum: loosened: 0 (exclusive) -> 0 | {LOOSER}"
            )]
        );
        let same = with(&[(&format!("{place}/minimum"), json!(0.0))]);
        assert!(told(&plain, &same).is_empty(), "the same bound");
    }

    #[test]
    fn spans_are_compared_by_length() {
        let (day, week) = (json!("1.00:00:00"), json!("7.00:00:00"));
        let subject = "changed limit PayRequest.Limited.x-barion-maximum";
        assert_eq!(
            said("x-barion-maximum", week.clone(), day.clone()),
            [format!(
                "{subject}: tightened: 7.00:00:00 -> 1.00:00:00 | {TIGHTER}"
            )]
        );
        let hours = json!("0.24:00:00");
        assert!(
            said("x-barion-maximum", day.clone(), hours).is_empty(),
            "as long"
        );
        let said = said("x-barion-minimum", week, json!("soon"));
        assert!(
            said[0].contains("| breaking: what was accepted before may be"),
            "{said:?}"
        );
    }

    #[test]
    fn patterns_and_other_keywords() {
        let subject = "changed limit PayRequest.Limited";
        assert_eq!(
            said("pattern", json!("^a$"), json!("^[ab]$")),
            [format!(
                "{subject}.pattern: changed: ^a$ -> ^[ab]$ | breaking: what was accepted before may be refused now"
            )]
        );
        assert_eq!(
            said("pattern", json!("^a$"), json!(null)),
            [format!(
                "{subject}.pattern: loosened: ^a$ -> none | {LOOSER}"
            )]
        );
        assert_eq!(
            said("uniqueItems", json!(false), json!(true)),
            [format!(
                "{subject}.uniqueItems: tightened: false -> true | {TIGHTER}"
            )]
        );
        assert_eq!(said("uniqueItems", json!(null), json!(false)), [""; 0]);
    }

    #[test]
    fn answers_are_not_checked_and_items_are_named() {
        let place = format!("{SCHEMAS}/PayResponse/properties/Note/maxLength");
        assert_eq!(
            told(&with(&[]), &with(&[(&place, json!(3))])),
            [
                "changed limit PayResponse.Note.maxLength: tightened: none -> 3 | not breaking: answers are not checked"
            ]
        );
        let list =
            |most: u8| json!({ "type": "array", "items": { "type": "string", "maxLength": most } });
        let place = format!("{SCHEMAS}/PayRequest/properties/Limited");
        assert_eq!(
            told(&with(&[(&place, list(5))]), &with(&[(&place, list(6))])),
            [format!(
                "changed limit PayRequest.Limited.items.maxLength: loosened: 5 -> 6 | {LOOSER}"
            )]
        );
    }

    #[test]
    fn a_field_that_overrides_its_scalar_is_compared_by_what_holds() {
        // Id says at most 32; a field of that type that says 32 too is as tight as before.
        let place = format!("{SCHEMAS}/PayRequest/properties/Id/maxLength");
        assert_eq!(told(&with(&[]), &with(&[(&place, json!(32))])), [""; 0]);
        assert_eq!(
            told(&with(&[]), &with(&[(&place, json!(31))])),
            [format!(
                "changed limit PayRequest.Id.maxLength: tightened: 32 -> 31 | {TIGHTER}"
            )]
        );
    }
}
