//! Says in plain words what differs between two states of the generated crate.

use std::collections::BTreeMap;

use crate::inventory::Inventory;

/// One sentence for each change: operations first, then models, fields, values and limits.
#[must_use]
pub fn describe(old: &Inventory, new: &Inventory) -> Vec<String> {
    let mut lines = Vec::new();
    compare(
        "operation",
        &old.operations,
        &new.operations,
        &mut lines,
        |lines, id, before, after| {
            lines.push(format!("operation {id} changed: {before} -> {after}"));
        },
    );
    compare(
        "model",
        &old.models,
        &new.models,
        &mut lines,
        |lines, model, before, after| {
            compare(
                &format!("field {model}."),
                before,
                after,
                lines,
                |lines, field, before, after| {
                    lines.push(format!(
                        "field {model}.{field} changed: {before} -> {after}"
                    ));
                },
            );
        },
    );
    compare(
        "enumeration",
        &old.enums,
        &new.enums,
        &mut lines,
        |lines, name, before, after| {
            values(name, before, after, lines);
        },
    );
    for (name, after) in &new.also {
        if let Some(before) = old.also.get(name) {
            values(
                &format!("{name}, other spellings"),
                before,
                after,
                &mut lines,
            );
        }
    }
    for (key @ (model, property), after) in &new.limits {
        match old.limits.get(key) {
            Some(before) if before == after => {}
            Some(before) => lines.push(format!(
                "limits of {model}.{property} changed: {before} -> {after}"
            )),
            // The limits of a new field come with it.
            None if old
                .models
                .get(model)
                .is_some_and(|fields| fields.contains_key(property)) =>
            {
                lines.push(format!("limits of {model}.{property} added: {after}"));
            }
            None => {}
        }
    }
    lines
}

fn compare<V: PartialEq>(
    what: &str,
    old: &BTreeMap<String, V>,
    new: &BTreeMap<String, V>,
    lines: &mut Vec<String>,
    changed: impl Fn(&mut Vec<String>, &str, &V, &V),
) {
    // A field is written onto its model, everything else stands apart from its kind.
    let gap = if what.ends_with('.') { "" } else { " " };
    for name in new.keys().filter(|name| !old.contains_key(*name)) {
        lines.push(format!("{what}{gap}{name} added"));
    }
    for name in old.keys().filter(|name| !new.contains_key(*name)) {
        lines.push(format!("{what}{gap}{name} removed"));
    }
    for (name, after) in new {
        if let Some(before) = old.get(name)
            && before != after
        {
            changed(lines, name, before, after);
        }
    }
}

fn values(name: &str, before: &[String], after: &[String], lines: &mut Vec<String>) {
    for value in after.iter().filter(|value| !before.contains(value)) {
        lines.push(format!("value {name}.{value} added"));
    }
    for value in before.iter().filter(|value| !after.contains(value)) {
        lines.push(format!("value {name}.{value} removed"));
    }
}
