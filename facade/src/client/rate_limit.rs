//! Rate limit of a payment's state calls, and coalescing: readers that wait at the same time share
//! a call.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use tokio::time::Instant;

use crate::client::clock::later;
use crate::id::PaymentId;

/// Rate limit: how often the state of one payment is read.
///
/// Barion takes 2 state calls in 5 seconds for one payment and answers 429 beyond that. A
/// [`Client`](crate::Client) and its clones keep to it together: a reader waits, up to 5 seconds,
/// or 10 when Barion does not answer or answers 429. Readers of the same payment that wait at the
/// same time share one call (coalescing), which begins after all of them asked; so no reader gets a
/// state older than its question.
///
/// Other processes are not counted. Where several of them read the same payments, give each its
/// part of the 2 calls.
///
/// ```
/// use std::time::Duration;
/// use barion::RateLimit;
///
/// let half = RateLimit::new(1, Duration::from_secs(5));
/// // For a local Barion, which takes any number of reads:
/// let free = RateLimit::unlimited();
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
#[doc(alias = "rate limit")]
#[doc(alias = "Pace")]
#[doc(alias = "throttle")]
#[doc(alias = "429")]
pub struct RateLimit(Option<Limits>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Limits {
    calls: usize,
    within: Duration,
}

impl Limits {
    fn twice(self) -> Duration {
        self.within.saturating_mul(2)
    }
}

impl RateLimit {
    /// Rate limit of this many calls for one payment within any period of this length; 0 calls
    /// count as 1, and a period of more than thirty years as thirty years.
    pub const fn new(calls: u16, within: Duration) -> Self {
        let calls = if calls == 0 { 1 } else { calls as usize };
        Self(Some(Limits { calls, within }))
    }

    /// No rate limit: every reader makes its own call, at once.
    pub const fn unlimited() -> Self {
        Self(None)
    }

    /// Time between the reads of a caller that waits: uses the limit evenly.
    pub(crate) fn interval(self) -> Duration {
        match self.0 {
            Some(limits) => limits.within / u32::try_from(limits.calls).unwrap_or(u32::MAX),
            None => Duration::from_millis(500),
        }
    }
}

/// Rate limit of Barion itself: 2 calls in 5 seconds.
impl Default for RateLimit {
    fn default() -> Self {
        Self::new(2, Duration::from_secs(5))
    }
}

/// Value that can be handed to several readers.
pub(crate) trait Answer: Clone + Send + Sync + 'static {}

impl<V: Clone + Send + Sync + 'static> Answer for V {}

/// What readers must have in common to share a call: the operation and its time limit.
pub(crate) type Question = (&'static str, Duration);

/// Rate limiter of all payments. Shared by the clones of a client.
pub(crate) struct RateLimiter<V> {
    limit: RateLimit,
    payments: Mutex<Payments<V>>,
}

struct Payments<V> {
    by_payment: HashMap<PaymentId, Reads<V>>,
    /// Idle payments are removed when there are this many.
    prune_at: usize,
    next_number: u64,
}

/// Calls about one payment.
struct Reads<V> {
    calls: Vec<Call>,
    held_until: Option<Instant>,
    /// Calls that have not begun yet: new readers may share them.
    shared: Vec<SharedRead<V>>,
}

struct Call {
    number: u64,
    runs: bool,
    /// Barion counts from the arrival of the call, which lies somewhere between its beginning and
    /// its end.
    counts_until: Instant,
}

struct SharedRead<V> {
    number: u64,
    question: Question,
    call: WeakShared<BoxFuture<'static, V>>,
}

impl<V> Reads<V> {
    fn new() -> Self {
        Self {
            calls: Vec::new(),
            held_until: None,
            shared: Vec::new(),
        }
    }

    fn is_idle(&self, now: Instant) -> bool {
        self.held_until.is_none_or(|until| until <= now)
            && self.calls.iter().all(|call| call.counts_until <= now)
            && self.shared.iter().all(|one| one.call.upgrade().is_none())
    }

    /// Begins a call, or says when it may begin.
    fn begin(&mut self, number: u64, limits: Limits, now: Instant) -> Result<(), Instant> {
        if let Some(until) = self.held_until.filter(|until| *until > now) {
            return Err(until);
        }
        self.held_until = None;
        self.calls.retain(|call| call.counts_until > now);
        if self.calls.len() >= limits.calls {
            let soonest = self.calls.iter().map(|call| {
                // A call that still runs counts at least for the whole period from now on.
                let ended_now = later(now, limits.within);
                if call.runs {
                    call.counts_until.min(ended_now)
                } else {
                    call.counts_until
                }
            });
            return Err(soonest.min().unwrap_or(now));
        }
        // A call without an answer for the whole period has arrived by then, or never will.
        self.calls.push(Call {
            number,
            runs: true,
            counts_until: later(now, limits.twice()),
        });
        // Later readers must not share it.
        self.shared.retain(|one| one.number != number);
        Ok(())
    }

    fn end(&mut self, number: u64, limits: Limits, now: Instant) {
        for call in self.calls.iter_mut().filter(|call| call.number == number) {
            call.runs = false;
            call.counts_until = call.counts_until.min(later(now, limits.within));
        }
    }
}

impl<V> Payments<V> {
    fn of(&mut self, payment: PaymentId, now: Instant) -> &mut Reads<V> {
        if self.by_payment.len() >= self.prune_at && !self.by_payment.contains_key(&payment) {
            self.by_payment.retain(|_, reads| !reads.is_idle(now));
            self.prune_at = FEW.max(2 * self.by_payment.len());
        }
        self.by_payment.entry(payment).or_insert_with(Reads::new)
    }
}

/// Fewer payments than this are never pruned.
const FEW: usize = 64;

impl<V: Answer> RateLimiter<V> {
    pub(crate) fn new(limit: RateLimit) -> Arc<Self> {
        Arc::new(Self {
            limit,
            payments: Mutex::new(Payments {
                by_payment: HashMap::new(),
                prune_at: FEW,
                next_number: 0,
            }),
        })
    }

    pub(crate) fn limit(&self) -> RateLimit {
        self.limit
    }

    /// Makes a call when the limit allows it, or shares the answer to the same question with a
    /// reader that waits too.
    ///
    /// All that share poll the same future: one that is dropped or not polled any more does not
    /// stop the others.
    pub(crate) async fn ask(
        self: &Arc<Self>,
        payment: PaymentId,
        question: Question,
        send: BoxFuture<'static, V>,
    ) -> V {
        let Some(limits) = self.limit.0 else {
            return send.await;
        };
        self.join(payment, question, limits, send).await
    }

    fn join(
        self: &Arc<Self>,
        payment: PaymentId,
        question: Question,
        limits: Limits,
        send: BoxFuture<'static, V>,
    ) -> Shared<BoxFuture<'static, V>> {
        let mut payments = self.lock();
        let number = payments.next_number;
        payments.next_number += 1;
        let reads = payments.of(payment, Instant::now());
        let mut same = reads.shared.iter().filter(|one| one.question == question);
        if let Some(call) = same.find_map(|one| one.call.upgrade()) {
            return call;
        }
        reads.shared.retain(|one| one.question != question);
        let limiter = Arc::clone(self);
        let call = async move {
            let _permit = limiter.permit(payment, number, limits).await;
            send.await
        };
        let call = call.boxed().shared();
        if let Some(weak) = call.downgrade() {
            reads.shared.push(SharedRead {
                number,
                question,
                call: weak,
            });
        }
        call
    }

    /// Holds all reads of this payment for a while, because Barion answered 429. The hold is short:
    /// readers would rather get the error than wait for hours.
    pub(crate) fn hold(&self, payment: PaymentId, time: Duration) {
        let Some(limits) = self.limit.0 else {
            return;
        };
        let now = Instant::now();
        let mut payments = self.lock();
        let reads = payments.of(payment, now);
        let until = later(now, time.min(limits.twice()));
        reads.held_until = reads.held_until.max(Some(until));
    }

    async fn permit(
        self: &Arc<Self>,
        payment: PaymentId,
        number: u64,
        limits: Limits,
    ) -> Permit<V> {
        loop {
            let again = {
                let now = Instant::now();
                let mut payments = self.lock();
                match payments.of(payment, now).begin(number, limits, now) {
                    Ok(()) => {
                        return Permit {
                            limiter: Arc::clone(self),
                            payment,
                            number,
                            limits,
                        };
                    }
                    Err(again) => again,
                }
            };
            tokio::time::sleep_until(again).await;
        }
    }

    /// The lock is never released in the middle of a change.
    fn lock(&self) -> MutexGuard<'_, Payments<V>> {
        self.payments.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Permit of a call that runs; the call ends when it is dropped.
struct Permit<V: Answer> {
    limiter: Arc<RateLimiter<V>>,
    payment: PaymentId,
    number: u64,
    limits: Limits,
}

impl<V: Answer> Drop for Permit<V> {
    fn drop(&mut self) {
        let now = Instant::now();
        if let Some(reads) = self.limiter.lock().by_payment.get_mut(&self.payment) {
            reads.end(self.number, self.limits, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use futures_util::FutureExt;
    use futures_util::future::join_all;
    use tokio::time::{Instant, sleep};

    use super::{FEW, Question, RateLimit, RateLimiter};
    use crate::id::PaymentId;

    const SECOND: Duration = Duration::from_secs(1);
    const V4: Question = ("get_payment_state_v4", Duration::from_secs(35));
    const V2: Question = ("get_payment_state_v2", Duration::from_secs(35));

    fn payment(number: usize) -> PaymentId {
        format!("{number:032x}").parse().unwrap()
    }

    /// A fake Barion that answers with the time at which a call began, and keeps those times.
    #[derive(Clone)]
    struct Calls {
        limiter: Arc<RateLimiter<Instant>>,
        began: Arc<Mutex<Vec<Instant>>>,
        takes: Duration,
    }

    impl Calls {
        fn new(limit: RateLimit, takes: Duration) -> Self {
            Self {
                limiter: RateLimiter::new(limit),
                began: Arc::default(),
                takes,
            }
        }

        async fn ask(&self, id: PaymentId, question: Question) -> Instant {
            let (began, takes) = (Arc::clone(&self.began), self.takes);
            let call = async move {
                let now = Instant::now();
                began.lock().unwrap().push(now);
                sleep(takes).await;
                now
            };
            self.limiter.ask(id, question, call.boxed()).await
        }

        /// When the calls began, in seconds since then.
        fn seconds(&self, since: Instant) -> Vec<f64> {
            let began = self.began.lock().unwrap();
            let seconds = |at: &Instant| (at.duration_since(since).as_secs_f64() * 10.0).round();
            began.iter().map(|at| seconds(at) / 10.0).collect()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn fifty_readers_make_three_calls() {
        let calls = Calls::new(RateLimit::default(), SECOND / 10);
        let start = Instant::now();
        let answers = join_all((0..50).map(|_| calls.ask(payment(1), V4))).await;
        assert_eq!(calls.seconds(start), [0.0, 0.0, 5.1]);
        let shared = answers
            .iter()
            .filter(|at| at.duration_since(start) > SECOND);
        assert_eq!(shared.count(), 48);
    }

    /// A reader that asks while a call runs waits for the next one: the running one may have read
    /// an older state.
    #[tokio::test(start_paused = true)]
    async fn nobody_gets_an_answer_from_before_the_question() {
        let calls = Calls::new(RateLimit::default(), 2 * SECOND);
        let readers = (0..120u32).map(|number| {
            let calls = calls.clone();
            async move {
                sleep(number * SECOND / 7).await;
                let asked = Instant::now();
                assert!(calls.ask(payment(1), V4).await >= asked, "reader {number}");
            }
        });
        let start = Instant::now();
        join_all(readers).await;
        let began = calls.seconds(start);
        assert!(began.len() < 12, "{began:?}");
        for three in began.windows(3) {
            // The third begins when the first has been over for 5 seconds.
            assert!(three[2] - three[0] >= 6.9, "{began:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn dropped_readers_block_nobody() {
        let calls = Calls::new(RateLimit::new(1, 5 * SECOND), SECOND);
        let start = Instant::now();
        // In the middle of the call, and while waiting for it.
        for patience in [SECOND / 2, SECOND / 2, SECOND / 2] {
            let given_up = tokio::time::timeout(patience, calls.ask(payment(1), V4)).await;
            assert!(given_up.is_err());
        }
        calls.ask(payment(1), V4).await;
        assert_eq!(calls.seconds(start), [0.0, 5.5]);
    }

    #[tokio::test(start_paused = true)]
    async fn another_reader_takes_over_in_the_middle_of_a_call() {
        let calls = Calls::new(RateLimit::new(1, 5 * SECOND), SECOND);
        let start = Instant::now();
        calls.ask(payment(1), V4).await;
        // The second call runs from 6 to 7 seconds, and the reader who asked for it leaves at 6.5.
        let impatient = tokio::time::timeout(5 * SECOND + SECOND / 2, calls.ask(payment(1), V4));
        let patient = async {
            sleep(SECOND).await;
            calls.ask(payment(1), V4).await
        };
        let (gone, answer) = tokio::join!(impatient, patient);
        assert!(gone.is_err());
        assert_eq!(answer.duration_since(start).as_secs(), 6);
        assert_eq!(calls.seconds(start), [0.0, 6.0]);
    }

    /// A reader that is neither polled nor dropped must not stop those who share its call.
    #[tokio::test(start_paused = true)]
    async fn a_reader_that_is_not_polled_blocks_nobody() {
        let calls = Calls::new(RateLimit::new(1, 5 * SECOND), SECOND);
        calls.ask(payment(1), V4).await;
        let mut idle = Box::pin(calls.ask(payment(1), V4));
        assert!(
            idle.as_mut().now_or_never().is_none(),
            "it waits for its turn"
        );
        let shared = calls.ask(payment(1), V4).await;
        assert_eq!(idle.await, shared);
    }

    #[tokio::test(start_paused = true)]
    async fn versions_share_the_turns_but_not_the_answers_and_payments_nothing() {
        let calls = Calls::new(RateLimit::new(1, 5 * SECOND), SECOND);
        let start = Instant::now();
        let readers = [(1, V4), (1, V2), (1, V4), (1, V2), (2, V4)];
        join_all(readers.map(|(number, question)| calls.ask(payment(number), question))).await;
        let mut began = calls.seconds(start);
        began.sort_by(f64::total_cmp);
        assert_eq!(began, [0.0, 0.0, 6.0, 12.0]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_without_an_answer_holds_others_up_for_a_while_only() {
        let calls = Calls::new(RateLimit::new(1, 5 * SECOND), 60 * SECOND);
        let start = Instant::now();
        join_all((0..2).map(|_| calls.ask(payment(1), V4))).await;
        assert_eq!(calls.seconds(start), [0.0, 10.0]);
    }

    #[tokio::test(start_paused = true)]
    async fn it_can_be_held_and_switched_off() {
        let calls = Calls::new(RateLimit::default(), SECOND);
        let start = Instant::now();
        calls.limiter.hold(payment(1), 8 * SECOND);
        calls.limiter.hold(payment(1), SECOND);
        calls.limiter.hold(payment(2), 3_600 * SECOND);
        tokio::join!(calls.ask(payment(1), V4), calls.ask(payment(2), V4));
        assert_eq!(calls.seconds(start), [8.0, 10.0]);

        let calls = Calls::new(RateLimit::unlimited(), SECOND);
        let start = Instant::now();
        calls.limiter.hold(payment(1), 20 * SECOND);
        join_all((0..50).map(|_| calls.ask(payment(1), V4))).await;
        assert_eq!(calls.seconds(start), vec![0.0; 50]);
    }

    #[tokio::test(start_paused = true)]
    async fn memory_is_bounded() {
        let calls = Calls::new(RateLimit::default(), Duration::ZERO);
        let largest = AtomicUsize::new(0);
        for number in 0..10_000 {
            calls.ask(payment(number), V4).await;
            // 20 payments in the 5 seconds that each of them is remembered.
            sleep(SECOND / 4).await;
            let size = calls.limiter.lock().by_payment.len();
            largest.fetch_max(size, Ordering::Relaxed);
        }
        assert!(largest.into_inner() <= FEW);
    }

    /// With any arguments readers wait or get their answer, and nothing panics.
    #[tokio::test(start_paused = true)]
    async fn no_arguments_are_too_great() {
        for within in [Duration::ZERO, SECOND, Duration::MAX / 2, Duration::MAX] {
            for number in [0, 1, 2, u16::MAX] {
                let limit = RateLimit::new(number, within);
                assert!(limit.interval() <= within);
                let calls = Calls::new(limit, SECOND);
                calls.ask(payment(1), V4).await;
                calls.limiter.hold(payment(1), Duration::MAX);
                calls.limiter.hold(payment(2), within);
                let held = tokio::time::timeout(100 * SECOND, calls.ask(payment(1), V4)).await;
                assert_eq!(held.is_ok(), within <= SECOND, "{number} in {within:?}");
                drop(calls);
            }
        }
    }
}
