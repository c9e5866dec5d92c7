//! Each fault on purpose, as it is on the wire, and whether the operation was carried out.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of a test fails by panicking"
)]

mod support;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::{StatusCode, Uri};
use barion_sandbox::{
    CARD_LOW_FUNDS, CARD_OK, CallbackFault, CallbackNext, Fault, FaultError, OperationFault,
    POS_KEY, Sandbox,
};
use serde_json::{Value, json};
use support::{Answer, Shop, id_of, order};

const START: &str = "payment_start_v2";

async fn shop_with(name: &str, fault: OperationFault) -> Shop {
    let shop = Shop::new().await;
    arm(&shop, name, fault);
    shop
}

fn arm(shop: &Shop, name: &str, fault: OperationFault) {
    let fault = Fault::operation(name, fault);
    shop.sandbox.inject(fault).unwrap();
}

async fn start(shop: &Shop) -> Answer {
    let order = order("Immediate", &[1000]);
    shop.post("/v2/Payment/Start", &order).await
}

/// The bytes that come back on a connection of its own.
async fn raw(shop: &Shop, method: &str, path: &str, body: &Value) -> Vec<u8> {
    let address = shop.sandbox.url().socket_addrs(|| None).unwrap()[0];
    let body = body.to_string();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nx-pos-key: {POS_KEY}\r\n\
         connection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let call = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        bytes
    });
    call.await.unwrap()
}

/// Pays a reservation of 1000, and finishes it with 600 on a raw connection. Returns what came back
/// and what the payment amounts to then.
async fn finished(fault: Option<OperationFault>) -> (Shop, Vec<u8>, Value) {
    let shop = Shop::new().await;
    let id = shop.paid("Reservation", &[1000]).await;
    let transaction = shop.main_ids(&id).await.remove(0);
    if let Some(fault) = fault {
        arm(&shop, "payment_finish_reservation_v2", fault);
    }
    let transactions = json!([{"TransactionId": transaction, "Total": 600}]);
    let body = json!({"PaymentId": id, "Transactions": transactions});
    let path = "/v2/Payment/FinishReservation";
    let bytes = raw(&shop, "POST", path, &body).await;
    let state = shop.state(&id).await;
    (shop, bytes, json!([state["Status"], state["Total"]]))
}

#[tokio::test]
async fn without_a_fault_the_raw_call_is_answered() {
    let (_, bytes, state) = finished(None).await;
    assert!(bytes.starts_with(b"HTTP/1.1 200 OK"));
    assert_eq!(state, json!(["Succeeded", 600]));
}

#[tokio::test]
async fn a_cut_before_sends_nothing_and_does_nothing() {
    let (shop, bytes, state) = finished(Some(OperationFault::CutBefore)).await;
    assert_eq!(bytes, b"");
    assert_eq!(state, json!(["Reserved", 1000]));
    let log = shop.sandbox.requests();
    let cut = log.iter().find(|one| one.status == 0).unwrap();
    assert_eq!(cut.path, "/v2/Payment/FinishReservation");
    assert_eq!(cut.answer, "");
}

#[tokio::test]
async fn a_cut_after_sends_nothing_though_it_is_done() {
    let (shop, bytes, state) = finished(Some(OperationFault::CutAfter)).await;
    assert_eq!(bytes, b"");
    assert_eq!(state, json!(["Succeeded", 600]));
    assert_eq!(
        shop.sandbox
            .requests()
            .iter()
            .filter(|one| one.status == 0)
            .count(),
        1
    );
}

#[tokio::test]
async fn a_cut_hits_no_other_connection_and_not_the_next_call() {
    let shop = shop_with(START, OperationFault::CutAfter).await;
    let body = order("Immediate", &[1000]).to_string();
    let request = shop.client.post(shop.url("/v2/Payment/Start"));
    let request = request.header("x-pos-key", POS_KEY).body(body);
    let (cut, health) = tokio::join!(request.send(), shop.get("/sandbox/health"));
    assert!(cut.is_err());
    assert_eq!(health.status, 200);
    start(&shop).await.ok();
}

