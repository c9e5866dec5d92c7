//! The route for callbacks: what it takes, what it refuses, and what it does when there is too
//! much.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use barion::callback::{CallbackNotice, SourceCheck, TEST_ADDRESSES};
use barion::{
    Client, Currency, Environment, Item, PaymentId, PosKey, RateLimit, RetryPolicy, StartPayment,
    Transaction,
};
use barion_sandbox::{CARD_OK, CallbackNext, Fault, OperationFault, PAYEE, Sandbox};
use barion_watcher::axum::{Callback, callback_route};
use barion_watcher::{Accepted, MemoryStore, OrderUpdate, Store, WatchError, Watcher, Workers};
use reqwest::StatusCode;
use tokio::sync::Semaphore;

use super::stores::{Database, sqlite};
use crate::client::flows::client;

/// A client that tries once, so that a failure shows at once.
fn impatient(sandbox: &Sandbox) -> Client {
    crate::client::secrets::watch();
    let key = PosKey::new(sandbox.pos_key()).unwrap();
    Client::builder(Environment::Custom(sandbox.url()), key)
        .rate_limit(RateLimit::unlimited())
        .retry(RetryPolicy::disabled())
        .build()
        .unwrap()
}

/// A shop whose handler waits for a permit.
struct Shop {
    address: String,
    watcher: Watcher<MemoryStore>,
    workers: Workers,
    permits: Arc<Semaphore>,
    handled: Arc<Mutex<Vec<PaymentId>>>,
    failed: Arc<Mutex<Vec<String>>>,
}

async fn open(
    sandbox: &Sandbox,
    set: impl FnOnce(Watcher<MemoryStore>) -> Watcher<MemoryStore>,
) -> Shop {
    checked(sandbox, set, None).await
}

