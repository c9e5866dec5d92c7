//! No guess about money: what is said of a request whose answer got lost, came too late, or
//! contradicts itself.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use barion::{
    Client, Currency, Delivery, Error, ErrorKind, Money, Payment, PaymentId, Reconciliation,
    Recorded, Refund, RetryPolicy, StartPayment, Token, TokenCharge, TokenRegistration,
    Transaction, TransactionToRefund, UnconfirmedRequest, flow,
};
use barion_sandbox::{Fault, OperationFault, PAYEE, Sandbox};
use barion_watcher::{MemoryStore, OrderUpdate, Store, Watcher};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::client::offline::{Journey, Offline};

const DAY: Duration = Duration::from_secs(86_400);

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn order(total: i64) -> StartPayment {
    StartPayment::immediate("order-1", Currency::Huf)
        .transaction(Transaction::new("order-1/1", PAYEE).total(total))
        .build()
        .unwrap()
}

fn charge(name: &str, total: i64) -> StartPayment<flow::ChargeToken> {
    StartPayment::immediate(name, Currency::Huf)
        .transaction(Transaction::new(name, PAYEE).total(total))
        .charge_token(Token::one_click("payer-7"))
        .build()
        .unwrap()
}

async fn register_token(world: &Offline) -> PaymentId {
    let first = StartPayment::immediate("first", Currency::Huf)
        .transaction(Transaction::new("first", PAYEE).total(100))
        .register_token(TokenRegistration::one_click("payer-7"));
    world.paid(first.build().unwrap()).await.payment_id
}

const UNANSWERED: Journey = Journey {
    connecting: Duration::ZERO,
    refused: false,
    acting: Duration::ZERO,
    lost: false,
    unanswered: true,
};

/// The error of a call whose outcome is open.
fn open<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Error {
    let error = outcome.unwrap_err();
    assert_eq!(error.delivery(), Delivery::Unknown, "{error}");
    assert!(error.unconfirmed().is_some(), "{error}");
    error
}

async fn became(barion: &Client, error: &Error) -> Reconciliation {
    barion
        .reconcile(error.unconfirmed().unwrap())
        .await
        .unwrap()
}

#[track_caller]
fn inconclusive(outcome: &Reconciliation) {
    assert!(
        matches!(outcome, Reconciliation::Inconclusive(_)),
        "{outcome:?}"
    );
}

#[track_caller]
fn carried_out(outcome: Reconciliation) -> Payment {
    match outcome {
        Reconciliation::CarriedOut(payment) => *payment,
        other => panic!("{other:?}"),
    }
}

fn refunds(state: &mut Value) -> &mut Vec<Value> {
    let list = state["Transactions"].as_array_mut().unwrap();
    assert!(
        list.iter()
            .any(|one| one["TransactionType"] == "RefundToBankCard")
    );
    list
}

/// Changes the refund in a state.
fn refund_of(state: &mut Value, change: impl FnOnce(&mut Value)) {
    let mut all = refunds(state).iter_mut();
    change(
        all.find(|one| one["TransactionType"] == "RefundToBankCard")
            .unwrap(),
    );
}

#[tokio::test(start_paused = true)]
async fn a_refund_that_is_booked_otherwise_is_never_called_not_done() {
    type Booking = fn(&mut Value);
    let bookings: [(&str, Booking); 7] = [
        ("another relation", |state| {
            refund_of(state, |one| {
                one["RelatedId"] = json!("deadbeefdeadbeefdeadbeefdeadbeef");
            });
        }),
        ("no relation", |state| {
            refund_of(state, |one| one["RelatedId"] = Value::Null);
        }),
        ("one unit less", |state| {
            refund_of(state, |one| one["Total"] = json!(499));
        }),
        ("in two pieces", |state| {
            let mut second = Value::Null;
            refund_of(state, |one| {
                one["Total"] = json!(300);
                second = one.clone();
            });
            second["Total"] = json!(200);
            second["TransactionId"] = json!("5ec0d05ec0d05ec0d05ec0d05ec0d05e");
            refunds(state).push(second);
        }),
        ("as a kind that nobody knows", |state| {
            refund_of(state, |one| one["TransactionType"] = json!("RefundToWatch"));
        }),
        ("without an id", |state| {
            refund_of(state, |one| one["TransactionId"] = Value::Null);
        }),
        ("in the total alone", |state| {
            refunds(state).retain(|one| one["TransactionType"] != "RefundToBankCard");
        }),
    ];
    for (how, booking) in bookings {
        let world = Offline::start().await;
        let barion = world.client(0);
        let payment = world.paid(order(10_000)).await;
        let refund = payment.refund().amount(500).build().unwrap();
        world.next(UNANSWERED);
        let error = open(barion.refund(&refund).await);
        world.twist(move |path, body| {
            if path.ends_with("PaymentState") {
                booking(body);
            }
        });
        let outcome = became(&barion, &error).await;
        let Reconciliation::Inconclusive(inconclusive) = outcome else {
            panic!("{how}: {outcome:?}");
        };
        // A person can tell by the figures.
        let figures = "asked for 500; since then";
        let totals = "the total went from 10000 to 9500";
        let reason = &inconclusive.reason;
        assert!(
            reason.contains(figures) && reason.contains(totals),
            "{how}: {reason}"
        );
        world.untwist();
        carried_out(became(&barion, &error).await);
    }
}

