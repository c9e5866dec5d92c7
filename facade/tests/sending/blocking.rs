//! Blocking client, with and without a runtime around it.

use std::time::Duration;

use barion::blocking::Client;
use barion::{ErrorKind, PaymentStatus, RateLimit, RetryPolicy, WaitCondition, WaitOutcome};
use barion_sandbox::{CARD_OK, Fault, OperationFault, Sandbox};

use crate::support::{builder, mug, refund};

fn client(sandbox: &Sandbox) -> Client {
    builder(sandbox)
        .rate_limit(RateLimit::unlimited())
        .retry(RetryPolicy::disabled())
        .build_blocking()
        .unwrap()
}

/// A runtime on other threads, for the sandbox only.
fn elsewhere() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap()
}

#[test]
fn a_payment_from_start_to_refund_without_a_runtime() {
    let runtime = elsewhere();
    let sandbox = runtime.block_on(Sandbox::start()).unwrap();
    let client = client(&sandbox);
    let started = client.start_payment(&mug()).unwrap();
    let id = started.payment_id;
    runtime
        .block_on(sandbox.pay(&id.to_string(), CARD_OK))
        .unwrap();
    let waited = client
        .wait_for(id, WaitCondition::Final, Duration::from_secs(30))
        .unwrap();
    assert!(
        matches!(waited, WaitOutcome::Reached(payment) if payment.status == PaymentStatus::Succeeded)
    );
    client.refund(&refund(&started)).unwrap();
    let payment = client.payment_state(id).unwrap();
    assert_eq!(
        payment.current_total,
        Some(barion::Money::new(1_990, barion::Currency::Huf))
    );
    // Errors are those of the async client.
    let slow = OperationFault::Latency(Duration::from_secs(60));
    runtime
        .block_on(async { sandbox.inject(Fault::operation("refund_payment_v2", slow)) })
        .unwrap();
    let hasty = client.with_timeout(Duration::from_millis(100));
    let error = hasty.refund(&refund(&started)).unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 1));
    assert!(!format!("{client:?}").contains(sandbox.pos_key()));
}

/// Nested runtimes panic, and so does the end of one inside another; the blocking client must do
/// neither.
#[test]
fn inside_a_runtime_it_is_made_used_and_dropped_without_a_panic() {
    let runtime = elsewhere();
    let sandbox = runtime.block_on(Sandbox::start()).unwrap();
    for threads in [1, 2] {
        let around = if threads == 1 {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap()
        } else {
            elsewhere()
        };
        around.block_on(async {
            let client = client(&sandbox);
            let id = client.start_payment(&mug()).unwrap().payment_id;
            let clone = client.clone();
            drop(client);
            let payment = clone.payment_state(id).unwrap();
            assert_eq!(payment.status, PaymentStatus::Prepared);
            let spawned = tokio::spawn(async move { clone.payment_state_v2(id).map(drop) });
            spawned.await.unwrap().unwrap();
        });
    }
}

#[test]
fn many_threads_share_one() {
    let runtime = elsewhere();
    let sandbox = runtime.block_on(Sandbox::start()).unwrap();
    let client = client(&sandbox);
    std::thread::scope(|scope| {
        let calls: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| client.start_payment(&mug())))
            .collect();
        let ids = calls
            .into_iter()
            .map(|call| call.join().unwrap().unwrap().payment_id);
        assert_eq!(ids.collect::<std::collections::HashSet<_>>().len(), 8);
    });
}
