//! What became of requests whose answers got lost, in front of a Barion that did or did not carry
//! them out.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use barion::{
    Client, Currency, Delivery, Environment, Error, GooglePayToken, Money, Payment,
    PaymentStanding, PosKey, Reconciliation, Recorded, RetryPolicy, StartPayment, Token,
    TokenRegistration, Transaction, UnconfirmedRequest, WalletKey,
};
use barion_sandbox::{CARD_OK, Fault, OperationFault, PAYEE, Sandbox, WALLET_KEY};
use tokio::time::Instant;

use crate::client::offline::{Journey, Offline};

const DAY: Duration = Duration::from_secs(86_400);

/// What Barion does and nobody hears of.
const CARRIED_OUT: [OperationFault; 3] = [
    OperationFault::CutAfter,
    OperationFault::EmptyBody,
    OperationFault::TruncatedJson,
];
/// What Barion does not do, though nobody can know.
const NOT_CARRIED_OUT: [OperationFault; 4] = [
    OperationFault::CutBefore,
    OperationFault::ServerError,
    OperationFault::BadGateway,
    OperationFault::Captcha,
];

/// The sandbox acts at once or never, so there is nothing to wait for.
pub(crate) fn client(sandbox: &Sandbox, wallet: bool) -> Client {
    crate::client::secrets::watch();
    let key = PosKey::new(sandbox.pos_key()).unwrap();
    let builder = Client::builder(Environment::Custom(sandbox.url()), key)
        .rate_limit(barion::RateLimit::unlimited())
        .retry(RetryPolicy::default().initial_backoff(Duration::from_millis(2)))
        .settling_time(Duration::ZERO);
    let builder = if wallet {
        builder.wallet_key(WalletKey::new(WALLET_KEY).unwrap())
    } else {
        builder
    };
    builder.build().unwrap()
}

fn break_next(sandbox: &Sandbox, operation: &str, fault: &OperationFault) {
    let fault = Fault::operation(operation, fault.clone());
    sandbox.inject(fault).unwrap();
}

/// The error of a call that got lost, as the shop sees it.
fn lost<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Error {
    let error = outcome.unwrap_err();
    assert_eq!(error.delivery(), Delivery::Unknown, "{error}");
    assert!(error.unconfirmed().is_some(), "{error}");
    error
}

async fn paid(sandbox: &Sandbox, barion: &Client, payment: StartPayment) -> Payment {
    let started = barion.start_payment(&payment).await.unwrap();
    let id = started.payment_id;
    sandbox.pay(&id.to_string(), CARD_OK).await.unwrap();
    barion.payment_state(id).await.unwrap()
}

fn order(total: u32) -> Transaction {
    Transaction::new("order-1", PAYEE).total(total)
}

fn immediate() -> StartPayment {
    let payment = StartPayment::immediate("order-1", Currency::Huf).transaction(order(10_000));
    payment.build().unwrap()
}

#[tokio::test]
async fn a_lost_refund_is_found_or_sent_again_once() {
    let sandbox = Sandbox::start().await.unwrap();
    let barion = client(&sandbox, false);
    let mut payment = paid(&sandbox, &barion, immediate()).await;
    let mut refunded = 0;
    for fault in CARRIED_OUT {
        let refund = payment.refund().amount(500).build().unwrap();
        break_next(&sandbox, "refund_payment_v2", &fault);
        let error = lost(barion.refund(&refund).await);
        let outcome = barion
            .reconcile(error.unconfirmed().unwrap())
            .await
            .unwrap();
        let Reconciliation::CarriedOut(now) = outcome else {
            panic!("{fault:?}: {outcome:?}");
        };
        refunded += 500;
        assert_eq!(
            now.refunded_total(),
            Some(Money::new(refunded, Currency::Huf)),
            "{fault:?}"
        );
        payment = *now;
    }
    for fault in NOT_CARRIED_OUT {
        let refund = payment.refund().amount(500).build().unwrap();
        break_next(&sandbox, "refund_payment_v2", &fault);
        let error = lost(barion.refund(&refund).await);
        let outcome = barion
            .reconcile(error.unconfirmed().unwrap())
            .await
            .unwrap();
        assert!(
            matches!(outcome, Reconciliation::NotCarriedOut(_)),
            "{fault:?}: {outcome:?}"
        );
    }
    assert_eq!(
        payment.refundable(),
        Some(Money::new(8_500, Currency::Huf)),
        "nothing was sent twice"
    );
}

