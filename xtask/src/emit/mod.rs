//! The emitters: each turns the document into the text of one generated file.

mod client;
mod enums;
mod extension;
mod limits;
mod lower;
mod operations;
mod pattern;
mod print;
mod validation;

use std::collections::BTreeMap;

use crate::problem::Problems;
use crate::spec::Spec;

/// The generated files, their texts by their names.
pub type Files = BTreeMap<&'static str, String>;

/// The names of the generated files, in `generated/src/`.
pub const FILES: [&str; 5] = [
    "client.rs",
    "enums.rs",
    "limits.rs",
    "operations.rs",
    "request_validation.rs",
];

/// The texts of all generated files. The document must have passed the lint.
///
/// # Errors
/// Everything in the document that can't be generated.
pub fn emit(spec: &Spec) -> Result<Files, Problems> {
    let client = client::emit(spec)?;
    let request_validation = validation::emit(spec, &client)?;
    Ok(Files::from([
        ("client.rs", client),
        ("enums.rs", enums::emit(spec)?),
        ("limits.rs", limits::emit(spec)?),
        ("operations.rs", operations::emit(spec)?),
        ("request_validation.rs", request_validation),
    ]))
}
