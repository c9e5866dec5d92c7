//! Polling of a payment's state until a condition is met.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use barion_generated::enums::PaymentStatus;
use tokio::time::Instant;

use super::Client;
use crate::client::rate_limit::RateLimit;
use crate::client::retry::may_be_repeated;
use crate::error::Error;
use crate::id::PaymentId;
use crate::operation::Operation;
use crate::operation::state::GetPaymentState;
use crate::payment::Payment;

/// Longest pause between two reads, where the rate limit allows it.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Condition to wait for, for [`Client::wait_for`](crate::Client::wait_for).
///
/// Waiting also ends when the payment is [final](Payment::is_final): its status won't change any
/// more.
#[derive(Clone)]
#[non_exhaustive]
#[doc(alias = "Until")]
pub enum WaitCondition {
    /// Final status: `Succeeded`, `Canceled`, `Failed` or `Expired`.
    Final,
    /// The payer has paid or given up: a final status, or the money [waits for the
    /// shop](Payment::awaits_shop) (`Reserved`, `Authorized`, `PartiallySucceeded`).
    PayerDone,
    /// This status.
    Status(PaymentStatus),
    /// Any condition, see [`WaitCondition::matches`].
    Matches(Arc<dyn Fn(&Payment) -> bool + Send + Sync>),
}

impl WaitCondition {
    /// Any condition on the payment's state, such as that it has a certain refund. The function is
    /// called once for each state that is read.
    ///
    /// ```
    /// use barion::WaitCondition;
    /// let scored = WaitCondition::matches(|payment| payment.fraud_risk_score.is_some());
    /// ```
    pub fn matches(look: impl Fn(&Payment) -> bool + Send + Sync + 'static) -> Self {
        Self::Matches(Arc::new(look))
    }

    fn is_met_by(&self, payment: &Payment) -> bool {
        match self {
            Self::Final => payment.is_final(),
            Self::PayerDone => payment.is_final() || payment.awaits_shop(),
            Self::Status(status) => payment.status == *status,
            Self::Matches(look) => look(payment),
        }
    }
}

impl From<PaymentStatus> for WaitCondition {
    fn from(status: PaymentStatus) -> Self {
        Self::Status(status)
    }
}

impl fmt::Debug for WaitCondition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Final => f.write_str("Final"),
            Self::PayerDone => f.write_str("PayerDone"),
            Self::Status(status) => f.debug_tuple("Status").field(status).finish(),
            Self::Matches(_) => f.write_str("Matches(..)"),
        }
    }
}

/// Outcome of waiting for a payment.
#[derive(Debug, Clone)]
#[must_use]
#[doc(alias = "Waited")]
pub enum WaitOutcome {
    /// The condition is met.
    Reached(Payment),
    /// The condition is not met, and the payment is final: it won't be met any more.
    Ended(Payment),
    /// The time is over, and nothing is decided: the condition may still be met.
    OutOfTime {
        /// The last state that was read; `None` when none could be read in time.
        last: Option<Payment>,
        /// Error of the last read, if it failed.
        error: Option<Error>,
    },
}

impl WaitOutcome {
    /// The last state that was read, for any outcome.
    #[must_use]
    pub fn payment(&self) -> Option<&Payment> {
        match self {
            Self::Reached(payment) | Self::Ended(payment) => Some(payment),
            Self::OutOfTime { last, .. } => last.as_ref(),
        }
    }

    /// The payment, if the condition is met.
    #[must_use]
    pub fn reached(self) -> Option<Payment> {
        match self {
            Self::Reached(payment) => Some(payment),
            Self::Ended(_) | Self::OutOfTime { .. } => None,
        }
    }
}

