//! What the caller gets when something goes wrong.

use std::error::Error as _;
use std::time::Duration;

use barion::{
    Client, Currency, Decimal, Delivery, Environment, Error, ErrorKind, Item, Money, PaymentStatus,
    PosKey, Refund, StartPayment, Transaction, TransactionToRefund,
};

use crate::requests::wire::{PAYMENT, PAYMENT_DASHLESS, send, start};
use crate::support::stub::{KEY, Reply, Stub};

async fn error_of(operation: &str, reply: Reply) -> Error {
    let stub = Stub::start(reply).await;
    let error = send(&stub.client(), operation).await.unwrap_err();
    stub.only();
    assert_eq!(error.operation(), Some(operation));
    error
}

fn facts(error: &Error) -> (ErrorKind, Delivery, Option<u16>) {
    (error.kind(), error.delivery(), error.status())
}

#[tokio::test]
async fn a_200_with_errors_is_an_error_and_keeps_the_payment_id() {
    let body = format!(
        r#"{{"PaymentId":"{PAYMENT_DASHLESS}","Status":null,"Transactions":null,
            "Errors":[{{"ErrorCode":"UserCantReceiveEMoney","Title":"No","Description":"Not registered"}}]}}"#
    );
    let error = error_of("payment_start_v2", Reply::json(200, body)).await;
    assert_eq!(
        facts(&error),
        (ErrorKind::Api, Delivery::Rejected, Some(200))
    );
    assert_eq!(error.payment_id(), Some(PAYMENT.parse().unwrap()));
    assert!(error.has_code("usercantreceiveemoney"));
    insta::assert_snapshot!(error, @"payment_start_v2: Barion refused the request (HTTP 200, application/json; charset=utf-8): UserCantReceiveEMoney: No: Not registered (likely: the payee's wallet is not fully registered yet, so it can't take money: finish its registration at Barion)");
}

#[tokio::test]
async fn the_payment_id_of_an_error_entry_is_kept_too_and_all_zeros_are_none() {
    let body = format!(
        r#"{{"PaymentId":"00000000000000000000000000000000",
            "Errors":[{{"ErrorCode":"PaymentStatusNotValid","PaymentId":"{PAYMENT}"}}]}}"#
    );
    let error = error_of("refund_payment_v2", Reply::json(400, body)).await;
    assert_eq!(error.payment_id(), Some(PAYMENT.parse().unwrap()));
}

/// Beside errors the other properties may be of any shape.
#[tokio::test]
async fn errors_are_told_even_if_the_rest_of_the_answer_is_odd() {
    let body = format!(
        r#"{{"PaymentId":"{PAYMENT}","Status":0,"Transactions":{{}},"Errors":[{{"ErrorCode":"InvalidUser"}}]}}"#
    );
    let error = error_of("payment_start_v2", Reply::json(200, body)).await;
    assert_eq!(
        facts(&error),
        (ErrorKind::Api, Delivery::Rejected, Some(200))
    );
    assert!(error.has_code("InvalidUser"));
    assert_eq!(error.payment_id(), Some(PAYMENT.parse().unwrap()));
    let body = r#"{"PaymentId":"","Errors":[{"ErrorCode":"InvalidUser"}]}"#;
    let error = error_of("payment_start_v2", Reply::json(200, body)).await;
    assert_eq!((error.kind(), error.payment_id()), (ErrorKind::Api, None));
}

/// The money may have moved: whoever looks into it needs the id.
#[tokio::test]
async fn an_answer_that_can_not_be_read_keeps_the_payment_id() {
    let body = format!(
        r#"{{"PaymentId":"{PAYMENT_DASHLESS}","RefundedTransactions":"three","Errors":[]}}"#
    );
    let error = error_of("refund_payment_v2", Reply::json(200, body)).await;
    assert_eq!(
        facts(&error),
        (ErrorKind::UnreadableAnswer, Delivery::Unknown, Some(200))
    );
    assert_eq!(error.payment_id(), Some(PAYMENT.parse().unwrap()));
}

