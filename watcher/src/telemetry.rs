//! Telemetry: spans and events by `tracing`, counters and gauges by `metrics`. They never contain
//! keys of orders, amounts, bodies or data of payers.

#![cfg_attr(
    not(all(feature = "tracing", feature = "metrics")),
    allow(unused_variables, reason = "without the features nothing is reported")
)]

use std::future::Future;
use std::time::Duration;

use barion::PaymentId;

use crate::error::{StoreError, WatchError};
use crate::outcome::{Accepted, Cause, Refreshed};

/// From this time on an overdue payment is a warning.
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

/// Counts a callback.
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

/// Runs a refresh in its span, and reports its outcome.
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
                // Anybody can invent ids: no warning.
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

/// Runs the handler in its span.
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

/// The store failed to return due payments, or one of them is unreadable.
pub(crate) fn store_failed(error: &StoreError) {
    #[cfg(feature = "tracing")]
    tracing::warn!(%error, "the store failed to return due payments");
}

/// A refresh of the workers has panicked: the store's fault, or that of `on_error`.
pub(crate) fn panicked(id: PaymentId) {
    #[cfg(feature = "tracing")]
    tracing::warn!(barion.payment_id = %id, "a refresh panicked");
}

/// Reports the backlog of the store: the number of open payments, the age of the oldest, and for
/// how long the longest overdue one has been due.
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
            "payments are overdue: the workers do not keep up"
        );
    }
}
