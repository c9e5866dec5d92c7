//! Every way to be paid, from the order to the money, as a shop would write it. Tokens are in
//! `tokens.rs`.

use std::time::Duration;

use barion::{
    BillingAddress, Client, Currency, Decimal, GooglePayToken, Item, Money, PayeeTransaction,
    PayerAccount, PaymentStanding, PaymentStatus, Purchase, ShippingAddress, StartPayment,
    StartPaymentBuilder, StartedPayment, Token, TokenCharge, TokenRegistration, Transaction,
};
use barion_sandbox::{CARD_LOW_FUNDS, CARD_OK, PAYEE, Sandbox};

use crate::client::flows::client;
use crate::sandbox::contract;

const DAY: Duration = Duration::from_secs(86_400);

fn forints(amount: i64) -> Money {
    Money::new(amount, Currency::Huf)
}

fn euros(cents: i64) -> Money {
    Money::new(Decimal::new(cents, 2), Currency::Eur)
}

/// The payer pays on the gateway page.
async fn pay(sandbox: &Sandbox, started: &StartedPayment) {
    assert!(started.gateway_url.is_some(), "somewhere to send the payer");
    let id = started.payment_id.to_string();
    let paid = sandbox.pay(&id, CARD_OK).await.unwrap();
    assert_eq!(paid.process_result.as_deref(), Some("Successful"));
}

async fn stage() -> (contract::Checked, Client) {
    let sandbox = contract::sandbox().await;
    let client = client(&sandbox);
    (sandbox, client)
}

#[tokio::test]
async fn an_order_is_paid_at_once_and_partly_refunded() {
    let (sandbox, barion) = stage().await;
    let order = StartPayment::immediate("order-1", Currency::Huf)
        .redirect_url("https://shop.example/thanks".parse().unwrap())
        .callback_url("http://127.0.0.1:9/barion".parse().unwrap())
        .transaction(
            Transaction::new("order-1", PAYEE)
                .item(Item::new("Kettle", 1, 8_000))
                .item(Item::new("Cup", 4, 500)),
        )
        .build()
        .unwrap();
    assert_eq!(order.total(), &forints(10_000));
    let started = barion.start_payment(&order).await.unwrap();
    let id = started.payment_id;

    // A card without money first: the payment stays open, and says why.
    let declined = sandbox.pay(&id.to_string(), CARD_LOW_FUNDS).await.unwrap();
    assert_eq!(declined.status, "Started");
    let payment = barion.payment_state(id).await.unwrap();
    assert_eq!(payment.standing(), PaymentStanding::Open);
    assert_eq!(payment.declined_because().unwrap().as_str(), "LowFunds");

    pay(&sandbox, &started).await;
    let payment = barion.payment_state(id).await.unwrap();
    assert!(payment.is_paid() && payment.is_final());
    assert_eq!(payment.refundable(), Some(forints(10_000)));

    let refund = payment.refund().amount(1_500).build().unwrap();
    let refunded = barion.refund(&refund).await.unwrap();
    assert_eq!(refunded.total(), Some(Money::new(1_500, Currency::Huf)));
    let payment = barion.payment_state(id).await.unwrap();
    assert_eq!(payment.standing(), PaymentStanding::PartiallyRefunded);
    assert_eq!(payment.refunded_total(), Some(forints(1_500)));
    assert_eq!(payment.refundable(), Some(forints(8_500)));

    let rest = payment.refund().all().build().unwrap();
    barion.refund(&rest).await.unwrap();
    let payment = barion.payment_state(id).await.unwrap();
    assert_eq!(payment.standing(), PaymentStanding::Refunded);
    assert!(payment.refund().all().build().is_err(), "nothing is left");
}

