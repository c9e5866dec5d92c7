//! Retries: what is sent again, and what never is.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use barion::{
    Client, Currency, Delivery, Environment, ErrorKind, PosKey, RateLimit, Recorded, Refund,
    RetryPolicy, TransactionToRefund, UnconfirmedRequest,
};
use barion_sandbox::{Fault, OperationFault, Sandbox};

use crate::support::{builder, hasty, mug, paid, refund, requests};

const STATE: &str = "get_payment_state_v4";

/// With any policy: Barion made the refund, and would make another one.
#[tokio::test]
async fn a_refund_whose_answer_is_lost_is_sent_exactly_once() {
    let eager = RetryPolicy::default()
        .max_attempts(50)
        .initial_backoff(Duration::ZERO)
        .max_backoff(Duration::ZERO)
        .max_elapsed(Duration::MAX);
    for policy in [RetryPolicy::default(), hasty(), eager] {
        for fault in [
            OperationFault::CutAfter,
            OperationFault::EmptyBody,
            OperationFault::TruncatedJson,
            OperationFault::CutBefore,
            OperationFault::BadGateway,
            OperationFault::Captcha,
            OperationFault::TooManyRequests {
                retry_after: Some(0),
                html: false,
            },
        ] {
            let sandbox = Sandbox::start().await.unwrap();
            let client = builder(&sandbox).retry(policy).build().unwrap();
            let started = paid(&sandbox, &client).await;
            sandbox
                .inject(Fault::operation("refund_payment_v2", fault.clone()))
                .unwrap();
            let error = client.refund(&refund(&started)).await.unwrap_err();
            assert_ne!(error.delivery(), Delivery::NotSent, "{fault:?}: {error}");
            assert_eq!(error.attempts(), 1, "{fault:?}: {error}");
            assert_eq!(requests(&sandbox, "/Refund").len(), 1, "{fault:?}");
        }
    }
}

/// Nothing left this machine, so another attempt can't start a second payment.
#[tokio::test]
async fn a_start_that_finds_the_port_closed_is_tried_again() {
    let port = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = port.local_addr().unwrap();
    drop(port);
    let environment = Environment::Custom(format!("http://{address}").parse().unwrap());
    let key = PosKey::new("11111111-1111-1111-1111-111111111111").unwrap();
    let build = |policy| {
        Client::builder(environment.clone(), key.clone())
            .retry(policy)
            .build()
            .unwrap()
    };
    let error = build(hasty().max_attempts(4))
        .start_payment(&mug())
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.delivery(), error.attempts()),
        (ErrorKind::Connection, Delivery::NotSent, 4)
    );
    assert!(
        error.to_string().contains(", 4 attempts (likely: "),
        "{error}"
    );
    let error = build(RetryPolicy::disabled())
        .start_payment(&mug())
        .await
        .unwrap_err();
    assert_eq!(error.attempts(), 1);
    assert!(!error.to_string().contains("attempts"), "{error}");

    // Barion comes back during the backoff of the client.
    let patient = RetryPolicy::default()
        .max_attempts(100)
        .max_backoff(Duration::from_millis(500));
    let client = build(patient);
    let mut call = tokio::spawn(async move { client.start_payment(&mug()).await });
    // A closed port of this machine refuses at once, and the initial backoff is half a second.
    let first_try = tokio::time::timeout(Duration::from_millis(300), &mut call).await;
    assert!(first_try.is_err());
    let sandbox = Sandbox::builder().listen(address).start().await.unwrap();
    call.await.unwrap().unwrap();
    assert_eq!(requests(&sandbox, "/Start").len(), 1);
}

#[tokio::test]
async fn a_read_gets_over_what_passes() {
    for fault in [
        OperationFault::CutBefore,
        OperationFault::CutAfter,
        OperationFault::TooManyRequests {
            retry_after: Some(0),
            html: true,
        },
        OperationFault::ServerError,
        OperationFault::BadGateway,
        OperationFault::Captcha,
        OperationFault::EmptyBody,
        OperationFault::TruncatedJson,
        OperationFault::Latency(Duration::from_secs(60)),
    ] {
        let sandbox = Sandbox::start().await.unwrap();
        let client = builder(&sandbox)
            .retry(hasty())
            .rate_limit(RateLimit::unlimited())
            .build()
            .unwrap();
        let id = client.start_payment(&mug()).await.unwrap().payment_id;
        let client = match fault {
            OperationFault::Latency(_) => client.with_timeout(Duration::from_secs(1)),
            _ => client,
        };
        let twice = Fault::operation(STATE, fault.clone()).times(2);
        sandbox.inject(twice.clone()).unwrap();
        let payment = client.payment_state(id).await;
        assert!(payment.is_ok(), "{fault:?}: {payment:?}");
        assert_eq!(requests(&sandbox, "/PaymentState").len(), 3, "{fault:?}");

        sandbox.inject(twice.times(3)).unwrap();
        let error = client.payment_state(id).await.unwrap_err();
        assert_eq!(error.attempts(), 3, "{fault:?}: {error}");
    }
}

