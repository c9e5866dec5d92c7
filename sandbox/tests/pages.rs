//! The pages for a shop's developer: the list of payments, and one payment with its timeline.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of a test fails by panicking"
)]

mod support;

use axum::Router;
use axum::http::StatusCode;
use barion_sandbox::{CARD_LOW_FUNDS, CARD_OK, POS_KEY, Sandbox, WALLET_KEY};
use serde_json::json;
use support::{Answer, Shop, id_of, order};

async fn started(shop: &Shop, request: &str) -> String {
    let mut body = order("Immediate", &[3890]);
    body["PaymentRequestId"] = json!(request);
    id_of(&shop.post("/v2/Payment/Start", &body).await.ok())
}

async fn act(shop: &Shop, id: &str, field: (&str, &str)) -> Answer {
    let request = shop.client.post(shop.url(&format!("/payments/{id}")));
    shop.send(request.form(&[field])).await
}

/// Where each of these is in the text; fails when one is missing or they are in another order.
fn in_order(text: &str, parts: &[&str]) {
    let mut rest = text;
    for part in parts {
        let at = rest.find(part);
        let at = at.unwrap_or_else(|| panic!("{part:?} is not (or not there) in {text}"));
        rest = &rest[at + part.len()..];
    }
}

#[tokio::test]
async fn an_empty_list_says_what_to_do() {
    let shop = Shop::new().await;
    let page = shop.get("/").await;
    assert_eq!(page.status, 200);
    let call = format!("{}v2/Payment/Start", shop.sandbox.url());
    assert!(page.text.contains("no payments yet") && page.text.contains(&call));
    assert!(
        shop.sandbox.requests().is_empty(),
        "pages are no calls of the API"
    );
}

#[tokio::test]
async fn the_newest_payment_is_first_and_fifty_are_on_a_page() {
    let shop = Shop::new().await;
    let mut ids = Vec::new();
    for place in 1..=51 {
        ids.push(started(&shop, &format!("order-{place:02}")).await);
    }
    shop.sandbox.cancel(&ids[49]).await.unwrap();
    let first = shop.get("/").await.text;
    in_order(
        &first,
        &[
            &format!("href=\"/payments/{}\">order-51<", ids[50]),
            "Prepared",
            "HUF\u{a0}3\u{a0}890",
            "order-50",
            "Canceled",
            "HUF\u{a0}3\u{a0}890",
            "order-02",
            "Page 1 of 2, 51 payments",
            "/?page=2",
        ],
    );
    assert!(!first.contains("order-01") && !first.contains("rel=\"prev\""));
    assert_eq!(first.matches("href=\"/payments/").count(), 50);

    for query in ["/?page=2", "/?PAGE=99"] {
        let last = shop.get(query).await.text;
        assert_eq!(last.matches("href=\"/payments/").count(), 1, "{query}");
        in_order(&last, &["order-01", "/?page=1", "Page 2 of 2"]);
        assert!(!last.contains("rel=\"next\""));
    }
    for odd in ["/?page=0", "/?page=-1", "/?page=x", "/?page="] {
        assert!(
            shop.get(odd).await.text.contains("Page 1 of 2"),
            "{odd} is the first page"
        );
    }
}

#[tokio::test]
async fn a_shops_text_is_never_markup() {
    let shop = Shop::new().await;
    let mut body = order("Immediate", &[10]);
    let nasty = "\"><script>alert('x')</script>&";
    body["PaymentRequestId"] = json!(nasty);
    body["OrderNumber"] = json!(nasty);
    body["Transactions"][0]["POSTransactionId"] = json!(nasty);
    body["Transactions"][0]["Items"][0]["Name"] = json!("<script>");
    body["Transactions"][0]["Items"][0]["Unit"] = json!(nasty);
    body["RedirectUrl"] = json!("http://localhost:8080/\"><script>alert(1)</script>");
    body["CallbackUrl"] = json!("http://shop.example/'\"><script>alert(1)</script>");
    let id = id_of(&shop.post("/v2/Payment/Start", &body).await.ok());
    let pages = [
        "/".to_owned(),
        format!("/payments/{id}"),
        format!("/Pay?Id={id}"),
    ];
    for page in &pages {
        let text = shop.get(page).await.text;
        assert!(text.contains("&lt;script&gt;"), "{page}: {text}");
    }
    shop.sandbox.pay(&id, CARD_OK).await.unwrap();
    shop.sandbox.callbacks_settled().await;
    for page in &pages {
        let text = shop.get(page).await.text;
        assert!(!text.contains("<script"), "{page}: {text}");
        assert!(
            !text.contains("alert('"),
            "{page} has a quote as it was sent"
        );
    }
}

