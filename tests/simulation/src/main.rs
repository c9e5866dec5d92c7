//! `simulate`: lets the worlds of many seeds live, and tells which of them break an invariant.

#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use barion_simulation::errors::Errors;
use barion_simulation::ledger::Invariant;
use barion_simulation::run;
use clap::Parser;

/// Deterministic simulation of shops, Barion and a network that fails.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many seeds, counted from the first one.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Lets one seed live again, and shows every line of it.
    #[arg(long, conflicts_with_all = ["seeds", "from"])]
    replay: Option<u64>,
    /// Goes on after a seed that breaks an invariant, and counts them.
    #[arg(long)]
    keep_going: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let errors = match Errors::new() {
        Ok(errors) => errors,
        Err(error) => {
            eprintln!("the HTTP library can't be set up: {error}");
            return ExitCode::FAILURE;
        }
    };
    match arguments.replay {
        Some(seed) => replay(seed, &errors),
        None => many(&arguments, &errors),
    }
}

fn replay(seed: u64, errors: &Errors) -> ExitCode {
    match run(seed, errors) {
        Ok(outcome) => {
            for line in &outcome.lines {
                println!("{line}");
            }
            match outcome.violation {
                Some(violation) => {
                    println!("seed {seed} breaks {violation}");
                    ExitCode::FAILURE
                }
                None => ExitCode::SUCCESS,
            }
        }
        Err(error) => {
            eprintln!("seed {seed} can't begin: {error}");
            ExitCode::FAILURE
        }
    }
}

fn many(arguments: &Arguments, errors: &Errors) -> ExitCode {
    let (from, seeds) = (arguments.from, arguments.seeds);
    let begun = Instant::now();
    let next = AtomicU64::new(0);
    let found: Mutex<BTreeMap<Invariant, Vec<(u64, String)>>> = Mutex::default();
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= seeds {
                return;
            }
            let seed = from.wrapping_add(number);
            let broken = match run(seed, errors) {
                Ok(outcome) => outcome.violation.map(|one| (one.invariant, one.what)),
                Err(error) => Some((Invariant::Ends, format!("it can't begin: {error}"))),
            };
            if let Some((invariant, what)) = broken {
                println!("seed {seed} breaks {invariant:?}: {what}");
                if let Ok(mut found) = found.lock() {
                    found.entry(invariant).or_default().push((seed, what));
                }
                if !arguments.keep_going {
                    next.store(seeds, Ordering::Relaxed);
                    return;
                }
            }
            if number > 0 && number.is_multiple_of(seeds.div_ceil(20).max(100)) {
                eprintln!("{number} of {seeds} seeds, {} s", begun.elapsed().as_secs());
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(work);
        }
    });
    let found = found.into_inner().unwrap_or_default();
    let seconds = begun.elapsed().as_secs_f64();
    if found.is_empty() {
        println!("{seeds} seeds from {from} hold, in {seconds:.1} s");
        return ExitCode::SUCCESS;
    }
    for (invariant, seeds) in &found {
        println!("{invariant:?}: {} seeds", seeds.len());
    }
    println!("show one with: cargo xtask simulate --replay SEED");
    ExitCode::FAILURE
}
