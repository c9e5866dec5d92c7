//! Callbacks: what is sent, what counts as heard, and how often they are repeated.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of a test fails by panicking"
)]

mod support;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use barion_sandbox::{
    CARD_LOW_FUNDS, CARD_OK, CallbackAttempt, CallbackNext, Callbacks, ControlError, Sandbox,
};
use serde_json::{Value, json};
use support::{Shop, id_of, order};

/// Of each request the query, the content type and the body.
type Seen = Arc<Mutex<Vec<(String, Option<String>, String)>>>;

#[derive(Clone, Default)]
struct Hook {
    /// The answers in turn; after them 200.
    answers: Arc<Mutex<VecDeque<u16>>>,
    seen: Seen,
}

async fn hook(answers: &[u16]) -> (SocketAddr, Seen) {
    let hook = Hook::default();
    hook.answers.lock().unwrap().extend(answers);
    let seen = hook.seen.clone();
    let router = Router::new()
        .fallback(
            async |State(hook): State<Hook>, uri: Uri, headers: HeaderMap, body: String| {
                let kind = headers.get("content-type");
                hook.seen.lock().unwrap().push((
                    uri.query().unwrap_or_default().to_owned(),
                    kind.map(|kind| kind.to_str().unwrap().to_owned()),
                    body,
                ));
                let status = hook.answers.lock().unwrap().pop_front().unwrap_or(200);
                (
                    StatusCode::from_u16(status).unwrap(),
                    [("location", "/elsewhere")],
                )
            },
        )
        .with_state(hook);
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(socket, router).await });
    (address, seen)
}

async fn start(shop: &Shop, address: SocketAddr) -> String {
    let mut body = order("Immediate", &[1000]);
    body["CallbackUrl"] = json!(format!("http://{address}/hook"));
    id_of(&shop.post("/v2/Payment/Start", &body).await.ok())
}

async fn advance(shop: &Shop, seconds: u64) {
    shop.sandbox
        .advance(Duration::from_secs(seconds))
        .await
        .unwrap();
}

/// Of each attempt its number, the seconds since the first one, and the status.
fn rows(log: &[CallbackAttempt]) -> Vec<(u8, i64, u16)> {
    log.iter()
        .map(|one| {
            let passed = (one.at - log[0].at).num_seconds();
            (one.number, passed, *one.result.as_ref().unwrap())
        })
        .collect()
}

#[tokio::test]
async fn one_advance_makes_all_attempts_at_their_times() {
    let shop = Shop::new().await;
    let (address, seen) = hook(&[500, 201, 302, 404, 503, 204]).await;
    let id = start(&shop, address).await;
    let begun = shop.sandbox.now();
    shop.sandbox.pay(&id, CARD_OK).await.unwrap();
    advance(&shop, 300).await;
    let log = shop.sandbox.callbacks();
    assert_eq!(
        rows(&log),
        [
            (1, 0, 500),
            (2, 2, 201),
            (3, 8, 302),
            (4, 26, 404),
            (5, 80, 503),
            (6, 242, 204)
        ]
    );
    assert_eq!(log[0].at, begun);
    assert_eq!(log[0].next, CallbackNext::RetryAt(log[1].at));
    assert_eq!(log[4].next, CallbackNext::RetryAt(log[5].at));
    assert_eq!(log[5].next, CallbackNext::GivenUp);
    assert_eq!(seen.lock().unwrap().len(), 6, "no redirect was followed");
    assert_eq!((shop.sandbox.now() - begun).num_seconds(), 300);
    advance(&shop, 24 * 3600).await;
    assert_eq!(shop.sandbox.callbacks().len(), 6);
}

#[tokio::test]
async fn repetitions_wait_for_the_clock_and_end_with_the_first_200() {
    let shop = Shop::new().await;
    let (address, seen) = hook(&[500, 500]).await;
    let id = start(&shop, address).await;
    shop.sandbox.pay(&id, CARD_OK).await.unwrap();
    let sent = || seen.lock().unwrap().len();
    shop.sandbox.callbacks_settled().await;
    assert_eq!(sent(), 1);
    for (seconds, sum) in [(1, 1), (1, 2), (5, 2), (1, 3), (3600, 3)] {
        advance(&shop, seconds).await;
        assert_eq!(sent(), sum);
    }
    let log = shop.sandbox.callbacks();
    assert_eq!(rows(&log), [(1, 0, 500), (2, 2, 500), (3, 8, 200)]);
    assert_eq!(log[2].next, CallbackNext::Done);
}