impl Client {
    /// Polls a payment's state until a condition is met, the payment is final, or `budget` is
    /// spent.
    ///
    /// For the page that the payer comes back to, while the callback may not have arrived yet. It
    /// does not replace the callback: Barion also limits, by a rule that it does not disclose, how
    /// long a payment may be polled.
    ///
    /// The state is read at once, then after 2.5 seconds, then in growing pauses up to 5 seconds,
    /// and within the [`RateLimit`](crate::RateLimit). A read that fails transiently is repeated.
    /// The budget is a hard limit: nothing goes on after it.
    ///
    /// ```
    /// use std::time::Duration;
    /// use barion::{WaitCondition, WaitOutcome};
    ///
    /// # barion_tests::example(async |shop| {
    /// # let (barion, id) = (shop.client()?, shop.paid().await?);
    /// match barion.wait_for(id, WaitCondition::PayerDone, Duration::from_secs(20)).await? {
    ///     WaitOutcome::Reached(payment) => println!("done: {}", payment.status),
    ///     WaitOutcome::Ended(payment) => println!("it ended as {}", payment.status),
    /// WaitOutcome::OutOfTime { last, .. } => println!("we'll send an e-mail; last seen:
    /// {last:?}"),
    /// }
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// Only errors that waiting can't fix: see [`payment_state`](Self::payment_state). A spent
    /// budget is no error, see [`WaitOutcome::OutOfTime`].
    #[doc(alias = "polling")]
    pub async fn wait_for(
        &self,
        id: PaymentId,
        until: impl Into<WaitCondition>,
        budget: Duration,
    ) -> Result<WaitOutcome, Error> {
        let limit = self.inner.rate_limiter.limit();
        let until = until.into();
        wait(&until, budget, limit, GetPaymentState::ID, || {
            self.payment_state(id)
        })
        .await
    }
}

/// Reads until the condition is met, the status is final, or no time is left. `operation` is the id
/// of the operation that `look` calls.
pub(crate) async fn wait<L: Future<Output = Result<Payment, Error>>>(
    until: &WaitCondition,
    budget: Duration,
    limit: RateLimit,
    operation: &str,
    look: impl Fn() -> L,
) -> Result<WaitOutcome, Error> {
    let deadline = Instant::now().checked_add(budget);
    let first = limit.interval();
    let mut pauses = ExponentialBuilder::new()
        .with_factor(1.5)
        .with_min_delay(first)
        .with_max_delay(first.max(LONGEST_PAUSE))
        .without_max_times()
        .build();
    let (mut last, mut error) = (None, None);
    loop {
        let Some(outcome) = before(deadline, look()).await else {
            return Ok(WaitOutcome::OutOfTime { last, error });
        };
        match outcome {
            Ok(payment) if until.is_met_by(&payment) => return Ok(WaitOutcome::Reached(payment)),
            Ok(payment) if payment.is_final() => return Ok(WaitOutcome::Ended(payment)),
            Ok(payment) => (last, error) = (Some(payment), None),
            Err(failed) if may_be_repeated(operation, &failed) => error = Some(failed),
            Err(failed) => return Err(failed),
        }
        let pause = pauses.next().unwrap_or(LONGEST_PAUSE);
        if before(deadline, tokio::time::sleep(pause)).await.is_none() {
            return Ok(WaitOutcome::OutOfTime { last, error });
        }
    }
}

