//! What a strict sandbox refuses and any other takes, rule by rule.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of a test fails by panicking"
)]

mod support;

use std::time::Duration;

use barion_sandbox::{BankTransfer, CARD_OK, ControlError, POS_KEY, Sandbox};
use serde_json::{Value, json};
use support::{Answer, Shop, id_of, order};

const START: &str = "/v2/Payment/Start";
const GOOGLE: &str = "/v3/Payment/StartPaymentWithGoogleToken";
const FINISH: &str = "/v2/Payment/FinishReservation";

async fn shops() -> [Shop; 2] {
    let strict = Sandbox::builder().strict(true).start().await.unwrap();
    [Shop::new().await, Shop::on(strict)]
}

/// A request that every reading of the documentation takes.
fn whole(kind: &str, name: &str) -> Value {
    let mut body = order(kind, &[1000]);
    body["PaymentRequestId"] = json!(name);
    body["CallbackUrl"] = json!("http://127.0.0.1:1/hook");
    body
}

/// Sets, or takes away with null, what is at each of these places.
fn changed(mut body: Value, changes: &[(&str, Value)]) -> Value {
    for (place, value) in changes {
        let (parent, name) = place.rsplit_once('/').unwrap();
        let parent = body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        if value.is_null() {
            parent.remove(name).unwrap();
        } else {
            parent.insert(name.to_owned(), value.clone());
        }
    }
    body
}

/// The descriptions of an answer's errors, which are all of this code.
fn said(answer: &Answer, code: &str) -> Vec<String> {
    assert_eq!(answer.code(), code, "{}", answer.text);
    let errors = answer.json()["Errors"].as_array().unwrap().clone();
    let texts = errors
        .iter()
        .map(|one| one["Description"].as_str().unwrap().to_owned());
    texts.collect()
}

/// The type of a payment, what is changed of a whole request, and what a strict sandbox says of it.
type Case = (&'static str, Vec<(&'static str, Value)>, Vec<String>);

#[tokio::test]
async fn a_start_is_judged_by_the_stricter_reading() {
    let [loose, strict] = shops().await;
    let required = |name: &str| format!("The {name} field is required.");
    let unknown = |name: &str| format!("The field {name} is not documented.");
    let word = |name: &str| format!("The field {name} is not one of the documented words.");
    let recurring = json!({"RecurringExpiry": "2099-01-01T00:00:00", "RecurringFrequency": 0});
    let cases: Vec<Case> = vec![
        (
            "Immediate",
            vec![("/GuestCheckOut", Value::Null)],
            vec![required("GuestCheckOut")],
        ),
        (
            "Immediate",
            vec![("/RedirectUrl", Value::Null)],
            vec![required("RedirectUrl")],
        ),
        (
            "Immediate",
            vec![("/CallbackUrl", Value::Null)],
            vec![required("CallbackUrl")],
        ),
        (
            "Immediate",
            vec![("/Transactions/0/Items", Value::Null)],
            vec![required("Items")],
        ),
        (
            "Immediate",
            vec![("/Transactions/0/Items", json!([]))],
            vec![required("Items")],
        ),
        (
            "Reservation",
            vec![("/ReservationPeriod", Value::Null)],
            vec![required("ReservationPeriod")],
        ),
        (
            "DelayedCapture",
            vec![("/DelayedCapturePeriod", Value::Null)],
            vec![required("DelayedCapturePeriod")],
        ),
        (
            "Immediate",
            vec![("/Transactions/0/Items/0/ItemTotal", json!(999))],
            vec!["The ItemTotals of the Items come to 999, not to the Total.".to_owned()],
        ),
        (
            "Immediate",
            vec![("/Transactions/0/Items/0/UnitPrice", json!(999.5))],
            vec!["The field Items has an amount with too many digits.".to_owned()],
        ),
        (
            "Immediate",
            vec![
                ("/Transactions/0/Total", json!(10)),
                ("/Transactions/0/Items/0/ItemTotal", json!(10)),
            ],
            vec!["The field Total must be greater than 10.00.".to_owned()],
        ),
        (
            "Immediate",
            vec![
                ("/GuestCheckOut", Value::Null),
                ("/GuestCheckout", json!(true)),
                ("/Transactions/0/Coment", json!("x")),
            ],
            vec![unknown("GuestCheckout"), unknown("Transactions[0].Coment")],
        ),
        (
            "Immediate",
            vec![("/PayerHomePhoneNumber", json!("36201234567"))],
            vec![unknown("PayerHomePhoneNumber")],
        ),
        (
            "Immediate",
            vec![
                ("/Currency", json!("huf")),
                ("/FundingSources", json!(["Card"])),
            ],
            vec![word("Currency"), word("FundingSources[0]")],
        ),
        (
            "Immediate",
            vec![("/PurchaseInformation", recurring)],
            vec!["The field RecurringFrequency must be a whole number from 1 to 9999.".to_owned()],
        ),
    ];
    for (place, (kind, changes, expected)) in cases.iter().enumerate() {
        let body = changed(whole(kind, &format!("order-{place}")), changes);
        loose.post(START, &body).await.ok();
        let refused = strict.post(START, &body).await;
        assert_eq!(&said(&refused, "ModelValidationError"), expected, "{body}");
        // The same request without the change is taken: it was nothing else.
        strict
            .post(START, &whole(kind, &format!("order-{place}")))
            .await
            .ok();
    }
}

