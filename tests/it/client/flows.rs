//! The nine operations through the facade and through the generated client, against the sandbox,
//! over HTTP.

use std::time::Duration;

use barion::{
    Capture, Client, Currency, Delivery, Environment, ErrorKind, FinishReservation, GooglePayToken,
    Item, Money, OrderMatch, PaymentMethod, PaymentStatus, PosKey, ProcessResult, RateLimit,
    Refund, StartPayment, StartPaymentBuilder, StartedPayment, Transaction, TransactionId,
    TransactionStatus, TransactionToFinish, TransactionToRefund, TransactionType,
};
use barion_generated::types;
use barion_sandbox::{CARD_LOW_FUNDS, CARD_OK, PAYEE, Sandbox};

use crate::sandbox::contract;
use crate::support::stub::raw_client;

const DAY: Duration = Duration::from_secs(86_400);

pub(crate) fn client(sandbox: &Sandbox) -> Client {
    crate::client::secrets::watch();
    let key = PosKey::new(sandbox.pos_key()).unwrap();
    // The sandbox's clock stands still, so no test has to wait for its turn.
    Client::builder(Environment::Custom(sandbox.url()), key)
        .rate_limit(RateLimit::unlimited())
        .build()
        .unwrap()
}

fn transaction() -> Transaction {
    Transaction::new("t-1", PAYEE)
        .item(Item::new("Kettle", 1, 8_000))
        .item(Item::new("Cup", 4, 500))
}

fn immediate() -> StartPayment {
    order_1().build().unwrap()
}

fn order_1() -> StartPaymentBuilder {
    StartPayment::immediate("order-1", Currency::Huf).transaction(transaction())
}

fn reservation() -> StartPayment {
    StartPayment::reservation("order-2", Currency::Huf, 7 * DAY)
        .transaction(transaction())
        .build()
        .unwrap()
}

fn delayed_capture() -> StartPayment {
    StartPayment::delayed_capture("order-3", Currency::Huf, 3 * DAY)
        .transaction(transaction())
        .build()
        .unwrap()
}

fn forints(amount: i64) -> Money {
    Money::new(amount, Currency::Huf)
}

fn ours(started: &StartedPayment) -> TransactionId {
    started.transaction("t-1").unwrap().transaction_id.unwrap()
}

async fn started(sandbox: &Sandbox, payment: &StartPayment, pay: bool) -> StartedPayment {
    let started = client(sandbox).start_payment(payment).await.unwrap();
    if pay {
        sandbox
            .pay(&started.payment_id.to_string(), CARD_OK)
            .await
            .unwrap();
    }
    started
}

