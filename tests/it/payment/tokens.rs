//! Charging again what was paid with once, as a shop would write it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use barion::{
    ChallengePreference, Client, Currency, ErrorKind, Money, Payment, PaymentStatus, RecurrenceId,
    StartPayment, StartPaymentBuilder, Token, TokenCharge, TokenRegistration, TraceId, Transaction,
};
use barion_sandbox::{CARD_OK, PAYEE, Sandbox};

use crate::client::flows::client;
use crate::sandbox::contract;

const DAY: Duration = Duration::from_secs(86_400);

/// Each one has a name of its own, as each charge must.
fn month(amount: u32) -> StartPaymentBuilder {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let name = format!("subscription-7/{}", NEXT.fetch_add(1, Ordering::Relaxed));
    StartPayment::immediate(&name, Currency::Huf)
        .transaction(Transaction::new(&name, PAYEE).total(amount))
}

/// The payer registers a token by paying on the gateway page; the shop keeps its trace id.
async fn registered(sandbox: &Sandbox, token: TokenRegistration) -> (Client, Payment, TraceId) {
    let client = client(sandbox);
    let first = month(4_990).register_token(token).build().unwrap();
    let started = client.start_payment(&first).await.unwrap();
    assert!(started.gateway_url.is_some());
    let id = started.payment_id.to_string();
    sandbox.pay(&id, CARD_OK).await.unwrap();
    let paid = client.payment_state(started.payment_id).await.unwrap();
    assert_eq!(paid.status, PaymentStatus::Succeeded);
    let trace_id = paid.trace_id.clone().unwrap();
    (client, paid, trace_id)
}

/// What a database does to a text: it comes back through serde and `&str`.
fn stored(trace_id: &TraceId) -> TraceId {
    let json = serde_json::to_string(trace_id).unwrap();
    let back: TraceId = serde_json::from_str(&json).unwrap();
    TraceId::new(back.as_str())
}

#[tokio::test]
async fn the_shop_charges_without_the_payer() {
    let sandbox = contract::sandbox().await;
    let token = TokenRegistration::merchant_initiated("subscription-7");
    let (client, _, trace_id) = registered(&sandbox, token).await;
    assert!(trace_id.as_str().contains("  "), "blanks belong to it");

    let token = Token::merchant_initiated("subscription-7", stored(&trace_id));
    let charge = month(6_490).charge_token(token).build().unwrap();
    let outcome = client.charge_token(&charge).await.unwrap();
    let TokenCharge::Charged(payment) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(payment.status, PaymentStatus::Succeeded);
    assert_eq!(payment.trace_id, Some(trace_id.clone()));
    let state = client.payment_state(payment.payment_id).await.unwrap();
    assert_eq!(state.current_total, Some(Money::new(6_490, Currency::Huf)));

    // A trace id that lost a blank on its way through a form is another one.
    let trimmed = trace_id.as_str().replace("  ", " ");
    let token = Token::merchant_initiated("subscription-7", trimmed);
    let charge = month(6_490).charge_token(token).build().unwrap();
    let outcome = client.charge_token(&charge).await.unwrap();
    let TokenCharge::Refused(refusal) = outcome else {
        panic!("{outcome:?}");
    };
    assert!(refusal.payment.is_none() && refusal.errors[0].is("ThreeDsNotEnabled"));
}

#[tokio::test]
async fn a_subscription_is_charged_by_its_schedule() {
    let sandbox = contract::sandbox().await;
    let until = SystemTime::now() + 365 * DAY;
    let token = TokenRegistration::recurring("subscription-7", until, 28);
    let (client, first, trace_id) = registered(&sandbox, token).await;
    assert_eq!(first.recurrence_type.unwrap().as_str(), "RecurringPayment");
    let sent: serde_json::Value = serde_json::from_str(&sandbox.requests()[0].body).unwrap();
    assert_eq!(sent["PurchaseInformation"]["RecurringFrequency"], 28);

    let token = Token::recurring("subscription-7", trace_id.clone());
    let charge = month(4_990).charge_token(token.clone()).build().unwrap();
    let outcome = client.charge_token(&charge).await.unwrap();
    assert!(matches!(outcome, TokenCharge::Charged(_)), "{outcome:?}");
    // More than the first amount is what recurring payments can't do.
    let charge = month(4_991).charge_token(token).build().unwrap();
    let error = client.charge_token(&charge).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api);
    assert!(error.has_code("ModelValidationError"), "{error}");
}

