//! Ids that nobody has tracked: how many wait, how often they are read.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::time::Duration;

use barion::PaymentId;
use barion_watcher::store::Enqueued;
use tokio::time::Instant;

use super::habits::Habits;

const MINUTE: Duration = Duration::from_secs(60);
/// For how long a process does not ask again about what Barion has said it does not know: ten
/// minutes, but for what it takes to write that down.
const REMEMBERED: Duration = Duration::from_secs(540);
/// A callback may have been looked up in a slow store before the id was forgotten there.
const LOOKED_UP: Duration = Duration::from_secs(200);

/// What is known of ids that nobody has tracked.
#[derive(Debug)]
pub(super) struct Unknown {
    capacity: usize,
    per_minute: usize,
    /// Whether there is one instance only.
    alone: bool,
    waiting: BTreeSet<PaymentId>,
    /// By process.
    taken: BTreeMap<usize, VecDeque<Instant>>,
    refused: HashMap<(usize, PaymentId), Instant>,
    /// Processes that sweep: how often is up to the shop.
    sweeps: BTreeSet<usize>,
}

impl Unknown {
    pub(super) fn new(habits: &Habits) -> Self {
        Self {
            capacity: usize::try_from(habits.capacity).unwrap_or(usize::MAX),
            per_minute: usize::try_from(habits.unknown_per_minute).unwrap_or(usize::MAX),
            alone: habits.instances == 1,
            waiting: BTreeSet::new(),
            taken: BTreeMap::new(),
            refused: HashMap::new(),
            sweeps: BTreeSet::new(),
        }
    }

    pub(super) fn sweeps(&mut self, process: usize) {
        self.sweeps.insert(process);
    }

    /// The store has kept a callback. What is wrong with that, if anything.
    pub(super) fn enqueued(
        &mut self,
        process: usize,
        begun: Instant,
        id: PaymentId,
        enqueued: Enqueued,
    ) -> Option<String> {
        if enqueued != Enqueued::Unknown {
            return None;
        }
        let new = self.waiting.insert(id);
        if self.waiting.len() > self.capacity {
            let (waiting, capacity) = (self.waiting.len(), self.capacity);
            return Some(format!("{waiting} unknown ids wait where {capacity} may"));
        }
        // Where there are others, they may have put it there: each reads it once.
        let refused = self
            .refused
            .get(&(process, id))
            .filter(|_| new && self.alone)?;
        let known = *refused + LOOKED_UP < begun && refused.elapsed() < REMEMBERED;
        known.then(|| format!("process {process} takes {id} again, which Barion does not know"))
    }

    /// A process has taken `count` of them to read.
    pub(super) fn taken(&mut self, process: usize, count: usize) -> Option<String> {
        if self.sweeps.contains(&process) {
            return None;
        }
        let taken = self.taken.entry(process).or_default();
        let now = Instant::now();
        taken.extend(std::iter::repeat_n(now, count));
        while taken.front().is_some_and(|at| now - *at > MINUTE) {
            taken.pop_front();
        }
        let (count, limit) = (taken.len(), self.per_minute + 1);
        (count > limit).then(|| format!("process {process} reads {count} unknown ids in a minute"))
    }

    pub(super) fn forgotten(&mut self, process: usize, id: PaymentId, since: Instant) {
        self.waiting.remove(&id);
        self.refused.insert((process, id), since);
    }

    pub(super) fn attached(&mut self, id: PaymentId) {
        self.waiting.remove(&id);
    }
}