#[tokio::test]
async fn a_room_is_reserved_and_cheaper_in_the_end() {
    let (sandbox, barion) = stage().await;
    let room = StartPayment::reservation("room-7", Currency::Eur, 7 * DAY)
        .transaction(Transaction::new("room-7", PAYEE).item(Item::new("Night", 2, euros(12_050))))
        .transaction(Transaction::new("minibar-7", PAYEE).total(euros(3_000)))
        .build()
        .unwrap();
    let started = barion.start_payment(&room).await.unwrap();
    pay(&sandbox, &started).await;
    let payment = barion.payment_state(started.payment_id).await.unwrap();
    assert!(matches!(
        payment.standing(),
        PaymentStanding::Reserved { until: Some(_) }
    ));
    assert!(!payment.is_paid(), "charged, but not the shop's yet");

    // One night fewer; the minibar is settled on the next day.
    let finish = payment.finish().transaction("room-7", euros(12_050));
    let finished = barion
        .finish_reservation(&finish.build().unwrap())
        .await
        .unwrap();
    assert_eq!(finished.status, PaymentStatus::PartiallySucceeded);
    let payment = barion.payment_state(started.payment_id).await.unwrap();
    assert!(matches!(
        payment.standing(),
        PaymentStanding::PartiallyFinished { .. }
    ));
    let rest = payment.finish().release_all().build().unwrap();
    let finished = barion.finish_reservation(&rest).await.unwrap();
    assert_eq!(finished.status, PaymentStatus::Succeeded);
    let payment = barion.payment_state(started.payment_id).await.unwrap();
    assert_eq!(payment.standing(), PaymentStanding::Paid);
    assert_eq!(payment.refundable(), Some(euros(12_050)));
    assert_eq!(payment.refunded_total(), Some(euros(0)));
}

#[tokio::test]
async fn a_reservation_can_be_given_back_whole() {
    let (sandbox, barion) = stage().await;
    let table = StartPayment::reservation("table-3", Currency::Huf, DAY)
        .transaction(Transaction::new("table-3", PAYEE).total(9_000))
        .build()
        .unwrap();
    let started = barion.start_payment(&table).await.unwrap();
    pay(&sandbox, &started).await;
    let payment = barion.payment_state(started.payment_id).await.unwrap();
    let finish = payment.finish().release_all().build().unwrap();
    let finished = barion.finish_reservation(&finish).await.unwrap();
    // Barion says so, though nothing was taken.
    assert_eq!(finished.status, PaymentStatus::Succeeded);
    let payment = barion.payment_state(started.payment_id).await.unwrap();
    assert_eq!(payment.standing(), PaymentStanding::FinishedWithNothing);
    assert!(!payment.is_paid());
}

#[tokio::test]
async fn a_deposit_is_held_and_captured_or_let_go() {
    let (sandbox, barion) = stage().await;
    let hold = |name: &str| {
        StartPayment::delayed_capture(name, Currency::Czk, 3 * DAY)
            .transaction(Transaction::new(name, PAYEE).total(Decimal::new(250_050, 2)))
            .build()
            .unwrap()
    };
    let started = barion.start_payment(&hold("camera-1")).await.unwrap();
    pay(&sandbox, &started).await;
    let payment = barion.payment_state(started.payment_id).await.unwrap();
    assert!(matches!(
        payment.standing(),
        PaymentStanding::Authorized { .. }
    ));
    let capture = payment.capture().transaction("camera-1", 500);
    let captured = barion.capture(&capture.build().unwrap()).await.unwrap();
    assert_eq!(captured.status, PaymentStatus::Succeeded);
    let payment = barion.payment_state(started.payment_id).await.unwrap();
    assert_eq!(payment.standing(), PaymentStanding::Paid);
    assert_eq!(payment.refundable(), Some(Money::new(500, Currency::Czk)));

    let started = barion.start_payment(&hold("camera-2")).await.unwrap();
    pay(&sandbox, &started).await;
    let payment = barion.payment_state(started.payment_id).await.unwrap();
    let id = payment.cancel_authorization().unwrap();
    let canceled = barion.cancel_authorization(id).await.unwrap();
    assert_eq!(canceled.status, PaymentStatus::Canceled);
    let payment = barion.payment_state(id).await.unwrap();
    assert_eq!(payment.standing(), PaymentStanding::AuthorizationCanceled);
    // What the state forbids is not even sent.
    let refused = payment.capture().in_full().build().unwrap_err();
    assert_eq!(refused.delivery(), barion::Delivery::NotSent);
}

