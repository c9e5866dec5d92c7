//! Guard against doing the same thing twice: the calls of this process of which it is not known yet what came of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::attempt::{Attempt, What};
use crate::error::{Delivery, Error, ErrorKind};
use crate::id::{PaymentId, TransactionId};

/// How long it is remembered what was settled. A refund that was built before then and is sent after it is not noticed.
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
    /// The refunds that were made of a payment.
    made: HashMap<PaymentId, (Vec<TransactionId>, Instant)>,
    /// Payments that are known to be the outcome of a charge of this process.
    charged: HashMap<PaymentId, Instant>,
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

/// A call under way. When it is dropped without having been told how the call ended, nobody knows what came of it.
#[derive(Debug)]
pub(crate) struct UnderWay {
    unsettled: Arc<Unsettled>,
    number: u64,
    ended: bool,
}

impl State {
    fn tidy(&mut self, now: Instant) {
        let size = self.made.len() + self.charged.len() + self.seen.len();
        if size < self.tidy_at.max(FEW) {
            return;
        }
        let young = |at: &Instant| now.duration_since(*at) < REMEMBERED;
        self.made.retain(|_, (_, at)| young(at));
        self.charged.retain(|_, at| young(at));
        self.seen.retain(|_, at| young(at));
        self.tidy_at = 2 * (self.made.len() + self.charged.len() + self.seen.len());
    }

    /// What stands in the way of an attempt.
    fn conflict(&self, attempt: &Attempt) -> Option<Error> {
        if let Some(open) = self
            .open
            .iter()
            .find(|open| conflict(&open.attempt, attempt))
        {
            let error = if open.under_way {
                refused(
                    "not sent: another call for the same is under way; wait for its answer, then read the payment's \
                     state and decide again",
                )
            } else {
                refused(
                    "not sent: nobody knows yet what came of an earlier call for the same; reconcile that attempt \
                     first, or say Client::settled when a person has found it out",
                )
                .with_attempt(open.attempt.clone())
            };
            return Some(error.with_payment_id(attempt.payment_id()));
        }
        if let What::Refund {
            payment_id,
            before: Some(before),
            ..
        } = &attempt.what
            && let Some((made, _)) = self.made.get(payment_id)
            && made.iter().any(|id| !before.movements.contains(id))
        {
            let error = refused(
                "not sent: the payment was refunded since its state was read, and this refund does not know of it; \
                 read the state again and decide again",
            );
            return Some(error.with_payment_id(Some(*payment_id)));
        }
        None
    }
}

fn refused(message: &str) -> Error {
    Error::new(ErrorKind::Unsettled, Delivery::NotSent, message)
}

/// Whether two attempts may do the same thing twice. Barion itself refuses to finish, capture, cancel or complete twice.
fn conflict(one: &Attempt, other: &Attempt) -> bool {
    match (&one.what, &other.what) {
        (
            What::Refund {
                payment_id: one, ..
            },
            What::Refund {
                payment_id: other, ..
            },
        ) => one == other,
        (
            What::Charge {
                payment_request_id: one,
                ..
            },
            What::Charge {
                payment_request_id: other,
                ..
            },
        ) => one == other,
        _ => false,
    }
}

fn seen_key(attempt: &Attempt) -> String {
    let sent = attempt.sent.as_ref().map(|sent| sent.at.as_str());
    format!("{} {}", attempt.key(), sent.unwrap_or_default())
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
            return Err(conflict);
        }
        let number = state.next;
        state.next += 1;
        state.open.push(Open {
            number,
            attempt: attempt.clone(),
            under_way: true,
        });
        Ok(UnderWay {
            unsettled: Arc::clone(self),
            number,
            ended: false,
        })
    }

    /// Nobody knows what came of an attempt that was stored: it stands in the way of others from now on.
    pub(crate) fn adopt(&self, attempt: &Attempt) {
        let mut state = self.lock();
        let is_known = |open: &Open| open.attempt.is_same_request(attempt);
        if !attempt.is_sent() || state.open.iter().any(is_known) {
            return;
        }
        let number = state.next;
        state.next += 1;
        state.open.push(Open {
            number,
            attempt: attempt.clone(),
            under_way: false,
        });
    }

    /// It is known what came of an attempt.
    pub(crate) fn settle(&self, attempt: &Attempt) {
        let mut state = self.lock();
        state
            .open
            .retain(|open| open.under_way || !open.attempt.is_same_request(attempt));
        let key = seen_key(attempt);
        state.seen.remove(&key);
    }

    /// These refunds of a payment were made.
    pub(crate) fn refunded(
        &self,
        payment: PaymentId,
        refunds: impl IntoIterator<Item = TransactionId>,
    ) {
        let mut state = self.lock();
        let now = Instant::now();
        let (made, at) = state
            .made
            .entry(payment)
            .or_insert_with(|| (Vec::new(), now));
        *at = now;
        made.extend(refunds);
    }

    /// This payment is the outcome of a charge whose answer has arrived.
    pub(crate) fn charged(&self, payment: PaymentId) {
        self.lock().charged.insert(payment, Instant::now());
    }

    /// Whether a payment is the outcome of another charge.
    pub(crate) fn is_charged(&self, payment: PaymentId) -> bool {
        self.lock().charged.contains_key(&payment)
    }

    /// The same attempt, with what this process knows of it.
    pub(crate) fn known(&self, attempt: &Attempt) -> Attempt {
        let state = self.lock();
        let same = |open: &&Open| open.attempt.is_same_request(attempt);
        let mut known = attempt.clone();
        if let (None, Some(open)) = (attempt.here.0, state.open.iter().find(same)) {
            known.here = open.attempt.here;
        }
        known
    }

    /// Whether a call for the same is under way in this process.
    pub(crate) fn is_under_way(&self, attempt: &Attempt) -> bool {
        let state = self.lock();
        let same = |open: &Open| open.under_way && open.attempt.is_same_request(attempt);
        state.open.iter().any(same)
    }

    /// When somebody else's attempt was seen here first: it had been stored by then. Two that were only planned can't be
    /// told from each other, so each of them is seen anew.
    pub(crate) fn first_seen(&self, attempt: &Attempt) -> Instant {
        let now = Instant::now();
        if attempt.sent.is_none() {
            return now;
        }
        let mut state = self.lock();
        state.tidy(now);
        *state.seen.entry(seen_key(attempt)).or_insert(now)
    }
}

impl UnderWay {
    /// The attempt is about to be sent.
    pub(crate) fn sending(&self, attempt: &Attempt) {
        self.change(|open| open.attempt = attempt.clone());
    }

    /// The call ended, and it is known how.
    pub(crate) fn settled(mut self) {
        self.ended = true;
        let mut state = self.unsettled.lock();
        state.open.retain(|open| open.number != self.number);
    }

    /// The call ended, and nobody knows how.
    pub(crate) fn lost(mut self, attempt: &Attempt) {
        self.ended = true;
        self.change(|open| {
            open.attempt = attempt.clone();
            open.under_way = false;
        });
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
        self.change(|open| {
            let begun = open.attempt.here.0.map_or(now, |here| here.begun);
            open.attempt.left_between(begun, now);
            open.under_way = false;
        });
    }
}
