//! What is on the wire: one call of each operation, the paths, the key, the headers.

use barion::{
    Capture, Client, Currency, Decimal, Error, FinishReservation, GooglePayToken, Item, PaymentId,
    Refund, StartPayment, StartPaymentBuilder, Transaction, TransactionToFinish,
    TransactionToRefund,
};

use crate::support::stub::{KEY, Reply, Stub};

pub(crate) const PAYMENT: &str = "0c7e5b1f-3a99-4d0e-8f62-55d0a1b2c3d4";
pub(crate) const PAYMENT_DASHLESS: &str = "0c7e5b1f3a994d0e8f6255d0a1b2c3d4";
pub(crate) const TRANSACTION: &str = "1d8f6c204baa5e1f907366e1b2c3d4e5";

/// All operations by their names.
pub(crate) const OPERATIONS: [&str; 9] = [
    "get_payment_state_v2",
    "get_payment_state_v4",
    "payment_cancel_authorization_v2",
    "payment_capture_v2",
    "payment_complete_v2",
    "payment_finish_reservation_v2",
    "payment_start_v2",
    "payment_start_with_google_token_v3",
    "refund_payment_v2",
];

pub(crate) fn start() -> StartPayment {
    order("BREAD-1001").build().unwrap()
}

fn order(name: &str) -> StartPaymentBuilder {
    StartPayment::immediate(name, Currency::Huf)
        .redirect_url("https://bakery.example/thanks".parse().unwrap())
        .callback_url("https://bakery.example/hooks/barion".parse().unwrap())
        .transaction(
            Transaction::new("BREAD-1001/1", "shop@example.com")
                .item(
                    Item::new("Sourdough loaf", 2, 1_690)
                        .description("One kilogram, sliced")
                        .sku("BR-01"),
                )
                .item(Item::new("Delivery", 1, 990)),
        )
}

/// What a call is about.
pub(crate) struct Asked {
    pub(crate) payment: PaymentId,
    pub(crate) payment_request_id: String,
    pub(crate) refunds: Vec<(String, Decimal)>,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            payment: PAYMENT.parse().unwrap(),
            payment_request_id: "BREAD-1001".to_owned(),
            refunds: vec![("BREAD-1001/1".to_owned(), 990.into())],
        }
    }
}

impl Asked {
    /// What a recorded answer answers: one about something else would be refused.
    pub(crate) fn of_answer(body: &[u8]) -> Self {
        let mut asked = Self::default();
        let Ok(body) = serde_json::from_slice::<serde_json::Value>(body) else {
            return asked;
        };
        let id = body["PaymentId"].as_str().and_then(|id| id.parse().ok());
        asked.payment = id.unwrap_or(asked.payment);
        if let Some(name) = body["PaymentRequestId"].as_str() {
            name.clone_into(&mut asked.payment_request_id);
        }
        if let Some(refunds) = body["RefundedTransactions"].as_array() {
            let part = |one: &serde_json::Value| {
                let name = one["POSTransactionId"].as_str().unwrap_or("BREAD-1001/1");
                Some((name.to_owned(), one["Total"].to_string().parse().ok()?))
            };
            let parts: Vec<_> = refunds.iter().filter_map(part).collect();
            if !parts.is_empty() {
                asked.refunds = parts;
            }
        }
        asked
    }
}

/// Calls an operation through the facade, and leaves only whether it succeeded.
pub(crate) async fn send(client: &Client, operation: &str) -> Result<(), Error> {
    send_for(client, operation, Asked::default()).await
}