#[tokio::test]
async fn a_request_id_is_used_once_in_each_shop() {
    let [loose, strict] = shops().await;
    let body = whole("Immediate", "order-1");
    for _ in 0..2 {
        loose.post(START, &body).await.ok();
    }
    strict.post(START, &body).await.ok();
    let again = strict.post(START, &body).await;
    let expected = ["The PaymentRequestId was used before."];
    assert_eq!(said(&again, "ModelValidationError"), expected);
    let google = json!({"GooglePayToken": "x", "PayerEmailAddress": "anna@example.com"});
    let mut by_google = body.clone();
    by_google
        .as_object_mut()
        .unwrap()
        .append(&mut google.as_object().unwrap().clone());
    loose.post(GOOGLE, &by_google).await.ok();
    let again = strict.post(GOOGLE, &by_google).await;
    assert_eq!(said(&again, "ModelValidationError"), expected);
}

#[tokio::test]
async fn a_start_with_a_google_token_needs_all_of_start() {
    let [loose, strict] = shops().await;
    let mut body = whole("Immediate", "order-1");
    body["GooglePayToken"] = json!("x");
    body["PayerEmailAddress"] = json!("anna@example.com");
    let less = changed(
        body.clone(),
        &[("/Locale", Value::Null), ("/GuestCheckOut", Value::Null)],
    );
    loose.post(GOOGLE, &less).await.ok();
    let refused = strict.post(GOOGLE, &less).await;
    let expected = [
        "The Locale field is required.",
        "The GuestCheckOut field is required.",
    ];
    assert_eq!(said(&refused, "ModelValidationError"), expected);
    strict.post(GOOGLE, &body).await.ok();
}

#[tokio::test]
async fn a_key_counts_in_the_header_only() {
    let [loose, strict] = shops().await;
    for (place, status) in [(&loose, 200), (&strict, 401)] {
        let mut body = whole("Immediate", "order-1");
        body["POSKey"] = json!(POS_KEY);
        let request = place.client.post(place.url(START)).body(body.to_string());
        assert_eq!(place.send(request).await.status, status);
        let id = id_of(
            &place
                .post(
                    START,
                    &changed(body, &[("/PaymentRequestId", json!("order-2"))]),
                )
                .await
                .ok(),
        );
        let query = format!("/v2/Payment/GetPaymentState?POSKey={POS_KEY}&PaymentId={id}");
        let request = place.client.get(place.url(&query));
        assert_eq!(place.send(request).await.status, status);
        place.get(&query).await.ok();
    }
}

#[tokio::test]
async fn queries_are_judged_too() {
    let [loose, strict] = shops().await;
    let typo = "/v3/UserHistory/GetHistory?Limitt=3";
    loose.wallet_get(typo).await.ok();
    let refused = strict.wallet_get(typo).await;
    let expected = ["The field Limitt is not documented."];
    assert_eq!(said(&refused, "ModelValidationError"), expected);
    strict
        .wallet_get("/v3/UserHistory/GetHistory?Limit=3")
        .await
        .ok();
    let started = strict
        .post(START, &whole("Immediate", "order-1"))
        .await
        .ok();
    let picture = strict.client.get(started["QRUrl"].as_str().unwrap());
    assert_eq!(strict.send(picture).await.status, 200, "Barion's own links");
}

