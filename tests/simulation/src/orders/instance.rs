//! An instance of the shop: a process with a client and a watcher.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use barion::PaymentId;
use barion::callback::CallbackNotice;
use barion::raw::hooks::{Sending, Transport};
use barion_watcher::{Accepted, OrderUpdate, TrackError, Watcher, Workers};
use tokio::time::{Instant, sleep, timeout};

use super::handler::Desk;
use super::life::Life;
use super::scene::Scene;
use super::store::FlakyStore;
use crate::network::{Calm, Wire};
use crate::reach::Kind;
use crate::shop::{HostClock, Process};

/// How long Barion waits for an answer to a callback.
const PATIENCE: Duration = Duration::from_secs(15);

/// A process of the shop, from its start to its death.
pub(super) struct Instance {
    pub(super) life: Arc<Life>,
    pub(super) clock: HostClock,
    scene: Arc<Scene>,
    watcher: Watcher<FlakyStore>,
    workers: Mutex<Option<Workers>>,
    leaves: AtomicBool,
    /// By workers, and not only now and then.
    works: bool,
}

/// What a process of the shop sends by: nothing leaves or reaches a dead one.
#[derive(Debug)]
struct Line {
    scene: Arc<Scene>,
    life: Arc<Life>,
    rough: Wire,
    calm: Calm,
}

/// The payment that is asked about.
fn asked(request: &reqwest::Request) -> Option<String> {
    let path = request.url().path().to_ascii_lowercase();
    let payment = path.strip_prefix("/v4/payment/")?;
    Some(payment.split('/').next()?.to_owned())
}

impl Transport for Line {
    fn send(&self, request: reqwest::Request) -> Sending<'_> {
        Box::pin(async move {
            self.life.go_on().await;
            let smooth = self.scene.is_quiet() || !self.scene.habits.reads_fail;
            let answer = if smooth {
                if let Some(id) = asked(&request) {
                    self.scene.world.ledger().read(self.life.number, &id);
                    self.scene.truth().read(&id);
                }
                self.calm.send(request).await
            } else {
                self.rough.send(request).await
            };
            self.life.go_on().await;
            answer
        })
    }
}

impl Instance {
    /// Starts a process, and its workers.
    pub(super) fn start(
        scene: &Arc<Scene>,
        number: usize,
        clock: HostClock,
    ) -> Result<Arc<Self>, barion::Error> {
        let (world, life) = (&scene.world, Arc::new(Life::new(number)));
        let transport = Line {
            scene: Arc::clone(scene),
            life: Arc::clone(&life),
            rough: Wire {
                world: Arc::clone(world),
                process: number,
            },
            calm: Calm {
                world: Arc::clone(world),
            },
        };
        let client = Process::with(world, number, &clock, Arc::new(transport))?.client;
        let store = FlakyStore {
            scene: Arc::clone(scene),
            life: Arc::clone(&life),
        };
        let desk = Desk {
            scene: Arc::clone(scene),
            life: Arc::clone(&life),
        };
        let habits = &scene.habits;
        let watcher = if habits.transactional {
            Watcher::transactional(client, store, move |update: OrderUpdate, staged| {
                Box::pin(desk.clone().handle(update, Some(staged)))
            })
        } else {
            Watcher::new(client, store, move |update| {
                desk.clone().handle(update, None)
            })
        };
        let told = Arc::clone(scene);
        let watcher = watcher
            .lease(habits.lease)
            .lapse_warning(habits.warning)
            .poll_interval(habits.poll)
            .unknown_capacity(habits.capacity)
            .unknown_reads_per_minute(habits.unknown_per_minute)
            .wall_clock(clock.wall(world))
            .on_error(move |id, error| told.line(format_args!("refresh of {id}: {error}")));
        let works = world.dice().chance(80);
        let instance = Arc::new(Self {
            workers: Mutex::new(works.then(|| watcher.start())),
            leaves: AtomicBool::new(false),
            works,
            life,
            clock,
            scene: Arc::clone(scene),
            watcher,
        });
        scene.line(format_args!(
            "process {number} starts, with workers: {works}"
        ));
        if !works {
            scene.world.reached(Kind::Sweeper);
            scene.truth().sweeps(number);
            tokio::spawn(Arc::clone(&instance).sweep_every_minute());
        }
        Ok(instance)
    }

    /// In place of workers.
    async fn sweep_every_minute(self: Arc<Self>) {
        while !self.life.is_over() {
            // A task of its own: a handler that panics does not end the shop's timer.
            let watcher = self.watcher.clone();
            let sweep = tokio::spawn(async move { watcher.sweep(20).await });
            if let Ok(Err(error)) = sweep.await {
                self.scene.line(format_args!("sweep: {error}"));
            }
            sleep(Duration::from_secs(60)).await;
        }
    }

    /// The process dies, at whatever it is.
    pub(super) fn die(&self) {
        self.life.end();
        let mut truth = self.scene.truth();
        truth.died(self.life.number);
        truth.line(format_args!("process {} dies", self.life.number));
    }

    /// Whether it is being shut down: it does nothing new.
    pub(super) fn leaves(&self) -> bool {
        self.leaves.load(Ordering::Relaxed)
    }

    /// The process ends in order, or dies if that takes too long.
    pub(super) async fn shut_down(&self) {
        self.leaves.store(true, Ordering::Relaxed);
        let workers = self
            .workers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        self.scene
            .line(format_args!("process {} is shut down", self.life.number));
        if let Some(workers) = workers {
            let _ = timeout(Duration::from_secs(60), workers.shutdown()).await;
        }
        self.die();
    }

    /// Barion calls: whether the callback was answered with 200.
    pub(super) async fn call_back(&self, id: PaymentId) -> bool {
        if self.life.is_over() {
            return false;
        }
        let begun = Instant::now();
        let accept = self.watcher.accept(CallbackNotice::for_payment(id));
        let Ok(Ok(accepted)) = timeout(PATIENCE, accept).await else {
            return false;
        };
        self.scene.world.reached(match accepted {
            Accepted::Known => Kind::CallbackKnown,
            Accepted::Unknown => Kind::CallbackUnknown,
            Accepted::Refused => Kind::CallbackRefused,
            Accepted::Full => Kind::CallbackFull,
            _ => Kind::CallbackClosed,
        });
        if accepted.is_taken() {
            let soon = accepted == Accepted::Known && self.works && self.scene.habits.gentle;
            self.scene.truth().accepted(id, begun, soon);
        }
        accepted.is_taken()
    }

    /// The payer has come back, and the shop wants to know at once.
    pub(super) async fn refresh(&self, id: PaymentId) {
        if let Err(error) = Box::pin(self.watcher.refresh(id)).await {
            self.scene
                .line(format_args!("refresh of {id}, asked for: {error}"));
        }
    }

    /// Whether the payment is tracked now.
    pub(super) async fn track(&self, id: PaymentId, order: &str) -> bool {
        let tracked = timeout(PATIENCE, self.watcher.track(id, order)).await;
        match tracked {
            Ok(Ok(())) => {
                self.scene.truth().tracked(id);
                true
            }
            Ok(Err(error @ TrackError::OtherOrder { .. })) => {
                let what = format!("{id} can't be tracked: {error}");
                let mut ledger = self.scene.world.ledger();
                ledger.violated(crate::ledger::Invariant::Ends, what);
                true
            }
            _ => false,
        }
    }
}
