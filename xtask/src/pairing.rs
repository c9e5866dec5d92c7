//! Comparison of two maps: what is new, what is in both, what is old.

use std::collections::BTreeMap;

/// What an old and a new map have under one name.
#[derive(Debug)]
pub(crate) enum Found<'a, T> {
    New(&'a T),
    Both(&'a T, &'a T),
    Old(&'a T),
}

/// What is in either of two maps: first what is new or in both, then what is old.
pub(crate) fn by_name<'a, K: Ord, T>(
    old: &'a BTreeMap<K, T>,
    new: &'a BTreeMap<K, T>,
) -> impl Iterator<Item = (&'a K, Found<'a, T>)> {
    let there = new.iter().map(|(name, after)| match old.get(name) {
        None => (name, Found::New(after)),
        Some(before) => (name, Found::Both(before, after)),
    });
    let gone = old.iter().filter(|(name, _)| !new.contains_key(name));
    there.chain(gone.map(|(name, before)| (name, Found::Old(before))))
}