#[tokio::test]
async fn the_timeline_tells_what_happened_in_order() {
    let shop = Shop::new().await;
    let router = Router::new().fallback(async || StatusCode::ACCEPTED);
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(socket, router).await });
    let mut body = order("Reservation", &[1000]);
    body["CallbackUrl"] = json!(format!("http://{address}/hook"));
    let id = id_of(&shop.post("/v2/Payment/Start", &body).await.ok());
    // All within a few milliseconds: the order must not hang on the time.
    shop.sandbox.pay(&id, CARD_LOW_FUNDS).await.unwrap();
    shop.sandbox.pay(&id, CARD_OK).await.unwrap();
    shop.get(&format!(
        "/v2/Payment/GetPaymentState?POSKey={POS_KEY}&PaymentId={id}"
    ))
    .await
    .ok();
    let transaction = shop.main_ids(&id).await.remove(0);
    assert_eq!(
        shop.refund(&id, &transaction, &[1]).await.code(),
        "PaymentStatusNotValid"
    );
    shop.settle("FinishReservation", &id, &[600]).await.ok();
    shop.refund(&id, &transaction, &[100]).await.ok();
    shop.sandbox.callbacks_settled().await;

    let page = shop.get(&format!("/payments/{id}")).await;
    assert_eq!(page.status, 200);
    let callback = format!("http://{address}/hook?paymentId={id} &rarr; HTTP 202");
    let timeline = page.text.split("<caption>Timeline").nth(1).unwrap();
    in_order(
        timeline,
        &[
            "v2/Payment/Start &rarr; HTTP 200",
            "Prepared</span> (started by the shop)",
            "CardPayment, HUF\u{a0}1\u{a0}000, t0, now Succeeded",
            "Card ending in 9999: LowFunds",
            "Started</span> (first attempt to pay)",
            &callback,
            "Card ending in 5559: Successful",
            "Reserved</span> (paid)",
            &callback,
            "v2/Payment/GetPaymentState &rarr; HTTP 200",
            "v2/Payment/Refund &rarr; HTTP 400, PaymentStatusNotValid",
            "v2/Payment/FinishReservation &rarr; HTTP 200",
            "Succeeded</span> (reservation finished)",
            "RefundToBankCard, HUF\u{a0}400",
            &callback,
            "v2/Payment/Refund &rarr; HTTP 200",
            "Succeeded</span> (refunded)",
            "RefundToBankCard, HUF\u{a0}100",
            &callback,
        ],
    );
    in_order(&page.text, &["Total now</dt><dd>HUF\u{a0}500<"]);
}

#[tokio::test]
async fn no_key_is_shown_anywhere() {
    let shop = Shop::new().await;
    let bare = POS_KEY.replace('-', "");
    let mut body = order("Immediate", &[10]);
    body["POSKey"] = json!(POS_KEY);
    let id = id_of(&shop.post("/v2/Payment/Start", &body).await.ok());
    for query in [
        format!("/v2/Payment/GetPaymentState?POSKey={POS_KEY}&PaymentId={id}"),
        format!("/v2/Payment/GetPaymentState?POSKey={WALLET_KEY}&PaymentId={id}"),
        format!("/v4/Payment/{bare}/PaymentState"),
    ] {
        shop.send(shop.client.get(shop.url(&query))).await;
    }
    let detail = format!("/payments/{id}");
    assert!(
        shop.get(&detail)
            .await
            .text
            .contains("AuthenticationFailed"),
        "the refused call is in the timeline"
    );
    for page in [
        "/",
        &detail,
        &format!("/Pay?Id={id}"),
        &format!("/payments/{bare}?POSKey={bare}"),
        &format!("/Pay?Id={bare}"),
    ] {
        let text = shop.get(page).await.text;
        assert!(text.contains("<main"), "{page} is a page");
        for key in [POS_KEY, &bare, WALLET_KEY] {
            assert!(!text.contains(key), "{page}");
        }
    }
}

