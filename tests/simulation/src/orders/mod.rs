//! Worlds of orders: instances of a shop with a watcher each, on one store that outlives them.
//!
//! Payers pay, decline, come back and let windows expire; Barion calls back, twice, late, to
//! nobody; the store is slow and fails, before and after it has done what it was asked for;
//! instances die and come again. Then a calm time comes: by its end everything must have been
//! handled.

mod barion;
mod end;
mod fleet;
mod habits;
mod handler;
mod instance;
mod life;
mod runs;
mod scene;
mod store;
mod stories;
mod transaction;
mod truth;
mod unknown;
mod updates;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::errors::Errors;
use crate::ledger::Invariant;
use crate::world::World;
use crate::{Outcome, secrets};
use fleet::Fleet;
use scene::Scene;

/// So that the two worlds of a seed have nothing to do with each other.
const ORDERS: u64 = 0x6F72_6465_7273;

/// The longest that stories may take.
const LONGEST: Duration = Duration::from_secs(12 * 3_600);

/// Everything that one world shares.
#[derive(Clone)]
struct Stage {
    scene: Arc<Scene>,
    fleet: Arc<Fleet>,
}

pub(crate) async fn live(
    seed: u64,
    errors: Errors,
) -> Result<Outcome, Box<dyn std::error::Error + Send + Sync>> {
    let world = World::with_plain_refunds(seed ^ ORDERS, errors).await?;
    let scene = Scene::new(&world)?;
    let fleet = Fleet::new(&scene)?;
    let stage = Stage { scene, fleet };
    let mut stories = JoinSet::new();
    let count = 1 + world.dice().roll(3);
    for number in 0..count {
        stories::begin(&stage, number, &mut stories);
    }
    let disturbances = stage.disturbances();
    let all = async { while stories.join_next().await.is_some() {} };
    if timeout(LONGEST, all).await.is_err() {
        let what = "a story has not ended after twelve hours";
        world.ledger().violated(Invariant::Ends, what);
    }
    let rest = world.dice().time(Duration::from_secs(300));
    tokio::time::sleep(rest).await;
    stage.calm_down(disturbances).await?;
    end::handled_within_bound(&stage).await;
    let mut ledger = world.ledger();
    if let Some(line) = secrets::leaked() {
        ledger.violated(Invariant::NoSecret, line);
    }
    Ok(Outcome {
        violation: ledger.violation().cloned(),
        lines: ledger.lines().to_vec(),
        reach: ledger.reach().clone(),
    })
}

impl Stage {
    /// Starts what goes wrong by itself.
    fn disturbances(&self) -> JoinSet<()> {
        let mut all = JoinSet::new();
        for place in 0..self.fleet.places() {
            all.spawn(Arc::clone(&self.fleet).live_and_die(place));
        }
        if self.scene.habits.flood {
            all.spawn(barion::flood(self.clone()));
        }
        all
    }

    /// From now on nothing fails, nobody calls, and one instance lives.
    async fn calm_down(&self, mut disturbances: JoinSet<()>) -> Result<(), ::barion::Error> {
        disturbances.shutdown().await;
        self.scene.calm_down();
        self.fleet.leave_one()
    }
}
