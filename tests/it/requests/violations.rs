//! Everything that a request may break, by path and message. None of it needs a network.

use std::time::Duration;

use barion::{
    BillingAddress, Capture, Currency, Decimal, Error, FinishReservation, FundingSource,
    GooglePayToken, Item, ItemTotals, Money, PayeeTransaction, PayeeTransactionToFinish,
    PayerAccount, Purchase, Refund, Rule, ShippingAddress, StartPayment, StartPaymentBuilder,
    Token, TokenRegistration, Transaction, TransactionToFinish, TransactionToRefund,
};

use crate::requests::wire::{PAYMENT, TRANSACTION};

const DAY: Duration = Duration::from_secs(86_400);

fn huf() -> StartPaymentBuilder {
    StartPayment::immediate("order-1", Currency::Huf)
}

fn tea() -> Transaction {
    Transaction::new("tea", "shop@example.com").item(Item::new("Tea", 1, 900))
}

fn cents(cents: i64) -> Decimal {
    Decimal::new(cents, 2)
}

fn of<T: std::fmt::Debug>(built: Result<T, Error>) -> Vec<String> {
    let error = built.unwrap_err();
    let violations = error.violations();
    for violation in violations {
        // Whatever is shown of the error names the path.
        assert!(error.to_string().contains(&violation.field), "{error}");
    }
    violations.iter().map(ToString::to_string).collect()
}