/// Nine of the ten seconds that connecting may take, ten on the way, and Barion's whole thirty.
#[tokio::test(start_paused = true)]
async fn slow_name_resolution_does_not_shorten_the_wait() {
    let world = Offline::start().await;
    let barion = world.client(0);
    let payment = world.paid(order(10_000)).await;
    let refund = payment.refund().amount(500).build().unwrap();
    world.next(Journey {
        connecting: seconds(9),
        acting: seconds(40),
        ..Journey::default()
    });
    let begun = Instant::now();
    let error = open(barion.refund(&refund).await);
    assert_eq!(error.kind(), ErrorKind::Timeout);
    let now = carried_out(became(&barion, &error).await);
    assert_eq!(now.refunded_total(), Some(Money::new(500, Currency::Huf)));
    let waited = begun.elapsed().as_secs();
    assert!((49..65).contains(&waited), "{waited}");
}

#[tokio::test(start_paused = true)]
async fn it_is_not_done_only_when_nothing_can_come_any_more() {
    let world = Offline::start().await;
    let barion = world.client(0);
    let payment = world.paid(order(10_000)).await;
    let refund = payment.refund().amount(500).build().unwrap();
    world.next(Journey {
        lost: true,
        ..Journey::default()
    });
    let error = open(barion.refund(&refund).await);
    let ended = Instant::now();
    let outcome = became(&barion, &error).await;
    assert!(
        matches!(outcome, Reconciliation::NotCarriedOut(_)),
        "{outcome:?}"
    );
    // Barion's 30 seconds, and a margin.
    assert!(ended.elapsed() >= seconds(60), "{:?}", ended.elapsed());
    barion.refund(&refund).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_older_payment_of_the_same_name_is_not_the_charge() {
    for older_total in [3_000, 4_990] {
        let world = Offline::start().await;
        let first = register_token(&world).await;
        let older = StartPayment::immediate("subscription-7", Currency::Huf)
            .transaction(Transaction::new("subscription-7", PAYEE).total(older_total));
        let older = world.paid(older.build().unwrap()).await;
        // Given back or not, it is no outcome of the charge.
        let refund = older.refund().all().build().unwrap();
        world.client(0).refund(&refund).await.unwrap();
        world.world.pass(seconds(120)).await;
        for skew in [-3_600, 0, 3_600] {
            let barion = world.client(skew);
            barion.payment_state(first).await.unwrap();
            world.next(Journey {
                lost: true,
                ..Journey::default()
            });
            let request = charge("subscription-7", 4_990);
            let error = open(barion.charge_token(&request).await);
            inconclusive(&became(&barion, &error).await);
            barion.settled_as_not_carried_out(error.unconfirmed().unwrap());
        }
        let barion = world.client(0);
        world.next(UNANSWERED);
        let error = open(barion.charge_token(&charge("subscription-7", 4_990)).await);
        let payment = carried_out(became(&barion, &error).await);
        assert_eq!(payment.ordered(), Some(Money::new(4_990, Currency::Huf)));
        assert_ne!(payment.payment_id, older.payment_id);
    }
}

/// The same charge twice from two processes, one of which has its answer.
#[tokio::test(start_paused = true)]
async fn what_another_attempt_owns_is_not_this_ones() {
    let world = Offline::start().await;
    let first = register_token(&world).await;
    let (one, other) = (world.client(0), world.client(0));
    one.payment_state(first).await.unwrap();
    world.next(Journey {
        lost: true,
        ..Journey::default()
    });
    let error = open(one.charge_token(&charge("november", 4_990)).await);
    let charged = other.charge_token(&charge("november", 4_990)).await;
    let TokenCharge::Charged(theirs) = charged.unwrap() else {
        panic!("the token is charged");
    };
    let request = error.unconfirmed().unwrap().clone();
    let outcome = one
        .reconcile(&request.without_payments([theirs.payment_id]))
        .await;
    inconclusive(&outcome.unwrap());
}

fn with_error(body: &mut Value, code: &str) {
    body["Errors"] = json!([{ "ErrorCode": code, "Title": "No", "Description": "" }]);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_says_both_is_unknown_tells_each_part_and_can_be_reconciled() {
    let world = Offline::start().await;
    let barion = world.client(0);
    register_token(&world).await;
    let payment = world.paid(order(10_000)).await;
    let held = StartPayment::delayed_capture("held", Currency::Huf, DAY)
        .transaction(Transaction::new("held", PAYEE).total(9_000));
    let held = world.paid(held.build().unwrap()).await;
    world.twist(|path, body| {
        let code = match path.to_ascii_lowercase() {
            path if path.ends_with("refund") => "TooLowBalanceToMakeRefund",
            path if path.ends_with("start") => "CardError",
            path if path.ends_with("cancelauthorization") => "PaymentStatusNotValid",
            _ => return,
        };
        with_error(body, code);
    });
    let refund = payment.refund().amount(500).build().unwrap();
    let refunded = open(barion.refund(&refund).await);
    let request = charge("november", 4_990);
    let charged = open(barion.charge_token(&request).await);
    let id = held.cancel_authorization().unwrap();
    let canceled = open(barion.cancel_authorization(id).await);
    for (error, part, code) in [
        (&refunded, "1 refunds", "TooLowBalanceToMakeRefund"),
        (&charged, "the payment is Succeeded", "CardError"),
        (&canceled, "it was successful", "PaymentStatusNotValid"),
    ] {
        assert_eq!(error.kind(), ErrorKind::Contradiction);
        assert!(error.contradiction().unwrap().contains(part), "{error:?}");
        assert!(error.has_code(code), "{error}");
        let text = error.to_string();
        assert!(text.contains(part) && text.contains(code), "{text}");
        carried_out(became(&barion, error).await);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_about_another_payment_is_an_error_and_nothing_is_stored() {
    let world = Offline::start().await;
    let barion = world.client(0);
    let payment = world.paid(order(10_000)).await;
    let other = world.paid(order(7_000)).await.payment_id;
    // With dashes or without is the same payment.
    world.twist(|_, body| {
        if let Some(id) = body["PaymentId"].as_str().filter(|id| id.len() == 32) {
            body["PaymentId"] = json!(
                [&id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..]]
                    .join("-")
                    .to_uppercase()
            );
        }
    });
    barion.payment_state(payment.payment_id).await.unwrap();
    world.twist(move |_, body| body["PaymentId"] = json!(other.to_string()));
    for id in [payment.payment_id] {
        for read in [
            barion.payment_state(id).await,
            barion.payment_state_v2(id).await,
        ] {
            let error = read.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::OtherPayment, "{error}");
            assert_eq!(error.payment_id(), None);
        }
    }
    let store = MemoryStore::new();
    let told = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&told);
    let watcher = Watcher::new(barion.clone(), store.clone(), move |_: OrderUpdate| {
        count.fetch_add(1, Ordering::Relaxed);
        async { Ok::<(), std::io::Error>(()) }
    });
    watcher.refresh(payment.payment_id).await.unwrap_err();
    assert_eq!(told.load(Ordering::Relaxed), 0);
    for id in [payment.payment_id, other] {
        let kept = store.find(id).await.unwrap();
        assert!(kept.is_none(), "{kept:?}");
    }
    let refund = payment.refund().amount(500).build().unwrap();
    let error = open(barion.refund(&refund).await);
    assert_eq!(error.kind(), ErrorKind::OtherPayment);
    assert_eq!(
        error.unconfirmed().unwrap().payment_id(),
        Some(payment.payment_id)
    );
    world.untwist();
    carried_out(became(&barion, &error).await);

    // The shop's own name of the payment counts where Barion's is not known yet.
    world.twist(|_, body| body["PaymentRequestId"] = json!("somebody-elses"));
    let error = open(barion.start_payment(&order(100)).await);
    assert_eq!(
        (error.kind(), error.payment_id()),
        (ErrorKind::OtherPayment, None)
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_visible_is_found_at_once() {
    let world = Offline::start().await;
    let barion = world.client(0);
    register_token(&world).await;
    let payment = world.paid(order(10_000)).await;
    let refund = payment.refund().amount(500).build().unwrap();
    world.next(UNANSWERED);
    let refunded = open(barion.refund(&refund).await);
    world.next(UNANSWERED);
    let charged = open(barion.charge_token(&charge("november", 4_990)).await);
    for error in [refunded, charged] {
        let begun = Instant::now();
        carried_out(became(&barion, &error).await);
        assert!(begun.elapsed() < seconds(1), "{:?}", begun.elapsed());
    }
}

/// A client that waits for nothing, since the sandbox acts at once or never.
fn hasty(sandbox: &Sandbox) -> Client {
    let key = barion::PosKey::new(sandbox.pos_key()).unwrap();
    Client::builder(barion::Environment::Custom(sandbox.url()), key)
        .wallet_key(barion::WalletKey::new(barion_sandbox::WALLET_KEY).unwrap())
        .settling_time(Duration::ZERO)
        .rate_limit(barion::RateLimit::unlimited())
        .build()
        .unwrap()
}

async fn paid(sandbox: &Sandbox, barion: &Client, start: &StartPayment) -> Payment {
    let id = barion.start_payment(start).await.unwrap().payment_id;
    let card = barion_sandbox::CARD_OK;
    sandbox.pay(&id.to_string(), card).await.unwrap();
    barion.payment_state(id).await.unwrap()
}

/// A sandbox whose clock stands still, while the shop's goes on.
#[tokio::test]
async fn a_barion_that_is_behind_the_shop_is_compared_by_its_own_clock() {
    let behind = chrono::Utc::now() - chrono::TimeDelta::minutes(20);
    let sandbox = Sandbox::builder().start_at(behind).start().await.unwrap();
    let barion = hasty(&sandbox);
    let first = StartPayment::immediate("first", Currency::Huf)
        .transaction(Transaction::new("first", PAYEE).total(100))
        .register_token(TokenRegistration::one_click("payer-7"));
    paid(&sandbox, &barion, &first.build().unwrap()).await;
    let cut = Fault::operation("payment_start_v2", OperationFault::CutAfter);
    sandbox.inject(cut).unwrap();
    let error = open(barion.charge_token(&charge("november", 4_990)).await);
    let payment = carried_out(became(&barion, &error).await);
    assert_eq!(payment.payment_request_id.as_deref(), Some("november"));
}

/// It was refunded, so that what is left of both is the same: nothing.
#[tokio::test]
async fn a_charge_that_never_arrived_is_not_an_older_one_of_another_amount() {
    let sandbox = Sandbox::start().await.unwrap();
    let barion = hasty(&sandbox);
    let older = StartPayment::immediate("november", Currency::Huf)
        .transaction(Transaction::new("november", PAYEE).total(3_000))
        .register_token(TokenRegistration::one_click("payer-7"));
    let older = paid(&sandbox, &barion, &older.build().unwrap()).await;
    let refund = older.refund().all().build().unwrap();
    barion.refund(&refund).await.unwrap();
    let cut = Fault::operation("payment_start_v2", OperationFault::CutBefore);
    sandbox.inject(cut).unwrap();
    let error = open(barion.charge_token(&charge("november", 4_990)).await);
    inconclusive(&became(&barion, &error).await);
}

fn sent(world: &Offline) -> usize {
    let requests = world.world.sandbox.requests();
    let refunds = requests.iter().filter(|one| one.path.ends_with("Refund"));
    refunds.count()
}

#[track_caller]
fn unsettled<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Error {
    let error = outcome.unwrap_err();
    assert_eq!(
        (error.kind(), error.delivery()),
        (ErrorKind::Unsettled, Delivery::NotSent),
        "{error}"
    );
    error
}

#[tokio::test(start_paused = true)]
async fn a_second_click_on_the_same_page_refunds_nothing() {
    let world = Offline::start().await;
    let barion = world.client(0);
    let payment = world.paid(order(10_000)).await;
    let click = || payment.refund().amount(500).build().unwrap();
    // While the first one is under way.
    let (first, second) = (click(), click());
    world.next(Journey {
        acting: seconds(3),
        ..Journey::default()
    });
    let (one, other) = tokio::join!(barion.refund(&first), async {
        tokio::time::sleep(seconds(1)).await;
        barion.clone().refund(&second).await
    });
    one.unwrap();
    assert!(unsettled(other).to_string().contains("under way"));
    // When it was made: the page does not know of it.
    assert!(
        unsettled(barion.refund(&click()).await)
            .to_string()
            .contains("read the state again")
    );
    assert_eq!(sent(&world), 1);
    // Somebody who has looked may give back more.
    let payment = barion.payment_state(payment.payment_id).await.unwrap();
    let click = || payment.refund().amount(500).build().unwrap();
    // When nobody knows what came of it.
    world.next(UNANSWERED);
    let lost = open(barion.refund(&click()).await);
    let error = unsettled(barion.refund(&click()).await);
    // Not this one's, which was not sent.
    assert_eq!(error.unconfirmed(), None);
    assert_eq!(error.earlier(), lost.unconfirmed());
    carried_out(became(&barion, &lost).await);
    unsettled(barion.refund(&click()).await);
    assert_eq!(sent(&world), 2);
}

/// The page was left while the call was under way: nobody has the error.
#[tokio::test(start_paused = true)]
async fn a_call_that_was_dropped_is_not_forgotten() {
    let world = Offline::start().await;
    let barion = world.client(0);
    let payment = world.paid(order(10_000)).await;
    let refund = payment.refund().amount(500).build().unwrap();
    world.next(Journey {
        acting: seconds(5),
        ..Journey::default()
    });
    let call = tokio::time::timeout(seconds(1), barion.refund(&refund)).await;
    assert!(call.is_err());
    let error = unsettled(barion.refund(&refund).await);
    let earlier = error.earlier().unwrap();
    let begun = Instant::now();
    carried_out(barion.reconcile(earlier).await.unwrap());
    assert!((4..10).contains(&begun.elapsed().as_secs()));
    // Built from the same page, the request is known again.
    let again = barion
        .reconcile(&UnconfirmedRequest::from(&refund))
        .await
        .unwrap();
    carried_out(again);
    assert_eq!(sent(&world), 1);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_is_told_from_a_key_that_is_taken() {
    let world = Offline::start().await;
    let payment = world.paid(order(10_000)).await;
    let refund = payment.refund().amount(500).build().unwrap();
    let broken = world
        .client(0)
        .recording(|_| std::future::ready(Err::<Recorded, _>("the disk is full")));
    let error = broken.refund(&refund).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.delivery()),
        (ErrorKind::Unrecorded, Delivery::NotSent)
    );
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.to_string(), "the disk is full");
    let taken = world
        .client(0)
        .recording(|_| std::future::ready(Ok::<_, std::io::Error>(Recorded::KeyTaken)));
    let error = unsettled(taken.refund(&refund).await);
    assert_eq!((error.unconfirmed(), error.earlier()), (None, None));
    assert_eq!(sent(&world), 0);
    // Neither has left a trace in the client.
    broken.settled_as_not_carried_out(&UnconfirmedRequest::from(&refund));
    world.client(0).refund(&refund).await.unwrap();
}

/// Each click reads the state anew; only the shop knows that it is one decision.
#[tokio::test(start_paused = true)]
async fn a_decision_with_a_key_is_carried_out_once_whatever_was_read_since() {
    let world = Offline::start().await;
    let barion = world.client(0);
    let id = world.paid(order(10_000)).await.payment_id;
    let click = async |key: &'static str| {
        let payment = barion.payment_state(id).await.unwrap();
        let refund = payment.refund().amount(500).idempotency_key(key);
        barion.refund(&refund.build().unwrap()).await
    };
    click("return-17").await.unwrap();
    let text = unsettled(click("return-17").await).to_string();
    assert!(text.contains("idempotency key"), "{text}");
    click("return-18").await.unwrap();
    assert_eq!(sent(&world), 2);
    let payment = barion.payment_state(id).await.unwrap();
    let empty = payment.refund().amount(500).idempotency_key("").build();
    assert_eq!(empty.unwrap_err().kind(), ErrorKind::Validation);
}

