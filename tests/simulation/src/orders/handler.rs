//! What the shop does about an update: it ships, cancels and gives money back; slowly, and not
//! always to the end.

use std::sync::Arc;
use std::time::Duration;

use barion::OrderStanding;
use barion_watcher::{OrderChange, OrderUpdate};
use tokio::time::{Instant, sleep};

use super::life::Life;
use super::runs::task;
use super::scene::Scene;
use super::transaction::Staged;
use super::truth::End;
use crate::reach::Kind;

pub(super) type Trouble = Box<dyn std::error::Error + Send + Sync>;

/// The part of the shop that an update is handled by.
#[derive(Clone)]
pub(super) struct Desk {
    pub(super) scene: Arc<Scene>,
    pub(super) life: Arc<Life>,
}

/// A run of the handler, which ends when it is dropped.
struct Running {
    scene: Arc<Scene>,
    order: String,
    number: u64,
    place: usize,
}

impl Running {
    fn end(&self, end: End) {
        let mut truth = self.scene.truth();
        truth.end(&self.order, self.number, self.place, end);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end(End::Failed);
    }
}

impl Desk {
    /// `staged`: the transaction, where there is one.
    pub(super) async fn handle(
        self,
        update: OrderUpdate,
        mut staged: Option<&mut Staged>,
    ) -> Result<(), Trouble> {
        self.life.go_on().await;
        let place = self.scene.truth().begin(self.life.number, task(), &update);
        let running = Running {
            scene: Arc::clone(&self.scene),
            order: update.order.clone(),
            number: update.number,
            place,
        };
        self.pause().await;
        self.fail()?;
        if update.changes.contains(&OrderChange::OrderPaid) {
            match &mut staged {
                Some(staged) => staged.ships.push((update.order.clone(), update.number)),
                None => self.scene.truth().ship(&update.order, update.number),
            }
        }
        let over = update.changes.iter().any(OrderChange::is_end_without_money);
        if over && update.standing == OrderStanding::Unpaid {
            self.scene.truth().cancel(&update.order);
        }
        self.pause().await;
        self.fail()?;
        running.end(End::Done(Instant::now()));
        Ok(())
    }

    async fn pause(&self) {
        let habits = &self.scene.habits;
        if self.scene.is_quiet() {
            return;
        }
        let time = {
            let mut dice = self.scene.world.dice();
            if dice.chance(habits.handler.slow) {
                // Longer than the lease, now and then.
                dice.time(habits.lease * 6 / 5)
            } else if dice.chance(30) {
                dice.time(Duration::from_millis(400))
            } else {
                Duration::ZERO
            }
        };
        if !time.is_zero() {
            sleep(time).await;
        }
        self.life.go_on().await;
    }

    fn fail(&self) -> Result<(), Trouble> {
        let habits = self.scene.habits.handler;
        if self.scene.is_quiet() {
            return Ok(());
        }
        let (fails, panics) = {
            let mut dice = self.scene.world.dice();
            (dice.chance(habits.fails), dice.chance(habits.panics))
        };
        if panics {
            self.scene.world.reached(Kind::HandlerPanicked);
            // A panic without a message on the terminal.
            std::panic::resume_unwind(Box::new("the shop's handler panics"));
        }
        if fails {
            return Err("the shop's own database is gone".into());
        }
        Ok(())
    }
}
