//! Differences of the document as a whole: where the service is, and how keys are sent.

use std::collections::BTreeMap;

use super::change::{Change, Verdict::Harmless};
use super::pair::Pair;
use crate::pairing::{Found, by_name};
use crate::spec::Spec;

pub(super) fn changes(pair: &Pair) -> Vec<Change> {
    let servers = (servers(&pair.old), servers(&pair.new));
    let schemes = (schemes(&pair.old), schemes(&pair.new));
    let mut changes = Vec::new();
    for (what, (old, new), why) in [
        (
            "server",
            servers,
            "the facade knows its environments by itself",
        ),
        ("scheme", schemes, "the facade sends the keys"),
    ] {
        changes.extend(by_name(&old, &new).filter_map(|(name, found)| {
            let subject = format!("{what} {name}");
            let change = match found {
                Found::New(after) => Change::added(subject, after),
                Found::Old(before) => Change::removed(subject, before),
                Found::Both(before, after) if before == after => return None,
                Found::Both(before, after) => {
                    Change::changed(subject, format!("{before} -> {after}"))
                }
            };
            Some(change.verdict(Harmless(why)))
        }));
    }
    changes
}

fn servers(spec: &Spec) -> BTreeMap<String, String> {
    let servers = spec.root["servers"].as_array().into_iter().flatten();
    let urls = servers.filter_map(|server| server["url"].as_str());
    urls.map(|url| (url.to_owned(), String::new())).collect()
}

/// Where each key is put, such as `header x-pos-key`.
fn schemes(spec: &Spec) -> BTreeMap<String, String> {
    let schemes = spec.root["components"]["securitySchemes"].as_object();
    let schemes = schemes.into_iter().flatten();
    schemes
        .map(|(name, scheme)| {
            let words = ["type", "in", "name"].map(|key| scheme[key].as_str().unwrap_or("?"));
            (name.clone(), words.join(" "))
        })
        .collect()
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