/// The same request, sent again: by mistake, or because a loop does not look at outcomes.
#[tokio::test(start_paused = true)]
async fn a_request_that_was_carried_out_is_not_sent_again() {
    let world = Offline::start().await;
    let barion = world.client(0);
    register_token(&world).await;
    let charged = charge("november", 4_990);
    barion.charge_token(&charged).await.unwrap();
    unsettled(barion.charge_token(&charged).await);
    unsettled(barion.charge_token(&charge("november", 4_990)).await);
    let payment = world.paid(order(10_000)).await;
    let transaction = payment.transactions[0].transaction_id.unwrap();
    let by_ids = || {
        let one = TransactionToRefund::new(transaction, "order-1/1", 500);
        let refund = Refund::builder(payment.payment_id, Currency::Huf).transaction(one);
        refund.build().unwrap()
    };
    let refund = by_ids();
    barion.refund(&refund).await.unwrap();
    unsettled(barion.refund(&refund).await);
    barion.refund(&by_ids()).await.unwrap();
    assert_eq!(sent(&world), 2);
}

/// What is lost, proven not to have been carried out, sent again, and lost again.
#[tokio::test(start_paused = true)]
async fn an_old_attempt_says_nothing_about_the_next_call_of_its_request() {
    let world = Offline::start().await;
    let barion = world.client(0);
    let payment = world.paid(order(10_000)).await;
    let refund = payment.refund().amount(500).build().unwrap();
    let lost = Journey {
        lost: true,
        ..Journey::default()
    };
    world.next(lost);
    let first = open(barion.refund(&refund).await);
    let outcome = became(&barion, &first).await;
    assert!(matches!(outcome, Reconciliation::NotCarriedOut(_)));
    world.next(Journey {
        acting: seconds(50),
        ..Journey::default()
    });
    let second = open(barion.refund(&refund).await);
    // A second worker looks into the first one, late; and a person says that it is settled.
    let again = became(&barion, &first).await;
    assert!(
        matches!(again, Reconciliation::NotCarriedOut(_)),
        "{again:?}"
    );
    barion.settled_as_not_carried_out(first.unconfirmed().unwrap());
    unsettled(barion.refund(&refund).await);
    carried_out(became(&barion, &second).await);
    assert_eq!(sent(&world), 1);
}