#[tokio::test]
async fn expiries_and_repetitions_come_in_the_order_of_time() {
    let shop = Shop::new().await;
    let (address, _) = hook(&[500, 500]).await;
    let first = start(&shop, address).await;
    advance(&shop, 4).await;
    let second = start(&shop, address).await;
    let begun = shop.sandbox.now();
    // The first expires 1796 seconds later and is told of again 2 and 8 seconds after that; in
    // between, after 1800 seconds, the second one expires.
    advance(&shop, 7200).await;
    let log = shop.sandbox.callbacks();
    let told: Vec<(&str, u8, i64)> = log
        .iter()
        .map(|one| {
            let passed = (one.at - begun).num_seconds();
            (one.payment_id.as_str(), one.number, passed)
        })
        .collect();
    assert_eq!(
        told,
        [
            (first.as_str(), 1, 1796),
            (&first, 2, 1798),
            (&second, 1, 1800),
            (&first, 3, 1804)
        ]
    );
}

#[tokio::test]
async fn a_shop_that_asks_during_a_callback_sees_the_time_of_the_attempt() {
    let shop = Arc::new(Shop::new().await);
    let times = Arc::new(Mutex::new(Vec::new()));
    let (asked, noted) = (shop.clone(), times.clone());
    let router = Router::new().fallback(async move || {
        let answer = asked.get("/sandbox/health").await.json();
        noted.lock().unwrap().push(answer["Now"].clone());
        StatusCode::BAD_GATEWAY
    });
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(socket, router).await });
    let id = start(&shop, address).await;
    shop.sandbox.pay(&id, CARD_OK).await.unwrap();
    advance(&shop, 10).await;
    let log: Vec<Value> = shop
        .sandbox
        .callbacks()
        .iter()
        .map(|one| json!(one.at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()))
        .collect();
    assert_eq!(*times.lock().unwrap(), log);
    assert_eq!(log.len(), 3);
}

#[tokio::test]
async fn the_body_can_be_left_out() {
    for with_body in [true, false] {
        let builder = Sandbox::builder().callback_body(with_body);
        let shop = Shop::on(builder.start().await.unwrap());
        let (address, seen) = hook(&[]).await;
        let id = start(&shop, address).await;
        shop.sandbox.pay(&id, CARD_OK).await.unwrap();
        shop.sandbox.callbacks_settled().await;
        let text = format!("paymentId={id}");
        let form = Some("application/x-www-form-urlencoded".to_owned());
        let expected = if with_body {
            (text.clone(), form, text)
        } else {
            (text, None, String::new())
        };
        assert_eq!(*seen.lock().unwrap(), [expected]);
    }
}

#[tokio::test]
async fn a_shop_that_says_nothing_is_called_again_and_a_foreign_one_never() {
    let shop = Shop::new().await;
    let address = support::mute().await;
    let id = start(&shop, address).await;
    shop.sandbox.pay(&id, CARD_OK).await.unwrap();
    advance(&shop, 300).await;
    assert_eq!(shop.sandbox.callbacks().len(), 6);
    assert!(
        shop.sandbox
            .callbacks()
            .iter()
            .all(|one| one.result.is_err())
    );

    let id = start(&shop, "192.0.2.1:80".parse().unwrap()).await;
    shop.sandbox.pay(&id, CARD_OK).await.unwrap();
    advance(&shop, 300).await;
    let log = shop.sandbox.callbacks();
    assert_eq!((log.len(), log[6].next), (7, CallbackNext::GivenUp));
}

#[tokio::test]
async fn the_log_is_there_over_http() {
    let shop = Shop::new().await;
    let (address, _) = hook(&[500; 6]).await;
    let (one, two) = (start(&shop, address).await, start(&shop, address).await);
    shop.sandbox.pay(&one, CARD_OK).await.unwrap();
    advance(&shop, 300).await;
    shop.sandbox.pay(&two, CARD_OK).await.unwrap();
    shop.sandbox.callbacks_settled().await;
    let all = shop.get("/sandbox/callbacks").await.json();
    assert_eq!(all["Callbacks"].as_array().unwrap().len(), 7);
    let query = format!("/sandbox/callbacks?PaymentId={one}");
    let log = shop.get(&query).await.json()["Callbacks"].clone();
    let times: Vec<&Value> = log
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["At"])
        .collect();
    assert_eq!(times.len(), 6);
    let url = format!("http://{address}/hook?paymentId={one}");
    let row = |number: usize, next: &Value, given_up: bool| {
        json!({"PaymentId": one, "Url": url, "Attempt": number, "At": times[number - 1],
               "Status": 500, "Error": null, "GivenUp": given_up, "NextAttemptAt": next})
    };
    assert_eq!(log[0], row(1, times[1], false));
    assert_eq!(log[5], row(6, &Value::Null, true));
    assert_eq!(shop.get("/sandbox/callbacks?paymentid=x").await.status, 400);
    assert_eq!(shop.post_text("/sandbox/callbacks", "").await.status, 405);
}