#[tokio::test]
async fn latency_holds_the_answer_up_and_not_the_operation() {
    let time = Duration::from_millis(300);
    let shop = shop_with(START, OperationFault::Latency(time)).await;
    let begun = Instant::now();
    start(&shop).await.ok();
    assert!(begun.elapsed() >= time);

    let id = shop.paid("Reservation", &[1000]).await;
    let transaction = shop.main_ids(&id).await.remove(0);
    arm(&shop, "*", OperationFault::Latency(Duration::from_secs(60)));
    let transactions = json!([{"TransactionId": transaction, "Total": 600}]);
    let body = json!({"PaymentId": id, "Transactions": transactions});
    let request = shop
        .client
        .post(shop.url("/v2/Payment/FinishReservation"))
        .header("x-pos-key", POS_KEY)
        .body(body.to_string());
    let impatient = request.timeout(time).send().await;
    assert!(impatient.unwrap_err().is_timeout());
    assert_eq!(shop.state(&id).await["Total"], 600);
}

#[tokio::test]
async fn too_many_requests_come_with_and_without_a_hint() {
    let fault = |retry_after, html| OperationFault::TooManyRequests { retry_after, html };
    let shop = shop_with(START, fault(None, false)).await;
    let request = || {
        let body = order("Immediate", &[1000]).to_string();
        let request = shop.client.post(shop.url("/v2/Payment/Start"));
        request.header("x-pos-key", POS_KEY).body(body).send()
    };
    let plain = request().await.unwrap();
    assert_eq!(plain.status(), 429);
    assert!(plain.headers().get("retry-after").is_none());
    assert_eq!(plain.text().await.unwrap(), "");
    arm(&shop, START, fault(Some(5), true));
    let html = request().await.unwrap();
    assert_eq!(
        (html.status().as_u16(), &html.headers()["retry-after"]),
        (429, &"5".parse().unwrap())
    );
    assert!(html.text().await.unwrap().starts_with("<!DOCTYPE html>"));
}

#[tokio::test]
async fn failures_of_the_platform_are_no_answers_of_the_api() {
    for (fault, status, html) in [
        (OperationFault::ServerError, 500, false),
        (OperationFault::BadGateway, 502, true),
        (OperationFault::Captcha, 200, true),
    ] {
        let shop = shop_with(START, fault.clone()).await;
        let answer = start(&shop).await;
        assert_eq!(answer.status, status);
        if html {
            assert_eq!(answer.content_type, "text/html; charset=utf-8");
            assert!(answer.text.starts_with("<!DOCTYPE html>"));
        } else {
            assert_eq!(answer.json(), json!({"Message": "An error has occurred."}));
        }
        let (_, _, state) = finished(Some(fault)).await;
        assert_eq!(state, json!(["Reserved", 1000]));
    }
}

#[tokio::test]
async fn spoilt_answers_are_of_operations_that_were_carried_out() {
    for fault in [
        OperationFault::EmptyBody,
        OperationFault::TruncatedJson,
        OperationFault::UnknownValues,
        OperationFault::ExtraFields,
        OperationFault::MissingErrors,
    ] {
        let (_, bytes, state) = finished(Some(fault.clone())).await;
        assert!(bytes.starts_with(b"HTTP/1.1 200 OK"), "{fault:?}");
        assert_eq!(state, json!(["Succeeded", 600]), "{fault:?}");
    }
}

