//! The payer's side: the gateway page, the control calls, and the callbacks that follow.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of a test fails by panicking"
)]

mod support;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use barion_sandbox::{CARD_LOW_FUNDS, CARD_OK, Callbacks, ControlError, Sandbox, StartError};
use serde_json::json;
use support::{Answer, Shop, id_of, order};

type Received = Arc<Mutex<Vec<(String, String)>>>;

/// A shop's callback address that notes query and body, and answers with this status.
async fn listener(status: StatusCode) -> (SocketAddr, Received) {
    let received = Received::default();
    let router = Router::new()
        .fallback(
            async move |State(received): State<Received>, uri: Uri, body: String| {
                let query = uri.query().unwrap_or_default().to_owned();
                received.lock().unwrap().push((query, body));
                status
            },
        )
        .with_state(received.clone());
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(socket, router).await });
    (address, received)
}

async fn start_with_callback(shop: &Shop, kind: &str, address: &str) -> String {
    let mut body = order(kind, &[600, 400]);
    body["CallbackUrl"] = json!(address);
    id_of(&shop.post("/v2/Payment/Start", &body).await.ok())
}

#[tokio::test]
async fn every_change_is_told_in_order_and_the_start_is_not() {
    let shop = Shop::new().await;
    let (address, received) = listener(StatusCode::OK).await;
    let url = format!("http://{address}/hook?order=7");
    let id = start_with_callback(&shop, "Reservation", &url).await;
    shop.sandbox.callbacks_settled().await;
    assert!(shop.sandbox.callbacks().is_empty());

    let mut expected = 0;
    let mut told = async |changes: usize| {
        shop.sandbox.callbacks_settled().await;
        expected += changes;
        let received = received.lock().unwrap().clone();
        assert_eq!(received.len(), expected);
        for (query, body) in received {
            assert_eq!(query, format!("order=7&paymentId={id}"));
            assert_eq!(body, format!("paymentId={id}"));
        }
    };
    shop.sandbox.pay(&id, CARD_LOW_FUNDS).await.unwrap();
    told(1).await;
    shop.sandbox.pay(&id, CARD_LOW_FUNDS).await.unwrap();
    told(0).await;
    shop.sandbox.pay(&id, CARD_OK).await.unwrap();
    told(1).await;
    shop.settle("FinishReservation", &id, &[600]).await.ok();
    told(1).await;
    shop.settle("FinishReservation", &id, &[600, 400])
        .await
        .code();
    told(0).await;
    shop.sandbox
        .advance(Duration::from_secs(24 * 3600))
        .await
        .unwrap();
    told(1).await;
    let transaction = shop.main_ids(&id).await.remove(0);
    shop.refund(&id, &transaction, &[1]).await.ok();
    told(1).await;
    shop.state(&id).await;
    told(0).await;

    let log = shop.sandbox.callbacks();
    assert_eq!(log.len(), 5);
    assert!(
        log.iter()
            .all(|one| one.payment_id == id && one.result == Ok(200))
    );
    assert_eq!(log[0].url, format!("{url}&paymentId={id}"));
}

#[tokio::test]
async fn an_expiry_is_told_though_nobody_asks() {
    let shop = Shop::new().await;
    let (address, received) = listener(StatusCode::INTERNAL_SERVER_ERROR).await;
    let url = format!("http://{address}/");
    let mut started = Vec::new();
    for _ in 0..8 {
        started.push(start_with_callback(&shop, "Immediate", &url).await);
    }
    let advanced = shop
        .sandbox
        .advance(Duration::from_secs(1800))
        .await
        .unwrap();
    assert!(shop.sandbox.now() >= advanced);
    shop.sandbox.callbacks_settled().await;
    assert_eq!(received.lock().unwrap().len(), started.len());
    let log = shop.sandbox.callbacks();
    let told: Vec<&str> = log.iter().map(|one| one.payment_id.as_str()).collect();
    assert_eq!(told, started, "in order, also within one millisecond");
    assert_eq!(log[0].result, Ok(500));
}

#[tokio::test]
async fn a_charge_that_comes_with_the_start_is_told() {
    let shop = Shop::new().await;
    let (address, received) = listener(StatusCode::OK).await;
    let mut body = order("Immediate", &[1000]);
    body["CallbackUrl"] = json!(format!("http://{address}/"));
    body["PayerEmailAddress"] = json!("anna@example.com");
    body["GooglePayToken"] = json!("token");
    let path = "/v3/Payment/StartPaymentWithGoogleToken";
    let id = id_of(&shop.post(path, &body).await.ok());
    shop.sandbox.callbacks_settled().await;
    let query = format!("paymentId={id}");
    assert_eq!(*received.lock().unwrap(), [(query.clone(), query)]);
}