#[tokio::test]
async fn an_immediate_payment_is_started_paid_and_refunded_twice() {
    let sandbox = contract::sandbox().await;
    let client = client(&sandbox);
    let started = started(&sandbox, &immediate(), false).await;
    assert_eq!(started.status, PaymentStatus::Prepared);
    assert_eq!(
        started.transactions[0]
            .transaction_time
            .as_ref()
            .unwrap()
            .moment(),
        None,
        "not set yet"
    );
    let gateway = started.gateway_url.clone().unwrap();
    assert_eq!(
        gateway.query(),
        Some(format!("Id={}", started.payment_id).as_str())
    );

    let open = client.payment_state(started.payment_id).await.unwrap();
    assert_eq!(
        (open.status, open.payment_method),
        (PaymentStatus::Prepared, Some(PaymentMethod::Unknown))
    );

    sandbox
        .pay(&started.payment_id.to_string(), CARD_OK)
        .await
        .unwrap();
    let paid = client.payment_state(started.payment_id).await.unwrap();
    assert_eq!(paid.status, PaymentStatus::Succeeded);
    assert_eq!(paid.current_total, Some(forints(10_000)));
    assert!(paid.matches_order(&forints(10_000)).is_exact());
    assert_eq!(paid.payment_method, Some(PaymentMethod::BankCard));
    assert_eq!(
        paid.transaction("t-1").unwrap().transaction_type,
        Some(TransactionType::CardPayment)
    );
    let fee = paid
        .transactions
        .iter()
        .find(|one| one.pos_transaction_id.is_none())
        .unwrap();
    assert_eq!(
        (fee.transaction_type.clone(), fee.original_total.clone()),
        (Some(TransactionType::GatewayFee), Some(forints(149)))
    );

    let refund = |amount: i64| {
        let transaction = TransactionToRefund::new(ours(&started), "t-1", amount).comment("Sorry");
        Refund::builder(started.payment_id, Currency::Huf)
            .transaction(transaction)
            .build()
            .unwrap()
    };
    let refunded = client.refund(&refund(2_500)).await.unwrap();
    assert_eq!(refunded.total(), Some(forints(2_500)));
    assert_ne!(
        refunded.refunded_transactions[0].transaction_id,
        Some(ours(&started)),
        "an id of its own"
    );
    let partly = client.payment_state(started.payment_id).await.unwrap();
    assert_eq!(
        (&partly.status, partly.current_total.clone()),
        (&PaymentStatus::Succeeded, Some(forints(7_500)))
    );
    assert_eq!(partly.taken(), Some(forints(10_000)));
    let refunded = forints(2_500);
    assert_eq!(
        partly.matches_order(&forints(10_000)),
        OrderMatch::PartiallyRefunded { refunded }
    );

    let error = client.refund(&refund(7_501)).await.unwrap_err();
    assert!(
        error.has_code("AmountToRefundIsGreaterThanTransactionAmount"),
        "{error}"
    );
    assert_eq!(error.delivery(), Delivery::Rejected);

    client.refund(&refund(7_500)).await.unwrap();
    let wholly = client.payment_state(started.payment_id).await.unwrap();
    assert_eq!(
        (wholly.status.clone(), wholly.current_total.clone()),
        (PaymentStatus::Succeeded, Some(forints(0)))
    );
    assert_eq!(wholly.matches_order(&forints(10_000)), OrderMatch::Refunded);
    let refunds = wholly
        .transactions
        .iter()
        .filter(|one| one.related_id.is_some());
    assert_eq!(refunds.count(), 2);
    assert_eq!(
        wholly.transaction("t-1").unwrap().original_total.clone(),
        Some(forints(10_000)),
        "the original amount stays"
    );
}

#[tokio::test]
async fn a_declined_card_leaves_the_payment_open() {
    let sandbox = contract::sandbox().await;
    let started = started(&sandbox, &immediate(), false).await;
    sandbox
        .pay(&started.payment_id.to_string(), CARD_LOW_FUNDS)
        .await
        .unwrap();
    let state = client(&sandbox)
        .payment_state(started.payment_id)
        .await
        .unwrap();
    assert_eq!(state.status, PaymentStatus::Started);
    assert_eq!(
        state.funding_information.unwrap().process_result,
        Some(ProcessResult::LowFunds)
    );
    sandbox
        .pay(&started.payment_id.to_string(), CARD_OK)
        .await
        .unwrap();
    let state = client(&sandbox)
        .payment_state(started.payment_id)
        .await
        .unwrap();
    assert_eq!(state.status, PaymentStatus::Succeeded);
}

#[tokio::test]
async fn a_canceled_and_an_expired_payment() {
    let sandbox = contract::sandbox().await;
    let client = client(&sandbox);
    let canceled = started(&sandbox, &immediate(), false).await;
    sandbox
        .cancel(&canceled.payment_id.to_string())
        .await
        .unwrap();
    assert_eq!(
        client
            .payment_state(canceled.payment_id)
            .await
            .unwrap()
            .status,
        PaymentStatus::Canceled
    );

    let expired = started(&sandbox, &immediate(), false).await;
    sandbox.advance(Duration::from_secs(3_600)).await.unwrap();
    let state = client.payment_state(expired.payment_id).await.unwrap();
    assert_eq!(
        (&state.status, state.current_total.clone()),
        (&PaymentStatus::Expired, Some(forints(0)))
    );
    assert_eq!(state.ordered(), Some(forints(10_000)));
    assert_eq!(state.matches_order(&forints(10_000)), OrderMatch::NotPaid);
    assert!(
        state.completed_at.unwrap().moment().is_some(),
        "set on expiry too"
    );
}

