//! A bank that takes its time over a card.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of a test fails by panicking"
)]

mod support;

use std::time::Duration;

use barion_sandbox::{CARD_CHALLENGE, CARD_LOW_FUNDS, CARD_OK, ControlError};
use serde_json::{Value, json};
use support::{Answer, Shop, id_of, order};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

async fn pending(shop: &Shop, kind: &str, change: &Value) -> String {
    let mut body = order(kind, &[100_000]);
    for (name, value) in change.as_object().unwrap() {
        body[name] = value.clone();
    }
    let id = id_of(&shop.post("/v2/Payment/Start", &body).await.ok());
    shop.sandbox.card_pending(&id).await.unwrap();
    id
}

async fn ask(shop: &Shop, id: &str) -> Answer {
    let call = format!("/sandbox/payments/{id}/card-pending");
    shop.send(shop.client.post(shop.url(&call))).await
}

#[tokio::test]
async fn the_control_call_brings_a_payment_to_the_bank() {
    let shop = Shop::new().await;
    let id = shop.start("Immediate", &[1000]).await;
    shop.sandbox.pay(&id, CARD_LOW_FUNDS).await.unwrap();
    let answer = ask(&shop, &id).await;
    let expected = json!({"PaymentId": id, "Status": "InProgress", "ProcessResult": "LowFunds"});
    assert_eq!((answer.status, answer.json()), (200, expected));
    let state = shop.state(&id).await;
    assert_eq!(state["Status"], "InProgress");
    assert_eq!(state["Transactions"][0]["Status"], "Started");
    assert_eq!(
        (&state["CompletedAt"], &state["FundingSource"]),
        (&Value::Null, &Value::Null)
    );

    assert_eq!(ask(&shop, &id).await.status, 409, "once is enough");
    assert_eq!(ask(&shop, "x").await.status, 404);
    let open = ControlError::NotOpen("InProgress".to_owned());
    assert_eq!(shop.sandbox.cancel(&id).await, Err(open.clone()));
    assert_eq!(shop.sandbox.pay_by_wallet(&id).await, Err(open));
    let paid = shop.sandbox.pay(&id, CARD_OK).await.unwrap();
    assert_eq!(paid.status, "Succeeded");
    assert_eq!(ask(&shop, &id).await.status, 409);
}

#[tokio::test]
async fn a_bank_answers_after_the_window() {
    let shop = Shop::new().await;
    for (kind, paid) in [
        ("Immediate", "Succeeded"),
        ("Reservation", "Reserved"),
        ("DelayedCapture", "Authorized"),
    ] {
        let id = pending(&shop, kind, &json!({})).await;
        shop.sandbox.advance(HOUR).await.unwrap();
        assert_eq!(shop.sandbox.pay(&id, CARD_OK).await.unwrap().status, paid);
        assert_eq!(shop.state(&id).await["Status"], paid);

        let id = pending(&shop, kind, &json!({})).await;
        shop.sandbox.advance(HOUR).await.unwrap();
        let declined = shop.sandbox.pay(&id, CARD_LOW_FUNDS).await.unwrap();
        assert_eq!(declined.status, "Started");
        let state = shop.state(&id).await;
        assert_eq!(state["Status"], "Expired", "{kind}");
        let told = state["CompletedAt"].as_str().unwrap();
        let told: chrono::DateTime<chrono::Utc> = told.parse().unwrap();
        assert_eq!(told, shop.sandbox.now(), "{kind}");
        assert!(shop.sandbox.pay(&id, CARD_OK).await.is_err());
    }
}

#[tokio::test]
async fn a_bank_declines_in_time() {
    let shop = Shop::new().await;
    let id = pending(&shop, "Immediate", &json!({})).await;
    shop.sandbox.advance(MINUTE).await.unwrap();
    shop.sandbox.pay(&id, CARD_LOW_FUNDS).await.unwrap();
    let state = shop.state(&id).await;
    assert_eq!(state["Status"], "Started");
    assert_eq!(state["Transactions"][0]["Status"], "Prepared");
    assert_eq!(state["FundingInformation"]["ProcessResult"], "LowFunds");
    // The window is as long as it was.
    shop.sandbox.advance(HOUR).await.unwrap();
    let state = shop.state(&id).await;
    assert_eq!(state["Status"], "Expired");
    assert_eq!(state["CompletedAt"], state["ValidUntil"]);
}

