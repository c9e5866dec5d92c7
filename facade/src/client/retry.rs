//! Retry policy, backoff, and which calls may be sent again without harm.

use std::time::{Duration, SystemTime};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use barion_generated::tables::Operation;
use tokio::time::Instant;

use super::telemetry;
use crate::error::{Delivery, Error, ErrorKind};

/// Backoff after a 429 without `Retry-After`: the period over which Barion counts calls.
pub(crate) const AFTER_TOO_MANY: Duration = Duration::from_secs(5);

/// Retry policy: when a call that failed is sent again, and how often.
///
/// **Reads** are sent again when there was no connection or no answer, when the connection broke,
/// after 429, 408 and 5xx, and when the answer can't be read (a captcha page, an empty or truncated
/// body).
///
/// **All other calls** are sent again only if it is certain that nothing left this machine, which
/// is [`ErrorKind::Connection`] with [`Delivery::NotSent`]. A refund whose answer got lost is never
/// sent again, whatever the policy: Barion would make both.
///
/// What Barion refused with an error of its own is not sent again either; the answer would be the
/// same.
///
/// The backoff before each further attempt doubles, gets a random part (jitter) of up to its own
/// length on top, and is never shorter than the `Retry-After` of the answer (after a 429 without
/// it: 5 seconds). When the next attempt could not begin in time, the error of the last one is
/// returned at once.
///
/// ```
/// use std::time::Duration;
/// use barion::RetryPolicy;
///
/// let patient = RetryPolicy::default().max_attempts(6).max_elapsed(Duration::from_secs(300));
/// let once = RetryPolicy::disabled();
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
#[doc(alias = "backoff")]
pub struct RetryPolicy {
    max_attempts: u32,
    initial_backoff: Duration,
    max_backoff: Duration,
    max_elapsed: Duration,
}

impl RetryPolicy {
    /// No retries: every call is sent once.
    #[doc(alias = "never")]
    pub const fn disabled() -> Self {
        Self {
            max_attempts: 1,
            initial_backoff: Duration::from_millis(500),
            max_backoff: Duration::from_secs(8),
            max_elapsed: Duration::from_secs(60),
        }
    }

    /// Maximum number of attempts of a call, the first one included; 0 counts as 1. Default: 3.
    #[doc(alias = "attempts")]
    pub const fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// Initial backoff: the pause before the second attempt, without its random part. Default: half
    /// a second.
    #[doc(alias = "first_pause")]
    pub const fn initial_backoff(mut self, pause: Duration) -> Self {
        self.initial_backoff = pause;
        self
    }

    /// Maximum backoff: what the pauses grow to, without their random part. Default: 8 seconds.
    #[doc(alias = "longest_pause")]
    pub const fn max_backoff(mut self, pause: Duration) -> Self {
        self.max_backoff = pause;
        self
    }

    /// Maximum elapsed time: no further attempt begins later than this after the first one. An
    /// attempt that has begun is not cut short by it. Default: 60 seconds.
    #[doc(alias = "within")]
    pub const fn max_elapsed(mut self, time: Duration) -> Self {
        self.max_elapsed = time;
        self
    }

    /// How long after the first attempt the last one may begin.
    pub(crate) fn latest_attempt(&self) -> Duration {
        if self.max_attempts > 1 {
            self.max_elapsed
        } else {
            Duration::ZERO
        }
    }

    fn backoff(&self) -> ExponentialBackoff {
        let further = usize::try_from(self.max_attempts.saturating_sub(1)).unwrap_or(usize::MAX);
        ExponentialBuilder::new()
            .with_jitter()
            .with_factor(2.0)
            .with_min_delay(self.initial_backoff)
            .with_max_delay(self.max_backoff)
            .with_max_times(further)
            .build()
    }
}

/// Retry policy of 3 attempts within 60 seconds, with a backoff from half a second up to 8 seconds.
impl Default for RetryPolicy {
    fn default() -> Self {
        Self::disabled().max_attempts(3)
    }
}

/// Attempts of one call.
pub(crate) struct Attempts {
    operation: &'static str,
    policy: RetryPolicy,
    pauses: ExponentialBackoff,
    began: Instant,
    made: u32,
}

impl Attempts {
    pub(crate) fn new(operation: &'static str, policy: RetryPolicy) -> Self {
        Self {
            operation,
            policy,
            pauses: policy.backoff(),
            began: Instant::now(),
            made: 0,
        }
    }

    /// Number of the next attempt, counted from 1.
    pub(crate) fn number(&self) -> u32 {
        self.made.saturating_add(1)
    }

