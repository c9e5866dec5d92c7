//! The route for callbacks: what it takes, what it refuses, and what it does when there is too much.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use barion::axum::{CallbackRoute, CallbackWorkers, callback_route};
use barion::callback::{CallbackNotice, SourceCheck, TEST_ADDRESSES};
use barion::{
    Client, Currency, Environment, Item, MemoryStore, Pace, PaymentId, PaymentNews, PaymentWatcher,
    PosKey, RetryPolicy, StartPayment, Transaction,
};
use barion_sandbox::{CARD_OK, CallbackNext, Fault, OperationFault, PAYEE, Sandbox};
use reqwest::StatusCode;
use tokio::sync::Semaphore;

use crate::flows::client;

/// A client that tries once, so that a failure shows at once.
fn impatient(sandbox: &Sandbox) -> Client {
    crate::secrets::watch();
    let key = PosKey::new(sandbox.pos_key()).unwrap();
    Client::builder(Environment::Custom(sandbox.url()), key)
        .pace(Pace::unlimited())
        .retry(RetryPolicy::never())
        .build()
        .unwrap()
}

/// A shop whose work waits for a permit.
struct Shop {
    address: String,
    workers: CallbackWorkers,
    permits: Arc<Semaphore>,
    worked: Arc<Mutex<Vec<PaymentId>>>,
    failed: Arc<Mutex<Vec<String>>>,
}

async fn open(
    sandbox: &Sandbox,
    set: impl FnOnce(CallbackRoute<MemoryStore>) -> CallbackRoute<MemoryStore>,
) -> Shop {
    let permits = Arc::new(Semaphore::new(0));
    let (worked, failed) = (
        Arc::<Mutex<Vec<_>>>::default(),
        Arc::<Mutex<Vec<_>>>::default(),
    );
    let watcher = {
        let (permits, worked) = (permits.clone(), worked.clone());
        PaymentWatcher::new(
            impatient(sandbox),
            MemoryStore::new(),
            move |news: PaymentNews| {
                let (permits, worked) = (permits.clone(), worked.clone());
                async move {
                    permits.acquire().await?.forget();
                    worked.lock().unwrap().push(news.payment.payment_id);
                    Ok::<(), tokio::sync::AcquireError>(())
                }
            },
        )
    };
    let errors = failed.clone();
    let route = callback_route(watcher)
        .no_sweep()
        .on_error(move |_, error| errors.lock().unwrap().push(error.to_string()));
    let (route, workers) = set(route).start();
    let router = axum::Router::new().route("/barion", route);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/barion", listener.local_addr().unwrap());
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    Shop {
        address,
        workers,
        permits,
        worked,
        failed,
    }
}

impl Shop {
    async fn call(&self, notice: CallbackNotice) -> StatusCode {
        let address = format!("{}?{}", self.address, notice.query());
        let call = reqwest::Client::new().post(address).body(notice.body());
        call.send().await.unwrap().status()
    }
}

async fn paid(sandbox: &Sandbox, shop: Option<&Shop>) -> CallbackNotice {
    let mut builder = StartPayment::immediate("order", Currency::Huf)
        .transaction(Transaction::new("t-1", PAYEE).item(Item::new("Kettle", 1, 100)));
    if let Some(shop) = shop {
        builder = builder.callback_url(shop.address.parse().unwrap());
    }
    let request = builder.build().unwrap();
    let id = client(sandbox)
        .start_payment(&request)
        .await
        .unwrap()
        .payment_id;
    sandbox.pay(&id.to_string(), CARD_OK).await.unwrap();
    CallbackNotice::for_payment(id)
}

#[tokio::test]
async fn a_callback_is_answered_before_its_work_is_done() {
    let sandbox = Sandbox::start().await.unwrap();
    let shop = open(&sandbox, |route| route).await;
    let notice = paid(&sandbox, Some(&shop)).await;
    sandbox.callbacks_settled().await;
    let sent = &sandbox.callbacks()[0];
    assert_eq!((&sent.result, sent.next), (&Ok(200), CallbackNext::Done));
    assert!(shop.worked.lock().unwrap().is_empty());
    shop.permits.add_permits(1);
    shop.workers.idle().await;
    assert_eq!(*shop.worked.lock().unwrap(), [notice.payment_id()]);
}

#[tokio::test]
async fn a_full_queue_answers_503_and_one_payment_waits_once() {
    let sandbox = Sandbox::start().await.unwrap();
    let shop = open(&sandbox, |route| route.queue(1).workers(1)).await;
    let (first, second, third) = (
        paid(&sandbox, None).await,
        paid(&sandbox, None).await,
        paid(&sandbox, None).await,
    );
    assert_eq!(shop.call(first).await, 200);
    // The only worker is at the first when its state was read.
    let read = first.payment_id().to_string();
    until(|| {
        sandbox
            .requests()
            .iter()
            .any(|request| request.path.contains(&read))
    })
    .await;
    assert_eq!(shop.call(second).await, 200);
    assert_eq!(shop.call(second).await, 200, "it waits already");
    assert_eq!(shop.call(third).await, 503);
    shop.permits.add_permits(2);
    shop.workers.idle().await;
    assert_eq!(
        *shop.worked.lock().unwrap(),
        [first.payment_id(), second.payment_id()]
    );
}