pub(crate) async fn send_for(client: &Client, operation: &str, asked: Asked) -> Result<(), Error> {
    let id = asked.payment;
    let finish = || TransactionToFinish::new(TRANSACTION.parse().unwrap(), Decimal::new(1205, 1));
    match operation {
        "get_payment_state_v2" => client.payment_state_v2(id).await.map(drop),
        "get_payment_state_v4" => client.payment_state(id).await.map(drop),
        "payment_cancel_authorization_v2" => client.cancel_authorization(id).await.map(drop),
        "payment_capture_v2" => {
            let capture = Capture::builder(id, Currency::Eur)
                .transaction(finish())
                .build()?;
            client.capture(&capture).await.map(drop)
        }
        "payment_complete_v2" => client.complete_payment(id).await.map(drop),
        "payment_finish_reservation_v2" => {
            let ending = FinishReservation::builder(id, Currency::Eur)
                .transaction(finish().comment("One guest fewer").item(Item::new(
                    "Room",
                    1,
                    Decimal::new(1205, 1),
                )))
                .build()?;
            client.finish_reservation(&ending).await.map(drop)
        }
        "payment_start_v2" => {
            // Barion has been seen to answer longer names than it documents.
            let request = order(&asked.payment_request_id).without_validation();
            let request = request.build()?;
            client.start_payment(&request).await.map(drop)
        }
        "payment_start_with_google_token_v3" => {
            let google = GooglePayToken::new(r#"{"protocolVersion":"ECv2"}"#, "payer@example.com");
            let request = order(&asked.payment_request_id)
                .google_pay(google)
                .build()?;
            client
                .start_payment_with_google_token(&request)
                .await
                .map(drop)
        }
        "refund_payment_v2" => {
            // Recorded amounts are of any currency.
            let whole = asked
                .refunds
                .iter()
                .all(|(_, one)| one.normalize().scale() == 0);
            let currency = if whole { Currency::Huf } else { Currency::Eur };
            let mut refund = Refund::builder(id, currency);
            for (name, amount) in asked.refunds {
                let transaction = TRANSACTION.parse().unwrap();
                let one = TransactionToRefund::new(transaction, name, amount);
                refund = refund.transaction(one.comment("Late"));
            }
            let refund = refund.build()?;
            client.refund(&refund).await.map(drop)
        }
        other => panic!("no operation {other}"),
    }
}

#[tokio::test]
async fn the_v4_state_has_a_dashless_id_in_the_path_and_the_key_in_the_header_only() {
    let stub = Stub::start(Reply::json(200, r#"{"Errors":[]}"#)).await;
    let _ = send(&stub.client(), "get_payment_state_v4").await;
    let request = stub.only();
    assert_eq!(
        request.request_line,
        format!("GET /v4/Payment/{PAYMENT_DASHLESS}/PaymentState HTTP/1.1")
    );
    assert_eq!(request.header("x-pos-key"), Some(KEY));
    assert_eq!(request.body, "");
    let elsewhere = request
        .headers
        .iter()
        .filter(|(name, value)| name != "x-pos-key" && value.contains("1111"));
    assert_eq!(elsewhere.count(), 0);
}

#[tokio::test]
async fn the_v2_state_has_its_id_in_the_query_and_the_key_in_the_header_only() {
    let stub = Stub::start(Reply::json(200, r#"{"Errors":[]}"#)).await;
    let _ = send(&stub.client(), "get_payment_state_v2").await;
    let request = stub.only();
    let expected = format!("GET /v2/Payment/GetPaymentState?PaymentId={PAYMENT_DASHLESS} HTTP/1.1");
    assert_eq!(request.request_line, expected);
    assert_eq!(request.header("x-pos-key"), Some(KEY));
}

#[tokio::test]
async fn every_operation_is_sent_once_with_the_key_and_without_stray_headers() {
    for operation in OPERATIONS {
        let stub = Stub::start(Reply::json(500, r#"{"Message":"An error has occurred."}"#)).await;
        send(&stub.client(), operation).await.unwrap_err();
        let request = stub.only();
        assert_eq!(request.header("x-pos-key"), Some(KEY), "{operation}");
        assert!(
            !request.request_line.contains("1111"),
            "{operation}: no key in an address"
        );
        assert_eq!(request.header("api-version"), None, "{operation}");
        assert_eq!(
            request.header("transfer-encoding"),
            None,
            "{operation}: a length, no chunks"
        );
        assert_eq!(request.header("referer"), None, "{operation}");
        let agent = request.header("user-agent").unwrap();
        assert!(agent.starts_with("barion-rust/"), "{operation}: {agent}");
        if request.request_line.starts_with("POST") {
            assert_eq!(
                request.header("content-type"),
                Some("application/json"),
                "{operation}"
            );
            assert_eq!(
                request.header("content-length"),
                Some(request.body.len().to_string().as_str()),
                "{operation}"
            );
            assert!(
                request.body.contains(&format!(r#""POSKey":"{KEY}""#)),
                "{operation}: {}",
                request.body
            );
        }
    }
}

#[tokio::test]
async fn the_key_can_be_kept_out_of_the_body() {
    let stub = Stub::start(Reply::json(500, "{}")).await;
    let key = barion::PosKey::new(KEY).unwrap();
    let environment = barion::Environment::Custom(stub.url());
    let client = Client::builder(environment, key)
        .key_in_body(false)
        .build()
        .unwrap();
    send(&client, "payment_start_v2").await.unwrap_err();
    let request = stub.only();
    assert!(!request.body.contains("POSKey"), "{}", request.body);
    assert_eq!(request.header("x-pos-key"), Some(KEY));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let target = Stub::start(Reply::json(200, "{}")).await;
    let stub = Stub::start(Reply::Answer {
        status: 307,
        content_type: None,
        body: Vec::new(),
    })
    .await;
    let error = send(&stub.client(), "payment_start_v2").await.unwrap_err();
    assert_eq!(error.status(), Some(307));
    assert_eq!(error.delivery(), barion::Delivery::Unknown);
    stub.only();
    assert!(target.received().is_empty());
}