#[tokio::test]
async fn the_buttons_of_a_payment_do_what_they_say() {
    let shop = Shop::new().await;
    let id = started(&shop, "order-1").await;
    let detail = format!("/payments/{id}");
    let before = shop.sandbox.now();
    for (seconds, text) in [
        ("60", "1 minute"),
        ("1800", "30 minutes"),
        ("86400", "1 day"),
        ("604800", "7 days"),
    ] {
        let button = format!("name=\"Advance\" value=\"{seconds}\">{text}<");
        assert!(shop.get(&detail).await.text.contains(&button), "{button}");
    }
    let advanced = act(&shop, &id, ("Advance", "60")).await;
    assert_eq!(
        (advanced.status, advanced.location.as_deref()),
        (303, Some(detail.as_str()))
    );
    assert!((shop.sandbox.now() - before).num_seconds() >= 60);
    let declined = act(&shop, &id, ("CardNumber", CARD_LOW_FUNDS)).await;
    assert_eq!(declined.status, 303);
    assert_eq!(shop.state(&id).await["Status"], "Started");
    assert_eq!(act(&shop, &id, ("CardNumber", CARD_OK)).await.status, 303);
    assert_eq!(shop.state(&id).await["Status"], "Succeeded");
    let page = shop.get(&detail).await.text;
    assert!(!page.contains("name=\"CardNumber\"") && !page.contains("value=\"cancel\""));

    for (field, why) in [
        (("Action", "cancel"), "no longer open"),
        (("CardNumber", CARD_OK), "no longer open"),
        (("Advance", "5"), "no such step"),
        (("X", "y"), "asked for nothing"),
    ] {
        let refused = act(&shop, &id, field).await;
        assert_eq!(refused.status, 409, "{field:?}");
        in_order(&refused.text, &["role=\"alert\"", why]);
    }
    let other = started(&shop, "order-2").await;
    assert_eq!(act(&shop, &other, ("Action", "cancel")).await.status, 303);
    assert_eq!(shop.state(&other).await["Status"], "Canceled");

    let before = shop.sandbox.now();
    let unknown = act(&shop, "x", ("Advance", "604800")).await;
    assert_eq!(unknown.status, 404);
    assert!((shop.sandbox.now() - before).num_seconds() < 604_800);
    assert_eq!(shop.get("/payments/x").await.status, 404);
    let posted = shop.send(shop.client.post(shop.url("/"))).await;
    assert_eq!(posted.status, 405);
}

/// Posts a form of the gateway page.
async fn pay(shop: &Shop, id: &str, field: (&str, &str)) -> Answer {
    let form = shop
        .client
        .post(shop.url("/Pay"))
        .form(&[("Id", id), field]);
    shop.send(form).await
}

#[tokio::test]
async fn the_gateway_offers_what_the_payment_allows() {
    let shop = Shop::new().await;
    let wallet = "name=\"Action\" value=\"wallet\"";
    let transfer = "name=\"Transfer\" value=\"Waiting\"";
    for (kind, currency, source, by_wallet, by_transfer) in [
        ("Immediate", "EUR", "BankTransfer", true, true),
        ("Immediate", "CZK", "banktransfer", true, true),
        ("Immediate", "EUR", "All", true, false),
        ("Immediate", "HUF", "BankTransfer", true, false),
        ("Reservation", "EUR", "BankTransfer", true, false),
        ("DelayedCapture", "EUR", "BankTransfer", false, false),
    ] {
        let mut body = order(kind, &[10]);
        body["Currency"] = json!(currency);
        body["FundingSources"] = json!(["All", source]);
        let id = id_of(&shop.post("/v2/Payment/Start", &body).await.ok());
        for page in [format!("/Pay?Id={id}"), format!("/payments/{id}")] {
            let text = shop.get(&page).await.text;
            let name = format!("{kind} {currency} {source} {page}");
            assert_eq!(text.contains(wallet), by_wallet, "{name}");
            assert_eq!(text.contains(transfer), by_transfer, "{name}");
            assert_eq!(
                text.contains("Egyéb fizetési módok"),
                by_wallet && page.starts_with("/Pay"),
                "{name}"
            );
        }
    }
}