#[tokio::test]
async fn what_was_answered_is_done_before_the_shop_closes() {
    let sandbox = Sandbox::start().await.unwrap();
    let shop = open(&sandbox, |route| route.workers(1)).await;
    let mut notices = Vec::new();
    for _ in 0..3 {
        let notice = paid(&sandbox, None).await;
        assert_eq!(shop.call(notice).await, 200);
        notices.push(notice.payment_id());
    }
    let Shop {
        address,
        workers,
        permits,
        worked,
        failed,
    } = shop;
    let closing = tokio::spawn(workers.shutdown());
    let late = CallbackNotice::for_payment(notices[0]);
    let address = format!("{address}?{}", late.query());
    while reqwest::Client::new()
        .post(&address)
        .send()
        .await
        .unwrap()
        .status()
        != 503
    {
        tokio::task::yield_now().await;
    }
    assert!(!closing.is_finished());
    permits.add_permits(3);
    closing.await.unwrap();
    assert_eq!(*worked.lock().unwrap(), notices);
    assert!(failed.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_look_that_fails_is_told() {
    let sandbox = Sandbox::start().await.unwrap();
    let shop = open(&sandbox, |route| route).await;
    let notice = paid(&sandbox, None).await;
    sandbox
        .inject(Fault::operation(
            "get_payment_state_v4",
            OperationFault::ServerError,
        ))
        .unwrap();
    assert_eq!(shop.call(notice).await, 200);
    shop.workers.idle().await;
    let failed = shop.failed.lock().unwrap();
    assert!(
        failed.len() == 1 && failed[0].contains("could not be read"),
        "{failed:?}"
    );
}

#[tokio::test]
async fn a_look_that_fails_is_repeated_without_another_callback() {
    let sandbox = Sandbox::start().await.unwrap();
    let shop = open(&sandbox, |route| route.repeat_after([Duration::ZERO; 2])).await;
    shop.permits.add_permits(1);
    let notice = paid(&sandbox, None).await;
    let fault = Fault::operation("get_payment_state_v4", OperationFault::ServerError);
    sandbox.inject(fault.times(2)).unwrap();
    assert_eq!(shop.call(notice).await, 200);
    until(|| !shop.worked.lock().unwrap().is_empty()).await;
    assert_eq!(*shop.worked.lock().unwrap(), [notice.payment_id()]);
    assert_eq!(shop.failed.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_payment_that_barion_does_not_know_is_asked_for_once() {
    let sandbox = Sandbox::start().await.unwrap();
    let shop = open(&sandbox, |route| route.repeat_after([Duration::ZERO; 5])).await;
    let forged = CallbackNotice::for_payment("0c7e5b1f3a994d0e8f6255d0a1b2c3d4".parse().unwrap());
    assert_eq!(shop.call(forged).await, 200);
    shop.workers.idle().await;
    let known = paid(&sandbox, None).await;
    shop.permits.add_permits(1);
    assert_eq!(shop.call(known).await, 200);
    until(|| !shop.worked.lock().unwrap().is_empty()).await;
    let id = forged.payment_id().to_string();
    let asked = sandbox
        .requests()
        .into_iter()
        .filter(|request| request.path.contains(&id));
    assert_eq!(asked.count(), 1);
}

/// Lets the shop go on until it has come so far. A test that waits in vain fails by its own limit of time.
async fn until(reached: impl Fn() -> bool) {
    let reached = async {
        while !reached() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), reached)
        .await
        .unwrap();
}

#[tokio::test]
async fn payments_without_a_callback_are_looked_at_by_the_sweep() {
    let sandbox = Sandbox::start().await.unwrap();
    let lost = paid(&sandbox, None).await;
    let worked = Arc::<Mutex<Vec<PaymentId>>>::default();
    let watcher = {
        let worked = worked.clone();
        PaymentWatcher::new(
            client(&sandbox),
            MemoryStore::new(),
            move |news: PaymentNews| {
                worked.lock().unwrap().push(news.payment.payment_id);
                async { Ok::<(), std::io::Error>(()) }
            },
        )
    };
    watcher.expect(lost.payment_id()).await.unwrap();
    let (route, workers) = callback_route(watcher).start();
    let _: axum::Router = axum::Router::new().route("/barion", route);
    until(|| !worked.lock().unwrap().is_empty()).await;
    assert_eq!(*worked.lock().unwrap(), [lost.payment_id()]);
    workers.shutdown().await;
}

#[tokio::test]
async fn work_that_panics_does_not_stop_the_others() {
    let sandbox = Sandbox::start().await.unwrap();
    let (first, second) = (paid(&sandbox, None).await, paid(&sandbox, None).await);
    let bad = first.payment_id();
    let worked = Arc::<Mutex<Vec<PaymentId>>>::default();
    let watcher = {
        let worked = worked.clone();
        PaymentWatcher::new(
            client(&sandbox),
            MemoryStore::new(),
            move |news: PaymentNews| {
                let worked = worked.clone();
                async move {
                    assert_ne!(news.payment.payment_id, bad, "as the test wants it");
                    worked.lock().unwrap().push(news.payment.payment_id);
                    Ok::<(), std::io::Error>(())
                }
            },
        )
    };
    let (route, workers) = callback_route(watcher).workers(1).no_sweep().start();
    let router = axum::Router::new().route("/barion", route);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/barion", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    for notice in [first, second] {
        let call = reqwest::Client::new().post(format!("{address}?{}", notice.query()));
        assert_eq!(call.send().await.unwrap().status(), 200);
    }
    workers.idle().await;
    assert_eq!(*worked.lock().unwrap(), [second.payment_id()]);
}

#[tokio::test]
async fn work_that_takes_too_long_is_dropped_and_repeated() {
    let sandbox = Sandbox::start().await.unwrap();
    let id = paid(&sandbox, None).await.payment_id();
    let begun = Arc::<Mutex<Vec<bool>>>::default();
    let watcher = {
        let begun = begun.clone();
        PaymentWatcher::new(
            client(&sandbox),
            MemoryStore::new(),
            move |news: PaymentNews| {
                begun.lock().unwrap().push(news.repeated);
                async move {
                    if !news.repeated {
                        std::future::pending::<()>().await;
                    }
                    Ok::<(), std::io::Error>(())
                }
            },
        )
    };
    let watcher = watcher.lease(Duration::from_secs(1));
    let error = watcher.look(id).await.unwrap_err();
    assert!(matches!(error, barion::WatchError::TooLong), "{error}");
    assert_eq!(
        watcher.look(id).await.unwrap(),
        [barion::PaymentChange::Paid]
    );
    assert_eq!(*begun.lock().unwrap(), [false, true]);
}

#[tokio::test]
async fn what_is_no_callback_is_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    let shop = open(&sandbox, |route| route).await;
    let http = reqwest::Client::new();
    let id = "0c7e5b1f3a994d0e8f6255d0a1b2c3d4";
    for (query, body, told) in [
        ("", String::new(), "no paymentId"),
        ("?paymentId=7", String::new(), "32 hex digits"),
        (
            "?paymentId=0c7e5b1f3a994d0e8f6255d0a1b2c3d4",
            "paymentId=ffffffff3a994d0e8f6255d0a1b2c3d4".to_owned(),
            "differ",
        ),
        (
            "",
            format!("paymentId={id}&x={}", "x".repeat(20_000)),
            "too long",
        ),
    ] {
        let answer = http
            .post(format!("{}{query}", shop.address))
            .body(body)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 400);
        let text = answer.text().await.unwrap();
        assert!(text.contains(told), "{text}");
    }
    let get = http
        .get(format!("{}?paymentId={id}", shop.address))
        .send()
        .await
        .unwrap();
    assert_eq!(get.status(), 405);
    shop.workers.idle().await;
    assert!(sandbox.requests().is_empty(), "Barion was not asked");
}

