//! A sandbox without a network: requests are handed over in memory, and the same calls have the
//! same answers.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::time::Duration;

use axum::body::Bytes;
use axum::http::{Request, Response};
use barion_sandbox::{Builder, CARD_OK, Fault, OperationFault, POS_KEY, Sandbox, WALLET_KEY};
use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use serde_json::{Value, json};

const START: &str = "/v2/Payment/Start";

fn begin() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 2, 28, 23, 59, 59).unwrap() + TimeDelta::milliseconds(700)
}

fn offline() -> Builder {
    Sandbox::builder().without_network().start_at(begin())
}

fn request(method: &str, path: &str, body: impl Into<Bytes>) -> Request<Bytes> {
    Request::builder()
        .method(method)
        .uri(path)
        .header("x-pos-key", POS_KEY)
        .header("x-api-key", WALLET_KEY)
        .body(body.into())
        .unwrap()
}

async fn post(sandbox: &Sandbox, path: &str, body: &Value) -> Option<Response<Bytes>> {
    sandbox
        .answer(request("POST", path, body.to_string()))
        .await
}

fn json_of(answer: &Response<Bytes>) -> Value {
    serde_json::from_slice(answer.body()).unwrap()
}

async fn start(sandbox: &Sandbox) -> Value {
    let order = support::order("Immediate", &[10]);
    let answer = post(sandbox, START, &order).await.unwrap();
    assert_eq!(answer.status(), 200);
    json_of(&answer)
}

async fn state(sandbox: &Sandbox, id: &str) -> Value {
    let path = format!("/v4/Payment/{id}/PaymentState");
    json_of(
        &sandbox
            .answer(request("GET", &path, Bytes::new()))
            .await
            .unwrap(),
    )
}

#[tokio::test]
async fn a_payment_goes_its_way_without_a_network() {
    let sandbox = offline().start().await.unwrap();
    assert_eq!(sandbox.url().as_str(), "https://sandbox.invalid/");
    let started = start(&sandbox).await;
    let id = support::id_of(&started);
    let gateway = started["GatewayUrl"].as_str().unwrap();
    assert!(gateway.starts_with("https://sandbox.invalid/"), "{gateway}");
    let page = sandbox.answer(request("GET", gateway, Bytes::new())).await;
    assert_eq!(page.unwrap().status(), 200);
    sandbox.pay(&id, CARD_OK).await.unwrap();
    assert_eq!(state(&sandbox, &id).await["Status"], "Succeeded");

    let late = support::id_of(&start(&sandbox).await);
    let hour = Duration::from_secs(3600);
    sandbox.advance(hour).await.unwrap();
    assert_eq!(state(&sandbox, &late).await["Status"], "Expired");
    assert_eq!(sandbox.now(), begin() + TimeDelta::hours(1));
    let by_call = json!({"Seconds": 60});
    let advanced = post(&sandbox, "/sandbox/clock/advance", &by_call).await;
    assert_eq!(
        json_of(&advanced.unwrap())["Now"],
        "2026-03-01T01:00:59.700Z"
    );

    let nothing = post(&sandbox, "/nowhere", &json!({})).await.unwrap();
    assert_eq!(nothing.status(), 404);
    let large = request("POST", START, vec![b' '; 2 * 1024 * 1024]);
    assert_eq!(sandbox.answer(large).await.unwrap().status(), 413);
    let calls = sandbox.requests();
    assert_eq!(calls[0].path, START);
    assert!(calls[0].body.contains("Tea") && calls[0].answer.contains(&id));
    assert_eq!(calls[0].header("X-Pos-Key"), Some(POS_KEY));
    sandbox.callbacks_settled().await;
    assert_eq!(sandbox.callbacks(), []);
    sandbox.stop().await;
}

