//! `cargo xtask spec diff`: compares two states of the spec.

use std::path::Path;
use std::process::Command;

use clap::ValueEnum;
use xtask::diff;
use xtask::problem::{Problem, Problems};
use xtask::regen::Places;
use xtask::spec::Spec;

use super::outcome::{Failure, Outcome, say};

#[derive(clap::Args)]
#[command(after_help = "\
A change is breaking if an application that depends on the facade may no longer compile, or may
behave differently.

Examples:
  cargo xtask spec diff HEAD                      what the working tree changes
  cargo xtask spec diff v0.1.0 v0.2.0             between two tags
  cargo xtask spec diff old.yaml spec/barion.yaml between two files
  cargo xtask spec diff v0.1.0 --format markdown  bullets for CHANGELOG.md
  cargo xtask spec diff v0.1.0 --fail-on-breaking for CI")]
pub(crate) struct Arguments {
    /// A YAML file, or else a git revision whose spec/barion.yaml is read
    old: String,
    /// As OLD; spec/barion.yaml of the working tree when left out
    new: Option<String>,
    /// How to print the changes
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Exit with 1 when a change is breaking
    #[arg(long)]
    fail_on_breaking: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// A line for each change, with its verdict
    Text,
    /// The sections of a changelog
    Markdown,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let places = Places::of_workspace();
    let old = read(&places, &arguments.old)?;
    let new = match &arguments.new {
        Some(name) => read(&places, name)?,
        None => Spec::read(&places.spec)?,
    };
    let changes = diff::diff(&old, &new);
    say(&match arguments.format {
        Format::Text => diff::text(&changes),
        Format::Markdown => diff::markdown(&changes),
    });
    let breaking = changes.iter().filter(|change| change.is_breaking());
    match breaking.count() {
        0 => Ok(()),
        _ if !arguments.fail_on_breaking => Ok(()),
        1 => Err(Failure::new("1 change is breaking")),
        count => Err(Failure::new(format!("{count} changes are breaking"))),
    }
}

/// Reads a file if there is one of that name, and else the spec of a git revision.
fn read(places: &Places, name: &str) -> Result<Spec, Problems> {
    let path = Path::new(name);
    if path.is_file() {
        return Spec::read(path);
    }
    let object = format!("{name}:spec/barion.yaml");
    let problem = |message: String| Problems::from(Problem::of_file(path, message));
    // An option in place of a revision must not be obeyed.
    let output = Command::new("git")
        .args(["show", "--end-of-options", &object])
        .current_dir(places.root())
        .output()
        .map_err(|error| problem(format!("is no file, and git can't be run: {error}")))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(problem(format!(
            "is neither a file nor a git revision with a spec/barion.yaml: {}",
            said.trim()
        )));
    }
    let text = String::from_utf8(output.stdout)
        .map_err(|_| problem("holds a spec/barion.yaml that is not UTF-8".to_owned()))?;
    Spec::parse(Path::new(&object), &text)
}
