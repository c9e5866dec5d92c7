//! Differences of limits: tighter or looser.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::Value;

use super::usage::Direction;
use super::{Breaks, Change, Harmless, Kind};
use crate::spec::{Spec, ref_name};

const LEAST: [&str; 4] = ["minLength", "minItems", "minProperties", "x-barion-minimum"];
const MOST: [&str; 4] = ["maxLength", "maxItems", "maxProperties", "x-barion-maximum"];
const OTHERS: [&str; 3] = ["pattern", "multipleOf", "uniqueItems"];

/// The limits of a value, by keyword. A bound that is exclusive says so in its own value.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Limits(BTreeMap<String, Limit>);

/// One limit: how it reads, and what it is compared by.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Limit {
    text: String,
    number: Option<Decimal>,
    exclusive: bool,
}

impl Limits {
    /// What the schema says itself, for its items too.
    pub(super) fn own(schema: &Value) -> Self {
        let mut limits = Self::default();
        limits.collect(schema, "");
        limits
    }

    /// What holds for it, including what the named scalar or list says that it refers to.
    pub(super) fn of(spec: &Spec, schema: &Value) -> Self {
        let named = ref_name(schema).filter(|name| !spec.is_model(name));
        let named = named.map(|name| &spec.root["components"]["schemas"][name]);
        let mut limits = named.map(Self::own).unwrap_or_default();
        limits.0.extend(Self::own(schema).0);
        limits
    }

    pub(super) fn get(&self, keyword: &str) -> Option<&Limit> {
        self.0.get(keyword)
    }

    fn collect(&mut self, schema: &Value, prefix: &str) {
        for key in LEAST.iter().chain(&MOST).chain(&OTHERS) {
            if let Some(value) = schema.get(*key) {
                self.0
                    .insert(format!("{prefix}{key}"), Limit::of(value, false));
            }
        }
        for (key, flag) in [
            ("minimum", "exclusiveMinimum"),
            ("maximum", "exclusiveMaximum"),
        ] {
            if let Some(value) = schema.get(key) {
                let limit = Limit::of(value, schema[flag] == true);
                self.0.insert(format!("{prefix}{key}"), limit);
            }
        }
        if schema["items"].is_object() && ref_name(&schema["items"]).is_none() {
            self.collect(&schema["items"], &format!("{prefix}items."));
        }
    }
}

impl Limit {
    fn of(value: &Value, exclusive: bool) -> Self {
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        Self {
            number: match value {
                Value::Number(number) => exactly(&number.to_string()),
                Value::String(span) => seconds(span),
                _ => None,
            },
            text: if exclusive {
                format!("{text} (exclusive)")
            } else {
                text
            },
            exclusive,
        }
    }
}

/// A bound may be one of an amount, so its digits are compared.
fn exactly(number: &str) -> Option<Decimal> {
    let decimal = Decimal::from_str_exact(number);
    decimal.or_else(|_| Decimal::from_scientific(number)).ok()
}

/// The seconds in `d.hh:mm:ss`.
fn seconds(span: &str) -> Option<Decimal> {
    let (days, clock) = span.split_once('.')?;
    let mut parts = clock.split(':').map(|part| part.parse::<u32>().ok());
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    let days: u32 = days.parse().ok()?;
    let hours = u64::from(days) * 24 + u64::from(hours);
    let total = (hours * 60 + u64::from(minutes)) * 60 + u64::from(seconds);
    parts.next().is_none().then(|| total.into())
}

/// All differences; `owner` is what the limits belong to, such as `Item.Name`.
pub(super) fn changes(
    owner: &str,
    old: &Limits,
    new: &Limits,
    direction: Direction,
) -> Vec<Change> {
    changes_where(owner, (old, new), direction, |_| true)
}

/// The differences of those keywords that the filter lets through.
pub(super) fn changes_where(
    owner: &str,
    (old, new): (&Limits, &Limits),
    direction: Direction,
    wanted: impl Fn(&str) -> bool,
) -> Vec<Change> {
    let added = new.0.keys().filter(|keyword| !old.0.contains_key(*keyword));
    let keywords = old.0.keys().chain(added);
    keywords
        .filter(|keyword| wanted(keyword))
        .filter_map(|keyword| {
            change(
                owner,
                keyword,
                (old.get(keyword), new.get(keyword)),
                direction,
            )
        })
        .collect()
}

fn change(
    owner: &str,
    keyword: &str,
    (old, new): (Option<&Limit>, Option<&Limit>),
    direction: Direction,
) -> Option<Change> {
    let (word, verdict) = match (move_of(keyword, old, new)?, direction.request) {
        (Move::Tightened, true) => (
            "tightened",
            Breaks("what was accepted before is refused now"),
        ),
        (Move::Unclear, true) => (
            "changed",
            Breaks("what was accepted before may be refused now"),
        ),
        (Move::Loosened, true) => ("loosened", Harmless("what was accepted before still is")),
        (Move::Tightened, false) => ("tightened", Harmless("answers are not checked")),
        (Move::Unclear, false) => ("changed", Harmless("answers are not checked")),
        (Move::Loosened, false) => ("loosened", Harmless("answers are not checked")),
    };
    let text = |limit: Option<&Limit>| limit.map_or("none".to_owned(), |limit| limit.text.clone());
    Some(
        Change::new(Kind::Changed, format!("limit {owner}.{keyword}"))
            .detail(format!("{word}: {} -> {}", text(old), text(new)))
            .verdict(verdict),
    )
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Move {
    Tightened,
    Loosened,
    Unclear,
}

fn move_of(keyword: &str, old: Option<&Limit>, new: Option<&Limit>) -> Option<Move> {
    let (old, new) = match (old, new) {
        (None, None) => return None,
        (None, Some(new)) if new.text == "false" => return None,
        (Some(old), None) if old.text == "false" => return None,
        (None, Some(_)) => return Some(Move::Tightened),
        (Some(_), None) => return Some(Move::Loosened),
        (Some(old), Some(new)) => (old, new),
    };
    if old.text == new.text {
        return None;
    }
    let keyword = keyword.rsplit('.').next().unwrap_or(keyword);
    let least = LEAST.contains(&keyword) || keyword == "minimum";
    let most = MOST.contains(&keyword) || keyword == "maximum";
    match keyword {
        "uniqueItems" if new.text == "true" => return Some(Move::Tightened),
        "uniqueItems" => return Some(Move::Loosened),
        _ if !least && !most => return Some(Move::Unclear),
        _ => {}
    }
    let (Some(from), Some(to)) = (old.number, new.number) else {
        return Some(Move::Unclear);
    };
    // With equal bounds it is the exclusive one that is tighter.
    let higher = match to.cmp(&from) {
        Ordering::Equal if old.exclusive == new.exclusive => return None,
        Ordering::Equal => new.exclusive == least,
        other => other == Ordering::Greater,
    };
    Some(if higher == least {
        Move::Tightened
    } else {
        Move::Loosened
    })
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