#[tokio::test]
async fn a_reservation_is_finished_lower_and_the_rest_goes_back() {
    let sandbox = contract::sandbox().await;
    let client = client(&sandbox);
    let started = started(&sandbox, &reservation(), true).await;
    assert_eq!(
        client
            .payment_state(started.payment_id)
            .await
            .unwrap()
            .status,
        PaymentStatus::Reserved
    );
    let ending = |total: i64| {
        let transaction =
            TransactionToFinish::new(ours(&started), total).item(Item::new("Kettle", 1, total));
        FinishReservation::builder(started.payment_id, Currency::Huf)
            .transaction(transaction)
            .build()
            .unwrap()
    };
    let finished = client.finish_reservation(&ending(8_000)).await.unwrap();
    assert_eq!(finished.status, PaymentStatus::Succeeded);
    assert_eq!(
        finished.transaction("t-1").unwrap().status,
        Some(TransactionStatus::Succeeded)
    );
    let state = client.payment_state(started.payment_id).await.unwrap();
    assert_eq!(state.current_total, Some(forints(8_000)));
    assert_eq!(state.taken(), Some(forints(8_000)));
    let less = OrderMatch::TakenLess { by: forints(2_000) };
    assert_eq!(state.matches_order(&forints(10_000)), less);
    let back = state
        .transactions
        .iter()
        .find(|one| one.related_id.is_some())
        .unwrap();
    assert_eq!(
        back.transaction_type,
        Some(TransactionType::RefundToBankCard)
    );
    assert_eq!(back.original_total, Some(forints(2_000)));
    assert_eq!(
        back.related_id.as_ref().unwrap().to_string(),
        ours(&started).to_string()
    );

    let error = client.finish_reservation(&ending(1)).await.unwrap_err();
    assert!(error.has_code("PaymentStatusNotValid"), "{error}");
    assert_eq!(error.payment_id(), Some(started.payment_id));
}

#[tokio::test]
async fn a_reservation_finished_with_zero_and_one_that_lapses() {
    let sandbox = contract::sandbox().await;
    let client = client(&sandbox);
    let zero = started(&sandbox, &reservation(), true).await;
    let transaction = TransactionToFinish::new(ours(&zero), 0);
    let ending = FinishReservation::builder(zero.payment_id, Currency::Huf)
        .transaction(transaction)
        .build()
        .unwrap();
    assert_eq!(
        client.finish_reservation(&ending).await.unwrap().status,
        PaymentStatus::Succeeded
    );
    assert_eq!(
        client
            .payment_state(zero.payment_id)
            .await
            .unwrap()
            .current_total,
        Some(forints(0))
    );

    let lapsed = started(&sandbox, &reservation(), true).await;
    sandbox.advance(8 * DAY).await.unwrap();
    assert_eq!(
        client
            .payment_state(lapsed.payment_id)
            .await
            .unwrap()
            .status,
        PaymentStatus::Expired
    );
}

#[tokio::test]
async fn an_authorised_payment_is_captured_or_given_up() {
    let sandbox = contract::sandbox().await;
    let client = client(&sandbox);
    let captured = started(&sandbox, &delayed_capture(), true).await;
    let state = client.payment_state(captured.payment_id).await.unwrap();
    assert_eq!(state.status, PaymentStatus::Authorized);
    assert!(state.delayed_capture_until.unwrap().moment().is_some());
    let transaction = TransactionToFinish::new(ours(&captured), 9_000);
    let capture = Capture::builder(captured.payment_id, Currency::Huf)
        .transaction(transaction)
        .build()
        .unwrap();
    assert_eq!(
        client.capture(&capture).await.unwrap().status,
        PaymentStatus::Succeeded
    );
    let state = client.payment_state(captured.payment_id).await.unwrap();
    assert_eq!(state.current_total, Some(forints(9_000)));
    assert_eq!(state.taken(), Some(forints(9_000)));
    let less = OrderMatch::TakenLess { by: forints(1_000) };
    assert_eq!(state.matches_order(&forints(10_000)), less);
    assert!(
        client
            .capture(&capture)
            .await
            .unwrap_err()
            .has_code("PaymentStatusNotValid"),
        "allowed once"
    );

    let given_up = started(&sandbox, &delayed_capture(), true).await;
    let answer = client
        .cancel_authorization(given_up.payment_id)
        .await
        .unwrap();
    assert_eq!(answer.status, PaymentStatus::Canceled);
    assert_eq!(
        answer.transaction("t-1").unwrap().status,
        Some(TransactionStatus::Reversed)
    );
}

