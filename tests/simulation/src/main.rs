//! `simulate`: lets the worlds of many seeds live, and tells which of them break an invariant.

#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use barion_simulation::errors::Errors;
use barion_simulation::sweep::{Seeds, Worlds, sweep};
use clap::{Parser, ValueEnum};

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
    /// Which worlds of the seeds live.
    #[arg(long, value_enum, default_value_t = Choice::Both)]
    worlds: Choice,
}

/// Which worlds of a seed live.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Choice {
    /// Those of a client's requests.
    Requests,
    /// Those of orders, with watchers and a store.
    Orders,
    /// One after the other.
    Both,
}

impl From<Choice> for Worlds {
    fn from(choice: Choice) -> Self {
        match choice {
            Choice::Requests => Self::Requests,
            Choice::Orders => Self::Orders,
            Choice::Both => Self::Both,
        }
    }
}

/// Prints a line. A reader that has gone away is no failure.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
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
        Some(seed) => replay(seed, arguments.worlds.into(), &errors),
        None => many(&arguments, &errors),
    }
}

fn replay(seed: u64, worlds: Worlds, errors: &Errors) -> ExitCode {
    match worlds.run(seed, errors) {
        Ok(outcome) => {
            outcome.lines.iter().for_each(|line| say(line));
            match outcome.violation {
                Some(violation) => {
                    say(&format!("seed {seed} breaks {violation}"));
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

/// Tells about every three seconds how far it is.
struct Progress {
    begun: Instant,
    seeds: u64,
    told: AtomicU64,
}

impl Progress {
    fn lived(&self, lived: u64) {
        let passed = self.begun.elapsed();
        let now = passed.as_secs() / 3;
        if self.told.fetch_max(now, Ordering::Relaxed) >= now {
            return;
        }
        let (part, whole) = (u32::try_from(lived), u32::try_from(self.seeds));
        let (Ok(part), Ok(whole)) = (part, whole) else {
            eprintln!("{lived} seeds");
            return;
        };
        let rate = f64::from(part) / passed.as_secs_f64();
        let left = f64::from(whole.saturating_sub(part)) / rate;
        let percent = 100.0 * f64::from(part) / f64::from(whole);
        eprintln!(
            "{percent:>5.1} %  {lived} of {whole} seeds  {rate:.0} a second  {left:.0} s left"
        );
    }
}

fn many(arguments: &Arguments, errors: &Errors) -> ExitCode {
    let seeds = Seeds {
        worlds: arguments.worlds.into(),
        from: arguments.from,
        count: arguments.seeds,
        keep_going: arguments.keep_going,
    };
    let progress = Progress {
        begun: Instant::now(),
        seeds: arguments.seeds,
        told: AtomicU64::new(0),
    };
    let swept = sweep(seeds, errors, |lived| progress.lived(lived));
    let seconds = progress.begun.elapsed().as_secs_f64();
    let mut kinds: BTreeMap<_, usize> = BTreeMap::new();
    for (seed, violation) in &swept.broken {
        say(&format!("seed {seed} breaks {violation}"));
        *kinds.entry(violation.invariant).or_default() += 1;
    }
    say(&swept.reach.to_string());
    let lived = swept.seeds;
    if swept.broken.is_empty() {
        say(&format!(
            "{lived} seeds from {} hold, in {seconds:.1} s",
            seeds.from
        ));
        return ExitCode::SUCCESS;
    }
    for (invariant, seeds) in &kinds {
        say(&format!(
            "{invariant:?}: {seeds} of {lived} seeds, in {seconds:.1} s"
        ));
    }
    say("show one with: cargo xtask simulate --replay SEED");
    ExitCode::FAILURE
}
