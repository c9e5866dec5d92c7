//! The instances of the shop, of which some live.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::sleep;

use super::instance::Instance;
use super::scene::Scene;
use crate::reach::Kind;
use crate::shop::HostClock;

pub(super) struct Fleet {
    scene: Arc<Scene>,
    instances: Mutex<Vec<Option<Arc<Instance>>>>,
    next: AtomicUsize,
}

impl Fleet {
    /// All of them, alive.
    pub(super) fn new(scene: &Arc<Scene>) -> Result<Arc<Self>, barion::Error> {
        let fleet = Arc::new(Self {
            scene: Arc::clone(scene),
            instances: Mutex::default(),
            next: AtomicUsize::new(0),
        });
        for _ in 0..scene.habits.instances {
            let instance = fleet.start()?;
            fleet.all().push(Some(instance));
        }
        Ok(fleet)
    }

    fn all(&self) -> MutexGuard<'_, Vec<Option<Arc<Instance>>>> {
        self.instances
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn places(&self) -> usize {
        self.all().len()
    }

    fn start(&self) -> Result<Arc<Instance>, barion::Error> {
        let clock = HostClock::default();
        self.jump(&clock);
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        Instance::start(&self.scene, number, clock)
    }

    /// The clock of a host is wrong otherwise from now on, by up to six hours.
    fn jump(&self, clock: &HostClock) {
        if !self.scene.habits.clocks {
            return;
        }
        let wrong = self.scene.world.dice().roll(12 * 3_600);
        clock.set(i64::try_from(wrong).unwrap_or_default() - 6 * 3_600);
        self.scene.world.reached(Kind::InstanceClock);
    }

    /// One that lives.
    pub(super) fn any(&self) -> Option<Arc<Instance>> {
        let all: Vec<Arc<Instance>> = self.all().iter().flatten().cloned().collect();
        let sides = u64::try_from(all.len()).unwrap_or(1);
        let place = self.scene.world.dice().roll(sides);
        all.get(usize::try_from(place).unwrap_or_default()).cloned()
    }

    fn at(&self, place: usize) -> Option<Arc<Instance>> {
        self.all().get(place).and_then(Clone::clone)
    }

    /// Lets the clock of an instance jump, and lets it die and come again.
    pub(super) async fn live_and_die(self: Arc<Self>, place: usize) {
        loop {
            let time = self.scene.time(900);
            sleep(time).await;
            if let Some(instance) = self.at(place) {
                self.jump(&instance.clock);
            }
            let time = self.scene.time(900);
            sleep(time).await;
            if !self.scene.habits.dies {
                continue;
            }
            if let Some(instance) = self.at(place) {
                if self.scene.chance(25) {
                    self.scene.world.reached(Kind::InstanceShutDown);
                    // It is still called meanwhile.
                    instance.shut_down().await;
                } else {
                    self.scene.world.reached(Kind::InstanceDied);
                    instance.die();
                }
            }
            if let Some(taken) = self.all().get_mut(place) {
                *taken = None;
            }
            let longest = if self.scene.habits.long_dead {
                1_200
            } else {
                30
            };
            let time = self.scene.time(longest);
            sleep(time).await;
            match self.start() {
                Ok(instance) => {
                    if let Some(empty) = self.all().get_mut(place) {
                        *empty = Some(instance);
                    }
                }
                Err(error) => self.scene.line(format_args!("can't start: {error}")),
            }
        }
    }

    /// One instance goes on living, or a new one begins; the others die.
    pub(super) fn leave_one(&self) -> Result<(), barion::Error> {
        let anew = self.scene.chance(50);
        let mut left: Vec<Arc<Instance>> = self.all().drain(..).flatten().collect();
        let stays = if anew {
            None
        } else {
            left.pop_if(|one| !one.leaves())
        };
        for instance in left {
            instance.die();
        }
        let one = match stays {
            Some(one) => one,
            None => self.start()?,
        };
        self.all().push(Some(one));
        Ok(())
    }

    /// A pause of the payers' browsers and of Barion, while nobody is there.
    pub(super) async fn wait_for_one(&self) -> Option<Arc<Instance>> {
        for _ in 0..60 {
            if let Some(one) = self.any() {
                return Some(one);
            }
            sleep(Duration::from_secs(60)).await;
        }
        None
    }
}