#[tokio::test]
async fn the_ends_of_reservations_and_authorisations_are_read_off_the_state() {
    let sandbox = Sandbox::start().await.unwrap();
    let barion = client(&sandbox, false);
    let faults = CARRIED_OUT.map(|fault| (fault, true));
    for (fault, done) in faults
        .into_iter()
        .chain(NOT_CARRIED_OUT.map(|fault| (fault, false)))
    {
        let right = |outcome: Reconciliation, expected: PaymentStanding| match outcome {
            Reconciliation::CarriedOut(payment) if done => assert_eq!(payment.standing(), expected),
            Reconciliation::NotCarriedOut(_) if !done => {}
            other => panic!("{fault:?}: {other:?}"),
        };
        let room = StartPayment::reservation("room", Currency::Huf, DAY).transaction(order(9_000));
        let payment = paid(&sandbox, &barion, room.build().unwrap()).await;
        let finish = payment.finish().transaction("order-1", 7_000);
        break_next(&sandbox, "payment_finish_reservation_v2", &fault);
        let error = lost(barion.finish_reservation(&finish.build().unwrap()).await);
        let outcome = barion
            .reconcile(error.unconfirmed().unwrap())
            .await
            .unwrap();
        right(outcome, PaymentStanding::Paid);

        let hold = || {
            let held = StartPayment::delayed_capture("camera", Currency::Huf, DAY);
            held.transaction(order(9_000)).build().unwrap()
        };
        let payment = paid(&sandbox, &barion, hold()).await;
        let capture = payment.capture().transaction("order-1", 7_000);
        break_next(&sandbox, "payment_capture_v2", &fault);
        let error = lost(barion.capture(&capture.build().unwrap()).await);
        let outcome = barion
            .reconcile(error.unconfirmed().unwrap())
            .await
            .unwrap();
        right(outcome, PaymentStanding::Paid);

        let payment = paid(&sandbox, &barion, hold()).await;
        break_next(&sandbox, "payment_cancel_authorization_v2", &fault);
        let id = payment.cancel_authorization().unwrap();
        let error = lost(barion.cancel_authorization(id).await);
        let outcome = barion
            .reconcile(error.unconfirmed().unwrap())
            .await
            .unwrap();
        right(outcome, PaymentStanding::AuthorizationCanceled);
    }
}