#[tokio::test]
async fn a_read_that_is_refused_is_not_repeated() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = builder(&sandbox).retry(hasty()).build().unwrap();
    let unknown = "0c7e5b1f3a994d0e8f6255d0a1b2c3d4".parse().unwrap();
    let error = client.payment_state(unknown).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Api, 1));
    assert!(error.hint().unwrap().contains("environment"), "{error:?}");
    assert_eq!(sandbox.requests().len(), 1);
}

#[tokio::test]
async fn a_wait_that_the_server_asks_for_is_kept() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = builder(&sandbox)
        .retry(hasty())
        .rate_limit(RateLimit::unlimited())
        .build()
        .unwrap();
    let id = client.start_payment(&mug()).await.unwrap().payment_id;
    let fault = OperationFault::TooManyRequests {
        retry_after: Some(1),
        html: false,
    };
    sandbox.inject(Fault::operation(STATE, fault)).unwrap();
    let asked = std::time::Instant::now();
    client.payment_state(id).await.unwrap();
    assert!(asked.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_time_limit_of_its_own_costs_no_client() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = builder(&sandbox)
        .retry(RetryPolicy::disabled())
        .rate_limit(RateLimit::unlimited())
        .build()
        .unwrap();
    let id = client.start_payment(&mug()).await.unwrap().payment_id;
    let slow = OperationFault::Latency(Duration::from_secs(60));
    sandbox.inject(Fault::operation(STATE, slow)).unwrap();
    let error = client
        .with_timeout(Duration::from_millis(100))
        .payment_state(id)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    // The original client has kept its own time limit.
    let slow = OperationFault::Latency(Duration::from_millis(400));
    sandbox.inject(Fault::operation(STATE, slow)).unwrap();
    client.payment_state(id).await.unwrap();
}

/// The last attempt may be lost, and may take effect for a while from then on: reconciliation
/// counts from there.
#[tokio::test]
async fn a_call_is_written_down_once_for_all_its_tries() {
    let port = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = port.local_addr().unwrap();
    drop(port);
    let environment = Environment::Custom(format!("http://{address}").parse().unwrap());
    let key = PosKey::new("11111111-1111-1111-1111-111111111111").unwrap();
    let written: Arc<Mutex<Vec<UnconfirmedRequest>>> = Arc::default();
    let rows = Arc::clone(&written);
    let client = Client::builder(environment, key)
        .retry(
            RetryPolicy::default()
                .max_attempts(100)
                .max_backoff(Duration::from_millis(500)),
        )
        .build()
        .unwrap()
        .recording(move |attempt| {
            rows.lock().unwrap().push(attempt);
            std::future::ready(Ok::<_, std::io::Error>(Recorded::Written))
        });
    let id = "0c7e5b1f3a994d0e8f6255d0a1b2c3d4";
    let one = TransactionToRefund::new(id.parse().unwrap(), "mug", 500);
    let refund = Refund::builder(id.parse().unwrap(), Currency::Huf).transaction(one);
    let refund = refund.build().unwrap();
    let mut call = tokio::spawn(async move { client.refund(&refund).await });
    let first_try = tokio::time::timeout(Duration::from_millis(300), &mut call).await;
    assert!(first_try.is_err());
    // Now there is a server, which hangs up.
    let port = tokio::net::TcpListener::bind(address).await.unwrap();
    drop(port.accept().await.unwrap());
    let error = call.await.unwrap().unwrap_err();
    assert_eq!(
        (error.kind(), error.delivery()),
        (ErrorKind::Interrupted, Delivery::Unknown)
    );
    assert!(error.attempts() > 1, "{error}");
    let written = written.lock().unwrap();
    let [written] = written.as_slice() else {
        panic!("{written:?}");
    };
    assert!(written.is_sent());
    let kept = serde_json::to_value(written).unwrap();
    // Writing, the attempts, and the last of them: a reader of the record knows until when
    // something may leave.
    assert_eq!(kept["sent"]["may_leave_for"], (10 + 60 + 35) * 1_000);
    assert_eq!(error.unconfirmed(), Some(written));
}
