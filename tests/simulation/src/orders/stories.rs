//! What payers and the shop do about orders.

use std::time::Duration;

use barion::{Currency, PaymentId, PaymentStanding, StartPayment, Transaction};
use barion_sandbox::{CARD_LOW_FUNDS, CARD_OK, PAYEE};
use chrono::{DateTime, Utc};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::Stage;
use crate::reach::Kind;

/// How a payment goes on after it was started.
#[derive(Debug, Clone, Copy)]
enum Way {
    Pays,
    DeclinesAndPays,
    Cancels,
    Expires,
}

const PRICE: i64 = 10_000;

/// Begins the story of an order.
pub(super) fn begin(stage: &Stage, number: u64, stories: &mut JoinSet<()>) {
    let story = stage.scene.world.dice().roll(10);
    let (stage, order) = (stage.clone(), format!("order-{number}"));
    stories.spawn(async move {
        let wait = stage.scene.time(600);
        sleep(wait).await;
        match story {
            0..=2 => stage.one_window(&order).await,
            3..=5 => stage.two_windows(&order).await,
            6..=7 => stage.reservation(&order).await,
            _ => stage.refunds(&order).await,
        }
    });
}

impl Stage {
    fn roll(&self, sides: u64) -> u64 {
        self.scene.world.dice().roll(sides)
    }

    fn way(&self) -> Way {
        match self.roll(8) {
            0..=3 => Way::Pays,
            4 => Way::DeclinesAndPays,
            5 => Way::Cancels,
            _ => Way::Expires,
        }
    }

    /// The shop starts a payment and tracks it, unless its process dies between the two.
    async fn start(
        &self,
        order: &str,
        window: Duration,
        reserved_for: Option<Duration>,
    ) -> Option<PaymentId> {
        if self
            .scene
            .truth()
            .orders
            .get(order)
            .is_some_and(|one| one.cancelled)
        {
            self.scene.line(format_args!(
                "{order} is cancelled: no further payment of it"
            ));
            return None;
        }
        let request = format!("{order}/{}", self.roll(1_000_000));
        let start = match reserved_for {
            Some(time) => StartPayment::reservation(request, Currency::Huf, time),
            None => StartPayment::immediate(request, Currency::Huf),
        };
        let start = start
            .order_number(order)
            .payment_window(window)
            .transaction(Transaction::new("a", PAYEE).total(PRICE))
            .build()
            .ok()?;
        let id = self.scene.calm.start_payment(&start).await.ok()?.payment_id;
        self.scene
            .line(format_args!("{id} is started, for {order}, for {window:?}"));
        self.scene.world.add_payment(id.to_string());
        // What is not paid by then can't be reserved any more.
        let open = reserved_for.map_or(window, |time| window.min(time));
        self.scene.truth().started(id, open);
        if self.scene.chance(10) {
            self.scene.world.reached(Kind::NotTracked);
            return Some(id);
        }
        let (stage, order) = (self.clone(), order.to_owned());
        // The payer does not wait for it.
        tokio::spawn(async move { stage.track(id, &order).await });
        Some(id)
    }

    async fn track(&self, id: PaymentId, order: &str) {
        for _ in 0..20 {
            if let Some(instance) = self.fleet.wait_for_one().await
                && instance.track(id, order).await
            {
                return;
            }
            let pause = self.scene.time(20);
            sleep(pause).await;
        }
    }

    /// Something has happened to the payment: Barion calls, and the payer may come back to the
    /// shop.
    fn happened(&self, id: PaymentId, what: &str, paid: bool) {
        self.scene.line(format_args!("{id}: {what}"));
        self.scene.truth().changed(id, paid);
        self.call_back(id);
        if self.scene.chance(40)
            && let Some(instance) = self.fleet.any()
        {
            self.scene.world.reached(Kind::PayerBack);
            tokio::spawn(async move { instance.refresh(id).await });
        }
    }

    async fn pay(&self, id: PaymentId, card: &str) -> String {
        self.scene.world.keep_time().await;
        let sandbox = &self.scene.world.sandbox;
        let outcome = sandbox.pay(&id.to_string(), card).await;
        outcome.map(|outcome| outcome.status).unwrap_or_default()
    }

    /// The payer goes some way with an immediate payment. Whether it was paid.
    async fn go(&self, id: PaymentId, way: Way, window: Duration) -> bool {
        let begun = Instant::now();
        let longest = window.as_secs().saturating_sub(5) / 2;
        let wait = self.scene.time(longest);
        sleep(wait).await;
        match way {
            Way::Pays | Way::DeclinesAndPays => {
                if matches!(way, Way::DeclinesAndPays) {
                    self.pay(id, CARD_LOW_FUNDS).await;
                    self.scene.world.reached(Kind::Declined);
                    self.happened(id, "declined", false);
                    let wait = self.scene.time(longest);
                    sleep(wait).await;
                }
                let paid = self.pay(id, CARD_OK).await == "Succeeded";
                if paid {
                    self.scene.world.reached(Kind::Paid);
                    self.happened(id, "paid", true);
                }
                paid
            }
            Way::Cancels => {
                self.scene.world.keep_time().await;
                let sandbox = &self.scene.world.sandbox;
                if sandbox.cancel(&id.to_string()).await.is_ok() {
                    self.scene.truth().open_until(id, None);
                    self.scene.world.reached(Kind::Cancelled);
                    self.happened(id, "cancelled", false);
                }
                false
            }
            Way::Expires => {
                let left = window.saturating_sub(begun.elapsed());
                sleep(left + Duration::from_secs(1)).await;
                self.scene.world.reached(Kind::Expired);
                self.happened(id, "expired", false);
                false
            }
        }
    }

