//! The JSON that is sent, one snapshot for each story.

use std::time::Duration;

use barion::{Currency, Decimal, FundingSource, Item, Locale, StartPayment, Transaction};

use crate::requests::wire::send;
use crate::support::stub::{KEY, Reply, Stub};

/// Bodies are pretty-printed from their text, so that a number shows as it was sent.
fn show(body: &str) -> String {
    let mut out = String::new();
    let mut depth = 0_usize;
    let mut quoted = false;
    let mut escaped = false;
    for c in body.replace(KEY, "(key)").chars() {
        match c {
            '"' if !escaped => {
                quoted = !quoted;
                out.push(c);
            }
            '{' | '[' if !quoted => {
                depth += 1;
                out.push(c);
                out.push_str(&line(depth));
            }
            '}' | ']' if !quoted => {
                depth -= 1;
                if out.trim_end().ends_with(['{', '[']) {
                    out.truncate(out.trim_end().len());
                    out.push(c);
                    continue;
                }
                out.push_str(&line(depth));
                out.push(c);
            }
            ',' if !quoted => {
                out.push(c);
                out.push_str(&line(depth));
            }
            ':' if !quoted => out.push_str(": "),
            other => out.push(other),
        }
        escaped = c == '\\' && !escaped;
    }
    out
}

fn line(depth: usize) -> String {
    format!("\n{}", "  ".repeat(depth))
}

/// What is sent is snapped; whose it is, is not.
fn snapshot(name: &str, body: &str) {
    let body = body.replace("payer@example.com", "(payer)");
    insta::with_settings!({ snapshot_path => "snapshots/bodies", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, body);
    });
}

async fn sent(operation: &str) -> String {
    let stub = Stub::start(Reply::json(500, "{}")).await;
    send(&stub.client(), operation).await.unwrap_err();
    show(&stub.only().body)
}

async fn sent_start(payment: &StartPayment) -> String {
    let stub = Stub::start(Reply::json(500, "{}")).await;
    stub.client().start_payment(payment).await.unwrap_err();
    show(&stub.only().body)
}

#[tokio::test]
async fn each_operation_with_a_body() {
    for operation in crate::requests::wire::OPERATIONS
        .iter()
        .filter(|operation| !operation.starts_with("get_"))
    {
        snapshot(operation, &sent(operation).await);
    }
}

#[tokio::test]
async fn a_reservation_with_every_setting() {
    let payment =
        StartPayment::reservation("ROOM-77", Currency::Eur, Duration::from_secs(7 * 86_400))
            .payment_window(Duration::from_secs(45 * 60))
            .locale(Locale::EnUs)
            .guest_check_out(false)
            .funding_sources([FundingSource::Balance, FundingSource::BankCard])
            .redirect_url("https://inn.example/booked?room=77".parse().unwrap())
            .callback_url("https://inn.example/hooks".parse().unwrap())
            .order_number("77")
            .payer_hint("payer@example.com")
            .card_holder_name_hint("Jane Payer")
            .payer_phone_number("36301234567")
            .transaction(
                Transaction::new("ROOM-77/1", "shop@example.com")
                    .comment("Two nights")
                    .item(
                        Item::new("Double room", 2, Decimal::new(7_495, 2))
                            .unit("night")
                            .description("With breakfast"),
                    )
                    .item(Item::new("Regular guest", 1, Decimal::new(-10, 0)).sku("DISCOUNT"))
                    .item(
                        Item::new("Tax", 1, Decimal::new(35, 1))
                            .total(Decimal::new(350, 2))
                            .image_url("https://inn.example/tax.png".parse().unwrap()),
                    ),
            )
            .build()
            .unwrap();
    assert_eq!(payment.total().amount(), Decimal::new(14_340, 2));
    snapshot(
        "reservation_with_every_setting",
        &sent_start(&payment).await,
    );
}

#[tokio::test]
async fn a_delayed_capture_with_a_total_of_its_own() {
    let payment =
        StartPayment::delayed_capture("CAMERA-3", Currency::Czk, Duration::from_secs(3 * 86_400))
            .transaction(Transaction::new("CAMERA-3/1", "shop@example.com").total(3_990))
            .build()
            .unwrap();
    snapshot("delayed_capture", &sent_start(&payment).await);
}
