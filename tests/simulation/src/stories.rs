//! What happens in a world: payments, and clerks who want something of them.

use std::sync::Arc;
use std::time::Duration;

use barion::{
    Currency, Payment, PaymentId, Refund, StartPayment, StartPaymentBuilder, TokenRegistration,
    Transaction, TransactionToRefund,
};
use barion_sandbox::{CARD_OK, PAYEE, TokenChargeOutcome};
use tokio::task::JoinSet;

use crate::reach::Kind;
use crate::shop::{Ask, Process, charge, google};
use crate::world::World;

type Fallible<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

const DAY: Duration = Duration::from_secs(86_400);

/// Everything that one world's stories share.
#[derive(Clone)]
pub struct Stage {
    /// The world.
    pub world: Arc<World>,
    /// For what it begins with.
    pub calm: Process,
    /// The instances of the shop.
    pub processes: Vec<Process>,
}

impl Stage {
    async fn paid(&self, start: StartPayment) -> Fallible<Payment> {
        let started = self.calm.client.start_payment(&start).await?;
        let id = started.payment_id;
        self.world.add_payment(id.to_string());
        self.world.sandbox.pay(&id.to_string(), CARD_OK).await?;
        Ok(self.calm.client.payment_state(id).await?)
    }

    /// A payment that looks like a charge: of this name, and with a transaction of that one.
    async fn alike(&self, name: &str, transaction: &str, total: i64) -> Fallible<PaymentId> {
        let one = StartPayment::immediate(name, Currency::Huf)
            .transaction(Transaction::new(transaction, PAYEE).total(total));
        Ok(self.paid(one.build()?).await?.payment_id)
    }

    async fn refunded(&self, id: PaymentId, transaction: &str, amount: i64) -> Fallible<()> {
        let payment = self.calm.client.payment_state(id).await?;
        let refund = payment.refund().transaction(transaction, amount).build()?;
        self.calm.client.refund(&refund).await?;
        Ok(())
    }

    /// One of the instances.
    pub(crate) fn process(&self) -> Process {
        let instances = u64::try_from(self.processes.len()).unwrap_or(1);
        let place = usize::try_from(self.roll(instances)).unwrap_or_default();
        self.processes.get(place).unwrap_or(&self.calm).clone()
    }

    fn later(&self, longest: u64) -> Duration {
        self.world.dice().time(Duration::from_secs(longest))
    }

    fn roll(&self, sides: u64) -> u64 {
        self.world.dice().roll(sides)
    }

    fn chance(&self, percent: u64) -> bool {
        self.world.dice().chance(percent)
    }
}

/// One or two transactions of a payment.
fn with_parts(builder: StartPaymentBuilder, two: bool) -> StartPaymentBuilder {
    let builder = builder.transaction(Transaction::new("a", PAYEE).total(10_000));
    if two {
        builder.transaction(Transaction::new("b", PAYEE).total(5_000))
    } else {
        builder
    }
}

/// Prepares a story, and sends its clerks on their way.
///
/// # Errors
/// When it could not even begin: a fault of the simulation itself.
pub async fn prepare(stage: &Stage, clerks: &mut JoinSet<()>) -> Fallible<()> {
    match stage.roll(7) {
        0..=2 => refunds(stage, clerks).await,
        3 => reservation(stage, clerks).await,
        4 => authorisation(stage, clerks).await,
        _ => charges(stage, clerks).await,
    }
}

/// A refund that does not know what the payment was like.
fn refund_by_ids(payment: &Payment, names: &[&str], amount: i64) -> Option<Refund> {
    let mut refund = Refund::builder(payment.payment_id, Currency::Huf);
    for name in names {
        let id = payment.transaction(name)?.transaction_id?;
        refund = refund.transaction(TransactionToRefund::new(id, *name, amount));
    }
    refund.build().ok()
}