    fn window(&self) -> Duration {
        Duration::from_secs(120 + self.roll(1_500))
    }

    async fn one_window(&self, order: &str) {
        let (way, window) = (self.way(), self.window());
        if let Some(id) = self.start(order, window, None).await {
            self.go(id, way, window).await;
        }
    }

    /// The payer has two windows open, or opens another one later.
    async fn two_windows(&self, order: &str) {
        let mut windows = JoinSet::new();
        let longest = if self.scene.chance(50) { 20 } else { 1_800 };
        for number in 0..2 {
            let (way, window) = (self.way(), self.window());
            let wait = if number == 0 { 0 } else { longest };
            let (stage, order) = (self.clone(), order.to_owned());
            windows.spawn(async move {
                let wait = stage.scene.time(wait);
                sleep(wait).await;
                match stage.start(&order, window, None).await {
                    Some(id) => stage.go(id, way, window).await,
                    None => false,
                }
            });
        }
        let mut paid = 0;
        while let Some(one) = windows.join_next().await {
            paid += u64::from(one.unwrap_or_default());
        }
        if paid > 1 {
            self.scene.world.reached(Kind::PaidTwice);
        }
    }

    /// A reservation that the shop finishes, or that lapses; perhaps beside a window that is paid.
    async fn reservation(&self, order: &str) {
        let (window, time) = (self.window(), Duration::from_secs(600 + self.roll(9_000)));
        let Some(id) = self.start(order, window, Some(time)).await else {
            return;
        };
        let wait = self.scene.time(window.as_secs() / 2);
        sleep(wait).await;
        if self.pay(id, CARD_OK).await != "Reserved" {
            return;
        }
        let Some(until) = self.lapses(id).await else {
            return;
        };
        let left = (until - self.scene.world.now())
            .to_std()
            .unwrap_or_default();
        let lapses = Instant::now() + left;
        self.scene.truth().open_until(id, Some(until));
        self.scene.world.reached(Kind::Reserved);
        self.happened(id, "reserved", false);
        if self.scene.chance(25) {
            self.one_window(order).await;
        }
        let left = lapses.saturating_duration_since(Instant::now());
        let wait = self.scene.time(left.as_secs() / 2);
        sleep(wait).await;
        if Instant::now() >= lapses || self.scene.chance(30) {
            sleep(lapses.saturating_duration_since(Instant::now())).await;
            sleep(Duration::from_secs(1)).await;
            self.scene.world.reached(Kind::Lapsed);
            self.happened(id, "lapsed", false);
            return;
        }
        let amount = [PRICE, PRICE - 3_000, 0][usize::try_from(self.roll(3)).unwrap_or_default()];
        if self.finish(id, amount).await.is_some() {
            self.scene.truth().open_until(id, None);
            self.scene.world.reached(Kind::FinishedByShop);
            self.happened(id, &format!("finished with {amount}"), amount > 0);
        }
    }

    /// When a reservation lapses.
    async fn lapses(&self, id: PaymentId) -> Option<DateTime<Utc>> {
        let state = self.scene.state(id).await?.snapshot();
        let PaymentStanding::Reserved { until } = state.standing() else {
            return None;
        };
        Some(until?.moment()?.to_utc())
    }

    async fn finish(&self, id: PaymentId, amount: i64) -> Option<()> {
        let payment = self.scene.state(id).await?;
        let finish = payment.finish().transaction("a", amount).build().ok()?;
        self.scene.calm.finish_reservation(&finish).await.ok()?;
        Some(())
    }

    /// A payment whose money goes back in steps.
    async fn refunds(&self, order: &str) {
        let window = self.window();
        let Some(id) = self.start(order, window, None).await else {
            return;
        };
        if !self.go(id, Way::Pays, window).await {
            return;
        }
        for step in 0..=self.roll(3) {
            let wait = self
                .scene
                .time([5, 600][usize::try_from(self.roll(2)).unwrap_or_default()]);
            sleep(wait).await;
            if self.refund(id, 1_000).await.is_some() {
                self.scene.world.reached(Kind::RefundStep);
                self.happened(id, &format!("refund {step}"), true);
            }
        }
    }

    async fn refund(&self, id: PaymentId, amount: i64) -> Option<()> {
        let payment = self.scene.state(id).await?;
        let refund = payment.refund().transaction("a", amount).build().ok()?;
        self.scene.calm.refund(&refund).await.ok()?;
        Some(())
    }
}
