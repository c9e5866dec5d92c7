//! Guard against doing the same thing twice: the calls of a client of which it is not known yet what outcome of them, and
//! what was settled not long ago.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::error::{Delivery, Error, ErrorKind};
use crate::id::{PaymentId, TransactionId};
use crate::operation::Outcome;
use crate::unconfirmed::asked::What;
use crate::unconfirmed::request_id::RequestId;
use crate::unconfirmed::{Attempt, Here};

/// How long it is remembered what was settled.
const REMEMBERED: Duration = Duration::from_secs(3_600);

/// So many entries are tidied up; twice as many as are left are tidied up the next time.
const FEW: usize = 256;

/// The calls that move money and are not settled. Shared by the clones of a client.
#[derive(Debug, Default)]
pub(crate) struct Unsettled(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    next: u64,
    open: Vec<Open>,
    /// What was refunded of a payment.
    refunded: HashMap<PaymentId, Refunded>,
    /// The keys of what was carried out and may not be once more.
    done: HashMap<String, Instant>,
    /// Payments that are known to be the outcome of a charge, and of which.
    outcomes: HashMap<PaymentId, (RequestId, Instant)>,
    /// Requests that were carried out.
    spent: HashMap<RequestId, Instant>,
    /// When somebody else's stored attempt was seen here first.
    seen: HashMap<String, Instant>,
    tidy_at: usize,
}

#[derive(Debug)]
struct Open {
    number: u64,
    attempt: Attempt,
    under_way: bool,
}

#[derive(Debug)]
struct Refunded {
    ids: Vec<TransactionId>,
    /// The versions of the ledger that can't know of it, up to this one.
    version: Option<usize>,
    at: Instant,
}

/// A call under way. When it is dropped without having been told how the call ended, nobody knows what outcome of it.
#[derive(Debug)]
pub(crate) struct UnderWay {
    unsettled: Arc<Unsettled>,
    number: u64,
    ended: bool,
}

impl State {
    fn size(&self) -> usize {
        self.refunded.len()
            + self.done.len()
            + self.outcomes.len()
            + self.spent.len()
            + self.seen.len()
    }

    fn tidy(&mut self, now: Instant) {
        if self.size() < self.tidy_at.max(FEW) {
            return;
        }
        let young = |at: &Instant| now.duration_since(*at) < REMEMBERED;
        self.refunded.retain(|_, refunded| young(&refunded.at));
        self.done.retain(|_, at| young(at));
        self.outcomes.retain(|_, (_, at)| young(at));
        self.spent.retain(|_, at| young(at));
        self.seen.retain(|_, at| young(at));
        self.tidy_at = 2 * self.size();
    }

    fn add(&mut self, attempt: &Attempt, under_way: bool) -> u64 {
        let number = self.next;
        self.next += 1;
        self.open.push(Open {
            number,
            attempt: attempt.clone(),
            under_way,
        });
        number
    }

    /// What stands in the way of an attempt.
    fn conflict(&self, attempt: &Attempt) -> Option<Error> {
        let now = Instant::now();
        let young = |at: &Instant| now.duration_since(*at) < REMEMBERED;
        let same = attempt.open_key();
        let guarded = matches!(attempt.what, What::Refund { .. } | What::Charge { .. });
        let open = self
            .open
            .iter()
            .find(|open| open.attempt.open_key() == same);
        if let Some(open) = open.filter(|_| guarded) {
            return Some(if open.under_way {
                refused(
                    "not sent: another call for the same is under way; wait for its answer, then read the payment's \
                     state and decide again",
                )
            } else {
                refused(
                    "not sent: nobody knows yet what outcome of an earlier call for the same; reconcile that one first \
                     (Error::earlier_attempt), unless its record is gone because another instance has settled it",
                )
                .with_earlier_attempt(open.attempt.clone())
            });
        }
        if self.spent.get(&attempt.request_id()).is_some_and(young) {
            return Some(refused(
                "not sent: this very request was sent and carried out before; to do it once more, build another one",
            ));
        }
        if attempt.is_once_for_all() && self.done.get(&attempt.key()).is_some_and(young) {
            return Some(refused(match attempt.what {
                What::Charge { .. } => {
                    "not sent: this PaymentRequestId was charged before; it has to be another one for each charge"
                }
                _ => "not sent: a refund of this idempotency key was made before",
            }));
        }
        match &attempt.what {
            What::Refund {
                payment_id,
                before: Some(before),
                ..
            } => {
                let refunded = self.refunded.get(payment_id).filter(|one| young(&one.at))?;
                let knows = refunded.ids.iter().all(|id| before.movements.contains(id))
                    && refunded
                        .version
                        .is_none_or(|version| before.version() > version);
                (!knows).then(|| {
                    refused(
                        "not sent: the payment was refunded since its state was read, and this refund does not know \
                         of it; read the state again and decide again",
                    )
                })
            }
            _ => None,
        }
    }

