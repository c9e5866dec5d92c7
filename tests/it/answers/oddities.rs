//! What Barion may answer besides what it answers today, seen through the facade: old words, new
//! words, dates in every form, nulls and missing properties. A payment that was made is read, and
//! its meaning is never a guess.

use barion::{Error, ErrorKind, Money, Payment, PaymentChange, PaymentSnapshot, PaymentStanding};
use serde_json::{Value, json};

use crate::answers::reading::{Change, places};
use crate::requests::wire::PAYMENT;
use crate::support::stub::{Reply, Stub};

/// Paid, and refunded in part.
fn refunded() -> Value {
    serde_json::from_str(
        r#"{
        "PaymentId": "0c7e5b1f-3a99-4d0e-8f62-55d0a1b2c3d4", "PaymentRequestId": "order-1", "OrderNumber": null, "POSId": "0c7e5b1f-3a99-4d0e-8f62-55d0a1b2c3d4", "POSName": "Shop",
        "POSOwnerEmail": "shop@example.com", "POSOwnerCountry": "HU", "Status": "Succeeded", "PaymentType": "Immediate",
        "FundingSource": "BankCard", "FundingInformation": {
            "BankCard": {"MaskedPan": "5559", "BankCardType": "Visa", "ValidThruYear": "2030", "ValidThruMonth": "12"},
            "AuthorizationCode": "123456", "ProcessResult": "Successful"},
        "AllowedFundingSources": ["All"], "GuestCheckout": true, "CreatedAt": "2026-11-21T10:00:00.123Z",
        "ValidUntil": "2026-11-21T10:30:00.123Z", "CompletedAt": "2026-11-21T10:05:00Z", "ReservedUntil": null,
        "DelayedCaptureUntil": null, "RecurrenceType": "OneClickPayment", "TraceId": "0MHSG  1",
        "Transactions": [
            {"TransactionId": "00000000000000000000000000000001", "POSTransactionId": "t-1", "Total": 100, "Currency": "HUF",
             "TransactionTime": "2026-11-21T10:00:00.123Z", "Status": "Succeeded", "TransactionType": "CardPayment",
             "Payer": {"Name": {"LoginName": "x"}, "Email": "x@example.com"}, "Payee": {"Name": {}, "Email": "s@example.com"},
             "Comment": null, "RelatedId": null, "Items": [{"Name": "Tea", "Description": "d", "Quantity": 1, "Unit": "p",
             "UnitPrice": 100, "ItemTotal": 100, "SKU": null}]},
            {"TransactionId": "00000000000000000000000000000002", "POSTransactionId": "t-1", "Total": 30, "Currency": "HUF",
             "TransactionTime": "2026-11-21T11:00:00Z", "Status": "Succeeded", "TransactionType": "RefundToBankCard",
             "Payer": null, "Payee": null, "Comment": null, "RelatedId": "00000000000000000000000000000001", "Items": []},
            {"TransactionId": "00000000000000000000000000000003", "POSTransactionId": null, "Total": 1, "Currency": "HUF",
             "TransactionTime": "2026-11-21T10:00:00Z", "Status": "Reserved", "TransactionType": "GatewayFee",
             "Payer": null, "Payee": {"Name": {"OrganizationName": "Barion"}, "Email": null}, "RelatedId": null,
             "Items": null}],
        "Total": 70, "Currency": "HUF", "SuggestedLocale": "hu-HU", "FraudRiskScore": 0,
        "RedirectUrl": "https://shop.example/", "CallbackUrl": "https://shop.example/", "PaymentMethod": "BankCard",
        "Errors": []
    }"#,
    )
    .unwrap()
}

async fn read(body: &Value) -> Result<Payment, Error> {
    let stub = Stub::start(Reply::json(200, body.to_string())).await;
    stub.client().payment_state(PAYMENT.parse().unwrap()).await
}

/// Asks everything that can be asked: nothing may panic, and an amount is exact or not there.
fn ask(payment: &Payment) {
    let snapshot = payment.snapshot();
    let stored = serde_json::to_string(&snapshot).unwrap();
    let again: PaymentSnapshot = serde_json::from_str(&stored).unwrap();
    assert_eq!(again, snapshot, "what is stored comes back");
    assert_eq!(snapshot.standing(), payment.standing());
    for amount in [payment.refundable(), payment.refunded_total()]
        .into_iter()
        .flatten()
    {
        let amount = amount.amount();
        let exact = [70, 30].map(barion::Decimal::from);
        assert!(
            exact.contains(&amount) || amount.is_zero() || amount == 100.into(),
            "{amount}"
        );
    }
    assert!(PaymentChange::between(Some(&snapshot), &snapshot).is_empty());
    let _ = payment.refund().all().build();
    let _ = payment.finish().in_full().build();
    let _ = payment.capture().in_full().build();
    let _ = format!("{payment:?}");
}

#[tokio::test]
async fn todays_answer_is_understood() {
    let payment = read(&refunded()).await.unwrap();
    ask(&payment);
    assert_eq!(payment.standing(), PaymentStanding::PartiallyRefunded);
    assert_eq!(payment.refundable().unwrap().to_string(), "70 HUF");
    assert_eq!(payment.refunded_total().unwrap().to_string(), "30 HUF");
}