#[tokio::test]
async fn an_unknown_token_is_an_error() {
    let [loose, strict] = shops().await;
    let mut body = whole("Immediate", "order-1");
    body["RecurrenceId"] = json!("nobody");
    body["RecurrenceType"] = json!("OneClickPayment");
    assert_eq!(
        loose.post(START, &body).await.ok()["RecurrenceResult"],
        "NotFound"
    );
    assert_eq!(
        strict.post(START, &body).await.code(),
        "InvalidRecurrenceId"
    );
}

#[tokio::test]
async fn a_reservation_needs_balance_for_its_fees() {
    let [loose, strict] = shops().await;
    // The wallet begins with a million, and the fee is 1.49 %.
    let with = |total: u32, name: &str| {
        let mut body = order("Reservation", &[total]);
        body["PaymentRequestId"] = json!(name);
        body["CallbackUrl"] = json!("http://127.0.0.1:1/hook");
        body
    };
    loose.post(START, &with(70_000_000, "order-1")).await.ok();
    let refused = strict.post(START, &with(70_000_000, "order-1")).await;
    assert_eq!(refused.code(), "InsufficientFunds");
    strict.post(START, &with(60_000_000, "order-2")).await.ok();
    assert_eq!(
        strict
            .post(START, &with(60_000_000, "order-3"))
            .await
            .code(),
        "InsufficientFunds"
    );
}

#[tokio::test]
async fn items_of_a_finished_reservation_add_up() {
    for shop in shops().await {
        let id = id_of(
            &shop
                .post(START, &whole("Reservation", "order-1"))
                .await
                .ok(),
        );
        shop.sandbox.pay(&id, CARD_OK).await.unwrap();
        let transaction = shop.main_ids(&id).await.remove(0);
        let finish = |item_total: u32| {
            json!({"PaymentId": id, "Transactions": [{"TransactionId": transaction, "Total": 700,
                "Items": [{"Name": "Tea", "Description": "d", "Quantity": 1, "Unit": "pack",
                           "UnitPrice": 700, "ItemTotal": item_total}]}]})
        };
        let first = shop.post(FINISH, &finish(699)).await;
        if first.status == 200 {
            first.ok();
            continue;
        }
        let expected = ["The ItemTotals of the Items come to 699, not to the Total."];
        assert_eq!(said(&first, "ModelValidationError"), expected);
        shop.post(FINISH, &finish(700)).await.ok();
    }
}

#[tokio::test]
async fn a_payer_has_the_means_that_the_shop_asked_for() {
    let [loose, strict] = shops().await;
    let with = |name: &str, total: f64, sources: &[&str]| {
        let mut body = whole("Immediate", name);
        body["Currency"] = json!("EUR");
        body["FundingSources"] = json!(sources);
        body["Transactions"][0]["Total"] = json!(total);
        body["Transactions"][0]["Items"][0]["ItemTotal"] = json!(total);
        body
    };
    let transfer = ["All", "BankTransfer"];
    for (shop, is_strict) in [(&loose, false), (&strict, true)] {
        let start = async |body: Value| id_of(&shop.post(START, &body).await.ok());
        let balance = start(with("order-1", 5.0, &["Balance"])).await;
        let all = start(with("order-2", 5.0, &["All"])).await;
        let small = start(with("order-3", 0.99, &transfer)).await;
        let enough = start(with("order-4", 1.0, &transfer)).await;
        let outcome = BankTransfer::Succeeded;
        for (done, why) in [
            (shop.sandbox.pay(&balance, CARD_OK).await, "leave cards out"),
            (
                shop.sandbox.bank_transfer(&all, outcome).await,
                "leave bank transfers out",
            ),
            (
                shop.sandbox.bank_transfer(&small, outcome).await,
                "EUR 1.00 at least",
            ),
        ] {
            match done {
                Ok(done) => assert!(!is_strict && done.status == "Succeeded", "{why}"),
                Err(ControlError::NotPossible(text)) => {
                    assert!(is_strict && text.contains(why), "{text}");
                }
                Err(other) => panic!("{other}"),
            }
        }
        shop.sandbox.bank_transfer(&enough, outcome).await.unwrap();
        if is_strict {
            shop.sandbox.pay(&all, CARD_OK).await.unwrap();
            shop.sandbox.pay_by_wallet(&balance).await.unwrap();
        }
    }
}

