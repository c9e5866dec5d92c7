//! Coverage in words: for the terminal, and for the README.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::{Coverage, OperationRow, Reach};

/// The line of the README before the table.
pub(super) const BEGIN: &str = "<!-- coverage: written by `cargo xtask regen` -->";
/// The line of the README after the table.
pub(super) const END: &str = "<!-- /coverage -->";

/// The README with a fresh table; `None` where it has no place for one.
pub(super) fn insert(readme: &str, coverage: &Coverage) -> Option<String> {
    let (before, rest) = readme.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!(
        "{before}{BEGIN}\n{}{END}{after}",
        markdown(coverage)
    ))
}

fn markdown(coverage: &Coverage) -> String {
    let mut out = String::from(
        "| operation of Barion | generated | method of `barion::Client` | sandbox | test | documented |\n|---|---|---|---|---|---|\n",
    );
    for row in &coverage.operations {
        let method = row.method.as_ref().map(|method| format!("`{method}`"));
        let facade = method.unwrap_or_else(|| cell(&row.facade));
        let _ = writeln!(
            out,
            "| `{}` | {} | {facade} | {} | {} | {} |",
            row.id,
            cell(&row.generated),
            cell(&row.sandbox),
            cell(&row.test),
            page(row)
        );
    }
    let total = coverage.properties.len();
    let there = coverage
        .properties
        .iter()
        .filter(|row| row.facade == Reach::There)
        .count();
    let _ = writeln!(
        out,
        "\nOf {total} properties the facade exposes {there}; the others have these reasons:\n"
    );
    for (reason, count) in by_reason(coverage) {
        let meaning = coverage.reasons.get(&reason).map_or("", String::as_str);
        let count = if count == 0 {
            String::new()
        } else {
            format!(" ({count} properties)")
        };
        let _ = writeln!(out, "* *{reason}*{count}: {meaning}");
    }
    out
}

/// The reasons in use, with the number of properties that each excuses.
fn by_reason(coverage: &Coverage) -> BTreeMap<String, usize> {
    let mut reasons = BTreeMap::new();
    for reach in coverage
        .operations
        .iter()
        .flat_map(|row| row.columns().map(|(_, reach)| reach))
    {
        if let Reach::Because(reason) = reach {
            reasons.entry(reason.clone()).or_insert(0);
        }
    }
    for row in &coverage.properties {
        if let Reach::Because(reason) = &row.facade {
            *reasons.entry(reason.clone()).or_insert(0) += 1;
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
    row.page
        .as_ref()
        .map_or_else(String::new, |page| format!("[{}]({page})", name(page)))
}

/// What the terminal shows.
pub(super) fn text(coverage: &Coverage) -> String {
    let width = coverage
        .operations
        .iter()
        .map(|row| row.id.len())
        .max()
        .unwrap_or_default();
    let plain = |reach: &Reach| match reach {
        Reach::There => "yes".to_owned(),
        Reach::Because(reason) => reason.clone(),
        Reach::Missing => "NO".to_owned(),
    };
    let mut out = format!(
        "{:width$}  spec  generated  {:14}  {:14}  test  documented\n",
        "operation", "facade", "sandbox"
    );
    for row in &coverage.operations {
        let _ = writeln!(
            out,
            "{:width$}  yes   {:9}  {:14}  {:14}  {:4}  {}",
            row.id,
            plain(&row.generated),
            plain(&row.facade),
            plain(&row.sandbox),
            plain(&row.test),
            plain(&row.documented)
        );
    }
    out.push_str(&models(coverage));
    let missing = coverage.missing();
    let cells = coverage.operations.len() * 6 + coverage.properties.len();
    let covered = cells - missing.len();
    let _ = writeln!(
        out,
        "\n{} operations and {} properties: {}.{} % there or with a named reason",
        coverage.operations.len(),
        coverage.properties.len(),
        covered * 100 / cells.max(1),
        covered * 1000 / cells.max(1) % 10
    );
    for line in missing {
        let _ = writeln!(out, "missing: {line}");
    }
    out
}

/// A line for each model: how many of its properties the facade exposes, and what is missing why.
fn models(coverage: &Coverage) -> String {
    let mut out = String::from("\nproperties that the facade exposes\n");
    let names: BTreeSet<&String> = coverage.properties.iter().map(|row| &row.model).collect();
    for model in names {
        let rows: Vec<_> = coverage
            .properties
            .iter()
            .filter(|row| row.model == *model)
            .collect();
        let there = rows.iter().filter(|row| row.facade == Reach::There).count();
        let mut line = format!("  {model}: {there} of {}", rows.len());
        for row in rows {
            match &row.facade {
                Reach::There => {}
                Reach::Because(reason) if there > 0 => {
                    let _ = write!(line, "; {} ({reason})", row.property);
                }
                Reach::Because(reason) => {
                    if !line.ends_with(&format!("({reason})")) {
                        let _ = write!(line, " ({reason})");
                    }
                }
                Reach::Missing => {
                    let _ = write!(line, "; {} MISSING", row.property);
                }
            }
        }
        let _ = writeln!(out, "{line}");
    }
    out
}
