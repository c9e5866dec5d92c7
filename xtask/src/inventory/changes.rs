//! The differences between two states of the generated crate, in plain words.

use std::collections::BTreeMap;

use super::facts::Inventory;
use crate::pairing::{Found, by_name};

/// One sentence for each change: operations first, then models, fields, values and limits.
#[must_use]
pub fn changes(old: &Inventory, new: &Inventory) -> Vec<String> {
    let mut lines = compare(
        "operation ",
        &old.operations,
        &new.operations,
        |id, from, to| vec![format!("operation {id} changed: {from} -> {to}")],
    );
    lines.extend(compare(
        "model ",
        &old.models,
        &new.models,
        |model, from, to| {
            let what = format!("field {model}.");
            compare(&what, from, to, |field, from, to| {
                vec![format!("{what}{field} changed: {from} -> {to}")]
            })
        },
    ));
    lines.extend(compare(
        "enumeration ",
        &old.enums,
        &new.enums,
        |name, from, to| values(name, from, to),
    ));
    for (name, found) in by_name(&old.also, &new.also) {
        if let Found::Both(from, to) = found {
            lines.extend(values(&format!("{name}, other spellings"), from, to));
        }
    }
    for ((model, property), found) in by_name(&old.limits, &new.limits) {
        let what = format!("limits of {model}.{property}");
        match found {
            Found::Both(from, to) if from != to => {
                lines.push(format!("{what} changed: {from} -> {to}"));
            }
            // The limits of a new field come with it.
            Found::New(limits) if old.has_field(model, property) => {
                lines.push(format!("{what} added: {limits}"));
            }
            _ => {}
        }
    }
    lines
}

fn compare<T: PartialEq>(
    what: &str,
    old: &BTreeMap<String, T>,
    new: &BTreeMap<String, T>,
    changed: impl Fn(&str, &T, &T) -> Vec<String>,
) -> Vec<String> {
    let lines = by_name(old, new).map(|(name, found)| match found {
        Found::New(_) => vec![format!("{what}{name} added")],
        Found::Old(_) => vec![format!("{what}{name} removed")],
        Found::Both(before, after) if before == after => Vec::new(),
        Found::Both(before, after) => changed(name, before, after),
    });
    lines.flatten().collect()
}

fn values(name: &str, before: &[String], after: &[String]) -> Vec<String> {
    let added = after.iter().filter(|value| !before.contains(value));
    let removed = before.iter().filter(|value| !after.contains(value));
    let added = added.map(|value| format!("value {name}.{value} added"));
    let removed = removed.map(|value| format!("value {name}.{value} removed"));
    added.chain(removed).collect()
}