#[tokio::test]
async fn only_this_computer_is_called_unless_told_otherwise() {
    let shop = Shop::new().await;
    let id = start_with_callback(&shop, "Immediate", "http://192.0.2.1/hook").await;
    shop.sandbox.pay(&id, CARD_OK).await.unwrap();
    shop.sandbox.callbacks_settled().await;
    let refused = shop.sandbox.callbacks().remove(0).result.unwrap_err();
    assert!(refused.starts_with("refused:"), "{refused}");

    let shop = Shop::on(
        Sandbox::builder()
            .callbacks(Callbacks::Off)
            .start()
            .await
            .unwrap(),
    );
    let (address, received) = listener(StatusCode::OK).await;
    let id = start_with_callback(&shop, "Immediate", &format!("http://{address}")).await;
    shop.sandbox.pay(&id, CARD_OK).await.unwrap();
    shop.sandbox.callbacks_settled().await;
    assert!(shop.sandbox.callbacks().is_empty() && received.lock().unwrap().is_empty());
}

async fn page(shop: &Shop, form: &[(&str, &str)]) -> Answer {
    shop.send(shop.client.post(shop.url("/Pay")).form(form))
        .await
}

#[tokio::test]
async fn the_page_shows_the_payment_and_no_foreign_markup() {
    let shop = Shop::new().await;
    let mut body = order("Immediate", &[3890]);
    body["OrderNumber"] = json!("<script>alert(1)</script>");
    body["Transactions"][0]["Items"][0]["Name"] = json!("<img src=x onerror=\"alert('x')\">");
    body["Transactions"][0]["Items"][0]["Unit"] = json!("a&b");
    let id = id_of(&shop.post("/v2/Payment/Start", &body).await.ok());
    let dashed = format!(
        "{}-{}-{}-{}-{}",
        &id[..8],
        &id[8..12],
        &id[12..16],
        &id[16..20],
        &id[20..]
    );
    for query in [
        format!("/Pay?Id={id}"),
        format!("/pay?id={dashed}&lang=hu_HU"),
    ] {
        let answer = shop.get(&query).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.content_type, "text/html; charset=utf-8");
        for part in [
            "<data value=\"3890 HUF\">3\u{a0}890\u{a0}HUF</data>",
            "Sandbox Shop",
            "&lt;img src=x",
            "a&amp;b",
            "value=\"cancel\"",
            CARD_OK,
        ] {
            assert!(answer.text.contains(part), "{part}: {}", answer.text);
        }
        for part in ["<script", "<img"] {
            assert!(!answer.text.contains(part), "{part}");
        }
    }
    for query in [
        "/Pay",
        "/Pay?Id=",
        "/Pay?Id=x",
        "/Pay?Id=00000000000000000000000000000001",
    ] {
        assert_eq!(shop.get(query).await.status, 404, "{query}");
    }
    assert_eq!(page(&shop, &[("CardNumber", CARD_OK)]).await.status, 404);
}

#[tokio::test]
async fn paying_on_the_page_leads_back_to_the_shop() {
    let shop = Shop::new().await;
    let id = shop.start("Immediate", &[1000]).await;
    let declined = page(&shop, &[("Id", &id), ("CardNumber", CARD_LOW_FUNDS)]).await;
    let here = format!("/Pay?Id={id}");
    assert_eq!(
        (declined.status, declined.location.as_deref()),
        (303, Some(here.as_str()))
    );
    let declined = shop.get(&here).await;
    assert!(declined.text.contains("LowFunds") && declined.text.contains("role=\"alert\""));
    let nonsense = page(&shop, &[("Id", &id), ("CardNumber", "1234")]).await;
    assert_eq!(nonsense.status, 200);
    assert!(nonsense.text.contains("Ez nem kártyaszám."));
    assert_eq!(shop.state(&id).await["Status"], "Started");

    let back = format!("http://localhost:8080/?paymentId={id}");
    let paid = page(&shop, &[("id", &id), ("CardNumber", "4444 8888 8888 5559")]).await;
    assert_eq!(
        (paid.status, paid.location.as_deref()),
        (303, Some(back.as_str()))
    );
    let again = page(&shop, &[("Id", &id), ("CardNumber", CARD_OK)]).await;
    assert_eq!(again.status, 200);
    for answer in [again, shop.get(&format!("/Pay?Id={id}")).await] {
        assert!(answer.text.contains("<strong>Succeeded</strong>"));
        assert!(answer.text.contains(&format!("href=\"{back}\"")));
    }
}

#[tokio::test]
async fn cancelling_on_the_page_works_without_a_shop_to_go_back_to() {
    let shop = Shop::new().await;
    let id = shop.start("Immediate", &[1000]).await;
    let cancelled = page(&shop, &[("Id", &id), ("Action", "cancel")]).await;
    assert_eq!(cancelled.status, 303);
    let mut body = order("Immediate", &[10]);
    body["RedirectUrl"] = json!(null);
    let id = id_of(&shop.post("/v2/Payment/Start", &body).await.ok());
    let cancelled = page(&shop, &[("Id", &id), ("Action", "cancel")]).await;
    assert_eq!(cancelled.status, 303);
    let cancelled = shop.get(&cancelled.location.unwrap()).await;
    assert!(cancelled.text.contains("<strong>Canceled</strong>"));
    assert!(cancelled.text.contains("Bezárhatja ezt az oldalt."));
}

