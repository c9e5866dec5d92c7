//! Token payments over HTTP: registering, charging, being refused, authenticating.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of a test fails by panicking"
)]

mod support;

use barion_sandbox::{CARD_OK, ControlError, TokenChargeOutcome};
use serde_json::{Value, json};
use support::{Answer, Shop, id_of, of_type, order};

const ID: &str = "Sub 9/Ünit+1";

fn first(kind: &str, recurrence: &str) -> Value {
    let mut body = order(kind, &[1000]);
    body["InitiateRecurrence"] = json!(true);
    body["RecurrenceId"] = json!(ID);
    body["RecurrenceType"] = json!(recurrence);
    if recurrence == "RecurringPayment" {
        body["PurchaseInformation"] =
            json!({"RecurringExpiry": "2099-01-01T00:00:00.000", "RecurringFrequency": 28});
    }
    body
}

/// Registers a token; returns its chain id.
async fn registered(shop: &Shop, recurrence: &str) -> String {
    let start = shop
        .post("/v2/Payment/Start", &first("Immediate", recurrence))
        .await
        .ok();
    assert_eq!(start["RecurrenceResult"], "None");
    assert_eq!(start["TraceId"], Value::Null);
    let id = id_of(&start);
    shop.sandbox.pay(&id, CARD_OK).await.unwrap();
    let state = shop.state(&id).await;
    state["TraceId"].as_str().unwrap().to_owned()
}

async fn later(
    shop: &Shop,
    kind: &str,
    total: u32,
    recurrence: &str,
    trace: Option<&str>,
) -> Answer {
    let mut body = order(kind, &[total]);
    body["RecurrenceId"] = json!(ID);
    body["RecurrenceType"] = json!(recurrence);
    body["TraceId"] = json!(trace);
    shop.post("/v2/Payment/Start", &body).await
}

async fn control(shop: &Shop, path: &str, body: &Value) -> Answer {
    let request = shop.client.post(shop.url(path)).body(body.to_string());
    shop.send(request).await
}

#[tokio::test]
async fn the_chain_id_counts_byte_for_byte() {
    for recurrence in ["MerchantInitiatedPayment", "RecurringPayment"] {
        let shop = Shop::new().await;
        let trace = registered(&shop, recurrence).await;
        let collapsed = trace.split_whitespace().collect::<Vec<_>>().join(" ");
        let padded = format!("{trace} ");
        for wrong in [None, Some(collapsed.as_str()), Some(&padded), Some("x")] {
            let answer = later(&shop, "Immediate", 1000, recurrence, wrong).await;
            assert_eq!(answer.code(), "ThreeDsNotEnabled", "{wrong:?}");
        }
        let charged = later(&shop, "Immediate", 1000, recurrence, Some(&trace))
            .await
            .ok();
        assert_eq!(charged["Status"], "Succeeded");
        assert_eq!(charged["RecurrenceResult"], "Successful");
        assert_eq!(charged["TraceId"], trace.as_str());
        assert_eq!(charged["Transactions"][0]["Status"], "Succeeded");
    }
}

#[tokio::test]
async fn a_recurring_payment_may_be_lower_but_not_higher() {
    let shop = Shop::new().await;
    let trace = registered(&shop, "RecurringPayment").await;
    let with = async |total, kind| later(&shop, "Immediate", total, kind, Some(&trace)).await;
    assert_eq!(
        with(1001, "RecurringPayment").await.code(),
        "ModelValidationError"
    );
    with(999, "RecurringPayment").await.ok();
    with(1000, "RecurringPayment").await.ok();
    with(5000, "MerchantInitiatedPayment").await.ok();
}

#[tokio::test]
async fn tokens_reserve_and_authorise_too() {
    let shop = Shop::new().await;
    let start = first("Reservation", "MerchantInitiatedPayment");
    let id = id_of(&shop.post("/v2/Payment/Start", &start).await.ok());
    shop.sandbox.pay(&id, CARD_OK).await.unwrap();
    shop.settle("FinishReservation", &id, &[0]).await.ok();
    let trace = shop.state(&id).await["TraceId"]
        .as_str()
        .unwrap()
        .to_owned();
    for (kind, status, then) in [
        ("Reservation", "Reserved", "FinishReservation"),
        ("DelayedCapture", "Authorized", "Capture"),
    ] {
        let answer = later(&shop, kind, 700, "MerchantInitiatedPayment", Some(&trace))
            .await
            .ok();
        assert_eq!(
            (&answer["Status"], &answer["RecurrenceResult"]),
            (&json!(status), &json!("Successful"))
        );
        let id = id_of(&answer);
        shop.settle(then, &id, &[700]).await.ok();
        assert_eq!(shop.state(&id).await["Status"], "Succeeded");
    }
}

#[tokio::test]
async fn a_refused_charge_leaves_a_prepared_payment() {
    let shop = Shop::new().await;
    registered(&shop, "OneClickPayment").await;
    for (wanted, told) in [
        (TokenChargeOutcome::Failed, "Failed"),
        (TokenChargeOutcome::NotFound, "NotFound"),
    ] {
        shop.sandbox.next_token_charge(ID, wanted).await.unwrap();
        let answer = later(&shop, "Immediate", 1000, "OneClickPayment", None)
            .await
            .ok();
        assert_eq!(answer["RecurrenceResult"], told);
        assert_eq!(
            (&answer["Status"], &answer["TraceId"]),
            (&json!("Prepared"), &Value::Null)
        );
    }
    let next = later(&shop, "Immediate", 1000, "OneClickPayment", None)
        .await
        .ok();
    assert_eq!(
        next["RecurrenceResult"], "Successful",
        "one charge only was set"
    );
}

