//! Differences of the document as a whole: where the service is, and how keys are sent.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Change, Harmless, Kind, Pair};
use crate::spec::Spec;

pub(super) fn changes(pair: &Pair<'_>) -> Vec<Change> {
    let mut changes = compare(
        "server",
        &servers(pair.old),
        &servers(pair.new),
        "the facade knows its environments by itself",
    );
    changes.extend(compare(
        "scheme",
        &schemes(pair.old),
        &schemes(pair.new),
        "the facade sends the keys",
    ));
    changes
}

fn servers(spec: &Spec) -> BTreeMap<String, String> {
    let servers = spec.root["servers"].as_array().into_iter().flatten();
    servers
        .filter_map(|server| Some((server["url"].as_str()?.to_owned(), String::new())))
        .collect()
}

fn schemes(spec: &Spec) -> BTreeMap<String, String> {
    let schemes = spec.root["components"]["securitySchemes"].as_object();
    schemes
        .into_iter()
        .flatten()
        .map(|(name, scheme)| (name.clone(), place(scheme)))
        .collect()
}

/// Where a key is put, such as `header x-pos-key`.
fn place(scheme: &Value) -> String {
    let words = ["type", "in", "name"].map(|key| scheme[key].as_str().unwrap_or("?"));
    words.join(" ")
}

fn compare(
    what: &str,
    old: &BTreeMap<String, String>,
    new: &BTreeMap<String, String>,
    why: &'static str,
) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut told = |kind, name: &str, detail: String| {
        changes.push(
            Change::new(kind, format!("{what} {name}"))
                .detail(detail)
                .verdict(Harmless(why)),
        );
    };
    for (name, after) in new {
        match old.get(name) {
            None => told(Kind::Added, name, after.clone()),
            Some(before) if before != after => {
                told(Kind::Changed, name, format!("{before} -> {after}"));
            }
            Some(_) => {}
        }
    }
    for (name, before) in old.iter().filter(|(name, _)| !new.contains_key(*name)) {
        told(Kind::Removed, name, before.clone());
    }
    changes
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::diff::testing::{told, with};

    #[test]
    fn servers_and_ways_to_send_keys_are_told() {
        let scheme = |name: &str| {
            let scheme = json!({ "Key": { "type": "apiKey", "in": "header", "name": name } });
            ("/components/securitySchemes", scheme)
        };
        let server = |url: &str| ("/servers", json!([{ "url": url, "description": url }]));
        let old = with(&[scheme("x-key"), server("https://a.example")]);
        let new = with(&[scheme("x-other-key"), server("https://b.example")]);
        assert_eq!(
            told(&old, &new),
            [
                "added server https://b.example | not breaking: the facade knows its environments by itself",
                "removed server https://a.example | not breaking: the facade knows its environments by itself",
                "changed scheme Key: apiKey header x-key -> apiKey header x-other-key | not breaking: the facade sends the keys",
            ]
        );
    }
}
