//! The worlds of many seeds, on all cores.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::errors::Errors;
use crate::ledger::{Invariant, Violation};
use crate::reach::Reach;
use crate::{Outcome, run, run_orders};

/// Which worlds of a seed live.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Worlds {
    /// Those of a client's requests.
    Requests,
    /// Those of orders, with watchers and a store.
    Orders,
    /// One after the other.
    #[default]
    Both,
}

impl Worlds {
    /// Lets the worlds of a seed live to their ends, up to the first violation.
    ///
    /// # Errors
    /// When one could not even begin: a fault of the simulation itself.
    pub fn run(
        self,
        seed: u64,
        errors: &Errors,
    ) -> Result<Outcome, Box<dyn std::error::Error + Send + Sync>> {
        if self == Self::Orders {
            return run_orders(seed, errors);
        }
        let mut outcome = run(seed, errors)?;
        if self == Self::Both && outcome.violation.is_none() {
            let orders = run_orders(seed, errors)?;
            outcome.violation = orders.violation;
            outcome.lines.extend(orders.lines);
            outcome.reach.merge(&orders.reach);
        }
        Ok(outcome)
    }
}

/// Which seeds.
#[derive(Debug, Clone, Copy)]
pub struct Seeds {
    /// Which of their worlds.
    pub worlds: Worlds,
    /// The first one.
    pub from: u64,
    /// How many, counted from the first one.
    pub count: u64,
    /// Whether to go on after one that breaks an invariant.
    pub keep_going: bool,
}

/// What came of many seeds.
#[derive(Debug, Clone, Default)]
pub struct Swept {
    /// How many have lived.
    pub seeds: u64,
    /// What was broken, by seed, in ascending order. Without `keep_going` the first one is the
    /// smallest of all.
    pub broken: Vec<(u64, Violation)>,
    /// How often each kind of thing has happened.
    pub reach: Reach,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets them live, and tells after each how many have.
pub fn sweep(seeds: Seeds, errors: &Errors, progress: impl Fn(u64) + Sync) -> Swept {
    let next = AtomicU64::new(0);
    // Those below it are lived through, so that the first one found does not depend on which core
    // was faster.
    let end = AtomicU64::new(seeds.count);
    let swept = Mutex::new(Swept::default());
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= end.load(Ordering::Relaxed) {
                return;
            }
            let seed = seeds.from.wrapping_add(number);
            let (violation, reach) = match seeds.worlds.run(seed, errors) {
                Ok(outcome) => (outcome.violation, outcome.reach),
                Err(error) => {
                    let what = format!("it can't begin: {error}");
                    let invariant = Invariant::Ends;
                    (Some(Violation { invariant, what }), Reach::default())
                }
            };
            let lived = {
                let mut swept = lock(&swept);
                swept.seeds += 1;
                swept.reach.merge(&reach);
                if let Some(violation) = violation {
                    swept.broken.push((seed, violation));
                    if !seeds.keep_going {
                        end.fetch_min(number, Ordering::Relaxed);
                    }
                }
                swept.seeds
            };
            progress(lived);
        }
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(work);
        }
    });
    let mut swept = swept.into_inner().unwrap_or_else(PoisonError::into_inner);
    swept.broken.sort_by_key(|(seed, _)| *seed);
    swept
}
