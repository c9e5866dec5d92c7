//! What was measured: a row for each operation and each property.

use std::collections::BTreeMap;

/// How far something reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// It is there.
    There,
    /// It is not there, for this named reason.
    Because(String),
    /// It is not there, and no reason is given.
    Missing,
}

/// The columns of an operation: a method of the generated client; the facade's request that is this
/// operation; answered by the sandbox; called in a test across the crates; with summary,
/// description and Barion's page.
pub(super) const COLUMNS: [&str; 5] = ["generated", "facade", "sandbox", "test", "documented"];

/// An operation, and where it is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationRow {
    /// The operationId.
    pub id: String,
    /// Barion's page about it.
    pub page: Option<String>,
    /// The type of the facade that is this operation.
    pub request: Option<String>,
    pub(super) reaches: [Reach; 5],
}

impl OperationRow {
    /// The columns with their names.
    pub fn columns(&self) -> impl Iterator<Item = (&'static str, &Reach)> {
        COLUMNS.into_iter().zip(&self.reaches)
    }
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

impl Coverage {
    /// Everything that is missing without a reason, in words.
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        let operations = self.operations.iter().flat_map(|row| {
            let missing = row.columns().filter(|(_, reach)| **reach == Reach::Missing);
            missing.map(|(column, _)| format!("operation {}: {column}", row.id))
        });
        let properties = self.properties.iter();
        let properties = properties.filter(|row| row.facade == Reach::Missing);
        let properties =
            properties.map(|row| format!("property {}.{}: facade", row.model, row.property));
        operations.chain(properties).collect()
    }
}