#[tokio::test]
async fn a_marketplace_passes_the_money_on() {
    let payees = Sandbox::builder()
        .payee("baker@example.com")
        .payee("courier@example.com");
    let sandbox = contract::checked(payees).await;
    let barion = client(&sandbox);
    let order = StartPayment::reservation("basket-9", Currency::Huf, DAY)
        .transaction(
            Transaction::new("basket-9/bread", "baker@example.com")
                .item(Item::new("Loaf", 2, 1_000))
                .pass_on(PayeeTransaction::new(
                    "basket-9/ride",
                    "courier@example.com",
                    400,
                ))
                .pass_on(PayeeTransaction::new("basket-9/fee", PAYEE, 100).comment("our share")),
        )
        .transaction(Transaction::new("basket-9/bag", PAYEE).total(50))
        .build()
        .unwrap();
    let started = barion.start_payment(&order).await.unwrap();
    pay(&sandbox, &started).await;
    let payment = barion.payment_state(started.payment_id).await.unwrap();
    let finish = payment.finish().in_full().build().unwrap();
    barion.finish_reservation(&finish).await.unwrap();
    let payment = barion.payment_state(started.payment_id).await.unwrap();
    assert_eq!(payment.standing(), PaymentStanding::Paid);
    let bread = payment.transaction("basket-9/bread").unwrap();
    let ride = payment
        .transactions
        .iter()
        .find(|one| one.pos_transaction_id.as_deref() == Some("basket-9/ride"))
        .unwrap();
    let parent = ride.related_id.as_ref().unwrap().to_string();
    assert_eq!(parent, bread.transaction_id.unwrap().to_string());
    assert_eq!(ride.original_total, Some(Money::new(400, Currency::Huf)));
}