#[tokio::test]
async fn an_html_503_is_explained() {
    let page = "<!DOCTYPE html>\n<html><head><title>Maintenance</title></head></html>";
    let error = error_of("refund_payment_v2", Reply::html(503, page)).await;
    assert_eq!(
        facts(&error),
        (ErrorKind::Http, Delivery::Unknown, Some(503))
    );
    assert_eq!(error.content_type(), Some("text/html; charset=utf-8"));
    assert_eq!(
        error.content_type_unredacted(),
        Some("text/html; charset=UTF-8")
    );
    assert_eq!(error.body_unredacted(), Some(page.as_bytes()));
    insta::assert_snapshot!(error, @r#"refund_payment_v2: Barion answered with a failure and no list of errors (HTTP 503, text/html; charset=utf-8), the body is HTML of 68 bytes, titled "Maintenance" (likely: Barion or something in front of it is in trouble; after a call that moves money reconcile it before anything else (Client::reconcile))"#);
}

#[tokio::test]
async fn an_empty_401_keeps_its_status() {
    let reply = Reply::Answer {
        status: 401,
        content_type: None,
        body: Vec::new(),
    };
    let error = error_of("get_payment_state_v4", reply).await;
    assert_eq!(
        facts(&error),
        (ErrorKind::Http, Delivery::Rejected, Some(401))
    );
    assert_eq!(error.snippet(), None);
    insta::assert_snapshot!(error, @"get_payment_state_v4: Barion answered with a failure and an empty body (HTTP 401, no content type) (likely: the shop key was not taken: use the secret key (POSKey) of this environment; if the answer is no JSON, something in front of Barion refused the call)");
}

#[tokio::test]
async fn a_captcha_page_with_200_is_no_success() {
    let error = error_of(
        "payment_capture_v2",
        Reply::html(200, "<html><title>Just a moment...</title></html>"),
    )
    .await;
    assert_eq!(
        facts(&error),
        (ErrorKind::UnreadableAnswer, Delivery::Unknown, Some(200))
    );
    assert_eq!(
        error.snippet(),
        Some(r#"HTML of 44 bytes, titled "Just a moment...""#)
    );
}

#[tokio::test]
async fn a_truncated_body_leaves_the_outcome_open() {
    let body = format!(r#"{{"PaymentId":"{PAYMENT_DASHLESS}","RefundedTr"#);
    let error = error_of("refund_payment_v2", Reply::json(200, body)).await;
    assert_eq!(
        facts(&error),
        (ErrorKind::UnreadableAnswer, Delivery::Unknown, Some(200))
    );
    assert_eq!(
        error.snippet(),
        Some("broken JSON of 59 bytes, with PaymentId")
    );
    assert!(
        error
            .source()
            .unwrap()
            .to_string()
            .contains("ends too early"),
        "{:?}",
        error.source()
    );
}

#[tokio::test]
async fn an_answer_that_breaks_off_leaves_the_outcome_open() {
    let error = error_of(
        "refund_payment_v2",
        Reply::Cut {
            length: 900,
            body: b"{\"PaymentId\":".to_vec(),
        },
    )
    .await;
    assert_eq!(
        facts(&error),
        (ErrorKind::Interrupted, Delivery::Unknown, Some(200))
    );
}

#[tokio::test]
async fn an_empty_200_is_no_success() {
    for operation in crate::requests::wire::OPERATIONS {
        let error = error_of(operation, Reply::json(200, "")).await;
        assert_eq!(
            facts(&error),
            (ErrorKind::UnreadableAnswer, Delivery::Unknown, Some(200)),
            "{operation}"
        );
        let error = error_of(operation, Reply::json(200, "{}")).await;
        assert_eq!(
            facts(&error),
            (ErrorKind::UnreadableAnswer, Delivery::Unknown, Some(200)),
            "{operation}"
        );
    }
}

#[tokio::test]
async fn an_answer_without_limits_is_not_read_without_limits() {
    let mut body = b"{\"PaymentId\":\"".to_vec();
    body.resize(9 * 1024 * 1024, b'0');
    let error = error_of("get_payment_state_v4", Reply::json(200, body)).await;
    assert_eq!(
        facts(&error),
        (ErrorKind::UnreadableAnswer, Delivery::Unknown, Some(200))
    );
    assert_eq!(
        error.snippet(),
        Some("broken JSON of 8388608 bytes, with PaymentId")
    );
    assert_eq!(error.body_unredacted().unwrap().len(), 64 * 1024);
}

#[tokio::test]
async fn a_hang_up_leaves_the_outcome_open_and_is_not_repeated() {
    let error = error_of("refund_payment_v2", Reply::HangUp).await;
    assert_eq!(
        facts(&error),
        (ErrorKind::Interrupted, Delivery::Unknown, None)
    );
}

#[tokio::test]
async fn silence_ends_in_a_timeout_with_an_open_outcome() {
    let stub = Stub::start(Reply::Silence).await;
    let client = Client::builder(Environment::Custom(stub.url()), PosKey::new(KEY).unwrap())
        .timeout(Duration::from_millis(200))
        .build()
        .unwrap();
    let error = client.start_payment(&start()).await.unwrap_err();
    assert_eq!(facts(&error), (ErrorKind::Timeout, Delivery::Unknown, None));
    stub.only();
}

#[tokio::test]
async fn no_connection_means_that_nothing_was_sent() {
    let stub = Stub::start(Reply::HangUp).await;
    let (client, url) = (stub.client(), stub.url());
    drop(stub);
    // The listener is closed once its task has gone.
    while tokio::net::TcpStream::connect(url.authority())
        .await
        .is_ok()
    {
        tokio::task::yield_now().await;
    }
    let error = client.start_payment(&start()).await.unwrap_err();
    assert_eq!(
        facts(&error),
        (ErrorKind::Connection, Delivery::NotSent, None)
    );
}

#[tokio::test]
async fn a_5xx_leaves_the_outcome_open_even_with_errors() {
    let body = r#"{"Errors":[{"ErrorCode":"InternalServerError","Title":"Oops"}]}"#;
    for status in [200, 400, 500] {
        let error = error_of("refund_payment_v2", Reply::json(status, body)).await;
        assert_eq!(
            facts(&error),
            (ErrorKind::Api, Delivery::Unknown, Some(status))
        );
    }
}

#[tokio::test]
async fn not_carried_out_without_an_error_is_an_error() {
    let body = format!(
        r#"{{"IsSuccessful":false,"PaymentId":"{PAYMENT_DASHLESS}","Status":"Reserved","Errors":[]}}"#
    );
    let error = error_of("payment_finish_reservation_v2", Reply::json(200, body)).await;
    assert_eq!(facts(&error).0, ErrorKind::Api);
    assert_eq!(error.payment_id(), Some(PAYMENT.parse().unwrap()));
}

#[tokio::test]
async fn an_unknown_status_and_odd_dates_are_values() {
    let body = format!(
        r#"{{"PaymentId":"{PAYMENT_DASHLESS}","Status":"TeleportedToMars","CreatedAt":"2024-05-31T12:23:17.868",
            "CompletedAt":"0001-01-01T00:00:00","ValidUntil":"31. 5. 2024 12:53","Total":84.00,"Currency":"XTS",
            "Transactions":null,"Errors":null}}"#
    );
    let stub = Stub::start(Reply::json(200, body)).await;
    let payment = stub
        .client()
        .payment_state(PAYMENT.parse().unwrap())
        .await
        .unwrap();
    assert!(
        matches!(&payment.status, PaymentStatus::Unrecognized(other) if other.as_str() == "TeleportedToMars")
    );
    assert_eq!(
        payment.created_at.unwrap().moment().unwrap().to_rfc3339(),
        "2024-05-31T12:23:17.868+00:00"
    );
    assert_eq!(payment.completed_at.unwrap().moment(), None);
    let odd = payment.valid_until.unwrap();
    assert_eq!((odd.moment(), odd.as_str()), (None, "31. 5. 2024 12:53"));
    let total = Money::new(84, "XTS".into());
    assert_eq!(payment.current_total, Some(total));
    assert_eq!(payment.currency.unwrap().as_str(), "XTS");
    assert!(payment.transactions.is_empty());
}

#[test]
fn a_wrong_payment_is_refused_with_every_rule_and_path() {
    let error = StartPayment::reservation("", Currency::Huf, Duration::from_secs(30))
        .payment_window(Duration::from_millis(60_500))
        .redirect_url("ftp://shop.example".parse().unwrap())
        .payer_phone_number("+36 30 123 4567")
        .card_holder_name_hint("J")
        .transaction(
            Transaction::new("t-1", "not an address")
                .item(Item::new("", 1, Decimal::new(105, 1)))
                .item(Item::new("n".repeat(251), -1, 10)),
        )
        .transaction(
            Transaction::new("t-1", "shop@example.com")
                .total(0)
                .comment("c".repeat(641)),
        )
        .build()
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.delivery()),
        (ErrorKind::Validation, Delivery::NotSent)
    );
    let list: Vec<String> = error.violations().iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(list.join("\n"));
    let shown = format!("{error} {error:?}");
    assert!(
        !shown.contains("123 4567"),
        "payer data is not repeated: {shown}"
    );
}

