//! `cargo xtask simulate`: runs the simulation of `tests/simulation`.

use std::process::Stdio;

use xtask::regen::Places;

use super::cargo::cargo;
use super::guards;
use super::outcome::{Failure, Outcome};

#[derive(clap::Args)]
#[command(after_help = "\
The worlds of seeds are simulated in release mode, on all cores; see tests/simulation/README.md.

Examples:
  cargo xtask simulate --seeds 50000              the seeds from 0 on
  cargo xtask simulate --seeds 50000 --from 5000  the seeds from 5000 on
  cargo xtask simulate --replay 17                every line of what happens in the worlds of a seed
  cargo xtask simulate --worlds orders            only those with watchers and a store
  cargo xtask simulate --guards                   remove each guard of the client in turn
  cargo xtask simulate --guards rate unsettled    only these")]
pub(crate) struct Arguments {
    /// How many seeds; with --guards the most for each of them (default: 5000)
    #[arg(long)]
    seeds: Option<u64>,
    /// The first seed
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Let one seed live again, and show every line of it
    #[arg(long, conflicts_with_all = ["seeds", "from", "keep_going", "guards"])]
    replay: Option<u64>,
    /// Which worlds of the seeds live: requests, orders, or both of each
    #[arg(long, default_value = "both", value_parser = ["requests", "orders", "both"])]
    worlds: String,
    /// Go on after a seed that breaks an invariant, and count them
    #[arg(long, conflicts_with = "guards")]
    keep_going: bool,
    /// Remove guards of the client one by one, all or those named, and demand that each is found
    #[arg(long, num_args = 0.., value_name = "NAME")]
    guards: Option<Vec<String>>,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let root = Places::of_workspace().root();
    let seeds = arguments.seeds.unwrap_or(5_000);
    if let Some(names) = &arguments.guards {
        return guards::run(&root, names, &arguments.worlds, arguments.from, seeds);
    }
    let mut program = cargo();
    program
        .current_dir(root)
        .args(["run", "--release", "--package", "barion-simulation"])
        .args(["--bin", "simulate", "--"])
        .args(["--worlds", &arguments.worlds]);
    match arguments.replay {
        Some(seed) => program.args(["--replay", &seed.to_string()]),
        None => program
            .args(["--seeds", &seeds.to_string()])
            .args(["--from", &arguments.from.to_string()])
            .args(arguments.keep_going.then_some("--keep-going")),
    };
    let status = program.stdin(Stdio::null()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        // It has said what is wrong.
        Ok(_) => Err(Failure::new("the simulation did not hold")),
        Err(error) => Err(Failure::new(format!("cargo can't be run: {error}"))),
    }
}