/// `None` when the time is over first; a deadline too far to be represented is never over.
async fn before<T>(deadline: Option<Instant>, future: impl Future<Output = T>) -> Option<T> {
    match deadline {
        Some(deadline) => tokio::time::timeout_at(deadline, future).await.ok(),
        None => Some(future.await),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::time::Duration;

    use barion_generated::enums::PaymentStatus as Status;
    use barion_generated::types::PaymentStateV4Response;
    use tokio::time::{Instant, sleep};

    use super::{WaitCondition, WaitOutcome, wait};
    use crate::client::rate_limit::RateLimit;
    use crate::error::{Delivery, Error, ErrorKind};
    use crate::payment::Payment;

    const SECOND: Duration = Duration::from_secs(1);
    const MINUTE: Duration = Duration::from_secs(60);

    fn payment(status: Status) -> Payment {
        Payment::from_wire(PaymentStateV4Response {
            payment_id: "0c7e5b1f3a994d0e8f6255d0a1b2c3d4".parse().ok(),
            status: Some(status),
            ..PaymentStateV4Response::default()
        })
        .unwrap()
    }

    fn failed(kind: ErrorKind, status: Option<u16>) -> Error {
        let error = Error::new(kind, Delivery::Unknown, "no");
        match status {
            Some(status) => error.with_head(status, None, None),
            None => error,
        }
    }

    /// Waits with reads that have these results, the last of them for ever; with their times, in
    /// seconds.
    async fn waited(
        until: impl Into<WaitCondition>,
        budget: Duration,
        looks: Vec<Result<Status, Error>>,
    ) -> (Result<WaitOutcome, Error>, Vec<u64>) {
        let start = Instant::now();
        let times = RefCell::new(Vec::new());
        let look = || async {
            let number = times.borrow().len().min(looks.len() - 1);
            times.borrow_mut().push(start.elapsed().as_secs());
            sleep(SECOND / 10).await;
            looks[number].clone().map(payment)
        };
        let read = "get_payment_state_v4";
        let outcome = wait(&until.into(), budget, RateLimit::default(), read, look).await;
        (outcome, times.into_inner())
    }

    #[tokio::test(start_paused = true)]
    async fn it_ends_with_what_is_waited_for() {
        for (until, ends) in [
            (WaitCondition::Final, Status::Expired),
            (WaitCondition::PayerDone, Status::Reserved),
            (WaitCondition::PayerDone, Status::Authorized),
            (WaitCondition::PayerDone, Status::Succeeded),
            (WaitCondition::Status(Status::Reserved), Status::Reserved),
            (
                WaitCondition::matches(|it| it.status == Status::Waiting),
                Status::Waiting,
            ),
        ] {
            let looks = vec![
                Ok(Status::Prepared),
                Ok(Status::Started),
                Ok(ends.clone()),
                Ok(Status::Failed),
            ];
            let (outcome, times) = waited(until.clone(), MINUTE, looks).await;
            assert_eq!(
                outcome.unwrap().reached().unwrap().status,
                ends,
                "{until:?}"
            );
            assert_eq!(times.len(), 3);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_final_state_ends_it_otherwise() {
        for ends in [Status::Canceled, Status::Failed, Status::Expired] {
            let (outcome, _) = waited(
                Status::Succeeded,
                MINUTE,
                vec![Ok(Status::Started), Ok(ends.clone())],
            )
            .await;
            let outcome = outcome.unwrap();
            assert!(matches!(&outcome, WaitOutcome::Ended(payment) if payment.status == ends));
            assert_eq!(outcome.payment().unwrap().status, ends);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn out_of_time_tells_what_was_seen_last() {
        for open in [
            Status::PartiallySucceeded,
            Status::Reserved,
            Status::InProgress,
        ] {
            let start = Instant::now();
            let (outcome, times) =
                waited(WaitCondition::Final, MINUTE, vec![Ok(open.clone())]).await;
            assert_eq!(start.elapsed(), MINUTE);
            // Never faster than the rate limit, and not slower than every 5 seconds.
            assert_eq!(times[..4], [0, 2, 6, 11]);
            assert!(*times.last().unwrap() >= 54, "{times:?}");
            let Ok(WaitOutcome::OutOfTime {
                last: Some(last),
                error: None,
            }) = outcome
            else {
                panic!("{outcome:?}");
            };
            assert_eq!(last.status, open);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_in_passing_is_waited_out_and_told_at_the_end() {
        let lost = || Err(failed(ErrorKind::Interrupted, None));
        let looks = vec![
            Ok(Status::Started),
            lost(),
            Err(failed(ErrorKind::Http, Some(429))),
            Ok(Status::Succeeded),
        ];
        let (outcome, _) = waited(WaitCondition::Final, MINUTE, looks).await;
        assert!(matches!(outcome, Ok(WaitOutcome::Reached(_))));

        let (outcome, _) = waited(
            WaitCondition::Final,
            MINUTE,
            vec![Ok(Status::Started), lost()],
        )
        .await;
        let Ok(WaitOutcome::OutOfTime {
            last: Some(seen),
            error: Some(error),
        }) = outcome
        else {
            panic!("{outcome:?}");
        };
        assert_eq!(
            (seen.status, error.kind()),
            (Status::Started, ErrorKind::Interrupted)
        );

        let (outcome, times) = waited(
            WaitCondition::Final,
            MINUTE,
            vec![Err(failed(ErrorKind::Api, Some(401)))],
        )
        .await;
        assert_eq!(outcome.unwrap_err().status(), Some(401));
        assert_eq!(times.len(), 1, "what Barion refuses is not asked again");
    }

    /// A read that hangs does not outlive the budget, and an endless budget is no limit.
    #[tokio::test(start_paused = true)]
    async fn the_budget_is_the_whole() {
        let start = Instant::now();
        let hangs = || async { std::future::pending().await };
        let read = "get_payment_state_v4";
        let outcome = wait(
            &WaitCondition::Final,
            7 * SECOND,
            RateLimit::default(),
            read,
            hangs,
        )
        .await;
        assert!(matches!(
            outcome,
            Ok(WaitOutcome::OutOfTime {
                last: None,
                error: None
            })
        ));
        assert_eq!(start.elapsed(), 7 * SECOND);
        let (outcome, _) = waited(
            WaitCondition::Final,
            Duration::MAX,
            vec![Ok(Status::Started), Ok(Status::Failed)],
        )
        .await;
        assert!(matches!(outcome, Ok(WaitOutcome::Reached(_))));
    }
}
