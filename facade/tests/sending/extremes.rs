//! Extreme settings: calls work as far as the settings allow, and nothing panics.

use std::time::Duration;

use barion::{RateLimit, RetryPolicy, WaitCondition, WaitOutcome};
use barion_sandbox::{Fault, OperationFault, Sandbox};

use crate::support::{builder, mug, paid, refund};

const ALL: Duration = Duration::MAX;

#[tokio::test]
async fn no_time_is_too_long() {
    let sandbox = Sandbox::start().await.unwrap();
    let retry = RetryPolicy::default()
        .max_attempts(u32::MAX)
        .initial_backoff(Duration::from_millis(1))
        .max_backoff(ALL)
        .max_elapsed(ALL);
    let client = builder(&sandbox)
        .timeout(ALL)
        .connect_timeout(ALL)
        .settling_time(ALL)
        .retry(retry)
        .rate_limit(RateLimit::new(2, ALL))
        .build()
        .unwrap();
    let started = paid(&sandbox, &client).await;
    let id = started.payment_id;
    let fault = Fault::operation("get_payment_state_v4", OperationFault::ServerError);
    sandbox.inject(fault).unwrap();
    let patient = client.with_timeout(ALL);
    let waited = patient
        .wait_for(id, WaitCondition::Final, ALL)
        .await
        .unwrap();
    assert!(matches!(waited, WaitOutcome::Reached(_)));
    client.refund(&refund(&started)).await.unwrap();
    // The rate limit allows no further call, and a time limit that is over ends the waiting.
    let second = Duration::from_secs(1);
    let waited = client
        .wait_for(id, WaitCondition::Final, second)
        .await
        .unwrap();
    assert!(matches!(waited, WaitOutcome::OutOfTime { .. }));
}

#[tokio::test]
async fn no_pause_is_too_long() {
    let sandbox = Sandbox::start().await.unwrap();
    let retry = RetryPolicy::default().initial_backoff(ALL).max_backoff(ALL);
    for retry in [retry, retry.max_elapsed(ALL)] {
        let client = builder(&sandbox).retry(retry).build().unwrap();
        let started = client.start_payment(&mug()).await.unwrap();
        let fault = Fault::operation("get_payment_state_v4", OperationFault::ServerError);
        sandbox.inject(fault).unwrap();
        let read = client.payment_state(started.payment_id);
        let read = tokio::time::timeout(Duration::from_millis(500), read).await;
        assert_eq!(
            read.is_ok(),
            retry == RetryPolicy::default().initial_backoff(ALL).max_backoff(ALL)
        );
    }
}

#[tokio::test]
async fn no_settling_time_is_too_long() {
    let sandbox = Sandbox::start().await.unwrap();
    let retry = RetryPolicy::default().max_elapsed(ALL);
    let client = builder(&sandbox)
        .settling_time(ALL)
        .timeout(ALL)
        .retry(retry)
        .rate_limit(RateLimit::unlimited())
        .build()
        .unwrap();
    for (fault, is_proven) in [
        (OperationFault::CutAfter, true),
        (OperationFault::CutBefore, false),
    ] {
        let started = paid(&sandbox, &client).await;
        let fault = Fault::operation("refund_payment_v2", fault);
        sandbox.inject(fault).unwrap();
        let payment = client.payment_state(started.payment_id).await.unwrap();
        let refund = payment.refund().all().build().unwrap();
        let error = client.refund(&refund).await.unwrap_err();
        // A proven outcome is reported at once; that the request can't take effect any more is
        // never known.
        let outcome = client.reconcile(error.unconfirmed().unwrap());
        let outcome = tokio::time::timeout(Duration::from_millis(500), outcome).await;
        assert_eq!(outcome.is_ok(), is_proven, "{outcome:?}");
    }
}
