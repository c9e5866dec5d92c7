//! The worlds of some hundred seeds hold, live twice in the same way, and reach everything that
//! they are there for.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on fails"
)]

use std::sync::OnceLock;

use barion_simulation::errors::Errors;
use barion_simulation::ledger::Violation;
use barion_simulation::reach::Kind;
use barion_simulation::sweep::{Seeds, Swept, Worlds, sweep};

/// How many seeds there are by default; CI sets the variable to 5,000.
const SEEDS: u64 = 800;
const VARIABLE: &str = "BARION_SIMULATION_SEEDS";

/// So many of the last lines of a story are shown.
const LINES: usize = 60;

/// How often everything has to happen in the default number of seeds, at least.
const REACH: u64 = 2;

/// Seeds that found something before it was mended, in the worlds of requests. Worlds have changed
/// since, and they stay.
const FOUND: [u64; 13] = [
    5, 16, 40, 87, 176, 215, 361, 455, 661, 3040, 3968, 15_990, 56_089,
];

/// The same of the worlds of orders.
const FOUND_BY_ORDERS: [u64; 5] = [71, 991, 1176, 1227, 3213];

fn errors() -> Errors {
    Errors::new().unwrap()
}

/// The seeds of this run, lived once for all tests.
fn swept() -> &'static Swept {
    static SWEPT: OnceLock<Swept> = OnceLock::new();
    SWEPT.get_or_init(|| {
        let count = match std::env::var(VARIABLE) {
            Ok(text) => text.parse().unwrap_or_else(|_| panic!("{VARIABLE}={text}")),
            Err(_) => SEEDS,
        };
        let seeds = Seeds {
            worlds: Worlds::Both,
            from: 0,
            count,
            keep_going: false,
        };
        sweep(seeds, &errors(), |_| {})
    })
}

fn fail(seed: u64, worlds: Worlds, violation: &Violation) -> ! {
    let lines = worlds.run(seed, &errors()).unwrap().lines;
    let last = &lines[lines.len().saturating_sub(LINES)..];
    panic!(
        "seed {seed} breaks {violation}\n{}\nshow all of it with: cargo xtask simulate --replay {seed}",
        last.join("\n")
    );
}

#[test]
fn seeds_hold() {
    if let Some((seed, violation)) = swept().broken.first() {
        fail(*seed, Worlds::Both, violation);
    }
}

#[test]
fn seeds_that_found_something_hold() {
    let requests = FOUND.map(|seed| (seed, Worlds::Requests));
    let orders = FOUND_BY_ORDERS.map(|seed| (seed, Worlds::Orders));
    for (seed, worlds) in requests.into_iter().chain(orders) {
        if let Some(violation) = worlds.run(seed, &errors()).unwrap().violation {
            fail(seed, worlds, &violation);
        }
    }
}

#[test]
fn a_seed_lives_twice_in_the_same_way() {
    let mut lines = 0;
    for seed in 0..20 {
        let live = || Worlds::Both.run(seed, &errors()).unwrap();
        let (once, twice) = (live(), live());
        for (one, other) in once.lines.iter().zip(&twice.lines) {
            assert_eq!(one, other, "seed {seed}");
        }
        assert_eq!(once.lines.len(), twice.lines.len(), "seed {seed}");
        assert_eq!(once.reach, twice.reach, "seed {seed}");
        lines += once.lines.len();
    }
    assert!(lines > 300, "{lines}");
}

/// A simulation that reaches nothing proves nothing.
#[test]
fn everything_is_reached() {
    let swept = swept();
    let rare: Vec<_> = Kind::ALL
        .iter()
        .filter(|kind| swept.reach.times(**kind) < REACH)
        .map(|kind| kind.text())
        .collect();
    // A smaller run, of somebody who looks for something else, need not reach everything.
    assert!(
        rare.is_empty() || swept.seeds < SEEDS,
        "hardly ever in {} seeds: {rare:?}\n{}",
        swept.seeds,
        swept.reach
    );
}