async fn refunds(stage: &Stage, clerks: &mut JoinSet<()>) -> Fallible<()> {
    let two = stage.chance(40);
    let start = with_parts(StartPayment::immediate("order", Currency::Huf), two);
    let id = stage.paid(start.build()?).await?.payment_id;
    for _ in 0..stage.roll(3) {
        stage.refunded(id, "a", 500).await?;
    }
    for clerk in 0..=stage.roll(2) {
        let amount = if stage.world.duplicates {
            600 + 100 * i64::try_from(clerk)?
        } else {
            [500, 500, 700][usize::try_from(stage.roll(3))?]
        };
        let (wait, process) = (stage.later(30), stage.process());
        let both = two && stage.chance(30);
        let by_ids = stage.chance(20);
        let clicks = if stage.chance(30) { 2 } else { 1 };
        let stage = stage.clone();
        clerks.spawn(async move {
            stage.world.pass(wait).await;
            let Some(payment) = process.state(id).await else {
                return;
            };
            let names: &[&str] = if both { &["a", "b"] } else { &["a"] };
            let refund = if by_ids {
                stage.world.reached(Kind::RefundByIds);
                // No other is like it, since its key is another one; and nobody here knows what is
                // left, so that Barion may refuse.
                let amount = if stage.chance(30) {
                    20_000
                } else {
                    amount + 550
                };
                refund_by_ids(&payment, names, amount)
            } else {
                let refund = payment.refund();
                let refund = names
                    .iter()
                    .fold(refund, |refund, name| refund.transaction(*name, amount));
                refund.build().ok()
            };
            let Some(refund) = refund else { return };
            if clicks > 1 {
                stage.world.reached(Kind::Clicks);
            }
            let what = format!("clerk {clerk} refunds {amount} of {id}, with {clicks} clicks");
            let wish = stage.world.ledger().wish(what, Vec::new());
            // Each click is a request of its own to the shop, which any instance may get.
            let mut requests = JoinSet::new();
            for click in 0..clicks {
                // Built anew out of the same state, or the very same request.
                let anew = stage.chance(50).then(|| {
                    let refund = payment.refund();
                    let mut names = names.iter();
                    let refund = names.try_fold(refund, |refund, name| {
                        (!by_ids).then(|| refund.transaction(*name, amount))
                    });
                    refund.and_then(|refund| refund.build().ok())
                });
                let refund = anew.flatten().unwrap_or_else(|| refund.clone());
                let wait = stage.later(if click == 0 { 3 } else { 12 });
                let process = if click == 0 {
                    process.clone()
                } else {
                    stage.process()
                };
                requests.spawn(async move {
                    tokio::time::sleep(wait).await;
                    process.carry_out(wish, Ask::Refund(refund)).await;
                });
            }
            while requests.join_next().await.is_some() {}
        });
    }
    if stage.chance(30) {
        // Never what a clerk asks for: Barion tells nobody who has asked.
        let amount = [499, 300, 200][usize::try_from(stage.roll(3))?];
        let (stage, wait) = (stage.clone(), stage.later(150));
        clerks.spawn(async move {
            stage.world.pass(wait).await;
            stage.world.reached(Kind::BackOffice);
            stage
                .world
                .ledger()
                .line(format_args!("somebody refunds {amount} in the back office"));
            // It may be refused.
            let _ = stage.refunded(id, "a", amount).await;
        });
    }
    Ok(())
}

async fn reservation(stage: &Stage, clerks: &mut JoinSet<()>) -> Fallible<()> {
    let two = stage.chance(50);
    let start = with_parts(
        StartPayment::reservation("room", Currency::Huf, DAY * 7),
        two,
    );
    let id = stage.paid(start.build()?).await?.payment_id;
    for clerk in 0..=stage.roll(2) {
        let amount = [10_000, 7_000, 0][usize::try_from(stage.roll(3))?];
        let both = two && stage.chance(60);
        let (wait, process, stage) = (stage.later(60), stage.process(), stage.clone());
        clerks.spawn(async move {
            stage.world.pass(wait).await;
            let Some(payment) = process.state(id).await else {
                return;
            };
            let finish = payment.finish().transaction("a", amount);
            let finish = if both {
                finish.transaction("b", 5_000)
            } else {
                finish
            };
            let Ok(finish) = finish.build() else { return };
            let mut effects = vec![format!("a of {id} ends with {amount}")];
            if both {
                effects.push(format!("b of {id} ends with 5000"));
            }
            let what = format!("clerk {clerk} finishes {id} with {amount}");
            let wish = stage.world.ledger().wish(what, effects);
            process.carry_out(wish, Ask::Finish(finish)).await;
        });
    }
    Ok(())
}