/// A plan of the same amount is not the one that got lost, though both look alike.
#[tokio::test(start_paused = true)]
async fn a_planned_attempt_knows_nothing_of_another_one() {
    let world = Offline::start().await;
    let barion = world.client(0);
    let payment = world.paid(order(10_000)).await;
    let click = || payment.refund().amount(500).build().unwrap();
    world.next(Journey {
        lost: true,
        ..Journey::default()
    });
    let error = open(barion.refund(&click()).await);
    tokio::time::sleep(seconds(300)).await;
    inconclusive(
        &barion
            .reconcile(&UnconfirmedRequest::from(&click()))
            .await
            .unwrap(),
    );
    assert!(matches!(
        became(&barion, &error).await,
        Reconciliation::NotCarriedOut(_)
    ));
}

/// The process that has stored it is trying again and again, and nobody knows in which try it is.
#[tokio::test(start_paused = true)]
async fn a_sender_that_still_tries_is_waited_for() {
    let world = Offline::start().await;
    let payment = world.paid(order(10_000)).await;
    let refund = payment.refund().amount(500).build().unwrap();
    let row: Arc<Mutex<Option<UnconfirmedRequest>>> = Arc::default();
    let written = Arc::clone(&row);
    let patient = RetryPolicy::default()
        .initial_backoff(seconds(30))
        .max_backoff(seconds(100))
        .max_elapsed(seconds(300));
    let sender = world.client_with(0, |builder| builder.retry(patient));
    let sender = sender.recording(move |request| {
        *written.lock().unwrap() = Some(request);
        std::future::ready(Ok::<_, std::io::Error>(Recorded::Written))
    });
    for _ in 0..2 {
        world.next(Journey {
            refused: true,
            ..Journey::default()
        });
    }
    let sending = tokio::spawn(async move { sender.refund(&refund).await });
    tokio::time::sleep(seconds(1)).await;
    let stored = serde_json::to_string(&*row.lock().unwrap()).unwrap();
    let stored: UnconfirmedRequest = serde_json::from_str(&stored).unwrap();
    let other = world.client(0);
    let outcome = other.reconcile(&stored).await.unwrap();
    sending.await.unwrap().unwrap();
    carried_out(outcome);
}

