//! `cargo xtask regen`.

use xtask::coverage;
use xtask::regen::{self, Places};

use super::{Failure, Outcome, say};

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask regen          write generated/src anew, and the table of the README
  cargo xtask regen --check  as in CI: fail when somebody forgot to")]
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
    stale.extend(readme(&places, arguments.check)?);
    if arguments.check && !stale.is_empty() {
        return Err(Failure::new(format!(
            "stale: {}; run `cargo xtask regen` and commit the result",
            stale.join(", ")
        )));
    }
    Ok(())
}

/// Fills in the table of the README; its name where it was stale.
fn readme(places: &Places, check: bool) -> Result<Option<String>, Failure> {
    let root = places.root();
    let (path, text, stale) = coverage::readme(&root, &coverage::measure(&root)?)?;
    if !stale {
        return Ok(None);
    }
    if !check {
        std::fs::write(&path, text).map_err(|error| {
            Failure::new(format!("{}: cannot be written: {error}", path.display()))
        })?;
    }
    say("README.md: the table of what is covered changed");
    Ok(Some("README.md".to_owned()))
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