#[tokio::test]
async fn the_control_calls_answer_what_happened() {
    let shop = Shop::new().await;
    let id = shop.start("Immediate", &[1000]).await;
    let pay = format!("/sandbox/payments/{id}/pay");
    let declined = shop
        .post(&pay, &json!({"cardnumber": CARD_LOW_FUNDS}))
        .await;
    let expected = json!({"PaymentId": id, "Status": "Started", "ProcessResult": "LowFunds"});
    assert_eq!((declined.status, declined.json()), (200, expected));
    for (body, status) in [
        ("", 400),
        ("{}", 400),
        ("{\"CardNumber\":\"4444888888884444\"}", 400),
        ("{\"CardNumber\":{}}", 400),
        ("{\"CardNumber\":4444888888885559}", 200),
        ("{\"CardNumber\":\"4444888888885559\"}", 409),
    ] {
        let answer = shop.post_text(&pay, body).await;
        assert_eq!(answer.status, status, "{body}");
        assert_eq!(answer.json()["Message"].is_string(), status != 200);
    }
    let other = shop.start("Immediate", &[1000]).await;
    let cancel = format!("/sandbox/payments/{other}/cancel");
    let expected = json!({"PaymentId": other, "Status": "Canceled", "ProcessResult": null});
    assert_eq!(shop.post_text(&cancel, "").await.json(), expected);
    assert_eq!(shop.post_text(&cancel, "").await.status, 409);
    assert_eq!(shop.get(&cancel).await.status, 405);
    for unknown in [
        "/sandbox/payments/x/cancel",
        "/sandbox/payments/00000000000000000000000000000001/pay",
    ] {
        let answer = shop.post(unknown, &json!({"CardNumber": CARD_OK})).await;
        assert_eq!(answer.status, 404, "{unknown}");
    }
}

#[tokio::test]
async fn the_clock_is_advanced_over_http() {
    let shop = Shop::new().await;
    let id = shop.start("Immediate", &[1000]).await;
    let before = shop.sandbox.now();
    let answer = shop
        .post("/sandbox/clock/advance", &json!({"Seconds": 1800}))
        .await;
    assert_eq!(answer.status, 200);
    let now: chrono::DateTime<chrono::Utc> =
        answer.json()["Now"].as_str().unwrap().parse().unwrap();
    assert!((now - before).num_seconds() >= 1800);
    assert_eq!(shop.state(&id).await["Status"], "Expired");
    for wrong in [
        "",
        "{}",
        "{\"Seconds\":-1}",
        "{\"Seconds\":1.5}",
        "{\"Seconds\":1e30}",
        "[]",
    ] {
        assert_eq!(
            shop.post_text("/sandbox/clock/advance", wrong).await.status,
            400,
            "{wrong}"
        );
    }
    assert_eq!(shop.get("/sandbox/health").await.status, 200);
    assert_eq!(shop.get("/sandbox/nothing").await.status, 404);
}

#[tokio::test]
async fn the_library_says_why_the_payer_could_not() {
    let sandbox = Sandbox::start().await.unwrap();
    let shop = Shop::on(sandbox);
    let unknown = shop.sandbox.pay("x", CARD_OK).await.unwrap_err();
    assert_eq!(unknown, ControlError::UnknownPayment("x".to_owned()));
    let id = shop.paid("Immediate", &[10]).await;
    let closed = shop.sandbox.cancel(&id).await.unwrap_err();
    assert_eq!(closed, ControlError::NotOpen("Succeeded".to_owned()));
    assert_eq!(
        shop.sandbox.pay(&id, "1").await.unwrap_err(),
        ControlError::NotACard
    );
}

#[tokio::test]
async fn sandboxes_are_apart_and_stop() {
    let (one, two) = (Shop::new().await, Shop::new().await);
    let id = one.start("Immediate", &[10]).await;
    let elsewhere = two.get(&format!("/v4/Payment/{id}/PaymentState")).await;
    assert_eq!(elsewhere.code(), "NotExistingPaymentId");

    let bad_key = Sandbox::builder().pos_key("secret").start().await;
    assert!(matches!(bad_key, Err(StartError::InvalidKey)));
    let address = one.sandbox.url().socket_addrs(|| None).unwrap()[0];
    let taken = Sandbox::builder().listen(address).start().await;
    assert!(matches!(taken, Err(StartError::Listen { .. })));

    one.sandbox.stop().await;
    let again = Sandbox::builder().listen(address).start().await.unwrap();
    assert_eq!(again.url().port(), Some(address.port()));
}
