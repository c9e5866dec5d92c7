//! `cargo xtask spec lint`: checks our own rules for the spec.

use xtask::lint;
use xtask::problem::Problems;
use xtask::regen::Places;
use xtask::spec::Spec;

use super::outcome::{Failure, Outcome, say};

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask spec lint          check the spec; each problem names its place and its rule
  cargo xtask spec lint --rules  list the rules")]
pub(crate) struct Arguments {
    /// Check nothing; list the rules, one line each
    #[arg(long)]
    rules: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    if arguments.rules {
        say(&table());
        return Ok(());
    }
    let spec = Spec::read(&Places::of_workspace().spec)?;
    match lint::lint(&spec) {
        Ok(()) => {
            let rules = lint::rules().count();
            say(&format!("spec/barion.yaml keeps all {rules} rules"));
            Ok(())
        }
        Err(problems) => Err(failure(&problems)),
    }
}

fn failure(problems: &Problems) -> Failure {
    let count = problems.0.len();
    let noun = if count == 1 { "problem" } else { "problems" };
    Failure::new(format!(
        "{problems}\n{count} {noun}; `cargo xtask spec lint --rules` lists the rules"
    ))
}

fn table() -> String {
    let width = lint::rules().map(|rule| rule.name.len()).max();
    let width = width.unwrap_or_default();
    let lines: Vec<String> = lint::rules()
        .map(|rule| format!("{:<width$}  {}", rule.name, rule.about))
        .collect();
    lines.join("\n")
}