#[tokio::test]
async fn google_pay_pays_in_one_call() {
    let (_sandbox, barion) = stage().await;
    let token = GooglePayToken::new(r#"{"protocolVersion":"ECv2"}"#, "anna@example.com");
    let order = StartPayment::immediate("order-5", Currency::Eur)
        .transaction(Transaction::new("order-5", PAYEE).total(euros(1_999)))
        .google_pay(token)
        .build()
        .unwrap();
    let paid = barion
        .start_payment_with_google_token(&order)
        .await
        .unwrap();
    assert_eq!(paid.status, PaymentStatus::Succeeded);
    let payment = barion.payment_state(paid.payment_id).await.unwrap();
    assert!(payment.is_paid());
    assert_eq!(payment.refundable(), Some(euros(1_999)));
}

#[tokio::test]
async fn details_for_3d_secure_arrive() {
    let (sandbox, barion) = stage().await;
    let at = std::time::UNIX_EPOCH + Duration::from_millis(1_607_792_099_240);
    let payment = StartPayment::immediate("order-6", Currency::Huf)
        .transaction(Transaction::new("order-6", PAYEE).total(5_000))
        .payer_hint("jane@example.com")
        .payer_phone_number("36301234567")
        .payer_home_number("3612345678")
        .card_holder_name_hint("JANE PAYER")
        .billing_address(
            BillingAddress::new("HU")
                .city("Budapest")
                .zip("1117")
                .street("Infopark sétány 1."),
        )
        .shipping_address(ShippingAddress::new("HU").full_name("Jane Payer"))
        .payer_account(
            PayerAccount::new()
                .account_id("42")
                .created(at)
                .creation_indicator(barion::AccountCreationIndicator::MoreThan60Days)
                .purchases_in_the_last_6_months(7),
        )
        .purchase(
            Purchase::new()
                .delivery_timeframe(barion::DeliveryTimeframeType::OvernightShipping)
                .gift_cards(forints(1_000), 2),
        )
        .build()
        .unwrap();
    barion.start_payment(&payment).await.unwrap();
    let sent = sandbox.requests().pop().unwrap().body;
    contract::request_fits("payment_start_v2", &sent);
    let sent: serde_json::Value = serde_json::from_str(&sent).unwrap();
    let account = &sent["PayerAccountInformation"];
    assert_eq!(account["AccountCreated"], "2020-12-12T16:54:59.240");
    assert_eq!(account["PurchasesInTheLast6Months"], 7);
    assert_eq!(sent["PayerHomeNumber"], "3612345678");
    assert_eq!(sent["BillingAddress"]["Street"], "Infopark sétány 1.");
    assert_eq!(sent["ShippingAddress"]["FullName"], "Jane Payer");
    let gifts = &sent["PurchaseInformation"]["GiftCardPurchase"];
    assert_eq!(
        (gifts["Amount"].as_i64(), gifts["Count"].as_i64()),
        (Some(1_000), Some(2))
    );

    let report = payment.three_ds_report();
    let omitted: Vec<&str> = report
        .omitted
        .iter()
        .map(|one| one.field.as_str())
        .collect();
    assert!(omitted.contains(&"ShippingAddress.City"));
    assert!(omitted.contains(&"PurchaseInformation.PurchaseDate"));
    assert!(!omitted.contains(&"PayerAccountInformation.AccountCreated"));
    assert!(!omitted.contains(&"PurchaseInformation.GiftCardPurchase"));
    assert!(!report.is_complete());
}

/// What a strict Barion takes is right under every reading of what is not known for sure. It lets a
/// payment's state be read once in five seconds, so each is read once here.
#[tokio::test]
async fn a_strict_barion_takes_it_all() {
    let strict = Sandbox::builder().strict(true).payee("baker@example.com");
    let sandbox = contract::checked(strict).await;
    let barion = client(&sandbox);
    let complete = |builder: StartPaymentBuilder, name: &str| {
        builder
            .redirect_url("https://shop.example/thanks".parse().unwrap())
            .callback_url("http://127.0.0.1:9/barion".parse().unwrap())
            .order_number(name)
            .payer_hint("jane@example.com")
            .payer_phone_number("36301234567")
            .shipping_address(ShippingAddress::new("HU").city("Pécs").region("BA"))
            .payer_account(
                PayerAccount::new()
                    .creation_indicator(barion::AccountCreationIndicator::NoAccount)
                    .provision_attempts(1),
            )
            .purchase(
                Purchase::new()
                    .purchase_type(barion::PurchaseType::GoodsAndServicePurchase)
                    .re_order_indicator(barion::ReOrderIndicator::Reordered),
            )
            .transaction(Transaction::new(name, PAYEE).item(Item::new("Tea", 2, 2_500)))
            .transaction(
                Transaction::new(format!("{name}/bread"), "baker@example.com")
                    .item(Item::new("Loaf", 1, 900))
                    .pass_on(PayeeTransaction::new(format!("{name}/fee"), PAYEE, 90)),
            )
    };
    let paid = async |payment: &StartPayment| {
        let started = barion.start_payment(payment).await.unwrap();
        pay(&sandbox, &started).await;
        barion.payment_state(started.payment_id).await.unwrap()
    };

    let now = StartPayment::immediate("now", Currency::Huf);
    let payment = paid(&complete(now, "now").build().unwrap()).await;
    let refund = payment.refund().transaction("now", 100).build().unwrap();
    barion.refund(&refund).await.unwrap();

    let later = StartPayment::reservation("later", Currency::Huf, DAY);
    let payment = paid(&complete(later, "later").build().unwrap()).await;
    let finish = payment.finish().in_full().build().unwrap();
    barion.finish_reservation(&finish).await.unwrap();

    let held = StartPayment::delayed_capture("held", Currency::Huf, DAY);
    let payment = paid(&complete(held, "held").build().unwrap()).await;
    let capture = payment.capture().in_full().build().unwrap();
    barion.capture(&capture).await.unwrap();

    let google = StartPayment::immediate("google", Currency::Huf);
    let google =
        complete(google, "google").google_pay(GooglePayToken::new("{}", "anna@example.com"));
    let google = google.build().unwrap();
    let paid_by_google = barion.start_payment_with_google_token(&google).await;
    assert_eq!(paid_by_google.unwrap().status, PaymentStatus::Succeeded);

    let until = std::time::SystemTime::now() + 365 * DAY;
    let token = TokenRegistration::recurring("subscription-7", until, 28);
    let first = StartPayment::immediate("first", Currency::Huf);
    let first = complete(first, "first")
        .register_token(token)
        .build()
        .unwrap();
    let trace_id = paid(&first).await.trace_id.unwrap();
    let next = StartPayment::immediate("next", Currency::Huf);
    let next = complete(next, "next").charge_token(Token::recurring("subscription-7", trace_id));
    let charge = barion.charge_token(&next.build().unwrap()).await.unwrap();
    assert!(matches!(charge, TokenCharge::Charged(_)), "{charge:?}");
}
