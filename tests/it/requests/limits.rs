//! The facade's checks follow the generated table, and so the spec: each limit is looked up here
//! and tried at its edge.

use std::time::Duration;

use barion::{Currency, Error, Item, StartPayment, StartPaymentBuilder, Transaction};
use barion_generated::tables::{Limits, Model};

fn limits(model: &str, property: &str) -> Limits {
    let model = Model::by_name(model).unwrap();
    model
        .properties
        .iter()
        .find(|one| one.name == property)
        .unwrap()
        .limits
}

fn transaction() -> Transaction {
    Transaction::new("t", "shop@example.com").item(Item::new("x", 1, 10))
}

fn start() -> StartPaymentBuilder {
    StartPayment::immediate("order", Currency::Huf)
}

type Try = (
    &'static str,
    &'static str,
    &'static str,
    fn(String) -> Result<StartPayment, Error>,
);

/// Model, property, path, and a payment with a text there.
const TEXTS: [Try; 10] = [
    (
        "StartPaymentRequest",
        "PaymentRequestId",
        "PaymentRequestId",
        |text| {
            StartPayment::immediate(text, Currency::Huf)
                .transaction(transaction())
                .build()
        },
    ),
    (
        "StartPaymentRequest",
        "OrderNumber",
        "OrderNumber",
        |text| {
            start()
                .order_number(text)
                .transaction(transaction())
                .build()
        },
    ),
    ("StartPaymentRequest", "PayerHint", "PayerHint", |text| {
        // It has to look like an e-mail address besides.
        let mail = text.chars().skip(4).chain("@x.y".chars());
        start()
            .payer_hint(mail.collect::<String>())
            .transaction(transaction())
            .build()
    }),
    (
        "StartPaymentRequest",
        "CardHolderNameHint",
        "CardHolderNameHint",
        |text| {
            start()
                .card_holder_name_hint(text)
                .transaction(transaction())
                .build()
        },
    ),
    (
        "PaymentTransaction",
        "POSTransactionId",
        "Transactions[0].POSTransactionId",
        |text| {
            start()
                .transaction(Transaction::new(text, "shop@example.com").total(10))
                .build()
        },
    ),
    (
        "PaymentTransaction",
        "Comment",
        "Transactions[1].Comment",
        |text| {
            let second = Transaction::new("u", "shop@example.com")
                .total(10)
                .comment(text);
            start()
                .transaction(transaction())
                .transaction(second)
                .build()
        },
    ),
    ("Item", "Name", "Transactions[0].Items[1].Name", |text| {
        item(Item::new(text, 1, 10).description("d"))
    }),
    (
        "Item",
        "Description",
        "Transactions[0].Items[1].Description",
        |text| item(Item::new("n", 1, 10).description(text)),
    ),
    ("Item", "Unit", "Transactions[0].Items[1].Unit", |text| {
        item(Item::new("n", 1, 10).unit(text))
    }),
    ("Item", "SKU", "Transactions[0].Items[1].SKU", |text| {
        item(Item::new("n", 1, 10).sku(text))
    }),
];

fn item(item: Item) -> Result<StartPayment, Error> {
    start().transaction(transaction().item(item)).build()
}

#[test]
fn texts_are_held_to_the_lengths_of_the_spec() {
    for (model, property, path, with) in TEXTS {
        let limits = limits(model, property);
        let most = limits.max_length.unwrap();
        // Characters count, not bytes.
        assert!(
            with("é".repeat(most)).is_ok(),
            "{path}: {most} characters are taken"
        );
        let error = with("é".repeat(most + 1)).unwrap_err();
        let violation = &error.violations()[0];
        assert_eq!(violation.field, path);
        assert!(
            violation.problem.contains(&format!("at most {most} ")),
            "{violation}"
        );
        if let Some(least) = limits.min_length {
            let error = with("é".repeat(least - 1)).unwrap_err();
            assert_eq!(error.violations()[0].field, path);
        }
    }
}

#[test]
fn periods_are_held_to_the_ranges_of_the_spec() {
    type Period = (&'static str, fn(Duration) -> StartPaymentBuilder);
    let periods: [Period; 3] = [
        ("ReservationPeriod", |period| {
            StartPayment::reservation("o", Currency::Huf, period)
        }),
        ("DelayedCapturePeriod", |period| {
            StartPayment::delayed_capture("o", Currency::Huf, period)
        }),
        ("PaymentWindow", |period| start().payment_window(period)),
    ];
    for (property, with) in periods {
        let limits = limits("StartPaymentRequest", property);
        let (least, most) = (limits.min_seconds.unwrap(), limits.max_seconds.unwrap());
        let build = |seconds| {
            with(Duration::from_secs(seconds))
                .transaction(transaction())
                .build()
        };
        for seconds in [least, most] {
            assert!(
                build(seconds).is_ok(),
                "{property}: {seconds} seconds are taken"
            );
        }
        for seconds in [least - 1, most + 1] {
            assert_eq!(build(seconds).unwrap_err().violations()[0].field, property);
        }
    }
}