#[tokio::test]
async fn an_empty_body_is_empty_and_half_of_one_is_whole_to_http() {
    let shop = shop_with(START, OperationFault::EmptyBody).await;
    let answer = start(&shop).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, ""));

    let (_, whole, _) = finished(None).await;
    let (_, bytes, _) = finished(Some(OperationFault::TruncatedJson)).await;
    let body = |bytes: &[u8]| {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let length = format!("content-length: {}", body.len());
        assert!(head.to_lowercase().contains(&length), "{head}");
        body.to_owned()
    };
    let (whole, cut) = (body(&whole), body(&bytes));
    assert_eq!(cut.len(), whole.len() / 2);
    assert!(cut.starts_with("{\""), "{cut}");
    assert!(serde_json::from_str::<Value>(&cut).is_err());
}

#[tokio::test]
async fn unknown_values_leave_amounts_and_ids_alone() {
    let shop = Shop::new().await;
    let id = shop.paid("Immediate", &[1000]).await;
    arm(&shop, "get_payment_state_v4", OperationFault::UnknownValues);
    let path = format!("/v4/Payment/{id}/PaymentState");
    let spoilt = shop.get(&path).await.ok();
    let sound = shop.get(&path).await.ok();
    for name in [
        "Status",
        "PaymentType",
        "Currency",
        "PaymentMethod",
        "FundingSource",
    ] {
        assert_eq!(spoilt[name], "InventedBySandbox", "{name}");
        assert_ne!(sound[name], "InventedBySandbox", "{name}");
    }
    assert_eq!(
        spoilt["Transactions"][0]["TransactionType"],
        "InventedBySandbox"
    );
    for name in [
        "PaymentId",
        "Total",
        "CreatedAt",
        "POSName",
        "RecurrenceType",
    ] {
        assert_eq!(spoilt[name], sound[name], "{name}");
    }
    let mut body = order("Immediate", &[1000]);
    body["PayerEmailAddress"] = json!("anna@example.com");
    body["GooglePayToken"] = json!("token");
    arm(
        &shop,
        "payment_start_with_google_token_v3",
        OperationFault::UnknownValues,
    );
    let google = shop
        .post("/v3/Payment/StartPaymentWithGoogleToken", &body)
        .await;
    assert_eq!(google.ok()["PaymentStatus"], "InventedBySandbox");
}

#[tokio::test]
async fn fields_come_and_errors_go() {
    let shop = shop_with(START, OperationFault::ExtraFields).await;
    let answer = start(&shop).await.ok();
    assert_eq!(answer["SandboxExtraText"], "x");
    assert_eq!(answer["Transactions"][0]["SandboxExtraText"], "x");
    arm(&shop, START, OperationFault::MissingErrors);
    let answer = start(&shop).await.json();
    assert!(answer.get("Errors").is_none() && answer["PaymentId"].is_string());
}

#[tokio::test]
async fn faults_are_armed_shown_and_cleared_over_http() {
    let shop = Shop::new().await;
    let faults = shop.url("/sandbox/faults");
    let put = async |body: &Value| {
        shop.send(shop.client.put(&faults).body(body.to_string()))
            .await
    };
    let slow = json!({"Operation": "*", "Fault": "Latency", "Count": 1, "Milliseconds": 1});
    let armed = put(&slow).await;
    assert_eq!(
        (armed.status, armed.json()),
        (200, json!({"Faults": [slow]}))
    );
    let both = json!([
        {"operation": "PAYMENT_START_V2", "fault": "serverERROR", "count": "2"},
        {"Operation": "callback", "Fault": "Late", "Seconds": 60},
    ]);
    let expected = json!({"Faults": [
        slow,
        {"Operation": START, "Fault": "ServerError", "Count": 2},
        {"Operation": "callback", "Fault": "Late", "Count": 1, "Seconds": 60},
    ]});
    assert_eq!(put(&both).await.json(), expected);
    assert_eq!(shop.get("/sandbox/faults").await.json(), expected);
    start(&shop).await.ok();
    assert_eq!(start(&shop).await.status, 500);
    let left = shop.get("/sandbox/faults").await.json();
    assert_eq!(left["Faults"][0]["Count"], 1);
    let cleared = shop.send(shop.client.delete(&faults)).await;
    assert_eq!(cleared.json(), json!({"Faults": []}));
    start(&shop).await.ok();
    assert_eq!(shop.post_text("/sandbox/faults", "").await.status, 405);
}

