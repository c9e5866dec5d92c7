//! `cargo xtask spec coverage`: how far each operation and each property of the spec reaches.

mod facade;
mod reasons;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::problem::{Problem, Problems};
use crate::spec::{Spec, ref_name};

use facade::Facade;
use reasons::Reasons;

/// How far something reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// It is there.
    There,
    /// It is not there, for this named reason.
    Because(String),
    /// It is not there, and nobody says why.
    Missing,
}

/// An operation, and where it is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationRow {
    /// The operationId.
    pub id: String,
    /// Barion's page about it.
    pub page: Option<String>,
    /// A method of the generated client.
    pub generated: Reach,
    /// A method of the facade's client, by the name of it.
    pub facade: Reach,
    /// The name of that method.
    pub method: Option<String>,
    /// Answered by the sandbox.
    pub sandbox: Reach,
    /// Called in a test across the crates.
    pub test: Reach,
    /// Summary, description and Barion's page are given.
    pub documented: Reach,
}

/// A property of a model, and whether the facade exposes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertyRow {
    /// The model.
    pub model: String,
    /// The property, as on the wire.
    pub property: String,
    /// Whether an application can set or read it.
    pub facade: Reach,
}

/// How far the whole spec reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// The operations, in the order of their names.
    pub operations: Vec<OperationRow>,
    /// The properties, in the order of models and names.
    pub properties: Vec<PropertyRow>,
    /// What the named reasons mean.
    pub reasons: BTreeMap<String, String>,
}

/// Measures the workspace at `root`.
///
/// # Errors
/// When a file can't be read, or a reason no longer applies.
pub fn measure(root: &Path) -> Result<Coverage, Problems> {
    let spec = Spec::read(&root.join("spec/barion.yaml"))?;
    let reasons = Reasons::read(&root.join("spec/coverage.yaml"))?;
    let facade = Facade::read(&root.join("facade/src"))?;
    let generated = read(&root.join("generated/src/client.rs"))?;
    let sandbox = read(&root.join("sandbox/src/http/operations/table.rs"))?;
    let tests = read_all(&root.join("tests/it"))?;

    let mut operations: Vec<OperationRow> = spec
        .operations()
        .iter()
        .map(|operation| {
            let id = operation.id();
            let there = |yes: bool, column: &str| reasons.of_operation(column, id, yes);
            let text = |key: &str| {
                operation.value[key]
                    .as_str()
                    .is_some_and(|text| !text.is_empty())
            };
            let page = operation.value["externalDocs"]["url"]
                .as_str()
                .map(str::to_owned);
            OperationRow {
                generated: there(
                    generated.contains(&format!("pub async fn {id}<")),
                    "generated",
                ),
                facade: there(facade.methods.contains_key(id), "facade"),
                method: facade.methods.get(id).cloned(),
                sandbox: there(sandbox.contains(&format!("\"{id}\"")), "sandbox"),
                test: there(tests.contains(&format!(".{id}(")), "test"),
                documented: there(
                    text("summary") && text("description") && page.is_some(),
                    "documented",
                ),
                id: id.to_owned(),
                page,
            }
        })
        .collect();
    operations.sort_by(|a, b| a.id.cmp(&b.id));
    let properties = properties(&spec, &facade, &reasons);
    reasons.all_apply(&operations, &properties)?;
    Ok(Coverage {
        operations,
        properties,
        reasons: reasons.meanings,
    })
}

fn properties(spec: &Spec, facade: &Facade, reasons: &Reasons) -> Vec<PropertyRow> {
    let requests = spec.request_schemas();
    let models = requests
        .union(&spec.answer_schemas())
        .cloned()
        .collect::<BTreeSet<_>>();
    let mut rows = Vec::new();
    for model in models.into_iter().filter(|name| spec.is_model(name)) {
        let schema = &spec.root["components"]["schemas"][&model];
        for property in spec.properties(schema).0.keys() {
            let owner = owner(spec, &model, property);
            let exposed = if requests.contains(&model) {
                facade.fills(&owner, property)
            } else {
                facade.hands_out(&owner, property)
            };
            rows.push(PropertyRow {
                facade: reasons.of_property(&model, property, exposed),
                model: model.clone(),
                property: property.clone(),
            });
        }
    }
    rows
}

/// The model that a property is written down in: a model that extends another one passes its properties on.
fn owner(spec: &Spec, model: &str, property: &str) -> String {
    let parts = spec.root["components"]["schemas"][model]["allOf"].as_array();
    let parent = parts
        .into_iter()
        .flatten()
        .filter_map(ref_name)
        .find(|parent| {
            let schema = &spec.root["components"]["schemas"][*parent];
            spec.properties(schema).0.contains_key(property)
        });
    parent.map_or_else(|| model.to_owned(), |parent| owner(spec, parent, property))
}

impl Coverage {
    /// Whatever is missing without a reason, in words.
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        let mut missing = Vec::new();
        for row in &self.operations {
            for (column, reach) in row.columns() {
                if *reach == Reach::Missing {
                    missing.push(format!("operation {}: {column}", row.id));
                }
            }
        }
        let properties = self
            .properties
            .iter()
            .filter(|row| row.facade == Reach::Missing);
        missing.extend(
            properties.map(|row| format!("property {}.{}: facade", row.model, row.property)),
        );
        missing
    }
}

impl OperationRow {
    /// The columns with their names.
    #[must_use]
    pub fn columns(&self) -> [(&'static str, &Reach); 5] {
        [
            ("generated", &self.generated),
            ("facade", &self.facade),
            ("sandbox", &self.sandbox),
            ("test", &self.test),
            ("documented", &self.documented),
        ]
    }
}

/// The README with a fresh table in it.
///
/// # Errors
/// When the README has no place for the table.
pub fn readme(root: &Path, coverage: &Coverage) -> Result<(PathBuf, String, bool), Problems> {
    let path = root.join("README.md");
    let text = read(&path)?;
    let fresh = table::insert(&text, coverage).ok_or_else(|| {
        Problem::of_file(
            &path,
            format!(
                "has no lines {} and {} to put the table between",
                table::BEGIN,
                table::END
            ),
        )
    })?;
    let stale = fresh != text;
    Ok((path, fresh, stale))
}

fn read(path: &Path) -> Result<String, Problem> {
    std::fs::read_to_string(path)
        .map_err(|error| Problem::of_file(path, format!("cannot be read: {error}")))
}

/// All Rust files of a folder and those below it, one after the other.
fn read_all(folder: &Path) -> Result<String, Problem> {
    let mut paths = Vec::new();
    rust_files(folder, &mut paths)?;
    paths.iter().map(|path| read(path)).collect()
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), Problem> {
    let unreadable =
        |error: std::io::Error| Problem::of_file(folder, format!("cannot be read: {error}"));
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_dir() {
            rust_files(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    Ok(())
}

impl std::fmt::Display for Coverage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&table::text(self))
    }
}
