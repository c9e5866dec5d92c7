//! Guard against duplicates: the calls of a client whose outcome is not known yet, and what was
//! settled not long ago.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::error::{Delivery, Error, ErrorKind};
use crate::id::{PaymentId, TransactionId};
use crate::operation::Outcome;
use crate::unconfirmed::asked::Asked;
use crate::unconfirmed::request_id::RequestId;
use crate::unconfirmed::{Here, UnconfirmedRequest};

/// How long a settled request is remembered.
const REMEMBERED: Duration = Duration::from_secs(3_600);

/// Entries are pruned from this many on; the next time when there are twice as many as were left.
const FEW: usize = 256;

/// Calls that move money and are not settled. Shared by the clones of a client.
#[derive(Debug, Default)]
pub(crate) struct Unsettled(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    next: u64,
    open: Vec<Open>,
    /// Refunds of a payment.
    refunded: HashMap<PaymentId, Refunded>,
    /// Keys of requests that were carried out and may not be carried out again.
    done: HashMap<String, Instant>,
    /// Payments that are known to be the outcome of a charge, and of which one.
    outcomes: HashMap<PaymentId, (RequestId, Instant)>,
    /// Requests that were carried out.
    spent: HashMap<RequestId, Instant>,
    /// When the stored request of another process was seen here first.
    seen: HashMap<String, Instant>,
    tidy_at: usize,
}

#[derive(Debug)]
struct Open {
    number: u64,
    request: UnconfirmedRequest,
    under_way: bool,
}

#[derive(Debug)]
struct Refunded {
    ids: Vec<TransactionId>,
    /// The versions of the ledger that can't know of it, up to this one.
    version: Option<usize>,
    at: Instant,
}

