//! The table of operations in the README.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::rows::{Coverage, OperationRow, Reach};
use crate::problem::{Problem, Problems};
use crate::source::read;

/// The line of the README before the table.
const BEGIN: &str = "<!-- coverage: written by `cargo xtask regen` -->";
/// The line of the README after the table.
const END: &str = "<!-- /coverage -->";

/// The README with a fresh table in it: its path, its text, and whether the file is stale.
///
/// # Errors
/// When the README has no place for the table.
pub fn readme(root: &Path, coverage: &Coverage) -> Result<(PathBuf, String, bool), Problems> {
    let path = root.join("README.md");
    let text = read(&path)?;
    let parts = text.split_once(BEGIN).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(END)?;
        Some((before, after))
    });
    let Some((before, after)) = parts else {
        let message = format!("has no lines {BEGIN} and {END} to put the table between");
        return Err(Problem::of_file(&path, message).into());
    };
    let fresh = format!("{before}{BEGIN}\n{}{END}{after}", markdown(coverage));
    let stale = fresh != text;
    Ok((path, fresh, stale))
}

fn markdown(coverage: &Coverage) -> String {
    let mut out = String::from(
        "| operation of Barion | generated | request of `barion` | sandbox | test | documented |\n\
         |---|---|---|---|---|---|\n",
    );
    for row in &coverage.operations {
        let [generated, facade, sandbox, test, _] = row.reaches.each_ref().map(cell);
        let request = row.request.as_ref().map(|name| format!("`{name}`"));
        let facade = request.unwrap_or(facade);
        let page = page(row);
        let _ = writeln!(
            out,
            "| `{}` | {generated} | {facade} | {sandbox} | {test} | {page} |",
            row.id
        );
    }
    let properties = coverage.properties.iter();
    let there = properties.filter(|row| row.facade == Reach::There).count();
    let _ = writeln!(
        out,
        "\nOf {} properties the facade exposes {there}; the others have these reasons:\n",
        coverage.properties.len()
    );
    for (reason, count) in by_reason(coverage) {
        let meaning = coverage.reasons.get(reason).map_or("", String::as_str);
        let count = match count {
            0 => String::new(),
            count => format!(" ({count} properties)"),
        };
        let _ = writeln!(out, "* *{reason}*{count}: {meaning}");
    }
    out
}

/// The reasons in use, with the number of properties that each excuses.
fn by_reason(coverage: &Coverage) -> BTreeMap<&str, usize> {
    let operations = coverage.operations.iter().flat_map(|row| &row.reaches);
    let operations = operations.map(|reach| (reach, 0));
    let properties = coverage.properties.iter().map(|row| (&row.facade, 1));
    let mut reasons = BTreeMap::new();
    for (reach, count) in operations.chain(properties) {
        if let Reach::Because(reason) = reach {
            *reasons.entry(reason.as_str()).or_insert(0) += count;
        }
    }
    reasons
}

fn cell(reach: &Reach) -> String {
    match reach {
        Reach::There => "yes".to_owned(),
        Reach::Because(reason) => format!("*{reason}*"),
        Reach::Missing => "**no**".to_owned(),
    }
}

fn page(row: &OperationRow) -> String {
    let name = |page: &str| page.rsplit('/').next().unwrap_or_default().to_owned();
    let page = row.page.as_ref();
    page.map_or_else(String::new, |page| format!("[{}]({page})", name(page)))
}