#[tokio::test]
async fn refunds_need_balance_and_another_payer() {
    let [loose, strict] = shops().await;
    for (shop, own) in [
        (&loose, None),
        (&strict, Some("TheSourceAndDestinationAccountsAreMatched")),
    ] {
        let mut body = whole("Immediate", "order-1");
        body["PayerHint"] = json!("Shop@Example.com");
        let id = id_of(&shop.post(START, &body).await.ok());
        shop.sandbox.pay_by_wallet(&id).await.unwrap();
        let transaction = shop.main_ids(&id).await.remove(0);
        let refund = shop.refund(&id, &transaction, &[1]).await;
        match own {
            Some(code) => assert_eq!(refund.code(), code),
            None => drop(refund.ok()),
        }
    }
    for (shop, low) in [(&loose, None), (&strict, Some("TooLowBalanceToMakeRefund"))] {
        let mut body = whole("Immediate", "order-2");
        body["Transactions"][0]["Payee"] = json!("shop@example.com");
        let id = id_of(&shop.post(START, &body).await.ok());
        shop.sandbox.pay(&id, CARD_OK).await.unwrap();
        let accounts = shop.wallet_get("/v2/Accounts/Get").await.ok();
        let huf = accounts["Accounts"].as_array().unwrap().iter();
        let huf = huf.clone().find(|one| one["Currency"] == "HUF").unwrap();
        let all = &huf["Balance"]["Available"];
        let away = json!({"SourceAccountId": huf["AccountId"], "TargetEmail": "x@example.com",
            "Amount": {"Currency": "HUF", "Value": all}});
        shop.wallet_post("/v2/Transfer/Email", &away).await.ok();
        let transaction = shop.main_ids(&id).await.remove(0);
        let refund = shop.refund(&id, &transaction, &[1]).await;
        match low {
            Some(code) => assert_eq!(refund.code(), code),
            None => drop(refund.ok()),
        }
    }
}

#[tokio::test]
async fn states_are_asked_for_once_in_five_seconds() {
    let [loose, strict] = shops().await;
    let limited = Sandbox::builder().rate_limit(true).start().await.unwrap();
    for (shop, served) in [(loose, 4), (Shop::on(limited), 2), (strict, 1)] {
        let id = id_of(&shop.post(START, &whole("Immediate", "order-1")).await.ok());
        let state = format!("/v4/Payment/{id}/PaymentState");
        for call in 1..=3 {
            let expected = if call <= served { 200 } else { 429 };
            assert_eq!(
                shop.get(&state).await.status,
                expected,
                "{served}: call {call}"
            );
        }
        shop.sandbox.advance(Duration::from_secs(5)).await.unwrap();
        assert_eq!(shop.get(&state).await.status, 200);
    }
}

#[tokio::test]
async fn callbacks_tell_by_the_query_alone() {
    use std::sync::{Arc, Mutex};

    use axum::Router;
    use axum::http::Uri;

    let [loose, strict] = shops().await;
    for (shop, has_body) in [(loose, true), (strict, false)] {
        let told = Arc::<Mutex<Vec<(String, String)>>>::default();
        let log = Arc::clone(&told);
        let router = Router::new().fallback(async move |uri: Uri, body: String| {
            log.lock()
                .unwrap()
                .push((uri.query().unwrap_or_default().to_owned(), body));
        });
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", socket.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(socket, router).await });
        let body = changed(
            whole("Immediate", "order-1"),
            &[("/CallbackUrl", json!(url))],
        );
        let id = id_of(&shop.post(START, &body).await.ok());
        shop.sandbox.pay(&id, CARD_OK).await.unwrap();
        shop.sandbox.callbacks_settled().await;
        let id = format!("paymentId={id}");
        let body = if has_body { id.clone() } else { String::new() };
        assert_eq!(*told.lock().unwrap(), [(id, body)]);
    }
}