#[tokio::test]
async fn what_is_no_fault_is_refused_with_what_is_possible() {
    let shop = Shop::new().await;
    let faults = shop.url("/sandbox/faults");
    for (body, parts) in [
        ("", ["JSON", "."]),
        ("3", ["entry", "list"]),
        ("[1]", ["entry", "object"]),
        (
            "{}",
            ["Operation field is required", "Fault field is required"],
        ),
        (
            r#"{"Operation":"start","Fault":"CutAfter"}"#,
            ["*, callback, create_pos_v1", START],
        ),
        (
            r#"{"Operation":"*","Fault":"Lost"}"#,
            ["Latency, CutBefore, CutAfter", "MissingErrors"],
        ),
        (
            r#"{"Operation":"callback","Fault":"CutAfter"}"#,
            ["Duplicate, Late, Reordered, Lost", "Fault"],
        ),
        (
            r#"{"Operation":"*","Fault":"Latency"}"#,
            ["Milliseconds", "required"],
        ),
        (
            r#"{"Operation":"*","Fault":"Latency","Milliseconds":60001}"#,
            ["Milliseconds", "60000"],
        ),
        (
            r#"{"Operation":"*","Fault":"CutAfter","Count":0}"#,
            ["Count", "1"],
        ),
        (
            r#"{"Operation":"*","Fault":"TooManyRequests","Body":"Xml"}"#,
            ["Empty, Html", "Body"],
        ),
        (
            r#"[{"Operation":"*","Fault":"CutAfter"},{"Operation":"callback","Fault":"Late"}]"#,
            ["Seconds", "required"],
        ),
    ] {
        let answer = shop.send(shop.client.put(&faults).body(body)).await;
        assert_eq!(answer.status, 400, "{body}");
        let text = answer.json()["Message"].as_str().unwrap().to_owned();
        assert!(
            parts.iter().all(|part| text.contains(part)),
            "{body}: {text}"
        );
    }
    let none = json!({"Faults": []});
    assert_eq!(shop.get("/sandbox/faults").await.json(), none);
    let unknown = Fault::operation("x", OperationFault::CutAfter);
    let refused = shop.sandbox.inject(unknown);
    assert_eq!(refused, Err(FaultError::UnknownOperation("x".to_owned())));
}

#[tokio::test]
async fn faults_wait_for_the_call_that_they_are_of() {
    let shop = shop_with("refund_payment_v2", OperationFault::ServerError).await;
    let id = shop.paid("Immediate", &[1000]).await;
    let transaction = shop.main_ids(&id).await.remove(0);
    assert_eq!(shop.get("/v2/Payment/Refund").await.status, 405);
    assert_eq!(shop.refund(&id, &transaction, &[1]).await.status, 500);
    shop.refund(&id, &transaction, &[1]).await.ok();
    // A wrong key is no reason to be spared.
    arm(&shop, "*", OperationFault::Captcha);
    let request = shop.client.post(shop.url("/v2/Payment/Start"));
    assert_eq!(shop.send(request).await.status, 200);
}

/// A shop's address that notes the queries, and answers with this status.
async fn hook(status: StatusCode) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = seen.clone();
    let router = Router::new().fallback(async move |uri: Uri| {
        noted.lock().unwrap().push(uri.path().to_owned());
        status
    });
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(socket, router).await });
    (address, seen)
}

/// Starts a payment whose callbacks go to this path.
async fn told(shop: &Shop, address: SocketAddr, path: &str) -> String {
    let mut body = order("Immediate", &[1000]);
    body["CallbackUrl"] = json!(format!("http://{address}/{path}"));
    id_of(&shop.post("/v2/Payment/Start", &body).await.ok())
}

fn hit(shop: &Shop, fault: CallbackFault) {
    shop.sandbox.inject(Fault::callback(fault)).unwrap();
}

