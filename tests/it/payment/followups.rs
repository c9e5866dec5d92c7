//! Refunds, finishes and captures that are built from the state, against the sandbox.

use std::time::Duration;

use barion::{
    Client, Currency, Item, Money, Payment, PaymentId, PaymentStanding, StartPayment,
    StartPaymentBuilder, Transaction,
};
use barion_sandbox::{CARD_LOW_FUNDS, CARD_OK, PAYEE, Sandbox};

use crate::client::flows::client;

const DAY: Duration = Duration::from_secs(86_400);

struct Stage {
    sandbox: Sandbox,
    client: Client,
}

impl Stage {
    async fn new() -> Self {
        let sandbox = Sandbox::start().await.unwrap();
        let client = client(&sandbox);
        Self { sandbox, client }
    }

    /// Starts a payment with two transactions, of 8000 and 2000, and pays it.
    async fn paid(&self, builder: StartPaymentBuilder) -> PaymentId {
        let request = builder
            .transaction(Transaction::new("kettle", PAYEE).item(Item::new("Kettle", 1, 8_000)))
            .transaction(Transaction::new("cups", PAYEE).item(Item::new("Cup", 4, 500)))
            .build()
            .unwrap();
        let id = self
            .client
            .start_payment(&request)
            .await
            .unwrap()
            .payment_id;
        self.sandbox.pay(&id.to_string(), CARD_OK).await.unwrap();
        id
    }

    async fn read(&self, id: PaymentId) -> Payment {
        self.client.payment_state(id).await.unwrap()
    }
}

fn immediate() -> StartPaymentBuilder {
    StartPayment::immediate("order-1", Currency::Huf)
}

fn reservation() -> StartPaymentBuilder {
    StartPayment::reservation("order-1", Currency::Huf, 7 * DAY)
}

fn delayed_capture() -> StartPaymentBuilder {
    StartPayment::delayed_capture("order-1", Currency::Huf, 3 * DAY)
}

fn forints(amount: i64) -> Money {
    Money::new(amount, Currency::Huf)
}

#[tokio::test]
async fn a_payment_is_refunded_until_nothing_is_left() {
    let stage = Stage::new().await;
    let id = stage.paid(immediate()).await;
    let paid = stage.read(id).await;
    assert_eq!(paid.standing(), PaymentStanding::Paid);
    assert_eq!(paid.refundable(), Some(forints(10_000)));

    let cup = paid
        .refund()
        .transaction("cups", 500)
        .comment("Broken")
        .build()
        .unwrap();
    stage.client.refund(&cup).await.unwrap();
    let partly = stage.read(id).await;
    assert_eq!(partly.standing(), PaymentStanding::PartiallyRefunded);
    assert_eq!(partly.refunded_total(), Some(forints(500)));
    let cups = partly.transaction("cups").unwrap().transaction_id.unwrap();
    assert_eq!(partly.refundable_of(cups), Some(forints(1_500)));
    assert!(partly.refund().transaction("cups", 1_501).build().is_err());

    let rest = partly.refund().all().build().unwrap();
    let refunded = stage.client.refund(&rest).await.unwrap();
    assert_eq!(
        refunded.total(),
        Some(barion::Money::new(9_500, barion::Currency::Huf))
    );
    let all = stage.read(id).await;
    assert_eq!(all.standing(), PaymentStanding::Refunded);
    assert_eq!(all.refundable(), Some(forints(0)));
    assert!(all.refund().all().build().is_err());
}

