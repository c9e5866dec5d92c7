//! Paying by bank transfer and from a wallet, over HTTP.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of a test fails by panicking"
)]

mod support;

use std::time::Duration;

use barion_sandbox::{BankTransfer, CARD_LOW_FUNDS, ControlError};
use serde_json::{Value, json};
use support::{Answer, Shop, id_of, of_type, order};

async fn started(shop: &Shop, kind: &str, currency: &str) -> String {
    let mut body = order(kind, &[1000]);
    body["Currency"] = json!(currency);
    body["FundingSources"] = json!(["All", "BankTransfer"]);
    id_of(&shop.post("/v2/Payment/Start", &body).await.ok())
}

async fn control(shop: &Shop, id: &str, call: &str, body: &Value) -> Answer {
    let request = shop
        .client
        .post(shop.url(&format!("/sandbox/payments/{id}/{call}")));
    shop.send(request.body(body.to_string())).await
}

async fn told_types(shop: &Shop) -> Vec<Value> {
    let history = shop.wallet_get("/v3/UserHistory/GetHistory").await.ok();
    let all = history["UserHistory"].as_array().unwrap();
    all.iter().map(|one| one["Type"].clone()).collect()
}

#[tokio::test]
async fn a_bank_transfer_waits_and_succeeds() {
    let shop = Shop::new().await;
    for currency in ["CZK", "EUR"] {
        let id = started(&shop, "Immediate", currency).await;
        shop.sandbox.pay(&id, CARD_LOW_FUNDS).await.unwrap();
        let waiting = control(&shop, &id, "bank-transfer", &json!({"Outcome": "waiting"})).await;
        assert_eq!(waiting.json()["Status"], "Waiting");
        // The window is over, but the transfer is on its way.
        shop.sandbox
            .advance(Duration::from_secs(3600))
            .await
            .unwrap();
        let state = shop.state(&id).await;
        assert_eq!(
            (&state["Status"], &state["FundingSource"]),
            (&json!("Waiting"), &Value::Null)
        );
        assert!(
            shop.sandbox.cancel(&id).await.is_err(),
            "the payer has no say any more"
        );
        let again = control(&shop, &id, "bank-transfer", &json!({"Outcome": "Waiting"})).await;
        assert_eq!(again.status, 409);
        shop.sandbox
            .bank_transfer(&id, BankTransfer::Succeeded)
            .await
            .unwrap();
        let state = shop.state(&id).await;
        assert_eq!(state["Status"], "Succeeded");
        assert_eq!(state["FundingSource"], "BankTransfer");
        assert_eq!(state["PaymentMethod"], "OpenBanking");
        assert_eq!(
            state["FundingInformation"],
            Value::Null,
            "no card was charged"
        );
        assert_eq!(of_type(&state, "BankTransferPayment").len(), 1);
        assert_eq!(of_type(&state, "BankTransferPaymentFee").len(), 1);
        let main = shop.main_ids(&id).await.remove(0);
        shop.refund(&id, &main, &[400]).await.ok();
        let state = shop.state(&id).await;
        assert_eq!(of_type(&state, "RefundToBankAccount")[0]["Total"], 400);
        assert_eq!(state["Total"], 600);
    }
    assert_eq!(
        told_types(&shop).await[..3],
        [
            "RefundToBankAccount",
            "BankTransferPaymentFee",
            "BankTransferPayment"
        ]
    );
}

#[tokio::test]
async fn a_bank_transfer_fails() {
    let shop = Shop::new().await;
    let waits = started(&shop, "Immediate", "EUR").await;
    shop.sandbox
        .bank_transfer(&waits, BankTransfer::Waiting)
        .await
        .unwrap();
    let at_once = started(&shop, "Immediate", "EUR").await;
    for id in [waits, at_once] {
        let outcome = shop
            .sandbox
            .bank_transfer(&id, BankTransfer::Failed)
            .await
            .unwrap();
        assert_eq!(outcome.status, "Failed");
        let state = shop.state(&id).await;
        assert_eq!(
            (&state["Status"], &state["Total"]),
            (&json!("Failed"), &json!(0))
        );
        assert!(state["CompletedAt"].is_string());
        assert_eq!(state["Transactions"][0]["Status"], "Rejected");
        let late = shop
            .sandbox
            .bank_transfer(&id, BankTransfer::Succeeded)
            .await;
        assert_eq!(late, Err(ControlError::NotOpen("Failed".to_owned())));
    }
    assert_eq!(told_types(&shop).await.len(), 0);
}

#[tokio::test]
async fn a_bank_transfer_is_for_few_payments() {
    let shop = Shop::new().await;
    for (kind, currency) in [
        ("Immediate", "HUF"),
        ("Reservation", "EUR"),
        ("DelayedCapture", "CZK"),
    ] {
        let id = started(&shop, kind, currency).await;
        let refused = control(&shop, &id, "bank-transfer", &json!({"Outcome": "Waiting"})).await;
        assert_eq!(refused.status, 409, "{kind} {currency}");
        assert_eq!(shop.state(&id).await["Status"], "Prepared");
    }
    let id = started(&shop, "Immediate", "EUR").await;
    assert_eq!(
        control(&shop, &id, "bank-transfer", &json!({"Outcome": "x"}))
            .await
            .status,
        400
    );
    let body = json!({"Outcome": "Waiting"});
    assert_eq!(
        control(&shop, "x", "bank-transfer", &body).await.status,
        404
    );
}

#[tokio::test]
async fn a_wallet_pays() {
    let shop = Shop::new().await;
    let id = shop.start("Immediate", &[1000]).await;
    let paid = control(&shop, &id, "pay", &json!({"Wallet": true})).await;
    assert_eq!(paid.json()["Status"], "Succeeded");
    let state = shop.state(&id).await;
    assert_eq!(
        (&state["FundingSource"], &state["PaymentMethod"]),
        (&json!("Balance"), &json!("BarionWallet"))
    );
    let main = shop.main_ids(&id).await.remove(0);
    shop.refund(&id, &main, &[300]).await.ok();
    let state = shop.state(&id).await;
    assert_eq!(
        (
            of_type(&state, "Shop").len(),
            of_type(&state, "Refund").len()
        ),
        (1, 1)
    );
    assert_eq!(
        told_types(&shop).await,
        ["RefundToWallet", "GatewayFee", "ElectronicPayment"]
    );
}

#[tokio::test]
async fn a_wallet_reserves() {
    let shop = Shop::new().await;
    let id = shop.start("Reservation", &[1000]).await;
    assert_eq!(
        shop.sandbox.pay_by_wallet(&id).await.unwrap().status,
        "Reserved"
    );
    shop.settle("FinishReservation", &id, &[600]).await.ok();
    let state = shop.state(&id).await;
    assert_eq!(of_type(&state, "Reserve")[0]["Total"], 1000);
    assert_eq!(of_type(&state, "StornoReserve")[0]["Total"], 400);
    let main = shop.main_ids(&id).await.remove(0);
    shop.refund(&id, &main, &[600]).await.ok();
    assert_eq!(of_type(&shop.state(&id).await, "Refund")[0]["Total"], 600);
    let held = shop.start("DelayedCapture", &[1000]).await;
    let refused = control(&shop, &held, "pay", &json!({"Wallet": true})).await;
    assert_eq!(refused.status, 409);
    assert_eq!(shop.state(&held).await["Status"], "Prepared");
    let not_a_wish = control(&shop, &held, "pay", &json!({"Wallet": false})).await;
    assert_eq!(not_a_wish.status, 400, "then a card is needed");
}
