//! `cargo xtask regen`: from the document to the generated files.

use std::path::{Path, PathBuf};

pub use crate::emit::{FILES, Files};
use crate::inventory::{Inventory, changes};
use crate::problem::{Problem, Problems};
use crate::spec::Spec;
use crate::{emit, lint};

/// Where the document is, and where the code goes.
#[derive(Debug, Clone)]
pub struct Places {
    /// The document.
    pub spec: PathBuf,
    /// The folder of the generated files.
    pub out: PathBuf,
}

impl Places {
    /// The places of this workspace, wherever the command is called from.
    #[must_use]
    pub fn of_workspace() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .unwrap_or_else(|| Path::new("."));
        Self {
            spec: root.join("spec/barion.yaml"),
            out: root.join("generated/src"),
        }
    }

    /// The folder of the workspace, two above the generated files.
    #[must_use]
    pub fn root(&self) -> PathBuf {
        let root = self.out.parent().and_then(Path::parent);
        root.map_or_else(|| PathBuf::from("."), Path::to_owned)
    }
}

/// What a run found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The files whose text differs from that on disk.
    pub stale: Vec<&'static str>,
    /// What differs, in plain words.
    pub changes: Vec<String>,
}

/// Reads, lints, lowers and generates; touches nothing.
///
/// # Errors
/// Everything that is wrong with the document.
pub fn generate(spec: &Spec) -> Result<Files, Problems> {
    lint::lint(spec)?;
    emit::emit(spec)
}

/// Compares what the document yields with what is on disk; touches nothing.
///
/// # Errors
/// Everything that is wrong with the document.
pub fn check(places: &Places) -> Result<Outcome, Problems> {
    compare(places).map(|(_, outcome)| outcome)
}

/// Writes the files that differ.
///
/// # Errors
/// Everything that is wrong with the document, or a file that can't be written.
pub fn write(places: &Places) -> Result<Outcome, Problems> {
    let (files, outcome) = compare(places)?;
    for name in &outcome.stale {
        let path = places.out.join(name);
        std::fs::write(&path, &files[name])
            .map_err(|error| Problem::of_file(&path, format!("cannot be written: {error}")))?;
    }
    Ok(outcome)
}

fn compare(places: &Places) -> Result<(Files, Outcome), Problems> {
    let files = generate(&Spec::read(&places.spec)?)?;
    let on_disk = read(&places.out);
    let stale = FILES
        .into_iter()
        .filter(|name| on_disk.get(name) != files.get(name))
        .collect();
    let changes = changes(&Inventory::of(&on_disk), &Inventory::of(&files));
    Ok((files, Outcome { stale, changes }))
}

/// The document as JSON, for programs that read no YAML.
#[must_use]
pub fn document(spec: &Spec) -> String {
    format!("{:#}\n", spec.root)
}

/// The generated files as they are in a folder; those that are not there are left out.
#[must_use]
pub fn read(folder: &Path) -> Files {
    FILES
        .into_iter()
        .filter_map(|name| {
            std::fs::read_to_string(folder.join(name))
                .ok()
                .map(|text| (name, text))
        })
        .collect()
}
