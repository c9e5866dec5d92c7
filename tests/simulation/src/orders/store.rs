//! The shop's store, as its processes find it: slow, at times gone, and failing before or after it
//! has done what it was asked for.

use std::sync::Arc;
use std::time::Duration;

use barion::PaymentId;
use barion_watcher::store::{Backlog, DuePayment, Enqueued, PaymentRow, Queue, Schedule};
use barion_watcher::{Store, StoreError, StoredOrder};
use tokio::time::{Instant, sleep};

use super::life::Life;
use super::runs::task;
use super::scene::Scene;
use crate::reach::Kind;

/// The store of one process.
#[derive(Clone)]
pub(super) struct FlakyStore {
    pub(super) scene: Arc<Scene>,
    pub(super) life: Arc<Life>,
}

/// What becomes of one question.
struct Fate {
    before: Duration,
    after: Duration,
    fails_before: bool,
    fails_after: bool,
}

fn failed(when: &str) -> StoreError {
    StoreError::new(format!("the connection broke {when}"))
}

impl FlakyStore {
    fn fate(&self) -> Fate {
        if self.scene.is_quiet() {
            return Fate {
                before: Duration::ZERO,
                after: Duration::ZERO,
                fails_before: false,
                fails_after: false,
            };
        }
        let habits = self.scene.habits.store;
        let gone = self.scene.store_is_gone();
        let mut dice = self.scene.world.dice();
        let mut time = || {
            if dice.chance(habits.slow) {
                dice.time(habits.slowest)
            } else if dice.chance(20) {
                dice.time(Duration::from_millis(30))
            } else {
                Duration::ZERO
            }
        };
        let (before, after) = (time(), time());
        let fails_before = gone || dice.chance(habits.fails_before);
        let fails_after = !fails_before && dice.chance(habits.fails_after);
        drop(dice);
        for (kind, happens) in [
            (Kind::StoreGone, gone),
            (Kind::StoreFailsBefore, fails_before),
            (Kind::StoreFailsAfter, fails_after),
            (Kind::StoreSlow, before.as_secs() + after.as_secs() > 1),
        ] {
            if happens {
                self.scene.world.reached(kind);
            }
        }
        Fate {
            before,
            after,
            fails_before,
            fails_after,
        }
    }

    /// What was sent to the store happens, whatever becomes of the one who has sent it.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        order: Option<&str>,
        work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.life.go_on().await;
        let fate = self.fate();
        self.scene.truth().runs.began(task());
        if let Some(order) = order {
            self.scene.truth().runs.asked(task(), order);
        }
        let done = if fate.before.is_zero() {
            if fate.fails_before {
                Err(failed("on the way there"))
            } else {
                work.await
            }
        } else {
            let journey = tokio::spawn(async move {
                sleep(fate.before).await;
                if fate.fails_before {
                    return Err(failed("on the way there"));
                }
                work.await
            });
            journey
                .await
                .unwrap_or_else(|error| Err(StoreError::new(error)))
        };
        if !fate.after.is_zero() {
            sleep(fate.after).await;
        }
        self.life.go_on().await;
        if let Some(order) = order {
            self.scene.truth().runs.answered(task(), order);
        }
        if fate.fails_after {
            return Err(failed("on the way back"));
        }
        done
    }
}

impl Store for FlakyStore {
    async fn find(&self, id: PaymentId) -> Result<Option<PaymentRow>, StoreError> {
        let base = self.scene.base.clone();
        self.ask(None, async move { base.find(id).await }).await
    }

    async fn load(&self, order: &str) -> Result<Option<StoredOrder>, StoreError> {
        let (base, key) = (self.scene.base.clone(), order.to_owned());
        self.ask(Some(order), async move { base.load(&key).await })
            .await
    }

    async fn replace(
        &self,
        old: Option<u64>,
        new: &StoredOrder,
        due: &[(PaymentId, Duration)],
    ) -> Result<bool, StoreError> {
        let (scene, record, rows) = (Arc::clone(&self.scene), new.clone(), due.to_vec());
        let (number, task) = (self.life.number, task());
        let work = async move {
            let replaced = scene.base.replace(old, &record, &rows).await?;
            if replaced {
                scene.truth().written(number, task, &record, &rows);
            }
            Ok(replaced)
        };
        self.ask(Some(new.key()), work).await
    }

    async fn enqueue(&self, id: PaymentId, capacity: u32) -> Result<Enqueued, StoreError> {
        let (scene, life, begun) = (
            Arc::clone(&self.scene),
            Arc::clone(&self.life),
            Instant::now(),
        );
        let work = async move {
            let enqueued = scene.base.enqueue(id, capacity).await?;
            scene.truth().enqueued(life.number, begun, id, enqueued);
            Ok(enqueued)
        };
        self.ask(None, work).await
    }

    async fn next_due(&self, queue: Queue) -> Result<Option<Duration>, StoreError> {
        let base = self.scene.base.clone();
        self.ask(None, async move { base.next_due(queue).await })
            .await
    }

    async fn take_due(
        &self,
        queue: Queue,
        limit: u32,
        hide: Duration,
    ) -> Result<Vec<DuePayment>, StoreError> {
        let base = self.scene.base.clone();
        let work = async move { base.take_due(queue, limit, hide).await };
        let due = self.ask(None, work).await?;
        if queue == Queue::Unknown {
            self.scene
                .truth()
                .unknown_taken(self.life.number, due.len());
        }
        Ok(due)
    }

    async fn schedule(
        &self,
        id: PaymentId,
        version: u64,
        next: Schedule,
    ) -> Result<bool, StoreError> {
        let scene = Arc::clone(&self.scene);
        let work = async move {
            let scheduled = scene.base.schedule(id, version, next).await?;
            scene.truth().cooldown(id, next.cooldown);
            Ok(scheduled)
        };
        self.ask(None, work).await
    }

    async fn forget(&self, id: PaymentId) -> Result<(), StoreError> {
        let (scene, life, begun) = (
            Arc::clone(&self.scene),
            Arc::clone(&self.life),
            Instant::now(),
        );
        let work = async move {
            scene.base.forget(id).await?;
            scene.truth().forgotten(life.number, id, begun);
            Ok(())
        };
        self.ask(None, work).await
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        let base = self.scene.base.clone();
        self.ask(None, async move { base.backlog().await }).await
    }
}
