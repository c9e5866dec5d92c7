//! Rust source files, and the names and serde attributes of fields in them.

use std::path::{Path, PathBuf};

use syn::{Expr, Lit};

use crate::problem::Problem;

/// All Rust files of a folder and those below it, in the order of their paths.
///
/// # Errors
/// When a folder can't be read.
pub fn rust_files(folder: &Path) -> Result<Vec<PathBuf>, Problem> {
    let unreadable =
        |error: std::io::Error| Problem::of_file(folder, format!("cannot be read: {error}"));
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_dir() {
            found.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// The text of a file.
///
/// # Errors
/// When it can't be read.
pub fn read(path: &Path) -> Result<String, Problem> {
    std::fs::read_to_string(path)
        .map_err(|error| Problem::of_file(path, format!("cannot be read: {error}")))
}

/// The name on the wire of a field of a generated model.
#[must_use]
pub fn wire_name(field: &syn::Field) -> Option<String> {
    let keys = serde_keys(field).into_iter();
    let mut renamed = keys.filter_map(|(key, value)| value.filter(|_| key == "rename"));
    renamed
        .next()
        .or_else(|| Some(field.ident.as_ref()?.to_string()))
}

/// The keys in the serde attributes of a field, each with its text if it has one.
#[must_use]
pub fn serde_keys(field: &syn::Field) -> Vec<(String, Option<String>)> {
    let mut keys = Vec::new();
    for attribute in field
        .attrs
        .iter()
        .filter(|one| one.path().is_ident("serde"))
    {
        // The generator's attributes are well-formed; one that is not would be no key of ours.
        let _ = attribute.parse_nested_meta(|meta| {
            let value = match meta.value() {
                Ok(value) => string(&value.parse::<Expr>()?),
                Err(_) => None,
            };
            let key = meta.path.get_ident().map(ToString::to_string);
            keys.push((key.unwrap_or_default(), value));
            Ok(())
        });
    }
    keys
}

/// The value of a text literal.
#[must_use]
pub fn string(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Lit(syn::ExprLit {
            lit: Lit::Str(text),
            ..
        }) => Some(text.value()),
        _ => None,
    }
}