    /// Takes the error of an attempt: returns when it is time for the next one, or gives the error
    /// back if there must be none.
    pub(crate) async fn after(&mut self, error: Error) -> Result<(), Error> {
        self.made = self.number();
        let pause = if may_be_repeated(self.operation, &error) {
            self.pauses.next().map(|pause| pause_after(&error, pause))
        } else {
            None
        };
        match pause {
            Some(pause)
                if self.began.elapsed().saturating_add(pause) <= self.policy.max_elapsed =>
            {
                telemetry::again(self.operation, self.made, pause);
                tokio::time::sleep(pause).await;
                // The call may not have been polled for long; the maximum elapsed time is over
                // then.
                if self.began.elapsed() > self.policy.max_elapsed {
                    return Err(error.with_attempts(self.made));
                }
                Ok(())
            }
            _ => Err(error.with_attempts(self.made)),
        }
    }
}

/// Backoff after this error.
fn pause_after(error: &Error, pause: Duration) -> Duration {
    match (error.retry_after(), error.status()) {
        (Some(asked), _) => pause.max(asked),
        (None, Some(429)) => pause.max(AFTER_TOO_MANY),
        (None, _) => pause,
    }
}

/// Whether the same call may be sent again after this error.
pub(crate) fn may_be_repeated(operation: &str, error: &Error) -> bool {
    // A GET changes nothing, unless the table says that it does. Whether a POST does is not left to
    // a table.
    let reads = Operation::by_id(operation)
        .is_some_and(|operation| operation.method == "GET" && !operation.moves_money);
    if !reads {
        return error.kind() == ErrorKind::Connection && error.delivery() == Delivery::NotSent;
    }
    match error.kind() {
        ErrorKind::Connection
        | ErrorKind::Timeout
        | ErrorKind::Interrupted
        | ErrorKind::OtherPayment
        | ErrorKind::UnreadableAnswer => true,
        ErrorKind::Http | ErrorKind::Api => {
            matches!(error.status(), Some(408 | 429 | 500..))
        }
        ErrorKind::Validation
        | ErrorKind::Configuration
        | ErrorKind::Redirected
        | ErrorKind::Contradiction
        | ErrorKind::Unsettled
        | ErrorKind::Unrecorded => false,
    }
}