/// The caller's task stands still in the pause between two tries, for longer than its record
/// promises.
#[tokio::test(start_paused = true)]
async fn a_caller_that_stood_still_sends_nothing_any_more() {
    let world = Offline::start().await;
    let payment = world.paid(order(10_000)).await;
    let refund = payment.refund().amount(500).build().unwrap();
    world.next(Journey {
        refused: true,
        ..Journey::default()
    });
    let barion = world.client(0);
    let mut call = Box::pin(barion.refund(&refund));
    // The first try finds nobody.
    let first = tokio::time::timeout(seconds(0), &mut call).await;
    assert!(first.is_err());
    tokio::time::sleep(seconds(200)).await;
    let error = call.await.unwrap_err();
    assert_eq!(
        (error.kind(), error.delivery()),
        (ErrorKind::Connection, Delivery::NotSent)
    );
    assert_eq!(sent(&world), 0);
    assert!(error.recorded().unwrap().is_sent());
    // It came to nothing, so that it may be made again.
    barion.refund(&refund).await.unwrap();
}

/// Two pages of one state, and a name for each decision: afterwards nobody could tell which was
/// made.
#[test]
fn refunds_of_one_state_share_a_key_whatever_they_are_called() {
    let world = async {
        let world = Offline::start().await;
        world.paid(order(10_000)).await
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let payment = runtime.block_on(world);
    let named = |name: &str| {
        let refund = payment.refund().amount(500).idempotency_key(name);
        UnconfirmedRequest::from(&refund.build().unwrap())
    };
    let (one, other) = (named("return-17"), named("return-18"));
    assert_ne!(one.key(), other.key());
    assert_eq!(one.state_key(), other.state_key());
    assert!(one.state_key().is_some());
    assert_eq!(one.open_key(), other.open_key());
    assert_eq!(UnconfirmedRequest::from(&order(1)).state_key(), None);
}

/// A person knows better, either way.
#[tokio::test(start_paused = true)]
async fn what_a_person_found_out_is_believed() {
    let world = Offline::start().await;
    let barion = world.client(0);
    let payment = world.paid(order(10_000)).await;
    let refund = payment.refund().amount(500).build().unwrap();
    world.next(UNANSWERED);
    let error = open(barion.refund(&refund).await);
    barion.settled_as_carried_out(error.unconfirmed().unwrap());
    unsettled(barion.refund(&refund).await);
    let again = payment.refund().amount(500).build().unwrap();
    unsettled(barion.refund(&again).await);
    assert_eq!(sent(&world), 1);
}

/// It names an older payment of the same names and amount, as an answer to another shop's call
/// might.
#[tokio::test(start_paused = true)]
async fn a_broken_answer_does_not_make_an_older_payment_the_outcome() {
    let world = Offline::start().await;
    let barion = world.client(0);
    register_token(&world).await;
    let older = StartPayment::immediate("november", Currency::Huf)
        .transaction(Transaction::new("november", PAYEE).total(4_990));
    let older = world.paid(older.build().unwrap()).await.payment_id;
    world.world.pass(seconds(600)).await;
    world.twist(move |path, body| {
        if path.ends_with("Start") {
            *body = json!({ "PaymentId": older.to_string(), "Status": 7, "Transactions": "?" });
        }
    });
    let error = open(barion.charge_token(&charge("november", 4_990)).await);
    assert_eq!(error.unconfirmed().unwrap().payment_id(), Some(older));
    inconclusive(&became(&barion, &error).await);
}

#[tokio::test(start_paused = true)]
async fn a_state_out_of_a_cache_proves_nothing() {
    for header in ["age", "date"] {
        let world = Offline::start().await;
        let barion = world.client(0);
        let id = world.paid(order(10_000)).await.payment_id;
        let payment = barion.payment_state(id).await.unwrap();
        let refund = payment.refund().amount(500).build().unwrap();
        world.next(Journey {
            lost: true,
            ..Journey::default()
        });
        let error = open(barion.refund(&refund).await);
        world.world.pass(seconds(3_600)).await;
        world.head(move |path, head| {
            if path.ends_with("PaymentState") {
                let value = if header == "age" {
                    "3600"
                } else {
                    "Sun, 01 Nov 2026 00:00:01 GMT"
                };
                head.insert(header, value.parse().unwrap());
            }
        });
        inconclusive(&became(&barion, &error).await);
    }
}

/// Whatever the HTTP status.
#[tokio::test(start_paused = true)]
async fn a_refusal_with_a_success_in_it_is_none() {
    let world = Offline::start().await;
    let barion = world.client(0);
    let payment = world.paid(order(10_000)).await;
    for (status, body) in [
        (
            400,
            r#"{"RefundedTransactions":[{"Total":500}],"Errors":[]}"#,
        ),
        (409, r#"{"RefundedTransactions":[{"Total":500}]}"#),
        (404, r#"{"RefundedTransactions":[{"Total":5"#),
        (429, "\u{feff}{\"RefundedTransactions\":[{\"Total\":500}]}"),
        (499, ""),
    ] {
        world.answer(status, body);
        let refund = payment.refund().amount(500).build().unwrap();
        let outcome = barion.refund(&refund).await;
        let error = outcome.unwrap_err();
        assert_eq!(
            error.delivery(),
            Delivery::Unknown,
            "{status} {body}: {error}"
        );
        barion.settled_as_not_carried_out(error.unconfirmed().unwrap());
    }
    for (status, body) in [
        (
            400,
            r#"{"RefundedTransactions":[],"Errors":[{"ErrorCode":"InvalidAccount"}]}"#,
        ),
        (429, "<html>slow down</html>"),
        (404, r#"{"Message":"No HTTP resource was found"}"#),
    ] {
        world.answer(status, body);
        let refund = payment.refund().amount(500).build().unwrap();
        let error = barion.refund(&refund).await.unwrap_err();
        assert_eq!(
            error.delivery(),
            Delivery::Rejected,
            "{status} {body}: {error}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_refund_that_is_listed_and_not_made_is_not_done() {
    let world = Offline::start().await;
    let barion = world.client(0);
    let payment = world.paid(order(10_000)).await;
    let named = r#""POSTransactionId":"order-1/1""#;
    for entry in [
        format!(r#"{{"Total":500,"Status":"Rejected",{named}}}"#),
        format!(r#"{{"Total":500,"Status":"Failed",{named}}}"#),
        "{}".to_owned(),
        format!(
            r#"{{"Total":-500,"Status":"Succeeded",{named}}},{{"Total":1000,"Status":"Succeeded",{named}}}"#
        ),
        r#"{"Total":500,"Status":"Succeeded","POSTransactionId":"somebody-elses"}"#.to_owned(),
        format!(r#"{{"Total":499,"Status":"Succeeded",{named}}}"#),
    ] {
        world.answer(
            200,
            &format!(r#"{{"RefundedTransactions":[{entry}],"Errors":[]}}"#),
        );
        let refund = payment.refund().amount(500).build().unwrap();
        let error = open(barion.refund(&refund).await);
        barion.settled_as_not_carried_out(error.unconfirmed().unwrap());
    }
    // In two pieces it is made all the same; and without ids a second one from this state is
    // refused, too.
    let entry = format!(r#"{{"Total":250,"Status":"Succeeded",{named}}}"#);
    world.answer(
        200,
        &format!(r#"{{"RefundedTransactions":[{entry},{entry}],"Errors":[]}}"#),
    );
    let click = || payment.refund().amount(500).build().unwrap();
    barion.refund(&click()).await.unwrap();
    unsettled(barion.refund(&click()).await);
}

/// Somebody may have read the record by then, and counts on it.
#[tokio::test(start_paused = true)]
async fn what_takes_too_long_to_write_is_not_sent() {
    let world = Offline::start().await;
    let payment = world.paid(order(10_000)).await;
    let refund = payment.refund().amount(500).build().unwrap();
    for (takes, sent_then) in [(9, 1), (11, 1)] {
        let barion = world
            .client(0)
            .recording(move |_: UnconfirmedRequest| async move {
                tokio::time::sleep(seconds(takes)).await;
                Ok::<_, std::io::Error>(Recorded::Written)
            });
        let outcome = barion.refund(&refund).await;
        if takes > 10 {
            let error = outcome.unwrap_err();
            assert_eq!(
                (error.kind(), error.delivery()),
                (ErrorKind::Unrecorded, Delivery::NotSent)
            );
        }
        assert_eq!(sent(&world), sent_then);
    }
}

#[tokio::test(start_paused = true)]
async fn a_charge_of_one_name_is_not_sent_again_while_it_is_open() {
    let world = Offline::start().await;
    let barion = world.client(0);
    register_token(&world).await;
    world.next(Journey {
        lost: true,
        ..Journey::default()
    });
    let error = open(barion.charge_token(&charge("november", 4_990)).await);
    unsettled(barion.charge_token(&charge("november", 4_990)).await);
    // Another month is another charge.
    barion
        .charge_token(&charge("december", 4_990))
        .await
        .unwrap();
    inconclusive(&became(&barion, &error).await);
    unsettled(barion.charge_token(&charge("november", 4_990)).await);
    barion.settled_as_not_carried_out(error.unconfirmed().unwrap());
    barion
        .charge_token(&charge("november", 4_990))
        .await
        .unwrap();
}