#[tokio::test]
async fn both_versions_of_the_state_say_the_same() {
    let sandbox = contract::sandbox().await;
    let started = started(&sandbox, &immediate(), true).await;
    let older = client(&sandbox)
        .payment_state_v2(started.payment_id)
        .await
        .unwrap();
    let mut newer = client(&sandbox)
        .payment_state(started.payment_id)
        .await
        .unwrap();
    assert_eq!(newer.payment_method.take(), Some(PaymentMethod::BankCard));
    assert_eq!(format!("{older:?}"), format!("{newer:?}"));
}

#[tokio::test]
async fn a_google_token_pays_at_once() {
    let sandbox = contract::sandbox().await;
    let client = client(&sandbox);
    let google = GooglePayToken::new(r#"{"protocolVersion":"ECv2"}"#, "payer@example.com");
    let paid = client
        .start_payment_with_google_token(&order_1().google_pay(google).build().unwrap())
        .await
        .unwrap();
    assert_eq!(
        (paid.status, paid.is_successful),
        (PaymentStatus::Succeeded, Some(true))
    );
    let state = client.payment_state(paid.payment_id).await.unwrap();
    assert_eq!(state.payment_method, Some(PaymentMethod::GooglePay));

    let nobody = GooglePayToken::new("", "nobody");
    let error = order_1().google_pay(nobody).build().unwrap_err();
    let fields: Vec<&str> = error
        .violations()
        .iter()
        .map(|violation| violation.field.as_str())
        .collect();
    assert_eq!(fields, ["GooglePayToken", "PayerEmailAddress"]);
}

#[tokio::test]
async fn a_wrong_key_and_an_unknown_payment_are_told_by_their_codes() {
    let sandbox = contract::sandbox().await;
    let key = PosKey::new("99999999999999999999999999999999").unwrap();
    let stranger = Client::new(Environment::Custom(sandbox.url()), key).unwrap();
    let error = stranger.start_payment(&immediate()).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Api, Some(401)));
    assert!(error.has_code("AuthenticationFailed"));
    let error = client(&sandbox)
        .payment_state(crate::requests::wire::PAYMENT.parse().unwrap())
        .await
        .unwrap_err();
    assert!(error.has_code("NotExistingPaymentId"), "{error}");
}

fn raw_start() -> types::StartPaymentRequest {
    let body = format!(
        r#"{{"PaymentType":"Immediate","FundingSources":["All"],"PaymentRequestId":"raw","Locale":"hu-HU",
            "Currency":"EUR","Transactions":[{{"POSTransactionId":"t-1","Payee":"{PAYEE}","Total":12.5,"Items":[]}}]}}"#
    );
    serde_json::from_str(&body).unwrap()
}

