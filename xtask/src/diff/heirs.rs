//! Fields that models inherit: told once, with the model that has them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Change, Pair};
use crate::spec::{Spec, ref_name};

/// A field that models inherit is told once, with the model that has it, naming the heirs.
pub(super) fn once_for_heirs(pair: &Pair<'_>, changes: Vec<Change>) -> Vec<Change> {
    let ancestors = |model: &str| &ancestors(pair.old, model) & &ancestors(pair.new, model);
    let mut heirs: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let mut dropped = BTreeSet::new();
    for (index, change) in changes.iter().enumerate() {
        let Some((what, model, rest)) = parts(&change.subject) else {
            continue;
        };
        let above = ancestors(model);
        let same = |other: &Change| {
            parts(&other.subject).is_some_and(|(other_what, other_model, other_rest)| {
                (other_what, other_rest) == (what, rest) && above.contains(other_model)
            }) && (other.kind, &other.detail, &other.breaking)
                == (change.kind, &change.detail, &change.breaking)
        };
        // Of several ancestors that tell the same, the farthest owns the field.
        let owner = (0..changes.len())
            .filter(|index| same(&changes[*index]))
            .min_by_key(|index| {
                let model = parts(&changes[*index].subject).map(|(_, model, _)| model);
                model.map(|model| ancestors(model).len())
            });
        if let Some(owner) = owner {
            heirs.entry(owner).or_default().push(model.to_owned());
            dropped.insert(index);
        }
    }
    let mut kept = Vec::new();
    for (index, mut change) in changes.into_iter().enumerate() {
        if let Some(heirs) = heirs.get(&index) {
            let gap = if change.detail.is_empty() { "" } else { " " };
            change.detail = format!("{}{gap}(and so of {})", change.detail, heirs.join(", "));
        }
        if !dropped.contains(&index) {
            kept.push(change);
        }
    }
    kept
}

/// `field Model.Name` in its parts: what it is, the model, and the rest.
fn parts(subject: &str) -> Option<(&str, &str, &str)> {
    let (what, name) = subject.split_once(' ')?;
    let (model, rest) = name.split_once('.')?;
    ["field", "limit"]
        .contains(&what)
        .then_some((what, model, rest))
}

/// The models that a model extends, directly or not.
fn ancestors(spec: &Spec, model: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let schema = &spec.root["components"]["schemas"][model];
    for part in schema["allOf"].as_array().into_iter().flatten() {
        if let Some(name) = ref_name(part) {
            found.extend(ancestors(spec, name));
            found.insert(name.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::diff::testing::{SCHEMAS, told, with};

    #[test]
    fn an_inherited_field_is_told_once() {
        let more = json!({ "allOf": [{ "$ref": "#/components/schemas/Card" }, { "properties": { "Own": { "type": "string" } } }] });
        let heir = (format!("{SCHEMAS}/GoldCard"), more);
        let expected = "removed field Card.Year: string, optional (and so of GoldCard) | breaking: code that uses it no longer compiles";
        let old = with(&[(&heir.0, heir.1.clone())]);
        let new = with(&[
            (&heir.0, heir.1),
            (&format!("{SCHEMAS}/Card/properties/Year"), json!(null)),
        ]);
        assert_eq!(told(&old, &new), [expected]);
    }

    #[test]
    fn a_field_of_a_model_in_the_middle_is_told_there() {
        let extend = |model: &str, own: &str| json!({ "allOf": [{ "$ref": format!("#/components/schemas/{model}") }, { "properties": { own: { "type": "string" } } }] });
        let (gold, black) = (format!("{SCHEMAS}/Gold"), format!("{SCHEMAS}/Black"));
        let old = with(&[(&gold, extend("Card", "A")), (&black, extend("Gold", "B"))]);
        let new = with(&[(&gold, extend("Card", "C")), (&black, extend("Gold", "B"))]);
        assert_eq!(
            told(&old, &new),
            [
                "added field Gold.C: string, optional (and so of Black) | not breaking: it may be left out",
                "removed field Gold.A: string, optional (and so of Black) | breaking: code that uses it no longer compiles",
            ]
        );
    }
}
