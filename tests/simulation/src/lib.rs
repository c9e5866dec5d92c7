//! Deterministic simulation: shops, Barion and a network that fails, in one process and one thread.
//!
//! A seed decides everything: what shops want, what becomes of each request, how answers are
//! broken, when processes die, how clocks are wrong. Time is tokio's, paused, so that hours take
//! milliseconds. A [`ledger`] that neither side knows holds the truth, and compares it with what
//! callers were told, after every step. A seed that finds a hole finds it again, step by step.

pub mod database;
pub mod dice;
pub mod errors;
pub mod ledger;
pub mod lies;
pub mod network;
pub mod orders;
pub mod reach;
pub mod secrets;
pub mod shop;
pub mod stories;
pub mod sweep;
pub mod told;
pub mod world;

use std::time::Duration;

use tokio::task::JoinSet;
use tracing_subscriber::layer::SubscriberExt;

use database::Database;
use errors::Errors;
use ledger::{Invariant, Violation};
use reach::{Kind, Reach};
use shop::{HostClock, Process};
use stories::Stage;
use world::World;

/// The longest that a world may take, by its own clock.
const LONGEST: Duration = Duration::from_secs(4 * 3_600);
/// After it nothing is under way any more.
const SETTLED: Duration = Duration::from_secs(300);

/// How a world ended.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The first invariant that did not hold.
    pub violation: Option<Violation>,
    /// What happened, line by line.
    pub lines: Vec<String>,
    /// How often each kind of thing has happened.
    pub reach: Reach,
}

/// Lets the world of a seed live to its end.
///
/// # Errors
/// When it could not even begin: a fault of the simulation itself.
pub fn run(
    seed: u64,
    errors: &Errors,
) -> Result<Outcome, Box<dyn std::error::Error + Send + Sync>> {
    alone(seed, live(seed, errors.clone()))
}

/// Lets the world of orders of a seed live to its end: see [`orders`].
///
/// # Errors
/// When it could not even begin: a fault of the simulation itself.
pub fn run_orders(
    seed: u64,
    errors: &Errors,
) -> Result<Outcome, Box<dyn std::error::Error + Send + Sync>> {
    alone(seed, orders::live(seed, errors.clone()))
}

/// In a runtime of its own, whose time is nobody else's.
fn alone(
    seed: u64,
    world: impl Future<Output = Result<Outcome, Box<dyn std::error::Error + Send + Sync>>>,
) -> Result<Outcome, Box<dyn std::error::Error + Send + Sync>> {
    fastrand::seed(seed);
    let _ = secrets::leaked();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()?;
    let watch = tracing_subscriber::registry().with(secrets::Watch);
    let _watched = tracing::subscriber::set_default(watch);
    runtime.block_on(world)
}

/// Up to six hours, either way.
fn seconds_wrong(world: &World) -> i64 {
    let wrong = i64::try_from(world.dice().roll(12 * 3_600)).unwrap_or_default();
    wrong - 6 * 3_600
}

fn wrong_clock(world: &World) -> HostClock {
    let clock = HostClock::default();
    if world.dice().chance(50) {
        clock.set(seconds_wrong(world));
        world.reached(Kind::ClockWrong);
    }
    clock
}

async fn wait(clerks: &mut JoinSet<()>) {
    while clerks.join_next().await.is_some() {}
}

async fn live(
    seed: u64,
    errors: Errors,
) -> Result<Outcome, Box<dyn std::error::Error + Send + Sync>> {
    let world = World::new(seed, errors).await?;
    let keeps = world.dice().chance(70) || world.sluggish;
    let marks = world.dice().chance(75) || world.sluggish;
    let database = keeps.then(|| Database::new(marks));
    let instances = if keeps { 1 + world.dice().roll(2) } else { 1 };
    let (mut processes, mut clocks) = (Vec::new(), Vec::new());
    for number in 0..usize::try_from(instances)? {
        let clock = wrong_clock(&world);
        processes.push(Process::new(&world, number, &clock, database.clone())?);
        clocks.push(clock);
    }
    let stage = Stage {
        calm: Process::calm(&world)?,
        processes,
        world,
    };
    let world = &stage.world;
    let mut clerks = JoinSet::new();
    let stories = 1 + world.dice().roll(2);
    for _ in 0..stories {
        stories::prepare(&stage, &mut clerks).await?;
    }
    if keeps && (world.dice().chance(35) || world.sluggish) {
        // By one of the processes, or by a program of its own.
        let of_its_own = world.dice().chance(50);
        let watch = if of_its_own {
            Process::new(world, 8, &wrong_clock(world), database.clone())?
        } else {
            stage.process()
        };
        clerks.spawn(watch.keep_watch(Duration::from_secs(300)));
    }
    let dies = keeps && world.dice().chance(50);
    let all = async {
        if dies {
            let time = world.dice().time(Duration::from_secs(150));
            let _ = tokio::time::timeout(time, wait(&mut clerks)).await;
            world.reached(Kind::Death);
            world.ledger().line("all processes of the shop die");
            clerks.shutdown().await;
            let time = world.dice().time(Duration::from_secs(200));
            tokio::time::sleep(time).await;
            let clock = wrong_clock(world);
            if let Ok(next) = Process::new(world, 9, &clock, database) {
                next.recover().await;
            }
        } else {
            let jump = world.dice().time(Duration::from_secs(200));
            let _ = tokio::time::timeout(jump, wait(&mut clerks)).await;
            for clock in &clocks {
                world.reached(Kind::ClockJump);
                clock.set(seconds_wrong(world));
            }
            wait(&mut clerks).await;
        }
    };
    if tokio::time::timeout(LONGEST, all).await.is_err() {
        let what = "somebody is still waiting after four hours";
        stage.world.ledger().violated(Invariant::Ends, what);
    }
    tokio::time::sleep(SETTLED).await;
    let mut ledger = stage.world.ledger();
    if let Some(line) = secrets::leaked() {
        ledger.violated(Invariant::NoSecret, line);
    }
    Ok(Outcome {
        violation: ledger.violation().cloned(),
        lines: ledger.lines().to_vec(),
        reach: ledger.reach().clone(),
    })
}