/// A list to read, and to be surprised by when a rule or its words change.
#[test]
#[allow(clippy::too_many_lines, reason = "a list")]
fn every_rule_has_a_path_and_a_message() {
    let mut list: Vec<String> = Vec::new();
    list.push("# Texts, numbers, lists".to_owned());
    list.extend(of(StartPayment::immediate("", Currency::Huf).build()));
    list.extend(of(StartPayment::immediate("x".repeat(101), Currency::Huf)
        .funding_sources([])
        .order_number("x".repeat(101))
        .payer_hint("jane doe")
        .card_holder_name_hint("J")
        .payer_phone_number("+36 30 123 4567")
        .payer_work_phone_number("0036301234567")
        .payer_home_number("1".repeat(31))
        .redirect_url(
            format!("https://shop.example/{}", "x".repeat(2_000))
                .parse()
                .unwrap(),
        )
        .callback_url("ftp://shop.example/".parse().unwrap())
        .transaction(tea())
        .build()));
    list.extend(of(huf()
        .transaction(
            Transaction::new("", "shop")
                .comment("x".repeat(641))
                .item(
                    Item::new("", -1, 10)
                        .description("")
                        .unit("")
                        .sku("x".repeat(101)),
                )
                .item(
                    Item::new("x".repeat(251), 1, 10)
                        .unit("x".repeat(51))
                        .image_url("data:image/png,x".parse().unwrap()),
                ),
        )
        .build()));

    list.push("# Periods".to_owned());
    let second = Duration::from_secs(1);
    list.extend(of(StartPayment::reservation(
        "o",
        Currency::Huf,
        59 * second,
    )
    .transaction(tea())
    .payment_window(7 * DAY + second)
    .build()));
    list.extend(of(StartPayment::reservation("o", Currency::Huf, 366 * DAY)
        .transaction(tea())
        .payment_window(Duration::from_millis(60_500))
        .build()));
    list.extend(of(StartPayment::delayed_capture(
        "o",
        Currency::Huf,
        22 * DAY,
    )
    .transaction(tea())
    .build()));

    list.push("# Money".to_owned());
    list.extend(of(huf()
        .transaction(Transaction::new("t", "a@b").total(cents(1_050)))
        .transaction(Transaction::new("u", "a@b").total(0))
        .transaction(Transaction::new("n", "a@b"))
        .transaction(Transaction::new("v", "a@b").total(Money::new(5, Currency::Eur)))
        .transaction(Transaction::new("w", "a@b").item(Item::new(
            "Tea",
            1,
            Money::new(cents(250), Currency::Eur),
        )))
        .build()));
    list.extend(of(StartPayment::immediate("o", Currency::Eur)
        .transaction(Transaction::new("t", "a@b").total(Decimal::new(1_005, 3)))
        .build()));
    list.extend(of(huf()
        .item_totals(ItemTotals::Refuse)
        .transaction(tea().total(1_000))
        .build()));
    list.extend(of(huf()
        .transaction(Transaction::new("t", "a@b").item(Item::new(
            "x",
            Decimal::new(1, 20),
            Decimal::new(1, 20),
        )))
        .transaction(Transaction::new("u", "a@b").total(Decimal::MAX))
        .transaction(Transaction::new("v", "a@b").total(Decimal::MAX))
        .build()));

    list.push("# Names and parts".to_owned());
    list.extend(of(huf()
        .transaction(tea())
        .transaction(
            tea()
                .pass_on(PayeeTransaction::new("tea", "nobody", 600))
                .pass_on(
                    PayeeTransaction::new("p", "p@example.com", cents(1)).comment("x".repeat(641)),
                )
                .pass_on(PayeeTransaction::new("q", "p@example.com", 901))
                .pass_on(PayeeTransaction::new("", "p@example.com", 0)),
        )
        .build()));

    list.push("# Ways to pay".to_owned());
    list.extend(of(StartPayment::delayed_capture("o", Currency::Huf, DAY)
        .funding_sources([FundingSource::Balance])
        .transaction(tea())
        .build()));
    list.extend(of(StartPayment::reservation("o", Currency::Eur, DAY)
        .funding_sources([FundingSource::BankTransfer])
        .transaction(tea())
        .build()));
    list.extend(of(huf()
        .funding_sources([FundingSource::BankTransfer])
        .transaction(tea())
        .build()));
    list.extend(of(huf()
        .transaction(tea())
        .google_pay(GooglePayToken::new("", "nobody"))
        .build()));

    list.push("# Tokens".to_owned());
    let never = barion::Timestamp::default();
    list.extend(of(huf()
        .transaction(tea())
        .register_token(TokenRegistration::recurring("", never, 0))
        .build()));
    list.extend(of(huf()
        .transaction(tea())
        .register_token(TokenRegistration::one_click("x".repeat(101)))
        .build()));
    list.extend(of(huf()
        .transaction(tea())
        .charge_token(Token::merchant_initiated("payer-7", ""))
        .build()));
    list.extend(of(huf()
        .transaction(tea())
        .charge_token(Token::recurring("payer-7", "x".repeat(101)))
        .build()));

    list.push("# 3D Secure".to_owned());
    list.extend(of(huf()
        .transaction(tea())
        .billing_address(
            BillingAddress::new("Hungary")
                .region("Pest")
                .zip("x".repeat(17))
                .street("x".repeat(51))
                .street2("x".repeat(51))
                .street3("x".repeat(51)),
        )
        .shipping_address(
            ShippingAddress::new("hu")
                .city("x".repeat(51))
                .full_name("x".repeat(46)),
        )
        .payer_account(
            PayerAccount::new()
                .account_id("x".repeat(65))
                .purchases_in_the_last_6_months(10_000)
                .provision_attempts(1_000)
                .transactional_activity_per_day(1_000)
                .transactional_activity_per_year(1_000),
        )
        .purchase(
            Purchase::new()
                .delivery_email_address("jane.doe")
                .gift_cards(cents(150), 100),
        )
        .build()));

    list.push("# Ends of payments".to_owned());
    let (payment, transaction) = (PAYMENT.parse().unwrap(), TRANSACTION.parse().unwrap());
    list.extend(of(
        FinishReservation::builder(payment, Currency::Huf).build()
    ));
    list.extend(of(FinishReservation::builder(payment, Currency::Huf)
        .transaction(
            TransactionToFinish::new(transaction, -1)
                .comment("x".repeat(641))
                .part(PayeeTransactionToFinish::new(transaction, cents(50))),
        )
        .transaction(TransactionToFinish::new(transaction, 1))
        .build()));
    list.extend(of(Capture::builder(payment, Currency::Huf)
        .transaction(TransactionToFinish::new(transaction, cents(50)))
        .build()));
    list.extend(of(Refund::builder(payment, Currency::Huf)
        .transaction(TransactionToRefund::new(transaction, "", 0))
        .transaction(TransactionToRefund::new(
            transaction,
            "t",
            Money::new(cents(50), Currency::Eur),
        ))
        .build()));

    let rules = list.iter().filter(|line| !line.starts_with('#')).count();
    assert!(rules >= 40, "{rules}");
    let text = list.join("\n");
    for secret in ["123 4567", "jane", "0036301234567"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_violation_can_be_taken_apart() {
    let error = huf()
        .transaction(tea().total(cents(90_050)))
        .build()
        .unwrap_err();
    let [violation] = error.violations() else {
        panic!("{error}");
    };
    assert_eq!(violation.field, "Transactions[0].Total");
    assert_eq!(violation.rule, Rule::Digits);
    assert_eq!(violation.value.as_deref(), Some("900.5"));
    assert_eq!(violation.limit.as_deref(), Some("0"));
    assert_eq!(violation.hint, "round it yourself");

    let error = huf().transaction(tea()).payer_phone_number("+36").build();
    let error = error.unwrap_err();
    let violation = &error.violations()[0];
    assert_eq!((violation.rule, &violation.value), (Rule::Form, &None));
}

#[test]
fn items_that_do_not_add_up_are_sent_with_a_warning() {
    let payment = huf().transaction(tea().total(1_000)).build().unwrap();
    let [warning] = payment.warnings() else {
        panic!("{:?}", payment.warnings());
    };
    assert_eq!(warning.rule, Rule::Sum);
    assert!(
        warning
            .to_string()
            .starts_with("Transactions[0].Total is 1000, but its items make 900"),
        "{warning}"
    );
    let exact = huf().transaction(tea().total(900)).build().unwrap();
    assert!(exact.warnings().is_empty());
    // Without items there is nothing to add up.
    let bare = Transaction::new("t", "shop@example.com").total(5);
    assert!(
        huf()
            .transaction(bare)
            .build()
            .unwrap()
            .warnings()
            .is_empty()
    );
}

/// Nobody has written the 0 that is not allowed.
#[test]
fn nothing_to_pay_is_mended_by_an_item() {
    let empty = || Transaction::new("t", "shop@example.com");
    let nothing = of(huf().transaction(empty()).build());
    assert_eq!(
        nothing,
        [
            "Transactions[0].Total is not set, and there are no items to sum up: add an item (or set a total)"
        ]
    );
    let error = huf().transaction(empty()).build().unwrap_err();
    assert_eq!(error.violations()[0].rule, Rule::Required);
    assert_eq!(
        of(huf().transaction(empty().total(0)).build()),
        ["Transactions[0].Total is 0; more than 0 is needed"]
    );
    // What is sent unchecked is what was meant, and no amount that we made up.
    let unchecked = huf().transaction(empty()).without_validation().build();
    assert_eq!(unchecked.unwrap().total(), &Money::zero(Currency::Huf));
}

#[test]
fn validation_can_be_switched_off_for_one_payment() {
    let wrong = || {
        huf()
            .order_number("x".repeat(101))
            .transaction(tea().total(cents(90_050)))
    };
    assert_eq!(wrong().build().unwrap_err().violations().len(), 2);
    let payment = wrong().without_validation().build().unwrap();
    assert_eq!(payment.total(), &Money::new(cents(90_050), Currency::Huf));
    // What can't be meant is refused all the same.
    let error = huf()
        .transaction(tea().total(Money::new(1, Currency::Eur)))
        .without_validation()
        .build()
        .unwrap_err();
    assert_eq!(error.violations()[0].rule, Rule::Currency);

    let (payment, transaction) = (PAYMENT.parse().unwrap(), TRANSACTION.parse().unwrap());
    let refund = |amount: Decimal| {
        let part = TransactionToRefund::new(transaction, "t", amount);
        Refund::builder(payment, Currency::Huf).transaction(part)
    };
    assert!(refund(cents(50)).build().is_err());
    assert!(refund(cents(50)).without_validation().build().is_ok());
    let end = || TransactionToFinish::new(transaction, cents(50));
    let finish = FinishReservation::builder(payment, Currency::Huf).transaction(end());
    assert!(finish.clone().build().is_err());
    assert!(finish.without_validation().build().is_ok());
    let capture = Capture::builder(payment, Currency::Huf).transaction(end());
    assert!(capture.clone().build().is_err());
    assert!(capture.without_validation().build().is_ok());
}
