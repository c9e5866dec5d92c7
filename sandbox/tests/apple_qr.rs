//! Apple Pay and QR codes over HTTP.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of a test fails by panicking"
)]

mod support;

use barion_sandbox::CARD_OK;
use serde_json::{Value, json};
use support::{Answer, Shop, id_of, order};

fn apple_order(kind: &str) -> Value {
    let mut body = order(kind, &[1000]);
    for name in ["FundingSources", "Locale", "GuestCheckOut", "RedirectUrl"] {
        body.as_object_mut().unwrap().remove(name);
    }
    body["CallbackUrl"] = json!("http://localhost:9/hook");
    body["ShippingContact"] = json!({"EmailAddress": "anna@example.com"});
    body["BillingContact"] = json!({});
    body["ApplePayToken"] = json!({"PaymentData": {"Data": "aW52ZW50ZWQ="}});
    body
}

const START: &str = "/v2/ApplePay/StartPaymentWithAppleToken";

#[tokio::test]
async fn an_apple_token_is_charged_at_once() {
    let shop = Shop::new().await;
    for (kind, status) in [
        ("Immediate", "Succeeded"),
        ("Reservation", "Reserved"),
        ("DelayedCapture", "Authorized"),
    ] {
        let answer = shop.post(START, &apple_order(kind)).await;
        let id = id_of(&answer.ok());
        let expected = format!(
            r#"{{"PaymentId":"{id}","PaymentRequestId":"order-1","PaymentStatus":"{status}","IsSuccessful":true,"ThreeDSAuthClientData":null,"TraceId":null,"Errors":[]}}"#
        );
        assert_eq!(answer.text, expected);
        let state = shop.state(&id).await;
        assert_eq!(state["PaymentMethod"], "ApplePay");
        assert_eq!(state["FundingSource"], "BankCard");
        assert_eq!(state["AllowedFundingSources"], json!(["ApplePay"]));
        assert_eq!(
            state["Transactions"][0]["Payer"]["Email"],
            "anna@example.com"
        );
    }
}

#[tokio::test]
async fn wrong_apple_starts_make_no_payment() {
    let shop = Shop::new().await;
    for (name, value, code) in [
        ("ApplePayToken", json!({}), "InvalidApplePayToken"),
        ("ApplePayToken", json!(null), "ModelValidationError"),
        ("ShippingContact", json!(null), "ModelValidationError"),
        ("BillingContact", json!("x"), "ModelValidationError"),
        ("CallbackUrl", json!(null), "ModelValidationError"),
        ("RecurrenceId", json!("token"), "ApplePayNotAllowed"),
    ] {
        let mut body = apple_order("Immediate");
        body[name] = value;
        let answer = shop.post(START, &body).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (400, code),
            "{name}"
        );
    }
    let mut early = apple_order("Immediate");
    early["Token"] = early["ApplePayToken"].take();
    shop.post(START, &early).await.ok();
    let history = shop.wallet_get("/v3/UserHistory/GetHistory").await.ok();
    assert_eq!(
        history["UserHistory"].as_array().unwrap().len(),
        2,
        "the last one only"
    );
}

#[tokio::test]
async fn a_session_is_json_inside_a_text() {
    let shop = Shop::new().await;
    let body = |shop_url: &str| json!({"SessionRequestUrl": "https://apple-pay-gateway.example/startSession", "ShopUrl": shop_url});
    let path = "/v2/ApplePay/ValidateSession";
    let answer = shop
        .post(path, &body("https://tea.example/basket"))
        .await
        .ok();
    let text = answer["ApplePaySessionResponse"].as_str().unwrap();
    let session: Value = serde_json::from_str(text).unwrap();
    assert_eq!(session["domainName"], "tea.example");
    assert!(session["merchantSessionIdentifier"].is_string());
    for wrong in ["tea.example", "http://tea.example", "https://"] {
        assert_eq!(shop.post(path, &body(wrong)).await.code(), "InvalidShopUrl");
    }
    assert_eq!(
        shop.post(path, &body("")).await.code(),
        "ModelValidationError"
    );
    let missing = json!({"ShopUrl": "https://tea.example"});
    assert_eq!(
        shop.post(path, &missing).await.code(),
        "ModelValidationError"
    );
}

/// The text in a picture: its path is made of rectangles `M{x} {y}h{w}v{h}...`.
fn scan(svg: &str) -> (usize, String) {
    let after = |name: &str| svg.split(name).nth(1).unwrap();
    let width: usize = after(r#"width=""#)
        .split('"')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let path = after(r#" d=""#).split('"').next().unwrap();
    let dark: Vec<[usize; 4]> = path
        .split('M')
        .skip(1)
        .map(|part| {
            let mut numbers = part
                .split([' ', 'h', 'v', 'H'])
                .map(|n| n.parse().unwrap_or(0));
            std::array::from_fn(|_| numbers.next().unwrap())
        })
        .collect();
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, width, |x, y| {
        let inside =
            |[l, t, w, h]: &[usize; 4]| (*l..l + w).contains(&x) && (*t..t + h).contains(&y);
        if dark.iter().any(inside) { 0 } else { 255 }
    });
    let grids = image.detect_grids();
    (width, grids[0].decode().unwrap().1)
}

async fn public(shop: &Shop, path: &str) -> Answer {
    shop.send(shop.client.get(shop.url(path))).await
}

#[tokio::test]
async fn the_qr_code_leads_to_the_gateway_page() {
    let shop = Shop::new().await;
    let start = shop
        .post("/v2/Payment/Start", &order("Immediate", &[10]))
        .await
        .ok();
    let link = start["QRUrl"].as_str().unwrap();
    let large = shop.send(shop.client.get(link)).await;
    assert_eq!(
        (large.status, large.content_type.as_str()),
        (200, "image/svg+xml")
    );
    let (width, text) = scan(&large.text);
    assert_eq!(text, start["GatewayUrl"].as_str().unwrap());
    let id = id_of(&start);
    let small = public(&shop, &format!("/QR/Generate?PaymentId={id}&Size=small")).await;
    let (small, same) = scan(&small.text);
    assert!(small < width, "{small} {width}");
    assert_eq!(same, text);
    shop.sandbox.pay(&id, CARD_OK).await.unwrap();
    assert_eq!(
        public(&shop, &format!("/qr/generate?paymentId={id}"))
            .await
            .status,
        200
    );
    for (query, status) in [
        ("paymentId=9293b38d35d2aea21dccd6b7ee9a59e8", 404),
        ("paymentId=x", 400),
        ("", 400),
        (&format!("paymentId={id}&size=Huge"), 400),
    ] {
        let answer = public(&shop, &format!("/qr/generate?{query}")).await;
        assert_eq!(answer.status, status, "{query}");
        assert_eq!(answer.json()["Errors"][0]["AuthData"], Value::Null);
    }
}