#[tokio::test]
async fn a_duplicate_comes_twice_and_is_repeated_once() {
    let shop = Shop::new().await;
    let (address, seen) = hook(StatusCode::NOT_FOUND).await;
    let id = told(&shop, address, "a").await;
    hit(&shop, CallbackFault::Duplicate);
    shop.sandbox.pay(&id, CARD_OK).await.unwrap();
    shop.sandbox.callbacks_settled().await;
    assert_eq!(*seen.lock().unwrap(), ["/a", "/a"]);
    shop.sandbox
        .advance(Duration::from_secs(300))
        .await
        .unwrap();
    let log = shop.sandbox.callbacks();
    let numbers: Vec<u8> = log.iter().map(|one| one.number).collect();
    assert_eq!(numbers, [1, 1, 2, 3, 4, 5, 6]);
    assert_eq!(log[1].next, CallbackNext::GivenUp);
}

#[tokio::test]
async fn a_late_one_comes_when_the_clock_says_so() {
    let shop = Shop::new().await;
    let (address, seen) = hook(StatusCode::OK).await;
    let (one, two) = (
        told(&shop, address, "one").await,
        told(&shop, address, "two").await,
    );
    hit(&shop, CallbackFault::Late(Duration::from_secs(60)));
    shop.sandbox.pay(&one, CARD_OK).await.unwrap();
    shop.sandbox.pay(&two, CARD_OK).await.unwrap();
    shop.sandbox.advance(Duration::from_secs(59)).await.unwrap();
    assert_eq!(*seen.lock().unwrap(), ["/two"]);
    shop.sandbox.advance(Duration::from_secs(1)).await.unwrap();
    assert_eq!(*seen.lock().unwrap(), ["/two", "/one"]);
}

#[tokio::test]
async fn a_reordered_one_comes_after_the_next_of_its_payment() {
    let shop = Shop::new().await;
    let (address, seen) = hook(StatusCode::OK).await;
    let (one, two) = (
        told(&shop, address, "one").await,
        told(&shop, address, "two").await,
    );
    hit(&shop, CallbackFault::Reordered);
    shop.sandbox.pay(&one, CARD_LOW_FUNDS).await.unwrap();
    shop.sandbox.pay(&two, CARD_OK).await.unwrap();
    shop.sandbox
        .advance(Duration::from_secs(600))
        .await
        .unwrap();
    assert_eq!(*seen.lock().unwrap(), ["/two"]);
    shop.sandbox.pay(&one, CARD_OK).await.unwrap();
    shop.sandbox.callbacks_settled().await;
    assert_eq!(*seen.lock().unwrap(), ["/two", "/one", "/one"]);
}

#[tokio::test]
async fn a_lost_one_never_comes() {
    let shop = Shop::new().await;
    let (address, seen) = hook(StatusCode::OK).await;
    let id = told(&shop, address, "a").await;
    hit(&shop, CallbackFault::Lost);
    shop.sandbox.pay(&id, CARD_OK).await.unwrap();
    shop.sandbox
        .advance(Duration::from_secs(3600))
        .await
        .unwrap();
    assert!(seen.lock().unwrap().is_empty());
    let log = shop.sandbox.callbacks();
    assert_eq!((log.len(), log[0].next), (1, CallbackNext::GivenUp));
    assert!(log[0].result.as_ref().unwrap_err().starts_with("lost"));
    shop.sandbox.send_callback(&id).await.unwrap();
    shop.sandbox.callbacks_settled().await;
    assert_eq!(*seen.lock().unwrap(), ["/a"]);
}

#[tokio::test]
async fn each_sandbox_has_its_own_faults_and_can_drop_them() {
    let shop = shop_with(START, OperationFault::ServerError).await;
    let other = Shop::on(Sandbox::start().await.unwrap());
    start(&other).await.ok();
    shop.sandbox.clear_faults();
    start(&shop).await.ok();
}
