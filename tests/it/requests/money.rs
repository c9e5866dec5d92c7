//! Amounts go out and come back to the last digit.

use barion::{Currency, Decimal, Item, Money, StartPayment, Transaction};
use barion_sandbox::Sandbox;
use proptest::prelude::*;

use crate::client::flows::client;
use crate::sandbox::contract;
use crate::support::stub::{Reply, Stub};

/// Sends an amount, looks at the bytes, and reads it back from the sandbox.
async fn there_and_back(sandbox: &Sandbox, currency: Currency, total: Decimal) {
    let payment = StartPayment::immediate("money", currency.clone())
        .transaction(Transaction::new("t", barion_sandbox::PAYEE).item(Item::new("One", 1, total)))
        .build()
        .unwrap();
    let client = client(sandbox);
    let started = client.start_payment(&payment).await.unwrap();
    let sent = sandbox.requests().last().unwrap().body.clone();
    let digits = total.normalize().to_string();
    assert!(
        sent.contains(&format!(r#""Total":{digits}}}"#)),
        "{digits} in {sent}"
    );
    assert!(
        sent.contains(&format!(r#""UnitPrice":{digits}}}"#)),
        "{digits} in {sent}"
    );
    let state = client.payment_state(started.payment_id).await.unwrap();
    let money = Some(Money::new(total, currency));
    assert_eq!(state.current_total, money);
    assert_eq!(state.transactions[0].original_total, money);
    assert_eq!(state.transactions[0].items[0].item_total, money);
}

#[tokio::test]
async fn amounts_that_floats_get_wrong() {
    let sandbox = contract::sandbox().await;
    let cases = [
        (Currency::Huf, Decimal::from(16_777_217)),
        (Currency::Eur, Decimal::new(1, 1) + Decimal::new(2, 1)),
        (Currency::Czk, Decimal::new(9_999_999_999, 2)),
        (Currency::Usd, Decimal::new(9_007_199_254_740_993, 2)),
    ];
    assert_eq!(cases[1].1.to_string(), "0.3");
    for (currency, total) in cases {
        there_and_back(&sandbox, currency, total).await;
    }
}

#[test]
fn any_amount_goes_out_and_comes_back() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let sandbox = runtime.block_on(contract::sandbox());
    let config = ProptestConfig {
        cases: 64,
        ..ProptestConfig::default()
    };
    proptest!(config, |(cents in 1_i64..1_000_000_000_000_000)| {
        runtime.block_on(there_and_back(&sandbox, Currency::Eur, Decimal::new(cents, 2)));
    });
}

/// Totals of several items: the sum is exact, whatever the prices.
#[test]
fn totals_are_exact_sums() {
    proptest!(|(lines in prop::collection::vec((0_i64..1_000, -100_000_i64..10_000_000), 1..20))| {
        let exact: i64 = lines.iter().map(|(quantity, cents)| quantity * cents).sum();
        let transaction = lines.iter().fold(Transaction::new("t", "shop@example.com"), |transaction, (quantity, cents)| {
            transaction.item(Item::new("x", *quantity, Decimal::new(*cents, 2)))
        });
        let built = StartPayment::immediate("o", Currency::Eur).transaction(transaction).build();
        match built {
            Ok(payment) => prop_assert_eq!(payment.total().amount(), Decimal::new(exact, 2)),
            Err(error) => {
                prop_assert!(exact <= 0, "{}", error);
                prop_assert_eq!(&error.violations()[0].field, "Transactions[0].Total");
            }
        }
    });
}

#[test]
fn a_total_that_can_not_be_computed_exactly_is_refused() {
    let tiny = Decimal::new(1, 20);
    let error = StartPayment::immediate("o", Currency::Eur)
        .transaction(
            Transaction::new("t", "shop@example.com")
                .item(Item::new("x", tiny, tiny))
                .total(1),
        )
        .build()
        .unwrap_err();
    assert_eq!(
        error.violations()[0].field,
        "Transactions[0].Items[0].ItemTotal"
    );
}

#[tokio::test]
async fn every_spelling_of_an_amount_is_read_alike() {
    for text in ["84", "84.0", "84.00", "\"84.0\"", "8.4E+1"] {
        let body = format!(
            r#"{{"PaymentId":"{}","Status":"Succeeded","Total":{text},"Currency":"HUF"}}"#,
            crate::requests::wire::PAYMENT
        );
        let stub = Stub::start(Reply::json(200, body)).await;
        let payment = stub
            .client()
            .payment_state(crate::requests::wire::PAYMENT.parse().unwrap())
            .await
            .unwrap();
        let total = Money::new(84, Currency::Huf);
        assert_eq!(payment.current_total, Some(total), "{text}");
    }
}

/// Without a currency there is no amount to show, but what the state means can still be told.
#[tokio::test]
async fn an_amount_without_a_currency_is_not_shown() {
    let body = serde_json::json!({
        "PaymentId": crate::requests::wire::PAYMENT, "Status": "Succeeded", "Total": 84,
        "Transactions": [{
            "TransactionId": crate::requests::wire::TRANSACTION, "POSTransactionId": "t-1",
            "TransactionType": "CardPayment", "Status": "Succeeded", "Total": 84,
        }],
    });
    let stub = Stub::start(Reply::json(200, body.to_string())).await;
    let id = crate::requests::wire::PAYMENT.parse().unwrap();
    let payment = stub.client().payment_state(id).await.unwrap();
    assert_eq!(payment.current_total, None);
    assert_eq!(payment.transactions[0].original_total, None);
    assert_eq!(payment.standing(), barion::PaymentStanding::Paid);
    assert_eq!(payment.snapshot().current_total, Some(Decimal::from(84)));
}
