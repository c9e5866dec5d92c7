//! Shops over HTTP: reading them, creating them, and paying in a new one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of a test fails by panicking"
)]

mod support;

use barion_sandbox::{CARD_OK, POS_ID, POS_KEY, Sandbox};
use serde_json::{Value, json};
use support::{Answer, Shop, id_of, order};

fn shop_order() -> Value {
    let contact = json!({"Name": "Bela", "PhoneNumber": "36305550100", "Email": "b@example.com"});
    json!({
        "Name": "Tea Shop", "Url": "https://tea.example", "Logo": "aW52ZW50ZWQ=",
        "Description": "Loose leaf teas and tea ware.", "Category": ["FoodDrink"],
        "BusinessContact": contact, "TechnicalContact": contact, "CustomerServiceContact": contact,
        "PrimaryCurrency": "HUF", "ExpectedTurnover": 2, "AverageBasketValue": 4000,
        "PercentageOfB2BCustomers": 5, "PercentageOfNonEuCards": 1.5,
        "FullPixelImplemented": false, "UseForEInvoicing": false,
        "CallBackUrl": "https://tea.example/hooks", "ReferenceId": "REF-1", "CustomCss": "p{}",
    })
}

async fn with_key(shop: &Shop, request: reqwest::RequestBuilder, key: &str) -> Answer {
    shop.send(request.header("x-pos-key", key)).await
}

#[tokio::test]
async fn the_seeded_shop_is_read_by_its_public_key() {
    let shop = Shop::new().await;
    let dashed = "33333333-3333-3333-3333-333333333333";
    for key in [POS_ID, dashed] {
        let answer = shop.wallet_get(&format!("/v1/Pos/{key}")).await;
        answer.ok();
        let head = r#"{"Name":"Sandbox Shop","PublicKey":"33333333333333333333333333333333","SecretKey":"11111111111111111111111111111111","Status":"Open","IsOpen":true,"Description":"#;
        assert!(answer.text.starts_with(head), "{}", answer.text);
    }
    for unknown in ["9293b38d35d2aea21dccd6b7ee9a59e8", "x", POS_KEY] {
        let answer = shop.wallet_get(&format!("/v1/Pos/{unknown}")).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (404, "ShopNotFound")
        );
    }
    let refused = shop.get(&format!("/v1/Pos/{POS_ID}")).await;
    assert_eq!(
        refused.code(),
        "AuthenticationFailed",
        "the shop's key does not open it"
    );
}

#[tokio::test]
async fn the_key_that_was_set_is_the_one_told() {
    let key = "44444444-4444-4444-4444-44444444abcd";
    let sandbox = Sandbox::builder().pos_key(key).start().await.unwrap();
    let shop = Shop::on(sandbox);
    let told = shop.wallet_get(&format!("/v1/Pos/{POS_ID}")).await.ok();
    assert_eq!(told["SecretKey"], key.replace('-', ""));
}

#[tokio::test]
async fn a_new_shop_takes_payments_of_its_own() {
    let shop = Shop::new().await;
    let made = shop.wallet_post("/v1/Pos", &shop_order()).await.ok();
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    let (public, secret) = (text("PublicKey"), text("SecretKey"));
    let read = shop.wallet_get(&format!("/v1/Pos/{public}")).await.ok();
    assert_eq!(read, made);
    assert_eq!(
        (&read["ReferenceId"], &read["CustomCSS"]),
        (&json!("REF-1"), &json!("p{}"))
    );
    assert_eq!(read["TechnicalContact"]["Email"], "b@example.com");

    let start = shop.client.post(shop.url("/v2/Payment/Start"));
    let start = start.body(order("Immediate", &[1000]).to_string());
    let id = id_of(&with_key(&shop, start, &secret).await.ok());
    shop.sandbox.pay(&id, CARD_OK).await.unwrap();
    let state = || {
        shop.client
            .get(shop.url(&format!("/v4/Payment/{id}/PaymentState")))
    };
    let own = with_key(&shop, state(), &secret).await.ok();
    assert_eq!(
        (&own["POSId"], &own["POSName"]),
        (&json!(public), &json!("Tea Shop"))
    );
    assert_eq!(own["Transactions"][0]["POSId"], public.as_str());
    let foreign = with_key(&shop, state(), POS_KEY).await;
    assert_eq!(
        foreign.code(),
        "NotExistingPaymentId",
        "it belongs to the other shop"
    );
    let cancel = json!({"PaymentId": id});
    let foreign = shop.post("/v2/Payment/CancelAuthorization", &cancel).await;
    assert_eq!(foreign.code(), "NotExistingPaymentId");
    let refused = shop.client.post(shop.url("/v2/Payment/Start")).body("{}");
    let refused = with_key(&shop, refused, &secret).await.json();
    assert_eq!(refused["Errors"][0]["AuthData"], secret.as_str());
    let history = shop.wallet_get("/v3/UserHistory/GetHistory").await.ok();
    assert_eq!(
        history["UserHistory"][1]["TargetAccount"]["ShopName"],
        "Tea Shop"
    );
}

#[tokio::test]
async fn wrong_shops_are_refused() {
    let shop = Shop::new().await;
    for (path, value) in [
        ("/Name", json!("")),
        ("/Name", json!("x".repeat(201))),
        ("/Name", json!("SANDBOX shop")),
        ("/Url", json!("http://tea.example")),
        ("/Description", json!("too short")),
        ("/Logo", json!("not base64!")),
        ("/Category", json!([])),
        ("/Category", json!(["Weapons"])),
        ("/Category", json!("FoodDrink")),
        ("/BusinessContact", json!(null)),
        ("/TechnicalContact/Email", json!("nobody")),
        ("/CustomerServiceContact/PhoneNumber", json!("1".repeat(31))),
        ("/PrimaryCurrency", json!("PLN")),
        ("/ExpectedTurnover", json!(7)),
        ("/ExpectedTurnover", json!(null)),
        ("/AverageBasketValue", json!(0)),
        ("/PercentageOfB2BCustomers", json!(100.5)),
        ("/PercentageOfNonEuCards", json!(-1)),
        ("/FullPixelImplemented", json!(null)),
        ("/UseForEInvoicing", json!(1)),
        ("/CallBackUrl", json!("hooks")),
    ] {
        let mut body = shop_order();
        *body.pointer_mut(path).unwrap() = value.clone();
        let answer = shop.wallet_post("/v1/Pos", &body).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (400, "ModelValidationError"),
            "{path} {value}"
        );
    }
    shop.wallet_post("/v1/Pos", &shop_order()).await.ok();
    let twice = shop.wallet_post("/v1/Pos", &shop_order()).await;
    assert_eq!(twice.code(), "ModelValidationError");
}