#[tokio::test]
async fn errors_of_charges_come_without_a_payment() {
    let shop = Shop::new().await;
    registered(&shop, "OneClickPayment").await;
    let path = "/sandbox/tokens/Sub%209%2F%C3%9Cnit+1";
    for code in [
        "RecurringPaymentNotAllowed",
        "InvalidRecurrenceId",
        "RecurringPaymentDenied",
        "InsufficientFunds",
        "OriginalPaymentWasntSuccessful",
        "InvalidCurrency",
        "CardExpired",
        "TopUpFailed",
        "ThreeDsNotEnabled",
        "InvalidUser",
        "UserCantMakeOutgoingTransaction",
        "CardError",
        "PingFailed",
    ] {
        let set = control(&shop, path, &json!({"result": code.to_lowercase()})).await;
        assert_eq!(set.status, 200, "{}", set.text);
        let answer = later(&shop, "Immediate", 1000, "OneClickPayment", None).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, code));
        assert_eq!(answer.json()["PaymentId"], Value::Null);
    }
    for (path, body, status) in [
        (path, json!({"Result": "Nonsense"}), 400),
        (path, json!([]), 400),
        ("/sandbox/tokens/other", json!({"Result": "Failed"}), 404),
        (
            "/sandbox/tokens/sub%209%2F%C3%9Cnit+1",
            json!({"Result": "Failed"}),
            404,
        ),
    ] {
        assert_eq!(
            control(&shop, path, &body).await.status,
            status,
            "{path} {body}"
        );
    }
    let unknown = shop
        .sandbox
        .next_token_charge("other", TokenChargeOutcome::Failed)
        .await;
    assert_eq!(unknown, Err(ControlError::UnknownToken("other".to_owned())));
}

#[tokio::test]
async fn a_token_that_was_never_paid_for_cannot_be_charged() {
    let shop = Shop::new().await;
    let unknown = later(&shop, "Immediate", 1000, "OneClickPayment", None)
        .await
        .ok();
    assert_eq!(unknown["RecurrenceResult"], "NotFound");
    let start = first("Immediate", "OneClickPayment");
    let id = id_of(&shop.post("/v2/Payment/Start", &start).await.ok());
    shop.sandbox.cancel(&id).await.unwrap();
    let answer = later(&shop, "Immediate", 1000, "OneClickPayment", None).await;
    assert_eq!(answer.code(), "OriginalPaymentWasntSuccessful");
}

#[tokio::test]
async fn the_payer_authenticates_or_fails_to() {
    let shop = Shop::new().await;
    registered(&shop, "OneClickPayment").await;
    for (wanted, status, successful) in [
        (
            TokenChargeOutcome::ThreeDSAuthenticationRequired,
            "Succeeded",
            true,
        ),
        (TokenChargeOutcome::AuthenticationFails, "Prepared", false),
    ] {
        shop.sandbox.next_token_charge(ID, wanted).await.unwrap();
        let answer = later(&shop, "Immediate", 1000, "OneClickPayment", None)
            .await
            .ok();
        assert_eq!(answer["RecurrenceResult"], "ThreeDSAuthenticationRequired");
        assert_eq!(answer["Status"], "Prepared");
        assert!(answer["ThreeDSAuthClientData"].is_string());
        let id = id_of(&answer);
        let body = json!({"PaymentId": id});
        let completed = shop.post("/v2/Payment/Complete", &body).await.ok();
        assert_eq!(completed["PaymentStatus"], status);
        assert_eq!(completed["IsSuccessful"], successful);
        assert_eq!(completed["TraceId"].is_string(), successful);
        let again = shop.post("/v2/Payment/Complete", &body).await;
        assert_eq!(again.code(), "PaymentStatusNotValid");
        assert_eq!(shop.state(&id).await["Status"], status);
    }
}

#[tokio::test]
async fn a_token_of_a_wallet_needs_no_chain_id() {
    let shop = Shop::new().await;
    let start = first("Immediate", "MerchantInitiatedPayment");
    let id = id_of(&shop.post("/v2/Payment/Start", &start).await.ok());
    shop.sandbox.pay_by_wallet(&id).await.unwrap();
    assert_eq!(shop.state(&id).await["TraceId"], Value::Null);
    let answer = later(&shop, "Immediate", 1000, "MerchantInitiatedPayment", None)
        .await
        .ok();
    assert_eq!(answer["RecurrenceResult"], "Successful");
    let state = shop.state(&id_of(&answer)).await;
    assert_eq!(state["PaymentMethod"], "BarionWallet");
    assert_eq!(of_type(&state, "Shop").len(), 1);
}

#[tokio::test]
async fn a_token_belongs_to_one_shop() {
    let shop = Shop::new().await;
    registered(&shop, "OneClickPayment").await;
    let contact = json!({"Name": "B", "PhoneNumber": "36305550100", "Email": "b@example.com"});
    let other = json!({"Name": "Other", "Url": "https://o.example", "Logo": "aW52", "Category": ["Pet"],
        "Description": "Another shop of the owner.", "BusinessContact": contact,
        "TechnicalContact": contact, "CustomerServiceContact": contact, "PrimaryCurrency": "HUF",
        "ExpectedTurnover": 1, "FullPixelImplemented": true, "UseForEInvoicing": false,
        "CallBackUrl": "https://o.example/hooks"});
    let made = shop.wallet_post("/v1/Pos", &other).await.ok();
    let mut body = order("Immediate", &[10]);
    body["RecurrenceId"] = json!(ID);
    body["RecurrenceType"] = json!("OneClickPayment");
    let request = shop
        .client
        .post(shop.url("/v2/Payment/Start"))
        .body(body.to_string());
    let request = request.header("x-pos-key", made["SecretKey"].as_str().unwrap());
    assert_eq!(
        shop.send(request).await.ok()["RecurrenceResult"],
        "NotFound"
    );
}