/// Every property as null, missing, or with a neighbour that nobody knows.
#[tokio::test]
async fn nothing_that_is_missing_hides_a_payment() {
    let full = refunded();
    let mut count = 0;
    for pointer in places(&full, "") {
        for change in [Change::Null, Change::Missing, Change::Extra] {
            let mut changed = full.clone();
            change.apply(&mut changed, &pointer);
            let gone = !matches!(change, Change::Extra);
            match read(&changed).await {
                Ok(payment) => {
                    ask(&payment);
                    let meant = payment.standing();
                    let known = matches!(
                        meant,
                        PaymentStanding::PartiallyRefunded
                            | PaymentStanding::Paid
                            | PaymentStanding::Unknown(_)
                    );
                    assert!(known, "{pointer}, {change:?}: {meant:?}");
                }
                // Without its name or its status there is nothing to say of a payment.
                Err(error) => {
                    assert!(
                        gone && matches!(pointer.as_str(), "/PaymentId" | "/Status"),
                        "{error}"
                    );
                    assert_eq!(error.kind(), ErrorKind::UnreadableAnswer);
                }
            }
            count += 1;
        }
    }
    assert!(count > 150, "{count}");
}

/// Every word of a list as one that Barion adds next year, and in other letters.
#[tokio::test]
async fn new_words_are_kept_and_old_ones_understood() {
    let full = refunded();
    let mut words = 0;
    for pointer in places(&full, "") {
        let name = pointer.rsplit('/').next().unwrap();
        let is_word = matches!(
            name,
            "Status"
                | "PaymentType"
                | "FundingSource"
                | "BankCardType"
                | "ProcessResult"
                | "RecurrenceType"
                | "TransactionType"
                | "Currency"
                | "SuggestedLocale"
                | "PaymentMethod"
        );
        if !is_word {
            continue;
        }
        words += 1;
        let mut new = full.clone();
        *new.pointer_mut(&pointer).unwrap() = json!("NeverSeenBefore");
        let payment = read(&new).await.unwrap();
        ask(&payment);
        if pointer == "/Status" {
            assert!(matches!(payment.standing(), PaymentStanding::Unknown(_)));
            assert!(!payment.is_paid() && !payment.is_final());
        }
        let mut shouted = full.clone();
        let word = shouted.pointer_mut(&pointer).unwrap();
        *word = json!(word.as_str().unwrap().to_uppercase());
        let payment = read(&shouted).await.unwrap();
        assert_eq!(
            payment.standing(),
            PaymentStanding::PartiallyRefunded,
            "{pointer}"
        );
    }
    assert!(words >= 10, "{words}");
    // A word that Barion has written since 2019, and one that it wrote before.
    for (old, new) in [("Bankcard", "BankCard"), ("BANKCARD", "BankCard")] {
        let mut body = full.clone();
        body["FundingSource"] = json!(old);
        let payment = read(&body).await.unwrap();
        assert_eq!(payment.funding_source.unwrap().as_str(), new);
    }
}

/// Every date in every form that was ever seen, and in some that were not.
#[tokio::test]
async fn dates_never_hide_a_payment() {
    let full = refunded();
    let mut dates = 0;
    for pointer in places(&full, "") {
        let name = pointer.rsplit('/').next().unwrap();
        if !(name.ends_with("At") || name.ends_with("Until") || name.ends_with("Time")) {
            continue;
        }
        for form in [
            json!("2026-11-21T10:05:00"),
            json!("2026-11-21T10:05:00.1"),
            json!("2026-11-21T10:05:00.1234567Z"),
            json!("2026-11-21T11:05:00+01:00"),
            json!("0001-01-01T00:00:00"),
            json!("21. 11. 2026 10:05"),
            json!(""),
        ] {
            let mut body = full.clone();
            *body.pointer_mut(&pointer).unwrap() = form.clone();
            let payment = read(&body).await.unwrap();
            ask(&payment);
            assert_eq!(
                payment.standing(),
                PaymentStanding::PartiallyRefunded,
                "{pointer} {form}"
            );
            dates += 1;
        }
    }
    assert!(dates >= 40, "{dates}");
    let mut body = full;
    body["CompletedAt"] = json!("0001-01-01T00:00:00");
    let payment = read(&body).await.unwrap();
    assert_eq!(payment.completed_at.unwrap().moment(), None);
}

/// Every number in forms that can't be held exactly, or that are no numbers: the payment is read,
/// and no amount is shown that is not the one that was written.
#[tokio::test]
async fn odd_numbers_hide_nothing_and_claim_nothing() {
    let full = refunded();
    let mut numbers = 0;
    for pointer in places(&full, "") {
        if !full.pointer(&pointer).unwrap().is_number() {
            continue;
        }
        for odd in [
            r#""1_000""#,
            "12345678901234567890123456789012345678901234567890123456",
            "70.00000000000000000000000000000000000000000000000000000001",
            "1e-30",
            r#""70,5""#,
            r#""+70""#,
            r#""0x46""#,
            r#""７０""#,
            "true",
            "[70]",
            r#"{"Value":70}"#,
        ] {
            let mut body = full.clone();
            *body.pointer_mut(&pointer).unwrap() = json!("(odd)");
            let body = body.to_string().replace(r#""(odd)""#, odd);
            let stub = Stub::start(Reply::json(200, body)).await;
            let payment = stub.client().payment_state(PAYMENT.parse().unwrap()).await;
            let payment = payment.unwrap_or_else(|error| panic!("{pointer} {odd}: {error}"));
            ask(&payment);
            let number = |money: &Option<Money>| money.as_ref().map(Money::amount);
            let shown = [number(&payment.current_total), payment.fraud_risk_score];
            let of_transactions = payment.transactions.iter().flat_map(|one| {
                let of_items = one.items.iter();
                let of_items = of_items
                    .flat_map(|i| [i.quantity, number(&i.unit_price), number(&i.item_total)]);
                of_items.chain([number(&one.original_total)])
            });
            let left = shown.into_iter().chain(of_transactions);
            assert_eq!(left.filter(Option::is_none).count(), 1, "{pointer} {odd}");
            numbers += 1;
        }
    }
    assert!(numbers >= 60, "{numbers}");
}
