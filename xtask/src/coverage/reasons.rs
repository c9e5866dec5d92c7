//! The named reasons for what is missing: `spec/coverage.yaml`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::{OperationRow, PropertyRow, Reach};
use crate::problem::{Problem, Problems};
use crate::spec::Spec;

/// The reasons, turned around: what is missing, and why.
#[derive(Debug)]
pub(super) struct Reasons {
    file: PathBuf,
    /// What each name means.
    pub(super) meanings: BTreeMap<String, String>,
    /// By column and operation.
    operations: BTreeMap<(String, String), String>,
    /// By `Model.Property` or `Model.*`.
    properties: BTreeMap<String, String>,
}

impl Reasons {
    pub(super) fn read(file: &Path) -> Result<Self, Problems> {
        let root = Spec::read(file)?.root;
        let entries = |value: &Value| value.as_object().cloned().unwrap_or_default();
        let meanings: BTreeMap<String, String> = entries(&root["reasons"])
            .into_iter()
            .filter_map(|(name, meaning)| Some((name, meaning.as_str()?.to_owned())))
            .collect();
        let mut reasons = Self {
            file: file.to_owned(),
            meanings,
            operations: BTreeMap::new(),
            properties: BTreeMap::new(),
        };
        for (column, named) in entries(&root["operations"]) {
            for (reason, id) in pairs(&entries(&named)) {
                reasons.known(&reason, &format!("/operations/{column}/{reason}"))?;
                reasons.operations.insert((column.clone(), id), reason);
            }
        }
        for (reason, property) in pairs(&entries(&root["properties"])) {
            reasons.known(&reason, &format!("/properties/{reason}"))?;
            reasons.properties.insert(property, reason);
        }
        Ok(reasons)
    }

    fn known(&self, reason: &str, pointer: &str) -> Result<(), Problem> {
        if self.meanings.contains_key(reason) {
            return Ok(());
        }
        Err(Problem::at(
            &self.file,
            pointer,
            "is not among the reasons above",
        ))
    }

    pub(super) fn of_operation(&self, column: &str, id: &str, there: bool) -> Reach {
        reach(
            there,
            self.operations.get(&(column.to_owned(), id.to_owned())),
        )
    }

    pub(super) fn of_property(&self, model: &str, property: &str, there: bool) -> Reach {
        let reason = self
            .properties
            .get(&format!("{model}.{property}"))
            .or_else(|| self.properties.get(&format!("{model}.*")));
        reach(there, reason)
    }

    /// A reason for something that is there, or does not exist, is stale.
    pub(super) fn all_apply(
        &self,
        operations: &[OperationRow],
        properties: &[PropertyRow],
    ) -> Result<(), Problems> {
        let missing_operations: BTreeSet<(String, String)> = operations
            .iter()
            .flat_map(|row| {
                let missing = row
                    .columns()
                    .into_iter()
                    .filter(|(_, reach)| **reach != Reach::There);
                missing.map(|(column, _)| (column.to_owned(), row.id.clone()))
            })
            .collect();
        let missing_properties: BTreeSet<String> = properties
            .iter()
            .filter(|row| row.facade != Reach::There)
            .flat_map(|row| {
                [
                    format!("{}.{}", row.model, row.property),
                    format!("{}.*", row.model),
                ]
            })
            .collect();
        let operations = self
            .operations
            .iter()
            .filter(|(key, _)| !missing_operations.contains(key));
        let operations =
            operations.map(|((column, id), reason)| (format!("/operations/{column}/{reason}"), id));
        let properties = self
            .properties
            .iter()
            .filter(|(name, _)| !missing_properties.contains(*name));
        let properties = properties.map(|(name, reason)| (format!("/properties/{reason}"), name));
        let stale: Vec<Problem> = operations
            .chain(properties)
            .map(|(pointer, name)| {
                Problem::at(
                    &self.file,
                    pointer,
                    format!("names {name}, which is covered or does not exist: remove it"),
                )
            })
            .collect();
        if stale.is_empty() {
            Ok(())
        } else {
            Err(Problems(stale))
        }
    }
}

fn reach(there: bool, reason: Option<&String>) -> Reach {
    match (there, reason) {
        (true, _) => Reach::There,
        (false, Some(reason)) => Reach::Because(reason.clone()),
        (false, None) => Reach::Missing,
    }
}

/// Each name with each entry of its list.
fn pairs(lists: &Map<String, Value>) -> Vec<(String, String)> {
    lists
        .iter()
        .flat_map(|(name, list)| {
            let entries = list
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str);
            entries.map(move |entry| (name.clone(), entry.to_owned()))
        })
        .collect()
}