/// The generated client by itself, each of the nine methods.
#[allow(clippy::too_many_lines, reason = "one story")]
#[tokio::test]
async fn the_generated_client_speaks_with_the_sandbox() {
    let sandbox = contract::sandbox().await;
    let raw = raw_client(&sandbox.url());
    let total: barion_generated::wire::Decimal = "12.5".parse().unwrap();
    for (payment_type, period, paid) in [
        ("Immediate", None, PaymentStatus::Succeeded),
        ("Reservation", Some(DAY), PaymentStatus::Reserved),
        ("DelayedCapture", Some(DAY), PaymentStatus::Authorized),
        ("DelayedCapture", Some(DAY), PaymentStatus::Authorized),
    ]
    .into_iter()
    .zip(0..)
    .map(|((kind, period, paid), index)| ((kind, index), period, paid))
    {
        let (kind, index) = payment_type;
        let mut request = raw_start();
        request.payment_type = kind.into();
        if kind == "Reservation" {
            request.reservation_period = period.map(Into::into);
        } else {
            request.delayed_capture_period = period.map(Into::into);
        }
        let started = raw.payment_start_v2(&request).await.unwrap().into_inner();
        let id = started.payment_id.unwrap();
        let transaction_id = started.transactions.unwrap()[0].transaction_id.unwrap();
        sandbox.pay(&id.to_string(), CARD_OK).await.unwrap();
        let older = raw.get_payment_state_v2(&id).await.unwrap().into_inner();
        let newer = raw.get_payment_state_v4(&id).await.unwrap().into_inner();
        assert_eq!(
            (older.status, newer.status),
            (Some(paid.clone()), Some(paid))
        );
        assert_eq!((older.total, newer.total), (Some(total), Some(total)));
        let finish = types::TransactionToFinish {
            comment: None,
            items: Vec::new(),
            payee_transactions: Vec::new(),
            total,
            transaction_id,
        };
        match (kind, index) {
            ("Immediate", _) => {
                let refund = types::TransactionToRefund {
                    amount_to_refund: total,
                    comment: None,
                    pos_transaction_id: "t-1".to_owned(),
                    transaction_id,
                };
                let request = types::RefundPaymentRequest {
                    payment_id: id,
                    pos_key: None,
                    transactions_to_refund: vec![refund],
                };
                let refunded = raw.refund_payment_v2(&request).await.unwrap().into_inner();
                assert_eq!(
                    refunded.refunded_transactions.unwrap()[0].total,
                    Some(total)
                );
            }
            ("Reservation", _) => {
                let request = types::FinishReservationRequest {
                    payment_id: id,
                    pos_key: None,
                    transactions: vec![finish],
                };
                let finished = raw
                    .payment_finish_reservation_v2(&request)
                    .await
                    .unwrap()
                    .into_inner();
                assert_eq!(finished.status, Some(PaymentStatus::Succeeded));
            }
            (_, 2) => {
                let request = types::CapturePaymentRequest {
                    payment_id: id,
                    pos_key: None,
                    transactions: vec![finish],
                };
                let captured = raw.payment_capture_v2(&request).await.unwrap().into_inner();
                assert_eq!(captured.status, Some(PaymentStatus::Succeeded));
            }
            _ => {
                let request = types::CancelAuthorizationRequest {
                    payment_id: id,
                    pos_key: None,
                };
                let canceled = raw
                    .payment_cancel_authorization_v2(&request)
                    .await
                    .unwrap()
                    .into_inner();
                assert_eq!(canceled.status, Some(PaymentStatus::Canceled));
            }
        }
    }
    let google = serde_json::json!({
        "PayerEmailAddress": "payer@example.com", "GooglePayToken": "token",
        "PaymentType": "Immediate", "FundingSources": ["All"], "PaymentRequestId": "g", "Locale": "hu-HU",
        "Currency": "HUF",
        "Transactions": [{ "POSTransactionId": "t", "Payee": PAYEE, "Total": 100, "Items": [] }],
    });
    let google: types::StartPaymentWithGoogleTokenRequest = serde_json::from_value(google).unwrap();
    let paid = raw
        .payment_start_with_google_token_v3(&google)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(paid.payment_status, Some(PaymentStatus::Succeeded));
    let complete = types::CompletePaymentRequest {
        payment_id: paid.payment_id.unwrap(),
        pos_key: None,
    };
    let refused = raw.payment_complete_v2(&complete).await.unwrap_err();
    assert!(
        matches!(refused, barion_generated::Error::UnexpectedResponse(answer) if answer.status() == 400)
    );
}