/// A call under way. When it is dropped before the end of the call was noted, its outcome is
/// unknown.
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

    fn add(&mut self, request: &UnconfirmedRequest, under_way: bool) -> u64 {
        let number = self.next;
        self.next += 1;
        self.open.push(Open {
            number,
            request: request.clone(),
            under_way,
        });
        number
    }

    /// The earlier request that conflicts with this one.
    fn conflict(&self, request: &UnconfirmedRequest) -> Option<Error> {
        let now = Instant::now();
        let young = |at: &Instant| now.duration_since(*at) < REMEMBERED;
        let same = request.open_key();
        let guarded = matches!(request.asked, Asked::Refund { .. } | Asked::Charge { .. });
        let open = self
            .open
            .iter()
            .find(|open| open.request.open_key() == same);
        if let Some(open) = open.filter(|_| guarded) {
            return Some(if open.under_way {
                refused(
                    "not sent: another call for the same is under way; wait for its answer, then read the payment's \
                     state and decide again",
                )
            } else {
                refused(
                    "not sent: nobody knows yet what came of an earlier call for the same; reconcile that one first \
                     (Error::earlier), unless its record is gone because another instance has settled it",
                )
                .with_earlier(open.request.clone())
            });
        }
        if self.spent.get(&request.request_id()).is_some_and(young) {
            return Some(refused(
                "not sent: this very request was sent and carried out before; to do it once more, build another one",
            ));
        }
        if request.is_once_for_all() && self.done.get(&request.key()).is_some_and(young) {
            return Some(refused(match request.asked {
                Asked::Charge { .. } => {
                    "not sent: this PaymentRequestId was charged before; it has to be another one for each charge"
                }
                _ => "not sent: a refund of this idempotency key was made before",
            }));
        }
        match &request.asked {
            Asked::Refund {
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

    fn outcome(&mut self, request: &UnconfirmedRequest, outcome: &Outcome) {
        let Outcome::CarriedOut { refunds, charged } = outcome else {
            return;
        };
        let now = Instant::now();
        match &request.asked {
            Asked::Refund {
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
            Asked::Charge { .. } => {
                let outcome = (request.request_id(), now);
                self.outcomes
                    .extend(charged.map(|payment| (payment, outcome)));
            }
            // Barion itself refuses to finish, capture, cancel or complete twice.
            _ => return,
        }
        self.spent.insert(request.request_id(), now);
        if request.is_once_for_all() {
            self.done.insert(request.key(), now);
        }
    }
}

fn refused(message: &str) -> Error {
    Error::new(ErrorKind::Unsettled, Delivery::NotSent, message)
}

fn seen_key(request: &UnconfirmedRequest) -> Option<String> {
    let call = request.sent.as_ref()?.call;
    Some(format!("{} {call}", request.id()))
}

impl Unsettled {
    /// The lock is never released in the middle of a change.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A call begins, unless one like it is not settled.
    pub(crate) fn begin(self: &Arc<Self>, request: &UnconfirmedRequest) -> Result<UnderWay, Error> {
        let mut state = self.lock();
        state.tidy(Instant::now());
        if let Some(conflict) = state.conflict(request) {
            return Err(conflict.with_payment_id(request.payment_id()));
        }
        let number = state.add(request, true);
        Ok(UnderWay {
            unsettled: Arc::clone(self),
            number,
            ended: false,
        })
    }

    /// The outcome of a stored request is unknown: it conflicts with others from now on.
    pub(crate) fn adopt(&self, request: &UnconfirmedRequest) {
        let mut state = self.lock();
        let is_known = |open: &Open| open.request.is_of_call(request);
        if request.is_sent() && !state.open.iter().any(is_known) {
            state.add(request, false);
        }
    }

    /// The outcome of a request is known. Other calls of the same request stay open.
    pub(crate) fn settle(&self, request: &UnconfirmedRequest, outcome: &Outcome) {
        let mut state = self.lock();
        state.outcome(request, outcome);
        state
            .open
            .retain(|open| open.under_way || !open.request.is_of_call(request));
        if let Some(key) = seen_key(request) {
            state.seen.remove(&key);
        }
    }

    /// Whether a payment is the outcome of another charge.
    pub(crate) fn is_of_another(&self, payment: PaymentId, request: &UnconfirmedRequest) -> bool {
        let state = self.lock();
        let owner = state.outcomes.get(&payment);
        owner.is_some_and(|(owner, _)| *owner != request.request_id())
    }

    /// The same request, with what this process knows of its call by now: one under way may have
    /// begun another attempt since.
    pub(crate) fn known(&self, request: &UnconfirmedRequest) -> UnconfirmedRequest {
        let state = self.lock();
        let same = state
            .open
            .iter()
            .filter(|open| open.request.is_of_call(request));
        let spans = same.filter_map(|open| open.request.here.0);
        let mut known = request.clone();
        known.here = Here(spans.chain(known.here.0).max_by_key(|span| span.over));
        known
    }

    /// Whether the call of a request is under way in this process.
    pub(crate) fn is_under_way(&self, request: &UnconfirmedRequest) -> bool {
        let state = self.lock();
        let same = |open: &Open| open.under_way && open.request.is_of_call(request);
        state.open.iter().any(same)
    }

    /// When the request of another process was seen here first: it had been stored by then. Two
    /// requests that were only planned can't be distinguished, so each of them counts as new.
    pub(crate) fn first_seen(&self, request: &UnconfirmedRequest) -> Instant {
        let now = Instant::now();
        let Some(key) = seen_key(request) else {
            return now;
        };
        let mut state = self.lock();
        state.tidy(now);
        *state.seen.entry(key).or_insert(now)
    }
}

impl UnderWay {
    /// The request is about to be sent.
    pub(crate) fn sending(&self, request: &UnconfirmedRequest) {
        self.change(|open| open.request = request.clone());
    }

    /// The call ended, and its outcome is known.
    pub(crate) fn settled(mut self, outcome: &Outcome) {
        self.ended = true;
        let mut state = self.unsettled.lock();
        let place = state
            .open
            .iter()
            .position(|open| open.number == self.number);
        if let Some(place) = place {
            let open = state.open.swap_remove(place);
            state.outcome(&open.request, outcome);
        }
    }

    /// The call ended, and its outcome is unknown.
    pub(crate) fn lost(mut self, request: &UnconfirmedRequest) {
        self.ended = true;
        if request.moves_nothing() {
            return self.forget();
        }
        self.change(|open| {
            open.request = request.clone();
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
            // Without an attempt that has begun, not a byte has left.
            if let Some(here) = open
                .request
                .here
                .0
                .filter(|_| !open.request.moves_nothing())
            {
                open.request.left_between(here.begun, now);
                open.under_way = false;
                left = true;
            }
        });
        if !left {
            self.forget();
        }
    }
}
