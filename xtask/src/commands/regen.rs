//! `cargo xtask regen`: generates the low-level client, and says what changed.

use std::path::Path;

use xtask::coverage;
use xtask::regen::{self, Places};
use xtask::spec::Spec;

use super::outcome::{Failure, Outcome, say};

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask regen          write generated/src, sandbox/openapi.json and the table of the README
  cargo xtask regen --check  as in CI: fail when a file is stale")]
pub(crate) struct Arguments {
    /// Write nothing; fail when a generated file is stale
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let places = Places::of_workspace();
    let outcome = if arguments.check {
        regen::check(&places)?
    } else {
        regen::write(&places)?
    };
    say(&story(&outcome));
    let mut stale: Vec<String> = outcome.stale.iter().map(ToString::to_string).collect();
    let root = places.root();
    let document = regen::document(&Spec::read(&places.spec)?);
    stale.extend(
        bring(&root.join(DOCUMENT), &document, arguments.check)?.then(|| DOCUMENT.to_owned()),
    );
    let (readme, text, _) = coverage::readme(&root, &coverage::measure(&root)?)?;
    stale.extend(bring(&readme, &text, arguments.check)?.then(|| "README.md".to_owned()));
    if arguments.check && !stale.is_empty() {
        return Err(Failure::new(format!(
            "stale: {}; run `cargo xtask regen` and commit the result",
            stale.join(", ")
        )));
    }
    Ok(())
}

/// The spec as the sandbox hands it out.
const DOCUMENT: &str = "sandbox/openapi.json";

/// Writes a file that differs, or only says so; whether it did.
fn bring(path: &Path, text: &str, check: bool) -> Result<bool, Failure> {
    if std::fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(false);
    }
    if !check {
        std::fs::write(path, text).map_err(|error| {
            Failure::new(format!("{}: cannot be written: {error}", path.display()))
        })?;
    }
    say(&format!(
        "{} changed",
        path.file_name().unwrap_or_default().display()
    ));
    Ok(true)
}

fn story(outcome: &regen::Outcome) -> String {
    match (outcome.stale.as_slice(), outcome.changes.as_slice()) {
        ([], _) => "nothing changed: the generated crate is what spec/barion.yaml says".to_owned(),
        (files, []) => format!(
            "{} changed in texts only (comments, order)",
            files.join(", ")
        ),
        (files, changes) => format!("{} changed:\n  {}", files.join(", "), changes.join("\n  ")),
    }
}