    fn outcome(&mut self, attempt: &Attempt, outcome: &Outcome) {
        let Outcome::CarriedOut { refunds, charged } = outcome else {
            return;
        };
        let now = Instant::now();
        match &attempt.what {
            What::Refund {
                payment_id, before, ..
            } => {
                let refunded = self.refunded.entry(*payment_id).or_insert(Refunded {
                    ids: Vec::new(),
                    version: None,
                    at: now,
                });
                refunded.ids.extend(refunds);
                let version = before
                    .as_ref()
                    .map(crate::unconfirmed::baseline::Baseline::version);
                refunded.version = refunded.version.max(version);
                refunded.at = now;
            }
            What::Charge { .. } => {
                let outcome = (attempt.request_id(), now);
                self.outcomes
                    .extend(charged.map(|payment| (payment, outcome)));
            }
            // Barion itself refuses to finish, capture, cancel or complete twice.
            _ => return,
        }
        self.spent.insert(attempt.request_id(), now);
        if attempt.is_once_for_all() {
            self.done.insert(attempt.key(), now);
        }
    }
}

fn refused(message: &str) -> Error {
    Error::new(ErrorKind::Unsettled, Delivery::NotSent, message)
}

fn seen_key(attempt: &Attempt) -> Option<String> {
    let call = attempt.sent.as_ref()?.call;
    Some(format!("{} {call}", attempt.id()))
}

impl Unsettled {
    /// Nothing that holds the lock can leave half of a change behind.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A call begins, unless one like it is not settled.
    pub(crate) fn begin(self: &Arc<Self>, attempt: &Attempt) -> Result<UnderWay, Error> {
        let mut state = self.lock();
        state.tidy(Instant::now());
        if let Some(conflict) = state.conflict(attempt) {
            return Err(conflict.with_payment_id(attempt.payment_id()));
        }
        let number = state.add(attempt, true);
        Ok(UnderWay {
            unsettled: Arc::clone(self),
            number,
            ended: false,
        })
    }

    /// Nobody knows what outcome of an attempt that was stored: it stands in the way of others from now on.
    pub(crate) fn adopt(&self, attempt: &Attempt) {
        let mut state = self.lock();
        let is_known = |open: &Open| open.attempt.is_of_call(attempt);
        if attempt.is_sent() && !state.open.iter().any(is_known) {
            state.add(attempt, false);
        }
    }

    /// It is known what outcome of an attempt. Other calls of the same request stay open.
    pub(crate) fn settle(&self, attempt: &Attempt, outcome: &Outcome) {
        let mut state = self.lock();
        state.outcome(attempt, outcome);
        state
            .open
            .retain(|open| open.under_way || !open.attempt.is_of_call(attempt));
        if let Some(key) = seen_key(attempt) {
            state.seen.remove(&key);
        }
    }

    /// Whether a payment is the outcome of another charge.
    pub(crate) fn is_of_another(&self, payment: PaymentId, attempt: &Attempt) -> bool {
        let state = self.lock();
        let owner = state.outcomes.get(&payment);
        owner.is_some_and(|(owner, _)| *owner != attempt.request_id())
    }

    /// The same attempt, with what this process knows of its call by now: one under way may have begun another try since.
    pub(crate) fn known(&self, attempt: &Attempt) -> Attempt {
        let state = self.lock();
        let same = state
            .open
            .iter()
            .filter(|open| open.attempt.is_of_call(attempt));
        let spans = same.filter_map(|open| open.attempt.here.0);
        let mut known = attempt.clone();
        known.here = Here(spans.chain(known.here.0).max_by_key(|span| span.over));
        known
    }

    /// Whether the call of an attempt is under way in this process.
    pub(crate) fn is_under_way(&self, attempt: &Attempt) -> bool {
        let state = self.lock();
        let same = |open: &Open| open.under_way && open.attempt.is_of_call(attempt);
        state.open.iter().any(same)
    }

    /// When somebody else's attempt was seen here first: it had been stored by then. Two that were only planned can't be
    /// told from each other, so each of them is seen anew.
    pub(crate) fn first_seen(&self, attempt: &Attempt) -> Instant {
        let now = Instant::now();
        let Some(key) = seen_key(attempt) else {
            return now;
        };
        let mut state = self.lock();
        state.tidy(now);
        *state.seen.entry(key).or_insert(now)
    }
}

impl UnderWay {
    /// The attempt is about to be sent.
    pub(crate) fn sending(&self, attempt: &Attempt) {
        self.change(|open| open.attempt = attempt.clone());
    }

    /// The call ended, and it is known how.
    pub(crate) fn settled(mut self, outcome: &Outcome) {
        self.ended = true;
        let mut state = self.unsettled.lock();
        let place = state
            .open
            .iter()
            .position(|open| open.number == self.number);
        if let Some(place) = place {
            let open = state.open.swap_remove(place);
            state.outcome(&open.attempt, outcome);
        }
    }

    /// The call ended, and nobody knows how.
    pub(crate) fn lost(mut self, attempt: &Attempt) {
        self.ended = true;
        if attempt.moves_nothing() {
            return self.forget();
        }
        self.change(|open| {
            open.attempt = attempt.clone();
            open.under_way = false;
        });
    }

    fn forget(&self) {
        let mut state = self.unsettled.lock();
        state.open.retain(|open| open.number != self.number);
    }

    fn change(&self, how: impl FnOnce(&mut Open)) {
        let mut state = self.unsettled.lock();
        state
            .open
            .iter_mut()
            .find(|open| open.number == self.number)
            .map(how);
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let now = Instant::now();
        let mut left = false;
        self.change(|open| {
            // Without a try that has begun, not a byte has left.
            if let Some(here) = open
                .attempt
                .here
                .0
                .filter(|_| !open.attempt.moves_nothing())
            {
                open.attempt.left_between(here.begun, now);
                open.under_way = false;
                left = true;
            }
        });
        if !left {
            self.forget();
        }
    }
}
