//! The measurement of the workspace.

use std::collections::BTreeSet;
use std::path::Path;

use super::facade::Facade;
use super::reasons::Reasons;
use super::rows::{COLUMNS, Coverage, OperationRow, PropertyRow};
use crate::problem::{Problem, Problems};
use crate::source::{read, rust_files};
use crate::spec::{Operation, Spec, ref_name};

/// Measures the workspace at `root`.
///
/// # Errors
/// When a file can't be read, or a reason no longer applies.
pub fn measure(root: &Path) -> Result<Coverage, Problems> {
    let spec = Spec::read(&root.join("spec/barion.yaml"))?;
    let mut reasons = Reasons::read(&root.join("spec/coverage.yaml"))?;
    let workspace = Workspace {
        facade: Facade::read(&root.join("facade/src"))?,
        generated: read(&root.join("generated/src/client.rs"))?,
        sandbox: read_all(&root.join("sandbox/src"), |path| path.contains("operation"))?,
        tests: read_all(&root.join("tests/it"), |_| true)?,
    };
    let mut operations: Vec<OperationRow> = spec
        .operations()
        .iter()
        .map(|operation| workspace.row(operation, &mut reasons))
        .collect();
    operations.sort_by(|a, b| a.id.cmp(&b.id));
    let properties = properties(&spec, &workspace.facade, &mut reasons);
    reasons.all_apply()?;
    Ok(Coverage {
        operations,
        properties,
        reasons: reasons.meanings,
    })
}

/// The sources in which operations are looked for.
struct Workspace {
    facade: Facade,
    generated: String,
    sandbox: String,
    tests: String,
}

impl Workspace {
    fn row(&self, operation: &Operation<'_>, reasons: &mut Reasons) -> OperationRow {
        let id = operation.id();
        let text = |key: &str| {
            operation.value[key]
                .as_str()
                .is_some_and(|text| !text.is_empty())
        };
        let page = operation.value["externalDocs"]["url"].as_str();
        let request = self.facade.operation(id);
        let there = [
            self.generated.contains(&format!("pub async fn {id}<")),
            request.is_some(),
            self.is_answered(operation),
            self.tests.contains(&format!(".{id}(")),
            text("summary") && text("description") && page.is_some(),
        ];
        let reaches =
            std::array::from_fn(|column| reasons.of_operation(COLUMNS[column], id, there[column]));
        OperationRow {
            id: id.to_owned(),
            page: page.map(str::to_owned),
            request: request.map(str::to_owned),
            reaches,
        }
    }

    /// Whether the sandbox has a route for it: its files about operations name the operation, or
    /// the last word of its path.
    fn is_answered(&self, operation: &Operation<'_>) -> bool {
        let mut words = operation
            .path
            .rsplit('/')
            .filter(|word| !word.starts_with('{'));
        let word = words.next().unwrap_or_default().to_lowercase();
        [operation.id(), &word]
            .iter()
            .any(|name| self.sandbox.contains(&format!("\"{name}\"")))
    }
}

fn properties(spec: &Spec, facade: &Facade, reasons: &mut Reasons) -> Vec<PropertyRow> {
    let requests = spec.request_schemas();
    let models = requests
        .union(&spec.answer_schemas())
        .cloned()
        .collect::<BTreeSet<_>>();
    let mut rows = Vec::new();
    for model in models.into_iter().filter(|name| spec.is_model(name)) {
        for property in spec.properties(spec.schema(&model)).0.keys() {
            let owner = owner(spec, &model, property);
            let mut family = family(spec, &owner).into_iter();
            let exposed = if requests.contains(&model) {
                facade.extends(&owner) || family.any(|one| facade.fills(&one, property))
            } else {
                family.any(|one| facade.hands_out(&one, property))
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

/// The model in which a property is written: a model that extends another one passes its properties
/// on.
fn owner(spec: &Spec, model: &str, property: &str) -> String {
    let parts = spec.schema(model)["allOf"].as_array().into_iter().flatten();
    let mut parents = parts.filter_map(ref_name);
    let parent = parents.find(|parent| {
        let (properties, _) = spec.properties(spec.schema(parent));
        properties.contains_key(property)
    });
    parent.map_or_else(|| model.to_owned(), |parent| owner(spec, parent, property))
}

/// A model and those that extend it: the facade reads and fills its properties in any of them.
fn family(spec: &Spec, model: &str) -> Vec<String> {
    let extends = |one: &&String| {
        let parts = spec.schema(one)["allOf"].as_array().into_iter().flatten();
        parts.filter_map(ref_name).any(|base| base == model)
    };
    let heirs = spec.models().filter(extends).cloned();
    std::iter::once(model.to_owned()).chain(heirs).collect()
}

/// The Rust files below a folder whose paths are wanted, one after the other.
fn read_all(folder: &Path, wanted: impl Fn(&str) -> bool) -> Result<String, Problem> {
    let paths = rust_files(folder)?.into_iter();
    let paths = paths.filter(|path| {
        let below = path.strip_prefix(folder).unwrap_or(path);
        wanted(&below.to_string_lossy())
    });
    paths.map(|path| read(&path)).collect()
}