#[tokio::test]
async fn a_lost_start_moves_nothing() {
    let sandbox = Sandbox::start().await.unwrap();
    let barion = client(&sandbox, false);
    break_next(&sandbox, "payment_start_v2", &OperationFault::CutAfter);
    let error = lost(barion.start_payment(&immediate()).await);
    let outcome = barion
        .reconcile(error.unconfirmed().unwrap())
        .await
        .unwrap();
    assert!(
        matches!(outcome, Reconciliation::NobodyCanPay),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_lost_charge_is_looked_for_in_the_wallet_and_never_guessed() {
    let sandbox = Sandbox::start().await.unwrap();
    let (with, without) = (client(&sandbox, true), client(&sandbox, false));
    let first = StartPayment::immediate("first", Currency::Huf)
        .transaction(order(100))
        .register_token(TokenRegistration::one_click("payer-7"));
    paid(&sandbox, &with, first.build().unwrap()).await;
    let charge = |name: &str| {
        StartPayment::immediate(name, Currency::Huf)
            .transaction(Transaction::new(name, PAYEE).total(4_990))
            .charge_token(Token::one_click("payer-7"))
            .build()
            .unwrap()
    };
    break_next(&sandbox, "payment_start_v2", &OperationFault::CutAfter);
    let error = lost(with.charge_token(&charge("november")).await);
    let request = error.unconfirmed().unwrap();
    let outcome = with.reconcile(request).await.unwrap();
    let Reconciliation::CarriedOut(payment) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(payment.payment_request_id.as_deref(), Some("november"));
    assert!(payment.is_paid());
    let outcome = without.reconcile(request).await.unwrap();
    let Reconciliation::Inconclusive(inconclusive) = outcome else {
        panic!("{outcome:?}");
    };
    assert!(inconclusive.reason.contains("without a wallet key"));

    // Not found is not the same as not there.
    break_next(&sandbox, "payment_start_v2", &OperationFault::CutBefore);
    let error = lost(with.charge_token(&charge("december")).await);
    let outcome = with.reconcile(error.unconfirmed().unwrap()).await.unwrap();
    let Reconciliation::Inconclusive(inconclusive) = outcome else {
        panic!("{outcome:?}");
    };
    assert!(
        inconclusive.reason.contains("does not prove"),
        "{inconclusive:?}"
    );
    assert!(!inconclusive.hint.is_empty());

    // Two charges of one name: which one was meant?
    let again = charge("november");
    let elsewhere = client(&sandbox, true);
    elsewhere.charge_token(&again).await.unwrap();
    let outcome = with.reconcile(request).await.unwrap();
    assert!(
        matches!(outcome, Reconciliation::Inconclusive(_)),
        "{outcome:?}"
    );

    let google = StartPayment::immediate("google", Currency::Huf)
        .transaction(Transaction::new("google", PAYEE).total(300))
        .google_pay(GooglePayToken::new("{}", "anna@example.com"))
        .build()
        .unwrap();
    let operation = "payment_start_with_google_token_v3";
    break_next(&sandbox, operation, &OperationFault::EmptyBody);
    let error = lost(with.start_payment_with_google_token(&google).await);
    let outcome = with.reconcile(error.unconfirmed().unwrap()).await.unwrap();
    assert!(
        matches!(outcome, Reconciliation::CarriedOut(_)),
        "{outcome:?}"
    );
}

/// What a shop has stored before its process died, and another process reads.
fn stored(request: &UnconfirmedRequest) -> UnconfirmedRequest {
    let stored = serde_json::to_string(request).unwrap();
    assert!(
        !stored.contains("1111") && !stored.contains('@'),
        "{stored}"
    );
    serde_json::from_str(&stored).unwrap()
}

#[tokio::test]
async fn of_a_planned_attempt_nothing_is_called_not_done() {
    let sandbox = Sandbox::start().await.unwrap();
    let barion = client(&sandbox, true);
    let payment = paid(&sandbox, &barion, immediate()).await;
    let refund = payment.refund().amount(500).build().unwrap();
    let planned = stored(&UnconfirmedRequest::from(&refund));
    assert!(!planned.is_sent());
    let outcome = barion.reconcile(&planned).await.unwrap();
    let Reconciliation::Inconclusive(inconclusive) = outcome else {
        panic!("{outcome:?}");
    };
    assert!(
        inconclusive.reason.contains("only planned"),
        "{inconclusive:?}"
    );
    // The shop knows that the process which planned it is gone.
    let gone = planned.clone().with_horizon(Duration::ZERO);
    let outcome = barion.reconcile(&gone).await.unwrap();
    assert!(
        matches!(outcome, Reconciliation::NotCarriedOut(_)),
        "{outcome:?}"
    );
    barion.refund(&refund).await.unwrap();
    let outcome = barion.reconcile(&planned).await.unwrap();
    assert!(
        matches!(outcome, Reconciliation::CarriedOut(_)),
        "{outcome:?}"
    );
}

/// The one who stored it may be about to send it; by no clock of another machine is that over
/// sooner.
#[tokio::test(start_paused = true)]
async fn a_stored_attempt_gets_its_time_whatever_the_clocks_say() {
    let world = Offline::start().await;
    let payment = world.paid(immediate()).await;
    let refund = payment.refund().amount(500).build().unwrap();
    for skew in [-86_400_i64, 0, 86_400] {
        // Written down, and then the process dies before it sends.
        let written: Arc<Mutex<Option<UnconfirmedRequest>>> = Arc::default();
        let row = Arc::clone(&written);
        let dying = world.client(0).recording(move |request| {
            *row.lock().unwrap() = Some(request);
            std::future::pending::<Result<Recorded, std::io::Error>>()
        });
        let call = dying.refund(&refund);
        let died = tokio::time::timeout(Duration::from_secs(1), call).await;
        assert!(died.is_err());
        let request = stored(written.lock().unwrap().as_ref().unwrap());
        assert!(request.is_sent());
        tokio::time::sleep(Duration::from_secs(101)).await;
        let other = world.client(skew);
        let begun = Instant::now();
        let outcome = other.reconcile(&request).await.unwrap();
        assert!(
            matches!(outcome, Reconciliation::NotCarriedOut(_)),
            "{outcome:?}"
        );
        // 10 seconds of writing, 60 of tries, 35 of the last one, 60 until it has settled.
        let waited = begun.elapsed().as_secs();
        assert!((165..185).contains(&waited), "{waited}");
    }
}

/// The call that is looked into is still under way here, and begins a further try.
#[tokio::test(start_paused = true)]
async fn a_further_try_gets_its_time_too() {
    let world = Offline::start().await;
    let payment = world.paid(immediate()).await;
    let refund = payment.refund().amount(500).build().unwrap();
    world.next(Journey {
        connecting: Duration::from_secs(33),
        refused: true,
        ..Journey::default()
    });
    world.next(Journey {
        connecting: Duration::from_secs(34),
        acting: Duration::from_secs(50),
        ..Journey::default()
    });
    let barion = world.client(0);
    let planned = stored(&UnconfirmedRequest::from(&refund));
    let caller = barion.clone();
    let call = tokio::spawn(async move { caller.refund(&refund).await });
    tokio::time::sleep(Duration::from_secs(1)).await;
    let outcome = barion.reconcile(&planned).await.unwrap();
    assert!(
        matches!(outcome, Reconciliation::CarriedOut(_)),
        "{outcome:?}"
    );
    lost(call.await.unwrap());
}