#[tokio::test]
async fn a_cut_connection_has_no_answer_whether_it_was_carried_out_or_not() {
    for listens in [false, true] {
        let sandbox = if listens {
            Sandbox::start().await.unwrap()
        } else {
            offline().start().await.unwrap()
        };
        let order = support::order("Immediate", &[10]);
        for (fault, payments) in [
            (OperationFault::CutBefore, 0),
            (OperationFault::CutAfter, 1),
        ] {
            sandbox
                .inject(Fault::operation("payment_start_v2", fault))
                .unwrap();
            assert!(post(&sandbox, START, &order).await.is_none());
            let list = sandbox.answer(request("GET", "/", Bytes::new())).await;
            let list = String::from_utf8(list.unwrap().body().to_vec()).unwrap();
            assert_eq!(list.matches("order-1").count().min(1), payments, "{list}");
            let seen = sandbox.requests().pop().unwrap();
            assert_eq!((seen.status, &*seen.answer), (0, ""));
        }
        let spoilt = Fault::operation("payment_start_v2", OperationFault::TruncatedJson);
        sandbox.inject(spoilt).unwrap();
        let answer = post(&sandbox, START, &order).await.unwrap();
        assert!(serde_json::from_slice::<Value>(answer.body()).is_err());
    }
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_is_late_by_the_clock_of_tokio() {
    let sandbox = offline().start().await.unwrap();
    let minute = Duration::from_secs(60);
    let late = Fault::operation("*", OperationFault::Latency(minute));
    sandbox.inject(late).unwrap();
    let before = tokio::time::Instant::now();
    start(&sandbox).await;
    assert!(before.elapsed() >= minute);
}

/// Everything that a run of all kinds of calls has answered.
async fn story(sandbox: &Sandbox) -> Vec<String> {
    let mut told = Vec::new();
    let mut order = support::order("Reservation", &[100, 50]);
    order["InitiateRecurrence"] = true.into();
    order["RecurrenceId"] = "token-1".into();
    let started = post(sandbox, START, &order).await.unwrap();
    let id = support::id_of(&json_of(&started));
    told.push(format!("{started:?}"));
    sandbox.pay(&id, CARD_OK).await.unwrap();
    sandbox.advance(Duration::from_secs(5)).await.unwrap();
    let one = json_of(&started)["Transactions"][0]["TransactionId"].clone();
    let two = json_of(&started)["Transactions"][1]["TransactionId"].clone();
    let finish = json!({"PaymentId": id, "Transactions": [
        {"TransactionId": one, "Total": 60}, {"TransactionId": two, "Total": 50}]});
    let refund = json!({"PaymentId": id, "TransactionsToRefund": [
        {"TransactionId": one, "POSTransactionId": "x", "AmountToRefund": 10}]});
    let payout = json!({"Currency": "HUF", "Amount": 10, "Recipient": {"Name": "Anna"},
        "BankAccount": {"Country": "HUN", "Format": "Giro", "AccountNumber": "117730161111101800000000"}});
    let contact = json!({"Name": "Bela", "PhoneNumber": "36305550100", "Email": "b@example.com"});
    let shop = json!({
        "Name": "Tea Shop", "Url": "https://tea.example", "Logo": "aW52ZW50ZWQ=",
        "Description": "Loose leaf teas and tea ware.", "Category": ["FoodDrink"],
        "BusinessContact": contact, "TechnicalContact": contact, "CustomerServiceContact": contact,
        "PrimaryCurrency": "HUF", "ExpectedTurnover": 2, "AverageBasketValue": 4000,
        "PercentageOfB2BCustomers": 5, "PercentageOfNonEuCards": 1.5,
        "FullPixelImplemented": false, "UseForEInvoicing": false,
        "CallBackUrl": "https://tea.example/hooks", "ReferenceId": "REF-1", "CustomCss": "p{}",
    });
    let session = json!({"SessionRequestUrl": "https://apple-pay-gateway.example/startSession",
        "ShopUrl": "https://tea.example"});
    for (path, body) in [
        ("/v2/Payment/FinishReservation", finish),
        ("/v2/Payment/Refund", refund),
        ("/v3/Withdraw/BankTransfer", payout),
        ("/v1/Pos", shop),
        ("/v2/ApplePay/ValidateSession", session),
        (START, support::order("Immediate", &[1])),
    ] {
        let answer = post(sandbox, path, &body).await.unwrap();
        assert_eq!(answer.status(), 200, "{path}: {:?}", answer.body());
        told.push(format!("{answer:?}"));
    }
    let state = format!("/v4/Payment/{id}/PaymentState");
    for path in [&*state, "/v2/Accounts", "/v3/UserHistory/GetHistory"] {
        let answer = sandbox.answer(request("GET", path, Bytes::new())).await;
        told.push(format!("{:?}", answer.unwrap()));
    }
    told
}

#[tokio::test]
async fn one_seed_has_one_story() {
    let first = story(&offline().seed(7).start().await.unwrap()).await;
    let second = story(&offline().seed(7).start().await.unwrap()).await;
    assert_eq!(first, second);
    let (other, random) = (offline().seed(8), offline());
    for differs in [other, random] {
        let told = story(&differs.start().await.unwrap()).await;
        for (place, (one, two)) in told.iter().zip(&first).enumerate() {
            assert_ne!(one, two, "{place}");
        }
    }
}

#[tokio::test]
async fn a_file_that_is_opened_again_repeats_no_id() {
    let file = std::env::temp_dir().join(format!("barion-ids-{}.db", std::process::id()));
    let open = async || offline().seed(7).db(&file).start().await.unwrap();
    let mut ids = Vec::new();
    for _ in 0..3 {
        let sandbox = open().await;
        ids.push(support::id_of(&start(&sandbox).await));
        sandbox.stop().await;
    }
    std::fs::remove_file(&file).unwrap();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 3);
}