#[tokio::test]
async fn wallets_and_transfers_pay_on_the_pages() {
    let shop = Shop::new().await;
    let start = async || {
        let mut body = order("Immediate", &[10]);
        body["Currency"] = json!("EUR");
        body["FundingSources"] = json!(["All", "BankTransfer"]);
        id_of(&shop.post("/v2/Payment/Start", &body).await.ok())
    };
    for (field, status, source) in [
        (("Action", "wallet"), "Succeeded", json!("Balance")),
        (
            ("Transfer", "Succeeded"),
            "Succeeded",
            json!("BankTransfer"),
        ),
        (("Transfer", "Waiting"), "Waiting", json!(null)),
        (("Transfer", "Failed"), "Failed", json!(null)),
    ] {
        let id = start().await;
        let done = pay(&shop, &id, field).await;
        let back = format!("http://localhost:8080/?paymentId={id}");
        assert_eq!((done.status, done.location), (303, Some(back)), "{field:?}");
        let state = shop.state(&id).await;
        assert_eq!(
            (&state["Status"], &state["FundingSource"]),
            (&json!(status), &source)
        );
        let id = start().await;
        assert_eq!(act(&shop, &id, field).await.status, 303, "{field:?}");
        assert_eq!(shop.state(&id).await["Status"], status);
        // Once more: refused where it is over.
        let again = act(&shop, &id, ("Action", "wallet")).await;
        assert_eq!(again.status, 409);
    }
    for (answer, status) in [("Succeeded", "Succeeded"), ("Failed", "Failed")] {
        let id = start().await;
        pay(&shop, &id, ("Transfer", "Waiting")).await;
        let page = shop.get(&format!("/payments/{id}")).await.text;
        in_order(
            &page,
            &[
                "Answer in the bank's place",
                "value=\"Succeeded\"",
                "value=\"Failed\"",
            ],
        );
        assert!(!page.contains("value=\"Waiting\"") && !page.contains("value=\"cancel\""));
        assert_eq!(act(&shop, &id, ("Transfer", answer)).await.status, 303);
        assert_eq!(shop.state(&id).await["Status"], status);
    }
    let id = start().await;
    assert_eq!(pay(&shop, &id, ("Transfer", "x")).await.status, 200);
    assert_eq!(shop.state(&id).await["Status"], "Prepared");
}

#[tokio::test]
async fn a_strict_gateway_offers_nothing_that_it_refuses() {
    let strict = Sandbox::builder().strict(true).start().await.unwrap();
    let shop = Shop::on(strict);
    for (request, total, sources, card, transfer) in [
        (
            "order-1",
            5.0,
            &["Balance", "BankTransfer"][..],
            false,
            true,
        ),
        ("order-2", 0.5, &["All", "BankTransfer"], true, false),
    ] {
        let mut body = order("Immediate", &[10]);
        body["PaymentRequestId"] = json!(request);
        body["CallbackUrl"] = json!("http://127.0.0.1:1/hook");
        body["Currency"] = json!("EUR");
        body["FundingSources"] = json!(sources);
        body["Transactions"][0]["Total"] = json!(total);
        body["Transactions"][0]["Items"][0]["ItemTotal"] = json!(total);
        let id = id_of(&shop.post("/v2/Payment/Start", &body).await.ok());
        let page = shop.get(&format!("/Pay?Id={id}")).await.text;
        assert_eq!(page.contains("CardNumber"), card, "{request}");
        assert_eq!(page.contains("name=\"Transfer\""), transfer, "{request}");
        assert!(page.contains("value=\"wallet\""));
    }
}

#[tokio::test]
async fn the_callback_is_sent_again_at_the_push_of_a_button() {
    let shop = Shop::new().await;
    let silent = started(&shop, "order-1").await;
    assert!(
        !shop
            .get(&format!("/payments/{silent}"))
            .await
            .text
            .contains("value=\"callback\""),
        "nobody would be called"
    );
    let mut body = order("Immediate", &[10]);
    body["CallbackUrl"] = json!("http://127.0.0.1:1/hook");
    let id = id_of(&shop.post("/v2/Payment/Start", &body).await.ok());
    let page = shop.get(&format!("/payments/{id}")).await.text;
    assert!(page.contains("value=\"callback\""));
    assert_eq!(act(&shop, &id, ("Action", "callback")).await.status, 303);
    shop.sandbox.callbacks_settled().await;
    assert_eq!(shop.sandbox.callbacks().len(), 1);
    let page = shop.get(&format!("/payments/{id}")).await.text;
    in_order(
        &page,
        &[
            "<td role=\"cell\" class=\"one-line\">Callback<",
            "127.0.0.1:1/hook?paymentId=",
        ],
    );
}