async fn authorisation(stage: &Stage, clerks: &mut JoinSet<()>) -> Fallible<()> {
    let start = with_parts(
        StartPayment::delayed_capture("camera", Currency::Huf, DAY * 7),
        false,
    );
    let id = stage.paid(start.build()?).await?.payment_id;
    for clerk in 0..=stage.roll(2) {
        let amount = [10_000, 7_000][usize::try_from(stage.roll(2))?];
        let cancels = stage.chance(40);
        let (wait, process, stage) = (stage.later(60), stage.process(), stage.clone());
        clerks.spawn(async move {
            stage.world.pass(wait).await;
            let Some(payment) = process.state(id).await else {
                return;
            };
            let ask = if cancels {
                payment.cancel_authorization().ok().map(Ask::Cancel)
            } else {
                let capture = payment.capture().transaction("a", amount).build();
                capture.ok().map(Ask::Capture)
            };
            let Some(ask) = ask else { return };
            let does = if cancels { 0 } else { amount };
            let effects = vec![format!("{id} is captured with {does}")];
            let what = format!("clerk {clerk} captures {does} of {id}");
            let wish = stage.world.ledger().wish(what, effects);
            process.carry_out(wish, ask).await;
        });
    }
    Ok(())
}

async fn charges(stage: &Stage, clerks: &mut JoinSet<()>) -> Fallible<()> {
    let first = with_parts(StartPayment::immediate("first", Currency::Huf), false);
    let first = first.register_token(TokenRegistration::one_click("payer-7"));
    let first = stage.paid(first.build()?).await?.payment_id;
    let number = stage.world.payments().len();
    let name = format!("subscription-7/{number}");
    if stage.chance(40) {
        // An older one of the same name, perhaps of another amount, perhaps given back: before, or
        // meanwhile.
        let total = if stage.chance(40) { 3_000 } else { 4_990 };
        let older = stage.alike(&name, &name, total).await?;
        match stage.roll(3) {
            0 => {}
            1 => stage.refunded(older, &name, total).await?,
            _ => {
                let (stage, name, wait) = (stage.clone(), name.clone(), stage.later(200));
                clerks.spawn(async move {
                    stage.world.pass(Duration::from_secs(120) + wait).await;
                    // It may be refused.
                    let _ = stage.refunded(older, &name, total).await;
                });
            }
        }
        let since = Duration::from_secs(120) + stage.later(1_200);
        stage.world.pass(since).await;
    }
    if stage.chance(40) {
        // Meanwhile somebody else's, which is not ours: by its name, or by its amount.
        let (own, total) = if stage.chance(50) {
            (name.clone(), 3_000)
        } else {
            (format!("{name}/other"), 4_990)
        };
        let (stage, name, wait) = (stage.clone(), name.clone(), stage.later(120));
        clerks.spawn(async move {
            stage.world.pass(wait).await;
            stage.world.reached(Kind::OtherCharge);
            // It does not matter whether it comes about.
            let _ = stage.alike(&own, &name, total).await;
        });
    }
    // Not where the same request may come again: refused once, it could be carried out the next
    // time.
    if !stage.world.duplicates && stage.chance(30) {
        let refusals = [TokenChargeOutcome::Failed, TokenChargeOutcome::CardExpired];
        let refusal = stage.world.dice().pick(&refusals).unwrap_or_default();
        let sandbox = &stage.world.sandbox;
        sandbox.next_token_charge("payer-7", refusal).await?;
    }
    let by_google = stage.chance(50);
    let clicks = if stage.chance(30) { 2 } else { 1 };
    let (wait, process, stage) = (stage.later(60), stage.process(), stage.clone());
    clerks.spawn(async move {
        stage.world.pass(wait).await;
        // From then on it knows what time it is at Barion, whatever its own clock says.
        process.state(first).await;
        if clicks > 1 {
            stage.world.reached(Kind::Clicks);
        }
        let what = format!("{name} is charged once, with {clicks} clicks");
        let wish = stage.world.ledger().wish(what, Vec::new());
        let mut requests = JoinSet::new();
        for _ in 0..clicks {
            let ask = if by_google {
                google(&name, 4_990).map(Ask::Google)
            } else {
                charge(&name, 4_990).map(Ask::Charge)
            };
            let Ok(ask) = ask else { return };
            let (wait, process) = (stage.later(12), process.clone());
            requests.spawn(async move {
                tokio::time::sleep(wait).await;
                process.carry_out(wish, ask).await;
            });
        }
        while requests.join_next().await.is_some() {}
    });
    Ok(())
}