#[tokio::test]
async fn one_click_is_charged_or_challenged_and_then_completed() {
    let sandbox = contract::sandbox().await;
    let token = TokenRegistration::one_click("payer-7/card-1");
    let (client, ..) = registered(&sandbox, token).await;
    let click = || month(2_000).charge_token(Token::one_click("payer-7/card-1"));
    let outcome = client
        .charge_token(&click().build().unwrap())
        .await
        .unwrap();
    assert!(matches!(outcome, TokenCharge::Charged(_)), "{outcome:?}");

    let challenged = || {
        let charge = click().challenge_preference(ChallengePreference::ChallengeRequired);
        charge.build().unwrap()
    };
    let charge = challenged();
    let outcome = client.charge_token(&charge).await.unwrap();
    let TokenCharge::ChallengeNeeded(challenge) = outcome else {
        panic!("{outcome:?}");
    };
    assert!(!challenge.client_data.expose().is_empty());
    let id = challenge.payment.payment_id;
    let waiting = client.payment_state(id).await.unwrap();
    assert_eq!(waiting.status, PaymentStatus::Prepared);
    // Barion's script in the payer's browser has called back: now the payment is completed, once.
    let completed = client.complete_payment(id).await.unwrap();
    assert_eq!(completed.is_successful, Some(true));
    let error = client.complete_payment(id).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api);

    let next = barion_sandbox::TokenChargeOutcome::AuthenticationFails;
    sandbox
        .next_token_charge("payer-7/card-1", next)
        .await
        .unwrap();
    let outcome = client.charge_token(&challenged()).await.unwrap();
    let TokenCharge::ChallengeNeeded(challenge) = outcome else {
        panic!("{outcome:?}");
    };
    let failed = client.complete_payment(challenge.payment.payment_id).await;
    assert_eq!(failed.unwrap().is_successful, Some(false));
}

#[tokio::test]
async fn a_token_works_with_reservations_and_delayed_captures() {
    let sandbox = contract::sandbox().await;
    let (client, ..) = registered(&sandbox, TokenRegistration::one_click("payer-7")).await;
    let ride = || Transaction::new("ride-1", PAYEE).total(3_000);
    let reserved = StartPayment::reservation("ride-1", Currency::Huf, DAY)
        .transaction(ride())
        .charge_token(Token::one_click("payer-7"))
        .build()
        .unwrap();
    let held = StartPayment::delayed_capture("ride-2", Currency::Huf, DAY)
        .transaction(ride())
        .charge_token(Token::one_click("payer-7"))
        .build()
        .unwrap();
    for (charge, status) in [
        (reserved, PaymentStatus::Reserved),
        (held, PaymentStatus::Authorized),
    ] {
        let outcome = client.charge_token(&charge).await.unwrap();
        let TokenCharge::Charged(payment) = outcome else {
            panic!("{outcome:?}");
        };
        assert_eq!(payment.status, status);
    }
}

#[tokio::test]
async fn what_was_not_charged_is_told_apart() {
    use barion_sandbox::TokenChargeOutcome as Next;

    let sandbox = contract::sandbox().await;
    let token = TokenRegistration::merchant_initiated("subscription-7");
    let (client, _, trace_id) = registered(&sandbox, token).await;
    let charge = |name: &str| {
        let token = Token::merchant_initiated(name, trace_id.clone());
        month(4_990).charge_token(token).build().unwrap()
    };
    let outcome = client.charge_token(&charge("stranger")).await.unwrap();
    assert!(
        matches!(outcome, TokenCharge::UnknownToken(_)),
        "{outcome:?}"
    );

    let ours = charge("subscription-7");
    for (next, code) in [
        (Next::Failed, None),
        (Next::CardExpired, Some("CardExpired")),
        (Next::InsufficientFunds, Some("InsufficientFunds")),
        (Next::PingFailed, Some("PingFailed")),
        (Next::RecurringPaymentDenied, Some("RecurringPaymentDenied")),
    ] {
        sandbox
            .next_token_charge("subscription-7", next)
            .await
            .unwrap();
        let outcome = client.charge_token(&ours).await.unwrap();
        let TokenCharge::Refused(refusal) = outcome else {
            panic!("{next:?}: {outcome:?}");
        };
        let told = refusal.errors.first().map(|error| error.code.as_str());
        assert_eq!(told, code);
        let text = refusal.to_string();
        let begin = format!(
            "the token was not charged{}",
            code.map_or(String::new(), |code| format!(": {code}: "))
        );
        let end = format!(" (likely: {})", refusal.hint().unwrap());
        assert!(text.starts_with(&begin) && text.ends_with(&end), "{text}");
        // Either a payment stays behind, unpaid, or there is a reason.
        assert_eq!(refusal.payment.is_some(), code.is_none());
    }
    for next in [Next::InvalidRecurrenceId, Next::NotFound] {
        sandbox
            .next_token_charge("subscription-7", next)
            .await
            .unwrap();
        let outcome = client.charge_token(&ours).await.unwrap();
        assert!(
            matches!(outcome, TokenCharge::UnknownToken(_)),
            "{next:?}: {outcome:?}"
        );
    }
    // What is wrong with the shop or the payee is an error like any other.
    for next in [Next::InvalidUser, Next::RecurringPaymentNotAllowed] {
        sandbox
            .next_token_charge("subscription-7", next)
            .await
            .unwrap();
        let error = client.charge_token(&ours).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Api, "{next:?}");
    }
}

#[test]
fn names_of_tokens_are_kept_and_not_shown() {
    let id = RecurrenceId::new("  payer 7\u{a0} ");
    assert_eq!(id.as_str(), "  payer 7\u{a0} ");
    let trace = TraceId::new("0MHSGZ  0118   0 ");
    let json = serde_json::to_string(&trace).unwrap();
    assert_eq!(json, r#""0MHSGZ  0118   0 ""#);
    let payment = month(1)
        .charge_token(Token::merchant_initiated(id.clone(), trace.clone()))
        .build()
        .unwrap();
    let shown = format!("{id:?} {trace:?} {payment:?}");
    assert!(
        !shown.contains("payer 7") && !shown.contains("0MHSGZ"),
        "{shown}"
    );
}
