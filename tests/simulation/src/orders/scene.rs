//! What the processes of a world, Barion and the payers share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use barion::{Client, Payment, PaymentId};
use barion_watcher::MemoryStore;
use tokio::time::Instant;

use super::habits::Habits;
use super::truth::Truth;
use crate::reach::Kind;
use crate::shop::Process;
use crate::world::World;

/// How often an outage of the store or of Barion comes again.
const CYCLE: Duration = Duration::from_secs(1_200);

#[derive(Debug)]
pub(super) struct Scene {
    pub(super) world: Arc<World>,
    pub(super) habits: Habits,
    /// For what is not looked at here: checkouts, refunds, the truth at the end.
    pub(super) calm: Client,
    /// What outlives the processes.
    pub(super) base: MemoryStore,
    truth: Mutex<Truth>,
    quiet: AtomicBool,
    began: Instant,
}

impl Scene {
    pub(super) fn new(world: &Arc<World>) -> Result<Arc<Self>, barion::Error> {
        let habits = Habits::draw(&mut world.dice());
        world.ledger().line(format_args!("{habits:?}"));
        world.reached(if habits.transactional {
            Kind::Transactional
        } else {
            Kind::PlainHandler
        });
        Ok(Arc::new(Self {
            calm: Process::calm(world)?.client,
            truth: Mutex::new(Truth::new(world, &habits)),
            habits,
            base: MemoryStore::new(),
            world: Arc::clone(world),
            quiet: AtomicBool::new(false),
            began: Instant::now(),
        }))
    }

    /// What really happened. Never kept across an await, and never taken while the ledger is.
    pub(super) fn truth(&self) -> MutexGuard<'_, Truth> {
        self.truth.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_quiet(&self) -> bool {
        self.quiet.load(Ordering::Relaxed)
    }

    /// From now on nothing goes wrong.
    pub(super) fn calm_down(&self) {
        self.quiet.store(true, Ordering::Relaxed);
        self.line("nothing goes wrong any more");
    }

    /// Whether the store is gone just now.
    pub(super) fn store_is_gone(&self) -> bool {
        let into = self.began.elapsed().as_millis() % CYCLE.as_millis();
        let gone = |length: Duration| into + length.as_millis() >= CYCLE.as_millis();
        !self.is_quiet() && self.habits.store.outage.is_some_and(gone)
    }

    pub(super) fn line(&self, line: impl std::fmt::Display) {
        self.world.ledger().line(line);
    }

    pub(super) fn chance(&self, percent: u64) -> bool {
        self.world.dice().chance(percent)
    }

    /// Up to so many seconds.
    pub(super) fn time(&self, longest: u64) -> Duration {
        self.world.dice().time(Duration::from_secs(longest))
    }

    /// The truth about a payment.
    pub(super) async fn state(&self, id: PaymentId) -> Option<Payment> {
        self.calm.payment_state(id).await.ok()
    }
}
