//! The named reasons for what is missing: `spec/coverage.yaml`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::rows::Reach;
use crate::problem::{Problem, Problems};
use crate::spec::Spec;

/// The reasons, by what they excuse.
#[derive(Debug)]
pub(super) struct Reasons {
    file: PathBuf,
    /// What each name means.
    pub(super) meanings: BTreeMap<String, String>,
    /// Name and place of each reason, by `column operation`, `Model.Property` or `Model.*`.
    excused: BTreeMap<String, (String, String)>,
    /// What has been excused.
    used: BTreeSet<String>,
}

impl Reasons {
    pub(super) fn read(file: &Path) -> Result<Self, Problems> {
        let root = Spec::read(file)?.root;
        let meanings = entries(&root["reasons"]);
        let meanings = meanings
            .filter_map(|(name, meaning)| Some((name.clone(), meaning.as_str()?.to_owned())));
        let mut reasons = Self {
            file: file.to_owned(),
            meanings: meanings.collect(),
            excused: BTreeMap::new(),
            used: BTreeSet::new(),
        };
        for (column, named) in entries(&root["operations"]) {
            reasons.add(
                &format!("{column} "),
                named,
                &format!("/operations/{column}"),
            )?;
        }
        reasons.add("", &root["properties"], "/properties")?;
        Ok(reasons)
    }

    fn add(&mut self, prefix: &str, named: &Value, pointer: &str) -> Result<(), Problem> {
        for (reason, subjects) in entries(named) {
            let pointer = format!("{pointer}/{reason}");
            if !self.meanings.contains_key(reason) {
                let message = "is not among the reasons above";
                return Err(Problem::at(&self.file, pointer, message));
            }
            let subjects = subjects.as_array().into_iter().flatten();
            for name in subjects.filter_map(Value::as_str) {
                let excuse = (reason.clone(), pointer.clone());
                self.excused.insert(format!("{prefix}{name}"), excuse);
            }
        }
        Ok(())
    }

    pub(super) fn of_operation(&mut self, column: &str, id: &str, there: bool) -> Reach {
        self.reach(there, [format!("{column} {id}")])
    }

    pub(super) fn of_property(&mut self, model: &str, property: &str, there: bool) -> Reach {
        let names = [format!("{model}.{property}"), format!("{model}.*")];
        self.reach(there, names)
    }

    fn reach<const N: usize>(&mut self, there: bool, names: [String; N]) -> Reach {
        if there {
            return Reach::There;
        }
        for name in names {
            if let Some((reason, _)) = self.excused.get(&name) {
                self.used.insert(name);
                return Reach::Because(reason.clone());
            }
        }
        Reach::Missing
    }

    /// A reason for something that is there, or does not exist, is stale.
    pub(super) fn all_apply(&self) -> Result<(), Problems> {
        let stale = self
            .excused
            .iter()
            .filter(|(name, _)| !self.used.contains(*name));
        let stale: Vec<Problem> = stale
            .map(|(name, (_, pointer))| {
                let message =
                    format!("names {name}, which is covered or does not exist: remove it");
                Problem::at(&self.file, pointer, message)
            })
            .collect();
        if stale.is_empty() {
            Ok(())
        } else {
            Err(Problems(stale))
        }
    }
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}