#[tokio::test]
async fn callers_from_elsewhere_are_turned_away_if_asked_for() {
    let sandbox = Sandbox::start().await.unwrap();
    let strict = open(&sandbox, |route| {
        route.source_check(SourceCheck::new(TEST_ADDRESSES))
    })
    .await;
    let notice = paid(&sandbox, None).await;
    assert_eq!(strict.call(notice).await, 403);
    let forged = |shop: &Shop, header: &str| {
        let address = format!("{}?{}", shop.address, notice.query());
        let call = reqwest::Client::new().post(address);
        call.header("x-forwarded-for", header).send()
    };
    assert_eq!(
        forged(&strict, "20.223.214.216").await.unwrap().status(),
        403
    );

    let behind = SourceCheck::new(TEST_ADDRESSES).behind_proxies(1);
    let behind = open(&sandbox, |route| route.source_check(behind)).await;
    behind.permits.add_permits(1);
    assert_eq!(
        forged(&behind, "20.223.214.216").await.unwrap().status(),
        200
    );
    assert_eq!(
        forged(&behind, "20.223.214.216, 192.0.2.7")
            .await
            .unwrap()
            .status(),
        403
    );
    behind.workers.idle().await;
    assert_eq!(*behind.worked.lock().unwrap(), [notice.payment_id()]);

    let here = SourceCheck::new(["127.0.0.1".parse().unwrap()]);
    let here = open(&sandbox, |route| route.source_check(here)).await;
    assert_eq!(here.call(notice).await, 200);
}

#[tokio::test]
async fn a_handler_of_ones_own_takes_a_notice() {
    async fn handler(notice: CallbackNotice) -> String {
        notice.payment_id().to_string()
    }
    let router = axum::Router::new().route("/", axum::routing::post(handler));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let http = reqwest::Client::new();
    let body = r#"{"PaymentId":"0C7E5B1F-3A99-4D0E-8F62-55D0A1B2C3D4"}"#;
    let answer = http.post(&address).body(body).send().await.unwrap();
    assert_eq!(
        answer.text().await.unwrap(),
        "0c7e5b1f3a994d0e8f6255d0a1b2c3d4"
    );
    assert_eq!(http.post(&address).send().await.unwrap().status(), 400);
}