#[test]
fn what_is_missing_is_named() {
    let error = StartPayment::immediate("order-1", Currency::Eur)
        .funding_sources([])
        .build()
        .unwrap_err();
    let list: Vec<String> = error.violations().iter().map(ToString::to_string).collect();
    assert_eq!(
        list,
        [
            "FundingSources has 0 entries; at least 1 are needed: add one",
            "Transactions has 0 entries; at least 1 are needed: add one"
        ]
    );
    let error = Refund::builder(PAYMENT.parse().unwrap(), Currency::Huf)
        .transaction(TransactionToRefund::new(
            PAYMENT.parse().unwrap(),
            "t-1",
            Decimal::new(5, 1),
        ))
        .build()
        .unwrap_err();
    let problem = error.violations()[0].to_string();
    assert_eq!(
        problem,
        "TransactionsToRefund[0].AmountToRefund is 0.5; HUF takes whole amounts only: round it yourself"
    );
}

/// Users of `?` see the text and nothing else.
#[tokio::test]
async fn the_text_says_what_to_do_once() {
    let entry =
        |code: &str| format!(r#"{{"ErrorCode":"{code}","Title":"Invalid","Description":""}}"#);
    let twelve = [
        "SomethingSecret",
        "ShopIsInDraftState",
        "InvalidUser",
        "4",
        "",
        "InvalidUser",
    ];
    let twelve: Vec<String> = twelve
        .iter()
        .chain(&twelve)
        .map(|code| entry(code))
        .collect();
    let body = format!(r#"{{"Errors":[{}]}}"#, twelve.join(","));
    let error = error_of("payment_start_v2", Reply::json(400, body)).await;
    assert_eq!(error.api_errors().len(), 12);
    insta::assert_snapshot!(error, @"payment_start_v2: Barion refused the request (HTTP 400, application/json; charset=utf-8): SomethingSecret: Invalid; ShopIsInDraftState: Invalid; InvalidUser: Invalid; (hidden): Invalid; error without a code: Invalid; and 7 more (likely: the shop was never sent for approval: open it in Barion's back office, fill in what is missing and submit it)");
    let one = &error.api_errors()[2];
    assert_eq!(
        one.hint(),
        Some(
            "a payee is no active Barion wallet of this environment: Transaction::new wants the e-mail address that the wallet was registered with, and test wallets do not exist in production"
        )
    );
    assert_eq!(
        one.to_string(),
        format!("InvalidUser: Invalid (likely: {})", one.hint().unwrap())
    );
    let numbered = &error.api_errors()[3];
    assert_eq!(
        (numbered.code.as_str(), numbered.code_unredacted()),
        ("(hidden)", "4")
    );
    assert!(numbered.is("4") && error.has_code("4"));
    assert_eq!(numbered.hint(), None);
}

/// What the caller has written is the caller's, but not without an end.
#[test]
fn a_text_of_many_violations_has_an_end() {
    let items = (0..500).map(|_| Item::new("", -1, 10));
    let error = StartPayment::immediate("order-1", Currency::Huf)
        .transaction(Transaction::new("t-1", "x\n".repeat(1_000_000)).items(items))
        .build()
        .unwrap_err();
    let shown = error.to_string();
    assert!(error.violations().len() > 1_000);
    assert!(shown.len() < 5_000, "{}", shown.len());
    assert!(
        shown.ends_with(&format!("; and {} more", error.violations().len() - 30)),
        "{shown}"
    );
    assert!(!shown.contains('\n'));
}

/// Keys, addresses and payers' data are in no text that ends up in a log.
#[tokio::test]
async fn nothing_secret_is_shown() {
    let mail = "payer@example.com";
    let dashless = KEY.replace('-', "");
    let body = format!(
        r#"{{"Errors":[{{"ErrorCode":"InvalidUser","Title":"Invalid user","Description":"Invalid user({mail})!",
            "EndPoint":"https://api.barion.com/v2/Payment/GetPaymentState?POSKey={dashless}",
            "AuthData":"{dashless}"}}]}}"#
    );
    let mut shown = Vec::new();
    for reply in [
        Reply::json(400, body.clone()),
        Reply::json(200, body.clone()),
        Reply::json(200, format!("{{\"AuthData\":\"{KEY}\", {mail} {dashless}")),
        Reply::json(200, format!("{{\"PaymentId\":\"{mail}\"}}")),
        Reply::json(200, r#"{"Total":"payer@example.com"}"#),
        Reply::json(500, format!("{{\"Message\":\"{mail} {dashless}\"}}")),
        Reply::html(
            502,
            &format!("<html>{KEY} {mail} https://x.example/?POSKey={dashless}</html>"),
        ),
        Reply::HangUp,
    ] {
        let error = error_of("get_payment_state_v2", reply).await;
        shown.push(format!(
            "{error}\n{error:?}\n{error:#?}\n{:?}",
            error.api_errors()
        ));
        let mut source = error.source();
        while let Some(cause) = source {
            shown.push(format!("{cause} {cause:?}"));
            source = cause.source();
        }
    }
    let client = Client::new(Environment::Test, PosKey::new(KEY).unwrap()).unwrap();
    shown.push(format!("{client:?} {:?}", PosKey::new(KEY)));
    let payment = StartPayment::immediate("o", Currency::Huf)
        .payer_hint(mail)
        .transaction(Transaction::new("t", "shop@example.com").total(10));
    shown.push(format!(
        "{payment:?} {:?}",
        payment.clone().build().unwrap()
    ));
    let state = std::fs::read(
        crate::support::fixtures::folder().join("examples/03-state-v4-refunded.response.json"),
    )
    .unwrap();
    let payers: serde_json::Value = serde_json::from_slice(&state).unwrap();
    let payer = payers["Transactions"][0]["Payer"]["Email"]
        .as_str()
        .unwrap();
    let stub = Stub::start(Reply::json(200, state.clone())).await;
    let payment = stub
        .client()
        .payment_state(payers["PaymentId"].as_str().unwrap().parse().unwrap())
        .await
        .unwrap();
    shown.push(format!("{payment:?} {payment:#?}"));
    assert_eq!(
        payment.transactions[0]
            .payer
            .as_ref()
            .unwrap()
            .email
            .as_ref()
            .unwrap()
            .expose(),
        payer
    );
    for text in shown {
        // The connection of a broken exchange is named by no part of the error.
        for secret in [KEY, dashless.as_str(), mail, payer, "POSKey"] {
            assert!(!text.contains(secret), "{secret} is shown in {text}");
        }
    }
}