#[tokio::test]
async fn an_advance_by_nothing_waits_for_what_is_under_way() {
    let shop = Shop::new().await;
    let (address, seen) = hook(&[500]).await;
    let id = start(&shop, address).await;
    let path = format!("/sandbox/payments/{id}/pay");
    shop.post(&path, &json!({"CardNumber": CARD_OK})).await;
    let before = shop.sandbox.now();
    shop.post("/sandbox/clock/advance", &json!({"Seconds": 0}))
        .await;
    assert_eq!(seen.lock().unwrap().len(), 1);
    assert_eq!(shop.sandbox.callbacks().len(), 1);
    assert_eq!(shop.sandbox.now(), before);
}

#[tokio::test]
async fn two_advances_at_once_add_up() {
    let shop = Shop::new().await;
    let before = shop.sandbox.now();
    tokio::join!(advance(&shop, 40), advance(&shop, 2));
    assert_eq!((shop.sandbox.now() - before).num_seconds(), 42);
}

#[tokio::test]
async fn a_callback_is_sent_again_on_demand() {
    let shop = Shop::new().await;
    let (address, seen) = hook(&[200, 500]).await;
    let id = start(&shop, address).await;
    shop.sandbox.pay(&id, CARD_OK).await.unwrap();
    let path = format!("/sandbox/payments/{id}/callback");
    let again = shop.post_text(&path, "").await;
    let url = format!("http://{address}/hook?paymentId={id}");
    let expected = json!({"PaymentId": id, "CallbackUrl": url});
    assert_eq!((again.status, again.json()), (200, expected));
    advance(&shop, 60).await;
    let log = shop.sandbox.callbacks();
    assert_eq!(rows(&log), [(1, 0, 200), (1, 0, 500), (2, 2, 200)]);
    shop.sandbox.send_callback(&id).await.unwrap();
    shop.sandbox.callbacks_settled().await;
    assert_eq!(seen.lock().unwrap().len(), 4);

    assert_eq!(
        shop.post_text("/sandbox/payments/x/callback", "")
            .await
            .status,
        404
    );
    let silent = shop.start("Immediate", &[10]).await;
    let path = format!("/sandbox/payments/{silent}/callback");
    assert_eq!(shop.post_text(&path, "").await.status, 409);
    let off = Sandbox::builder().callbacks(Callbacks::Off);
    let shop = Shop::on(off.start().await.unwrap());
    let id = start(&shop, address).await;
    let refused = shop.sandbox.send_callback(&id).await;
    assert_eq!(refused, Err(ControlError::NoCallback));
}

#[tokio::test]
async fn the_clock_stands_still_unless_it_is_real() {
    let shop = Shop::new().await;
    let before = shop.sandbox.now();
    let id = shop.start("Immediate", &[10]).await;
    shop.sandbox.pay(&id, CARD_LOW_FUNDS).await.unwrap();
    assert_eq!(shop.sandbox.now(), before);
    let after = shop
        .sandbox
        .advance(Duration::from_millis(1500))
        .await
        .unwrap();
    assert_eq!((after - before).num_milliseconds(), 1500);
    let state = shop.state(&id).await;
    let times = [&state["CreatedAt"], &state["ValidUntil"]];
    let [created, until] = times.map(|time| time.as_str().unwrap());
    let read = |time: &str| time.parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    assert_eq!(read(created), before);
    assert_eq!((read(until) - before).num_minutes(), 30);
}

#[tokio::test]
async fn in_real_time_things_happen_without_being_asked_for() {
    let sandbox = Sandbox::builder().real_time(true).start().await.unwrap();
    let shop = Shop::on(sandbox);
    let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let router = Router::new().fallback(async move || {
        told.send(()).unwrap();
        StatusCode::BAD_GATEWAY
    });
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(socket, router).await });
    let id = start(&shop, address).await;
    shop.sandbox.pay(&id, CARD_OK).await.unwrap();
    heard.recv().await.unwrap();
    // Half of the two seconds are skipped, the rest has to pass by itself.
    advance(&shop, 1).await;
    let limit = Duration::from_secs(60);
    let second = tokio::time::timeout(limit, heard.recv()).await;
    assert_eq!(second, Ok(Some(())), "a second attempt");
    shop.sandbox.callbacks_settled().await;
    let log = shop.sandbox.callbacks();
    assert_eq!(log[1].number, 2);
    assert!((log[1].at - log[0].at).num_seconds() >= 2);
}

#[tokio::test]
async fn in_real_time_an_advance_repeats_what_was_under_way() {
    let sandbox = Sandbox::builder().real_time(true).start().await.unwrap();
    let shop = Shop::on(sandbox);
    let router = Router::new().fallback(async || {
        tokio::time::sleep(Duration::from_millis(100)).await;
        StatusCode::BAD_GATEWAY
    });
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(socket, router).await });
    let id = start(&shop, address).await;
    shop.sandbox.pay(&id, CARD_OK).await.unwrap();
    // The first attempt fails while the advance is waited for; the second is due two seconds after.
    advance(&shop, 2).await;
    assert_eq!(shop.sandbox.callbacks().len(), 2);
}
