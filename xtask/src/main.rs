//! `cargo xtask`: the maintainer's commands.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod commands;

use commands::{regen, simulate, spec_coverage, spec_diff, spec_lint};

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
    Regen(regen::Arguments),
    /// Simulate shops, Barion and a network that fails
    Simulate(simulate::Arguments),
    /// Look after spec/barion.yaml
    #[command(subcommand)]
    Spec(SpecCommand),
}

/// Each has a file of its own in `commands/`.
#[derive(Subcommand)]
enum SpecCommand {
    /// Check our own rules for spec/barion.yaml
    Lint(spec_lint::Arguments),
    /// Say what differs between two states of the spec, and what of it breaks applications
    Diff(spec_diff::Arguments),
    /// Show how far each operation and property of the spec reaches
    Coverage(spec_coverage::Arguments),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Regen(arguments) => regen::run(&arguments),
        Command::Simulate(arguments) => simulate::run(&arguments),
        Command::Spec(SpecCommand::Lint(arguments)) => spec_lint::run(&arguments),
        Command::Spec(SpecCommand::Diff(arguments)) => spec_diff::run(&arguments),
        Command::Spec(SpecCommand::Coverage(arguments)) => spec_coverage::run(&arguments),
    };
    commands::end(outcome)
}