#[tokio::test]
async fn a_reservation_is_finished_piece_by_piece_without_its_fees() {
    let stage = Stage::new().await;
    let id = stage.paid(reservation()).await;
    let reserved = stage.read(id).await;
    let PaymentStanding::Reserved { until: Some(until) } = reserved.standing() else {
        panic!("{:?}", reserved.standing());
    };
    assert!(until.moment().is_some());
    assert!(reserved.refund().all().build().is_err());

    let kettle = reserved
        .finish()
        .transaction("kettle", 7_000)
        .build()
        .unwrap();
    stage.client.finish_reservation(&kettle).await.unwrap();
    let partly = stage.read(id).await;
    assert!(matches!(
        partly.standing(),
        PaymentStanding::PartiallyFinished { .. }
    ));
    assert!(!partly.is_paid() && partly.awaits_shop());
    assert_eq!(partly.taken(), Some(forints(7_000)));

    let rest = partly.finish().in_full().build().unwrap();
    stage.client.finish_reservation(&rest).await.unwrap();
    let done = stage.read(id).await;
    assert_eq!(
        done.standing(),
        PaymentStanding::Paid,
        "what was returned is no refund"
    );
    assert_eq!(done.refunded_total(), Some(forints(0)));
    assert_eq!(done.refundable(), Some(forints(9_000)));
    assert_eq!(done.taken(), Some(forints(9_000)));
    assert_eq!(done.ordered(), Some(forints(10_000)));
    let back = done.refund().all().build().unwrap();
    stage.client.refund(&back).await.unwrap();
    let undone = stage.read(id).await;
    assert_eq!(undone.standing(), PaymentStanding::Refunded);
    assert_eq!(undone.taken(), Some(forints(9_000)));
}

#[tokio::test]
async fn a_reservation_can_be_finished_with_nothing() {
    let stage = Stage::new().await;
    let id = stage.paid(reservation()).await;
    let nothing = stage.read(id).await.finish().release_all().build().unwrap();
    stage.client.finish_reservation(&nothing).await.unwrap();
    let done = stage.read(id).await;
    assert_eq!(done.status, barion::PaymentStatus::Succeeded);
    assert_eq!(done.standing(), PaymentStanding::FinishedWithNothing);
    assert_eq!(done.refundable(), Some(forints(0)));
}

#[tokio::test]
async fn an_authorised_payment_is_captured_in_one_go_or_given_up() {
    let stage = Stage::new().await;
    let id = stage.paid(delayed_capture()).await;
    let held = stage.read(id).await;
    assert!(matches!(
        held.standing(),
        PaymentStanding::Authorized { until: Some(_) }
    ));
    assert!(held.capture().transaction("kettle", 8_000).build().is_err());
    let capture = held.capture().transaction("kettle", 7_500).release_others();
    stage
        .client
        .capture(&capture.build().unwrap())
        .await
        .unwrap();
    let done = stage.read(id).await;
    assert_eq!(done.standing(), PaymentStanding::Paid);
    assert_eq!(done.refundable(), Some(forints(7_500)));
    let back = done.refund().all().build().unwrap();
    stage.client.refund(&back).await.unwrap();

    let id = stage.paid(delayed_capture()).await;
    let whole = stage.read(id).await.capture().in_full().build().unwrap();
    stage.client.capture(&whole).await.unwrap();
    assert_eq!(stage.read(id).await.refundable(), Some(forints(10_000)));

    let id = stage.paid(delayed_capture()).await;
    let given_up = stage.read(id).await.cancel_authorization().unwrap();
    stage.client.cancel_authorization(given_up).await.unwrap();
    let done = stage.read(id).await;
    assert_eq!(done.standing(), PaymentStanding::AuthorizationCanceled);
    assert!(done.cancel_authorization().is_err());
}

#[tokio::test]
async fn what_was_never_paid_is_told_apart() {
    let stage = Stage::new().await;
    let start = async || {
        let request = immediate()
            .transaction(Transaction::new("kettle", PAYEE).total(8_000))
            .build()
            .unwrap();
        stage
            .client
            .start_payment(&request)
            .await
            .unwrap()
            .payment_id
    };
    let (canceled, expired, declined) = (start().await, start().await, start().await);
    stage.sandbox.cancel(&canceled.to_string()).await.unwrap();
    stage
        .sandbox
        .pay(&declined.to_string(), CARD_LOW_FUNDS)
        .await
        .unwrap();
    let open = stage.read(declined).await;
    assert_eq!(open.standing(), PaymentStanding::Open);
    assert_eq!(
        open.declined_because(),
        Some(&barion::ProcessResult::LowFunds)
    );
    stage.sandbox.advance(DAY).await.unwrap();
    assert_eq!(
        stage.read(canceled).await.standing(),
        PaymentStanding::Canceled
    );
    let expired = stage.read(expired).await;
    assert_eq!(expired.standing(), PaymentStanding::Expired);
    assert!(expired.is_final() && !expired.is_paid() && expired.completed_at.is_some());
    assert_eq!(expired.refundable(), Some(forints(0)));
}