#[tokio::test]
async fn the_shop_hears_of_it() {
    let shop = Shop::new().await;
    let url = format!("http://{}/", support::mute().await);
    let id = pending(&shop, "Immediate", &json!({"CallbackUrl": url})).await;
    shop.sandbox.callbacks_settled().await;
    assert_eq!(shop.sandbox.callbacks().len(), 1);
    shop.sandbox.advance(HOUR).await.unwrap();
    let repeated = shop.sandbox.callbacks().len();
    assert!(
        shop.sandbox
            .callbacks()
            .iter()
            .all(|one| one.payment_id == id),
        "the window's end is told to nobody"
    );
    assert_eq!(repeated, 6, "one change, six attempts");
    shop.sandbox.pay(&id, CARD_LOW_FUNDS).await.unwrap();
    shop.sandbox.callbacks_settled().await;
    let log = shop.sandbox.callbacks();
    assert_eq!(log.len(), repeated + 2, "Started, and Expired at once");
    let page = shop.get(&format!("/payments/{id}")).await.text;
    let mut rest = page.as_str();
    for part in [
        "InProgress</span> (the bank takes its time)",
        "Card ending in 9999: LowFunds",
        "Started</span> (declined by the bank)",
        "Expired</span> (time is up)",
    ] {
        let at = rest
            .find(part)
            .unwrap_or_else(|| panic!("{part} is not there: {page}"));
        rest = &rest[at..];
    }
}

#[tokio::test]
async fn the_fee_of_a_reservation_stays_blocked() {
    let shop = Shop::new().await;
    let blocked = async || {
        let accounts = shop.wallet_get("/v2/Accounts/Get").await.ok();
        let all = accounts["Accounts"].as_array().unwrap().clone();
        let huf = all
            .into_iter()
            .find(|one| one["Currency"] == "HUF")
            .unwrap();
        huf["Balance"]["Blocked"].to_string()
    };
    let id = shop.start("Reservation", &[100_000]).await;
    let before = blocked().await;
    assert!(before.starts_with("1490"), "{before}");
    shop.sandbox.card_pending(&id).await.unwrap();
    assert_eq!(blocked().await, before);
}

#[tokio::test]
async fn the_pages_know_of_it() {
    let shop = Shop::new().await;
    let id = shop.start("Immediate", &[1000]).await;
    let detail = format!("/payments/{id}");
    assert!(
        shop.get(&detail)
            .await
            .text
            .contains("value=\"card-pending\"")
    );
    let post = async |field: (&str, &str)| {
        let request = shop.client.post(shop.url(&detail)).form(&[field]);
        shop.send(request).await
    };
    assert_eq!(post(("Action", "card-pending")).await.status, 303);
    assert_eq!(shop.state(&id).await["Status"], "InProgress");
    let page = shop.get(&detail).await.text;
    assert!(page.contains("Answer in the bank's place") && !page.contains("value=\"cancel\""));
    let gateway = shop.get(&format!("/Pay?Id={id}")).await.text;
    assert!(gateway.contains("<strong>InProgress</strong>") && !gateway.contains("CardNumber"));
    // Not on the payer's page: that is over.
    let form = [("Id", id.as_str()), ("CardNumber", CARD_CHALLENGE)];
    let request = shop.client.post(shop.url("/Pay")).form(&form);
    assert_eq!(shop.send(request).await.status, 200);
    assert_eq!(shop.state(&id).await["Status"], "InProgress");
    assert_eq!(post(("CardNumber", CARD_OK)).await.status, 303);
    assert_eq!(shop.state(&id).await["Status"], "Succeeded");
}