async fn checked(
    sandbox: &Sandbox,
    set: impl FnOnce(Watcher<MemoryStore>) -> Watcher<MemoryStore>,
    check: Option<SourceCheck>,
) -> Shop {
    let permits = Arc::new(Semaphore::new(0));
    let (handled, failed) = (
        Arc::<Mutex<Vec<_>>>::default(),
        Arc::<Mutex<Vec<_>>>::default(),
    );
    let errors = failed.clone();
    let watcher = {
        let (permits, handled) = (permits.clone(), handled.clone());
        let work = move |update: OrderUpdate| {
            let (permits, handled) = (permits.clone(), handled.clone());
            async move {
                permits.acquire().await?.forget();
                handled.lock().unwrap().push(update.payment.payment_id);
                Ok::<(), tokio::sync::AcquireError>(())
            }
        };
        Watcher::new(impatient(sandbox), MemoryStore::new(), work)
            // A high rate limit for untracked ids, so that no test waits.
            .unknown_reads_per_minute(6_000)
            .callback_cooldown(Duration::ZERO)
            .on_error(move |_, error| errors.lock().unwrap().push(error.to_string()))
    };
    let watcher = set(watcher);
    let workers = watcher.start();
    let mut route = callback_route(watcher.clone());
    if let Some(check) = check {
        route = route.source_check(check);
    }
    let router = axum::Router::new().route("/barion", route.into_route());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/barion", listener.local_addr().unwrap());
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    Shop {
        address,
        watcher,
        workers,
        permits,
        handled,
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

/// A payment that is paid, which calls the shop back, or nobody.
async fn paid(sandbox: &Sandbox, shop: Option<&Shop>) -> CallbackNotice {
    let mut builder = StartPayment::immediate("order", Currency::Huf)
        .transaction(Transaction::new("t-1", PAYEE).item(Item::new("Kettle", 1, 100)));
    if let Some(shop) = shop {
        builder = builder.callback_url(shop.address.parse().unwrap());
    }
    let request = builder.build().unwrap();
    let started = client(sandbox).start_payment(&request).await.unwrap();
    let id = started.payment_id;
    sandbox.pay(&id.to_string(), CARD_OK).await.unwrap();
    CallbackNotice::for_payment(id)
}

/// One that the shop has tracked, as an order of its own.
async fn tracked(sandbox: &Sandbox, shop: &Shop) -> CallbackNotice {
    let notice = paid(sandbox, None).await;
    let id = notice.payment_id();
    shop.watcher.track(id, &id.to_string()).await.unwrap();
    notice
}

fn made_up(number: u128) -> CallbackNotice {
    CallbackNotice::for_payment(format!("{number:032x}").parse().unwrap())
}

fn reads(sandbox: &Sandbox, id: PaymentId) -> usize {
    let id = id.to_string();
    let requests = sandbox.requests();
    requests.iter().filter(|one| one.path.contains(&id)).count()
}

#[tokio::test]
async fn a_callback_is_answered_before_it_is_handled() {
    let sandbox = Sandbox::start().await.unwrap();
    let shop = open(&sandbox, |watcher| watcher).await;
    let notice = paid(&sandbox, Some(&shop)).await;
    sandbox.callbacks_settled().await;
    let sent = &sandbox.callbacks()[0];
    assert_eq!((&sent.result, sent.next), (&Ok(200), CallbackNext::Done));
    assert!(shop.handled.lock().unwrap().is_empty());
    shop.permits.add_permits(1);
    shop.workers.wait_until_idle().await;
    assert_eq!(*shop.handled.lock().unwrap(), [notice.payment_id()]);
}

/// A crash right after the answer: another process, which knows nothing but the file, handles it.
#[tokio::test]
async fn what_was_answered_with_200_is_stored() {
    let sandbox = Sandbox::start().await.unwrap();
    let file = Database::new();
    let (tracked, unknown) = (paid(&sandbox, None).await, paid(&sandbox, None).await);
    let handled = Arc::<Mutex<Vec<PaymentId>>>::default();
    let work = {
        let handled = handled.clone();
        move |update: OrderUpdate| {
            handled.lock().unwrap().push(update.payment.payment_id);
            async { Ok::<(), std::io::Error>(()) }
        }
    };
    {
        let watcher = Watcher::new(client(&sandbox), sqlite(&file).await, work.clone());
        watcher
            .track(tracked.payment_id(), "tracked")
            .await
            .unwrap();
        for notice in [tracked, unknown] {
            assert!(watcher.accept(notice).await.unwrap().is_taken());
        }
    }
    assert!(handled.lock().unwrap().is_empty());
    let watcher = Watcher::new(client(&sandbox), sqlite(&file).await, work);
    let sweep = watcher.sweep(10).await.unwrap();
    assert_eq!((sweep.refreshed, sweep.failed.len()), (2, 0));
    let mut handled = handled.lock().unwrap().clone();
    handled.sort_unstable();
    let mut both = [tracked.payment_id(), unknown.payment_id()];
    both.sort_unstable();
    assert_eq!(handled, both);
}

#[tokio::test]
async fn ids_that_nobody_has_tracked_get_503_when_too_many_wait() {
    let sandbox = Sandbox::start().await.unwrap();
    let watcher = Watcher::new(client(&sandbox), MemoryStore::new(), |_| async {
        Ok::<(), std::io::Error>(())
    })
    .unknown_capacity(2);
    for number in 1..=2 {
        let accepted = watcher.accept(made_up(number)).await.unwrap();
        assert_eq!(accepted, Accepted::Unknown);
    }
    let accepted = watcher.accept(made_up(3)).await.unwrap();
    assert!(accepted == Accepted::Full && !accepted.is_taken());
    let known = paid(&sandbox, None).await;
    watcher.track(known.payment_id(), "order").await.unwrap();
    assert_eq!(watcher.accept(known).await.unwrap(), Accepted::Known);
}

/// Invented ids fill their room while a real payment waits for its callback.
#[tokio::test]
async fn a_flood_of_invented_ids_delays_no_payment_of_the_shop() {
    let sandbox = Sandbox::start().await.unwrap();
    let shop = open(&sandbox, |watcher| {
        watcher.unknown_reads_per_minute(1).workers(2)
    })
    .await;
    let real = tracked(&sandbox, &shop).await;
    let mut answers = Vec::new();
    for number in 1..=300 {
        answers.push(shop.call(made_up(number)).await);
    }
    let refused = answers.iter().filter(|answer| **answer == 503).count();
    assert!(refused >= 195, "room for 100 of 300, {refused} refused");
    shop.permits.add_permits(1);
    assert_eq!(shop.call(real).await, 200);
    until(|| !shop.handled.lock().unwrap().is_empty()).await;
    let asked = sandbox.requests().len();
    // Its start, its state, and one invented id of the first minute.
    assert!(asked <= 3, "{asked} requests");
}

/// Replayed callbacks of a payment whose handler is slow leave the workers to the others.
#[tokio::test]
async fn a_busy_payment_keeps_no_worker() {
    let sandbox = Sandbox::start().await.unwrap();
    let shop = open(&sandbox, |watcher| watcher.workers(2)).await;
    let (slow, other) = (
        tracked(&sandbox, &shop).await,
        tracked(&sandbox, &shop).await,
    );
    assert_eq!(shop.call(slow).await, 200);
    until(|| reads(&sandbox, slow.payment_id()) == 1).await;
    // Its handler waits. Four more callbacks of it, and then one of another payment.
    for _ in 0..4 {
        assert_eq!(shop.call(slow).await, 200);
    }
    until(|| reads(&sandbox, slow.payment_id()) >= 2).await;
    assert_eq!(shop.call(other).await, 200);
    until(|| reads(&sandbox, other.payment_id()) == 1).await;
    let before = reads(&sandbox, slow.payment_id());
    assert!(before <= 5, "it is parked, not asked for again and again");
    shop.permits.add_permits(2);
    until(|| shop.handled.lock().unwrap().len() == 2).await;
}

/// Payers know the ids of their own payments. Replayed for an hour, each costs a few reads.
#[tokio::test(start_paused = true)]
async fn replayed_callbacks_cost_little_and_delay_nobody() {
    let world = crate::client::offline::Offline::start().await;
    let barion = world.client(0);
    let handled = Arc::<Mutex<Vec<(PaymentId, tokio::time::Instant)>>>::default();
    let watcher = {
        let handled = handled.clone();
        Watcher::new(
            world.client(0),
            MemoryStore::new(),
            move |update: OrderUpdate| {
                let now = tokio::time::Instant::now();
                handled
                    .lock()
                    .unwrap()
                    .push((update.payment.payment_id, now));
                async { Ok::<(), std::io::Error>(()) }
            },
        )
    };
    let paid = async |number: u32| {
        let name = format!("order-{number}");
        let request = StartPayment::immediate(&name, Currency::Huf)
            .transaction(Transaction::new(&name, PAYEE).item(Item::new("Kettle", 1, 100)))
            .build()
            .unwrap();
        let id = barion.start_payment(&request).await.unwrap().payment_id;
        watcher.track(id, &name).await.unwrap();
        world
            .world
            .sandbox
            .pay(&id.to_string(), CARD_OK)
            .await
            .unwrap();
        CallbackNotice::for_payment(id)
    };
    let mut replayed = Vec::new();
    for number in 0..40 {
        replayed.push(paid(number).await);
    }
    let workers = watcher.start();
    let before = world.world.sandbox.requests().len();
    for second in 0..3_600 {
        for notice in &replayed {
            assert!(watcher.accept(*notice).await.unwrap().is_taken());
        }
        if second == 1_800 {
            let real = paid(99).await;
            let begun = tokio::time::Instant::now();
            assert_eq!(watcher.accept(real).await.unwrap(), Accepted::Known);
            tokio::time::sleep(Duration::from_secs(1)).await;
            let (id, done) = *handled.lock().unwrap().last().unwrap();
            assert_eq!(id, real.payment_id());
            assert!(done - begun < Duration::from_secs(1), "{:?}", done - begun);
        }
        world.world.pass(Duration::from_secs(1)).await;
    }
    let reads = world.world.sandbox.requests().len() - before;
    assert!(reads < 40 * 25, "{reads} reads in an hour");
    workers.shutdown().await;
}

#[tokio::test]
async fn what_was_answered_is_handled_before_the_shop_closes() {
    let sandbox = Sandbox::start().await.unwrap();
    let shop = open(&sandbox, |watcher| watcher.workers(1)).await;
    let mut notices = Vec::new();
    for _ in 0..3 {
        let notice = tracked(&sandbox, &shop).await;
        assert_eq!(shop.call(notice).await, 200);
        notices.push(notice.payment_id());
    }
    let late = CallbackNotice::for_payment(notices[0]);
    let Shop {
        address,
        workers,
        permits,
        handled,
        failed,
        ..
    } = shop;
    let closing = tokio::spawn(workers.shutdown());
    let address = format!("{address}?{}", late.query());
    let call = || reqwest::Client::new().post(&address).send();
    while call().await.unwrap().status() != 503 {
        tokio::task::yield_now().await;
    }
    assert!(!closing.is_finished());
    permits.add_permits(3);
    closing.await.unwrap();
    let mut handled = handled.lock().unwrap().clone();
    handled.sort_unstable();
    notices.sort_unstable();
    assert_eq!(handled, notices);
    assert!(failed.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_refresh_that_fails_is_told_and_due_again() {
    let sandbox = Sandbox::start().await.unwrap();
    let shop = open(&sandbox, |watcher| watcher).await;
    let notice = tracked(&sandbox, &shop).await;
    let fault = Fault::operation("get_payment_state_v4", OperationFault::ServerError);
    sandbox.inject(fault).unwrap();
    assert_eq!(shop.call(notice).await, 200);
    shop.workers.wait_until_idle().await;
    {
        let failed = shop.failed.lock().unwrap();
        assert!(
            failed.len() == 1 && failed[0].contains("could not be read"),
            "{failed:?}"
        );
    }
    let store = shop.watcher.store();
    let row = store.find(notice.payment_id()).await.unwrap().unwrap();
    assert_eq!(row.failures, 1);
    assert_eq!(store.backlog().await.unwrap().open, 1, "in five seconds");
    // The next one that ends well makes it forget.
    shop.permits.add_permits(1);
    shop.watcher.refresh(notice.payment_id()).await.unwrap();
    let row = store.find(notice.payment_id()).await.unwrap().unwrap();
    assert_eq!(row.failures, 0);
    assert_eq!(store.backlog().await.unwrap().open, 0);
}

#[tokio::test]
async fn an_id_that_barion_does_not_know_is_asked_for_once() {
    let sandbox = Sandbox::start().await.unwrap();
    let shop = open(&sandbox, |watcher| watcher).await;
    let forged = made_up(0x0c7e_5b1f_3a99_4d0e);
    assert_eq!(shop.call(forged).await, 200);
    shop.workers.wait_until_idle().await;
    let store = shop.watcher.store();
    assert_eq!(
        store.find(forged.payment_id()).await.unwrap(),
        None,
        "forgotten"
    );
    let again = shop.watcher.accept(forged).await.unwrap();
    assert_eq!(again, Accepted::Refused);
    shop.workers.wait_until_idle().await;
    assert_eq!(reads(&sandbox, forged.payment_id()), 1);
    // Unless somebody tracks it.
    let id = forged.payment_id();
    shop.watcher.track(id, "order").await.unwrap();
    assert_eq!(shop.watcher.accept(forged).await.unwrap(), Accepted::Known);
}

#[tokio::test]
async fn a_tracked_payment_that_barion_does_not_know_is_given_up_and_told() {
    let sandbox = Sandbox::start().await.unwrap();
    let forged = made_up(0x0c7e_5b1f_3a99_4d0e).payment_id();
    let watcher = |after| {
        Watcher::new(impatient(&sandbox), MemoryStore::new(), |_| async {
            Ok::<(), std::io::Error>(())
        })
        .give_up_after(after)
    };
    let patient = watcher(Duration::from_secs(3_600));
    patient.track(forged, "order").await.unwrap();
    let error = patient.refresh(forged).await.unwrap_err();
    assert!(matches!(error, WatchError::Read(_)), "{error}");
    assert_eq!(patient.store().backlog().await.unwrap().open, 1);

    let hasty = watcher(Duration::ZERO);
    hasty.track(forged, "order").await.unwrap();
    let error = hasty.refresh(forged).await.unwrap_err();
    assert!(matches!(error, WatchError::GivenUp(_)), "{error}");
    assert_eq!(hasty.store().backlog().await.unwrap().open, 0);
    let order = hasty.order("order").await.unwrap().unwrap();
    assert!(order.payments()[0].is_given_up());
    assert_eq!(order.standing(), barion::OrderStanding::Unknown(forged));
}

/// Lets the shop go on until it has come so far. A test that waits in vain fails by its own limit
/// of time.
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
async fn a_handler_that_panics_does_not_stop_the_others() {
    let sandbox = Sandbox::start().await.unwrap();
    let (first, second) = (paid(&sandbox, None).await, paid(&sandbox, None).await);
    let bad = first.payment_id();
    let handled = Arc::<Mutex<Vec<PaymentId>>>::default();
    let watcher = {
        let handled = handled.clone();
        Watcher::new(
            client(&sandbox),
            MemoryStore::new(),
            move |update: OrderUpdate| {
                let handled = handled.clone();
                async move {
                    let id = update.payment.payment_id;
                    assert!(id != bad || update.repeated, "as the test wants it");
                    handled.lock().unwrap().push(update.payment.payment_id);
                    Ok::<(), std::io::Error>(())
                }
            },
        )
        .workers(1)
    };
    let workers = watcher.start();
    for (notice, order) in [(first, "first"), (second, "second")] {
        watcher.track(notice.payment_id(), order).await.unwrap();
        watcher.accept(notice).await.unwrap();
    }
    workers.wait_until_idle().await;
    assert_eq!(*handled.lock().unwrap(), [second.payment_id()]);
    // It was given back at once, and the next refresh repeats it; a sweep would go on, too.
    let again = watcher.refresh(bad).await.unwrap();
    assert_eq!(again.handled, [barion_watcher::OrderChange::OrderPaid]);
    assert_eq!(handled.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_handler_that_takes_too_long_is_dropped_and_repeated() {
    let sandbox = Sandbox::start().await.unwrap();
    let id = paid(&sandbox, None).await.payment_id();
    let begun = Arc::<Mutex<Vec<bool>>>::default();
    let watcher = {
        let begun = begun.clone();
        Watcher::new(
            client(&sandbox),
            MemoryStore::new(),
            move |update: OrderUpdate| {
                begun.lock().unwrap().push(update.repeated);
                async move {
                    if !update.repeated {
                        std::future::pending::<()>().await;
                    }
                    Ok::<(), std::io::Error>(())
                }
            },
        )
    };
    let watcher = watcher.lease(Duration::from_secs(1));
    let error = watcher.refresh(id).await.unwrap_err();
    assert!(matches!(error, WatchError::TooLong), "{error}");
    let refreshed = watcher.refresh(id).await.unwrap();
    assert_eq!(refreshed.handled, [barion_watcher::OrderChange::OrderPaid]);
    assert_eq!(*begun.lock().unwrap(), [false, true]);
}

/// A body that never ends.
#[tokio::test]
async fn a_slow_callback_is_given_up() {
    use axum::extract::FromRequest;
    tokio::time::pause();
    let body = axum::body::Body::from_stream(futures_util::stream::pending::<
        Result<bytes::Bytes, std::io::Error>,
    >());
    let request = axum::extract::Request::post("/barion?paymentId=7").body(body);
    let begun = tokio::time::Instant::now();
    let rejected = Callback::from_request(request.unwrap(), &())
        .await
        .unwrap_err();
    assert_eq!(rejected, barion_watcher::axum::CallbackRejection::Slow);
    assert_eq!(begun.elapsed().as_secs(), 5);
}

#[tokio::test]
async fn what_is_no_callback_is_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    let shop = open(&sandbox, |watcher| watcher).await;
    let http = reqwest::Client::new();
    let id = "0c7e5b1f3a994d0e8f6255d0a1b2c3d4";
    for (query, body, expected) in [
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
        assert!(text.contains(expected), "{text}");
    }
    let get = http
        .get(format!("{}?paymentId={id}", shop.address))
        .send()
        .await
        .unwrap();
    assert_eq!(get.status(), 405);
    shop.workers.wait_until_idle().await;
    assert!(sandbox.requests().is_empty(), "Barion was not asked");
}

#[tokio::test]
async fn callers_from_elsewhere_are_turned_away_if_asked_for() {
    let sandbox = Sandbox::start().await.unwrap();
    let check = SourceCheck::new(TEST_ADDRESSES);
    let strict = checked(&sandbox, |watcher| watcher, Some(check)).await;
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

    let here = ["127.0.0.0/8".parse().unwrap()];
    let behind = SourceCheck::new(TEST_ADDRESSES).behind_proxies(1, here);
    let behind = checked(&sandbox, |watcher| watcher, Some(behind)).await;
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
    behind.workers.wait_until_idle().await;
    assert_eq!(*behind.handled.lock().unwrap(), [notice.payment_id()]);

    let here = SourceCheck::new(["127.0.0.1".parse().unwrap()]);
    let here = checked(&sandbox, |watcher| watcher, Some(here)).await;
    assert_eq!(here.call(notice).await, 200);
}

#[tokio::test]
async fn a_handler_of_ones_own_takes_a_notice() {
    async fn handler(Callback(notice): Callback) -> String {
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