/// Pause that a `Retry-After` asks for: seconds, or a date.
pub(crate) fn asked_pause(text: &str, now: SystemTime) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    // A date in the past asks for no pause.
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use tokio::time::Instant;

    use super::{Attempts, RetryPolicy, asked_pause, may_be_repeated};
    use crate::error::{Delivery, Error, ErrorKind};

    const READ: &str = "get_payment_state_v4";
    const SECOND: Duration = Duration::from_secs(1);

    fn http(status: u16, retry_after: Option<Duration>) -> Error {
        Error::new(ErrorKind::Http, Delivery::Unknown, "no").with_head(status, None, retry_after)
    }

    /// The attempts of an operation that always fails with this error: their times, counted from
    /// the start, and the last error.
    async fn tries(
        policy: RetryPolicy,
        operation: &'static str,
        error: &Error,
    ) -> (Vec<Duration>, Error) {
        let began = Instant::now();
        let mut times = Vec::new();
        let mut tries = Attempts::new(operation, policy);
        loop {
            times.push(began.elapsed());
            if let Err(error) = tries.after(error.clone()).await {
                return (times, error);
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_with_jitter_and_end() {
        let policy = RetryPolicy::default()
            .max_attempts(5)
            .initial_backoff(SECOND)
            .max_backoff(4 * SECOND);
        let (times, error) = tries(policy, READ, &http(503, None)).await;
        assert_eq!((times.len(), error.attempts()), (5, 5));
        let pauses: Vec<Duration> = times
            .windows(2)
            .map(|pair| pair[1].saturating_sub(pair[0]))
            .collect();
        for (pause, least) in pauses.iter().zip([1, 2, 4, 4]) {
            let least = least * SECOND;
            // Timers count in whole milliseconds.
            assert!(
                *pause >= least && *pause <= 2 * least + SECOND / 100,
                "{pauses:?}"
            );
        }
        let (again, _) = tries(policy, READ, &http(503, None)).await;
        assert_ne!(
            times, again,
            "two clients do not come back at the same times"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn never_and_zero_are_once() {
        for policy in [
            RetryPolicy::disabled(),
            RetryPolicy::default().max_attempts(0),
        ] {
            let (times, error) = tries(policy, READ, &http(503, None)).await;
            assert_eq!((times.len(), error.attempts()), (1, 1));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_server_asks_for_is_kept() {
        let policy = RetryPolicy::default().max_attempts(2);
        let (times, _) = tries(policy, READ, &http(503, Some(20 * SECOND))).await;
        assert!(times[1] >= 20 * SECOND, "{times:?}");
        let (times, _) = tries(policy, READ, &http(429, None)).await;
        assert!(times[1] >= 5 * SECOND, "{times:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_whole_is_bounded_and_nobody_waits_in_vain() {
        let policy = RetryPolicy::default()
            .max_attempts(u32::MAX)
            .max_elapsed(30 * SECOND);
        let began = Instant::now();
        let (times, error) = tries(policy, READ, &http(503, None)).await;
        assert!(
            times.len() > 2 && *times.last().unwrap() <= 30 * SECOND,
            "{times:?}"
        );
        assert_eq!(usize::try_from(error.attempts()).unwrap(), times.len());
        assert_eq!(began.elapsed().as_secs(), times.last().unwrap().as_secs());
        // An hour is more than is left: the error comes at once.
        let (times, error) = tries(policy, READ, &http(503, Some(3_600 * SECOND))).await;
        assert_eq!(times.len(), 1);
        assert_eq!(error.retry_after(), Some(3_600 * SECOND));
    }

    /// With any settings, with every random part of the pauses.
    #[tokio::test(start_paused = true)]
    async fn no_settings_are_too_great() {
        for pause in [Duration::ZERO, SECOND, Duration::MAX / 2, Duration::MAX] {
            for within in [Duration::ZERO, SECOND, Duration::MAX] {
                let policy = RetryPolicy::default()
                    .max_attempts(4)
                    .initial_backoff(pause)
                    .max_backoff(Duration::MAX)
                    .max_elapsed(within);
                for asked in [None, Some(Duration::from_secs(u64::MAX)), Some(SECOND)] {
                    let (times, error) = tries(policy, READ, &http(503, asked)).await;
                    assert_eq!(usize::try_from(error.attempts()).unwrap(), times.len());
                }
            }
        }
        let policy = RetryPolicy::default()
            .max_attempts(u32::MAX)
            .initial_backoff(Duration::MAX);
        for _ in 0..10_000 {
            assert!(policy.backoff().next().is_some());
        }
    }

    #[test]
    fn only_what_can_do_no_harm_is_repeated() {
        let error = |kind, delivery| Error::new(kind, delivery, "no");
        let refused = |status| {
            Error::new(ErrorKind::Api, Delivery::Rejected, "no").with_head(status, None, None)
        };
        let not_sent = error(ErrorKind::Connection, Delivery::NotSent);
        let lost = [
            error(ErrorKind::Timeout, Delivery::Unknown),
            error(ErrorKind::Interrupted, Delivery::Unknown),
            error(ErrorKind::UnreadableAnswer, Delivery::Unknown),
            http(429, Some(SECOND)),
            http(500, None),
            http(502, None),
            refused(500),
        ];
        let hopeless = [
            refused(200),
            refused(400),
            refused(401),
            http(401, None),
            http(404, None),
            http(307, None),
            error(ErrorKind::Validation, Delivery::NotSent),
            error(ErrorKind::Configuration, Delivery::NotSent),
            error(ErrorKind::Redirected, Delivery::Unknown),
        ];
        for read in [READ, "get_payment_state_v2"] {
            assert!(may_be_repeated(read, &not_sent));
            for error in &lost {
                assert!(may_be_repeated(read, error), "{error:?}");
            }
            for error in &hopeless {
                assert!(!may_be_repeated(read, error), "{error:?}");
            }
        }
        for operation in barion_generated::operations::OPERATIONS
            .iter()
            .filter(|one| one.method != "GET")
        {
            assert!(may_be_repeated(operation.id, &not_sent), "{}", operation.id);
            for error in lost.iter().chain(&hopeless) {
                assert!(
                    !may_be_repeated(operation.id, error),
                    "{}: {error:?}",
                    operation.id
                );
            }
            let doubtful = error(ErrorKind::Connection, Delivery::Unknown);
            assert!(
                !may_be_repeated(operation.id, &doubtful),
                "{}",
                operation.id
            );
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_445_412_480);
        assert_eq!(asked_pause(" 120 ", now), Some(Duration::from_secs(120)));
        assert_eq!(
            asked_pause("Wed, 21 Oct 2015 07:28:30 GMT", now),
            Some(Duration::from_secs(30))
        );
        assert_eq!(
            asked_pause("Wed, 21 Oct 2015 07:27:00 GMT", now),
            Some(Duration::ZERO)
        );
        for text in ["", "soon", "-1", "1.5"] {
            assert_eq!(asked_pause(text, now), None, "{text}");
        }
    }
}
