//! `cargo xtask`: the maintainer's commands.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::regen::{self, Outcome, Places};

/// The maintainer's commands of the barion workspace.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Regenerate the low-level client (generated/src) from spec/barion.yaml, and say what changed
    Regen {
        /// Write nothing; fail when a generated file is stale
        #[arg(long)]
        check: bool,
    },
}

fn main() -> ExitCode {
    let Command::Regen { check } = Arguments::parse().command;
    let places = Places::of_workspace();
    let outcome = if check {
        regen::check(&places)
    } else {
        regen::write(&places)
    };
    match outcome {
        Err(problems) => {
            eprintln!("{problems}");
            ExitCode::FAILURE
        }
        Ok(outcome) => {
            println!("{}", story(&outcome));
            if check && !outcome.stale.is_empty() {
                eprintln!(
                    "stale: {}; run `cargo xtask regen` and commit the result",
                    outcome.stale.join(", ")
                );
                return ExitCode::FAILURE;
            }
            ExitCode::SUCCESS
        }
    }
}

fn story(outcome: &Outcome) -> String {
    match (outcome.stale.as_slice(), outcome.changes.as_slice()) {
        ([], _) => "nothing changed: the generated crate is what spec/barion.yaml says".to_owned(),
        (files, []) => format!(
            "{} changed in texts only (comments, order)",
            files.join(", ")
        ),
        (files, changes) => format!("{} changed:\n  {}", files.join(", "), changes.join("\n  ")),
    }
}