#[tokio::test]
async fn every_answer_has_the_date_of_the_sandbox() {
    let listens = Sandbox::builder().start_at(begin()).start().await.unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for path in ["/", "/sandbox/health", "/nowhere", "/v2/Accounts"] {
        let url = listens.url().join(path).unwrap();
        let over_http = client.get(url).send().await.unwrap();
        let in_memory = listens.answer(request("GET", path, Bytes::new())).await;
        for headers in [over_http.headers(), in_memory.unwrap().headers()] {
            let dates: Vec<_> = headers.get_all("date").iter().collect();
            assert_eq!(dates, ["Sat, 28 Feb 2026 23:59:59 GMT"], "{path}");
        }
    }
    listens.advance(Duration::from_millis(300)).await.unwrap();
    let fault = OperationFault::TooManyRequests {
        retry_after: Some(1),
        html: true,
    };
    listens.inject(Fault::operation("*", fault)).unwrap();
    let spoilt = listens.answer(request("GET", "/v2/Accounts", Bytes::new()));
    let date = spoilt.await.unwrap().headers()["date"].clone();
    assert_eq!(date, "Sun, 01 Mar 2026 00:00:00 GMT");
}

#[tokio::test]
async fn the_clock_begins_where_it_is_told_to() {
    let sandbox = offline().start().await.unwrap();
    assert_eq!(sandbox.now(), begin());
    let far = Sandbox::builder().without_network();
    let far = far
        .start_at(DateTime::<Utc>::MAX_UTC)
        .start()
        .await
        .unwrap();
    far.advance(Duration::MAX).await.unwrap();
    support::id_of(&start(&far).await);
    let date = far.answer(request("GET", "/", Bytes::new())).await.unwrap();
    let date = date.headers()["date"].to_str().unwrap().to_owned();
    assert_eq!(date.len(), 29, "{date}");
}

/// Says how long a start takes; a simulation starts thousands. The bound is far above the some
/// hundred microseconds that it takes, for machines that are busy.
#[tokio::test]
async fn a_start_is_cheap() {
    let times = 100;
    let begun = std::time::Instant::now();
    for seed in 0..times {
        let sandbox = offline().strict(true).seed(seed).start().await.unwrap();
        drop(sandbox);
    }
    let each = begun.elapsed() / u32::try_from(times).unwrap();
    println!("a start without a network takes {each:?}");
    assert!(each < Duration::from_millis(20), "{each:?}");
}
