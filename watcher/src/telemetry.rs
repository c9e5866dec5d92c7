//! Tracing and metrics: what the watcher does. Never in them: keys of orders, amounts, bodies, payers.

#![cfg_attr(
    not(all(feature = "tracing", feature = "metrics")),
    allow(unused_variables, reason = "only for telling")
)]

use std::future::Future;
use std::time::Duration;

use barion::PaymentId;

use crate::error::{StoreError, WatchError};
use crate::outcome::{Accepted, Cause, Refreshed};

/// For how long a payment may be due before that is a warning.
#[cfg(feature = "tracing")]
const LATE: Duration = Duration::from_secs(600);

fn outcome(refreshed: &Result<Refreshed, WatchError>) -> &'static str {
    match refreshed {
        Ok(refreshed) if refreshed.busy => "busy",
        Ok(refreshed) if refreshed.handled.is_empty() => "nothing",
        Ok(_) => "handled",
        Err(WatchError::Read(_)) => "unreadable",
        Err(WatchError::GivenUp(_)) => "given_up",
        Err(WatchError::Store(_)) => "store_failed",
        Err(WatchError::Handler(_)) => "handler_failed",
        Err(WatchError::TooLong) => "too_long",
    }
}

pub(crate) fn callback(id: PaymentId, accepted: &Result<Accepted, StoreError>) {
    #[cfg(feature = "tracing")]
    match accepted {
        Ok(accepted) => {
            tracing::debug!(barion.payment_id = %id, outcome = accepted.name(), "callback");
        }
        Err(error) => tracing::warn!(barion.payment_id = %id, %error, "callback not accepted"),
    }
    #[cfg(feature = "metrics")]
    {
        let outcome = accepted
            .as_ref()
            .map_or("store_failed", |accepted| accepted.name());
        metrics::counter!("barion_callbacks_total", "outcome" => outcome).increment(1);
    }
    #[cfg(not(any(feature = "tracing", feature = "metrics")))]
    let _ = accepted.as_ref().map(|accepted| accepted.name());
}

/// A refresh within its span, and what came of it.
pub(crate) async fn refresh(
    id: PaymentId,
    cause: Cause,
    refresh: impl Future<Output = Result<Refreshed, WatchError>>,
) -> Result<Refreshed, WatchError> {
    #[cfg(feature = "tracing")]
    let refresh = {
        use tracing::Instrument;
        let span = tracing::info_span!(
            "barion.refresh",
            barion.payment_id = %id,
            barion.cause = cause.name(),
        );
        async move {
            let refreshed = refresh.await;
            match &refreshed {
                // Anybody can make up ids: no reason to wake somebody up.
                Err(error) if cause == Cause::Unknown => {
                    tracing::debug!(%error, outcome = outcome(&refreshed), "refresh failed");
                }
                Err(error) => {
                    tracing::warn!(
                        barion.payment_id = %id,
                        %error,
                        outcome = outcome(&refreshed),
                        "refresh failed"
                    );
                }
                Ok(_) => tracing::debug!(outcome = outcome(&refreshed), "refreshed"),
            }
            refreshed
        }
        .instrument(span)
    };
    let refreshed = refresh.await;
    #[cfg(feature = "metrics")]
    metrics::counter!(
        "barion_refreshes_total",
        "cause" => cause.name(),
        "outcome" => outcome(&refreshed)
    )
    .increment(1);
    #[cfg(not(any(feature = "tracing", feature = "metrics")))]
    let _ = (id, cause.name(), outcome(&refreshed));
    refreshed
}

/// A run of the handler within its span.
pub(crate) async fn handling<T>(
    id: PaymentId,
    number: u64,
    repeated: bool,
    run: impl Future<Output = T>,
) -> T {
    #[cfg(feature = "tracing")]
    let run = {
        use tracing::Instrument;
        let span = tracing::info_span!(
            "barion.handle",
            barion.payment_id = %id,
            barion.update = number,
            barion.repeated = repeated,
        );
        run.instrument(span)
    };
    run.await
}

/// The workers could not ask the store.
pub(crate) fn store_failed(error: &StoreError) {
    #[cfg(feature = "tracing")]
    tracing::warn!(%error, "the store does not tell what is due");
}

/// What a worker calls has panicked: `on_error` or a store.
pub(crate) fn panicked(id: PaymentId) {
    #[cfg(feature = "tracing")]
    tracing::warn!(barion.payment_id = %id, "a refresh panicked");
}

/// How many payments are open, the age of the oldest of them, and for how long one has been due.
pub(crate) fn backlog(open: u64, oldest: Duration, overdue: Duration) {
    #[cfg(feature = "metrics")]
    {
        #[allow(clippy::cast_precision_loss, reason = "a gauge")]
        metrics::gauge!("barion_open_payments").set(open as f64);
        metrics::gauge!("barion_overdue_seconds").set(overdue.as_secs_f64());
        metrics::gauge!("barion_oldest_open_seconds").set(oldest.as_secs_f64());
    }
    #[cfg(feature = "tracing")]
    if overdue > LATE {
        tracing::warn!(
            open,
            overdue_s = overdue.as_secs(),
            "payments are due for long and were not refreshed"
        );
    }
}
