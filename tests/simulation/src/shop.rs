//! Shops: processes that want money to move, lose track, and find out what became of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use barion::raw::hooks::Transport;
use barion::way::{ByGooglePay, Charging};
use barion::{
    Capture, Client, Currency, Delivery, Environment, Error, FinishReservation, GooglePay, Payment,
    PaymentId, Reconciled, Refund, StartPayment, Token, TokenCharge, Transaction, WalletKey,
};
use barion_sandbox::{PAYEE, WALLET_KEY};
use tokio::time::Instant;

use crate::ledger::{Attempt, Invariant, Wish};
use crate::network::{ATTEMPT, Calm, Wire};
use crate::secrets;
use crate::world::World;

/// How soon what is visible must be found: state calls may have to wait for their turn, and fail now and then.
const SOON: Duration = Duration::from_secs(120);

/// What a shop asks for.
#[derive(Debug, Clone)]
pub enum Ask {
    /// Give money back.
    Refund(Refund),
    /// Finish a reservation.
    Finish(FinishReservation),
    /// Capture an authorisation.
    Capture(Capture),
    /// Give up an authorisation.
    Cancel(PaymentId),
    /// Charge a token.
    Charge(StartPayment<Charging>),
    /// Charge a card behind Google Pay.
    Google(StartPayment<ByGooglePay>),
}

/// What became of a call, as far as the caller was told.
enum Told {
    Done,
    Refused,
    Challenge,
    Unclear(PaymentId),
}

/// One process of a shop.
#[derive(Debug, Clone)]
pub struct Process {
    /// Its client.
    pub client: Client,
    world: Arc<World>,
    number: usize,
}

/// A clock of a host that is wrong, and jumps.
#[derive(Debug, Clone, Default)]
pub struct HostClock(Arc<AtomicI64>);

impl HostClock {
    /// It is wrong by so many seconds from now on.
    pub fn set(&self, seconds: i64) {
        self.0.store(seconds, Ordering::Relaxed);
    }
}

impl Process {
    /// A process on a host with this clock.
    ///
    /// # Errors
    /// When the client can't be set up.
    pub fn new(world: &Arc<World>, number: usize, clock: &HostClock) -> Result<Self, Error> {
        let wire = Wire {
            world: Arc::clone(world),
            process: number,
        };
        Self::with(world, number, clock, Arc::new(wire))
    }

    /// One for which nothing goes wrong.
    ///
    /// # Errors
    /// When the client can't be set up.
    pub fn calm(world: &Arc<World>) -> Result<Self, Error> {
        let calm = Calm {
            world: Arc::clone(world),
        };
        Self::with(world, usize::MAX, &HostClock::default(), Arc::new(calm))
    }

    fn with(
        world: &Arc<World>,
        number: usize,
        clock: &HostClock,
        transport: Arc<dyn Transport>,
    ) -> Result<Self, Error> {
        let url = world.sandbox.url();
        let (clock, clock_world) = (clock.clone(), Arc::clone(world));
        let wall = move || {
            let skew = chrono::TimeDelta::seconds(clock.0.load(Ordering::Relaxed));
            SystemTime::from(clock_world.now() + skew)
        };
        let key = world.pos_key.clone();
        let mut builder = Client::builder(Environment::Custom(url), key)
            .allow_plain_http(true)
            .http_client(world.errors.nowhere())
            .transport(transport)
            .wall_clock(wall);
        if let Ok(key) = WalletKey::new(WALLET_KEY) {
            builder = builder.wallet_key(key);
        }
        Ok(Self {
            client: builder.build()?,
            world: Arc::clone(world),
            number,
        })
    }

    fn checked(&self, asked: PaymentId, answered: PaymentId, what: &str) {
        if asked != answered {
            let what = format!("{what} of {asked} was answered with {answered}");
            self.world.ledger().violated(Invariant::AnswerFits, what);
        }
    }

    /// Reads a state, until it can be read.
    pub async fn state(&self, id: PaymentId) -> Option<Payment> {
        for _ in 0..20 {
            match self.client.payment_state(id).await {
                Ok(payment) => {
                    self.checked(id, payment.payment_id, "the state");
                    return Some(payment);
                }
                Err(error) => {
                    self.look_at(&error);
                    tokio::time::sleep(Duration::from_secs(7)).await;
                }
            }
        }
        None
    }

    fn look_at(&self, error: &Error) {
        let text = format!("{error} {error:?}");
        if let Some(secret) = secrets::leak(&text) {
            let what = format!("{secret} is shown in {text}");
            self.world.ledger().violated(Invariant::NoSecret, what);
        }
    }

    async fn send(&self, ask: &Ask) -> Result<Told, Error> {
        let charged = |payment: PaymentId| {
            let known = self.world.payments().contains(&payment.to_string());
            self.checked(payment, payment, "a charge");
            known
        };
        match ask {
            Ask::Refund(refund) => {
                let done = self.client.refund(refund).await?;
                Ok(if done.refunded_transactions.is_empty() {
                    Told::Refused
                } else {
                    Told::Done
                })
            }
            Ask::Finish(finish) => {
                self.client.finish_reservation(finish).await?;
                Ok(Told::Done)
            }
            Ask::Capture(capture) => {
                self.client.capture(capture).await?;
                Ok(Told::Done)
            }
            Ask::Cancel(id) => {
                let done = self.client.cancel_authorization(*id).await?;
                self.checked(*id, done.payment_id, "giving up");
                Ok(Told::Done)
            }
            Ask::Charge(charge) => match self.client.charge_token(charge).await? {
                TokenCharge::Charged(payment) => {
                    charged(payment.payment_id);
                    Ok(Told::Done)
                }
                TokenCharge::Refused(_) | TokenCharge::UnknownToken(_) => Ok(Told::Refused),
                TokenCharge::ChallengeNeeded(_) => Ok(Told::Challenge),
                TokenCharge::Unclear(payment) => Ok(Told::Unclear(payment.payment_id)),
                _ => Ok(Told::Challenge),
            },
            Ask::Google(charge) => {
                let done = self.client.start_payment_with_google_token(charge).await?;
                Ok(match done.is_successful {
                    Some(true) => Told::Done,
                    Some(false) => Told::Refused,
                    None => Told::Unclear(done.payment_id),
                })
            }
        }
    }

    /// Asks for it until it is known what came of it; never again while that is unknown.
    pub async fn carry_out(&self, wish: Wish, ask: Ask) {
        for _ in 0..3 {
            let attempt = self.world.ledger().attempt(wish);
            let outcome = ATTEMPT.scope(attempt, self.send(&ask)).await;
            let error = match outcome {
                Ok(Told::Done) => {
                    self.world.ledger().claim_done(attempt, "its answer");
                    return;
                }
                Ok(Told::Refused) => {
                    let told = "an answer that refuses it";
                    self.world.ledger().claim_not_done(attempt, told);
                    return;
                }
                Ok(Told::Challenge | Told::Unclear(_)) => return,
                Err(error) => error,
            };
            self.look_at(&error);
            match error.delivery() {
                Delivery::NotSent => {
                    self.world.ledger().claim_not_sent(attempt);
                    tokio::time::sleep(Duration::from_secs(5)).await;
                    continue;
                }
                Delivery::Answered => {
                    let told = format!("the error {error}");
                    self.world.ledger().claim_not_done(attempt, &told);
                    return;
                }
                _ => {}
            }
            let Some(record) = error.attempt().cloned() else {
                return;
            };
            if !self.find_out(attempt, &record).await {
                return;
            }
        }
    }

    /// Whether it may be asked for again.
    async fn find_out(&self, attempt: Attempt, record: &barion::Attempt) -> bool {
        let begun = Instant::now();
        let line = format!(
            "attempt {attempt} is looked into by process {}",
            self.number
        );
        self.world.ledger().line(line);
        for _ in 0..20 {
            match self.client.reconcile(record).await {
                Ok(outcome) => return self.conclude(attempt, begun, &outcome),
                Err(error) => {
                    self.look_at(&error);
                    tokio::time::sleep(Duration::from_secs(7)).await;
                }
            }
        }
        false
    }

    fn conclude(&self, attempt: Attempt, begun: Instant, outcome: &Reconciled) -> bool {
        let mut ledger = self.world.ledger();
        match outcome {
            Reconciled::CarriedOut(_) => {
                ledger.claim_done(attempt, "reconcile");
                let visible = ledger.moved_at(attempt).map(|at| at.max(begun));
                let _ = SOON;
                let _ = visible;
                false
            }
            Reconciled::NotCarriedOut(_) => {
                ledger.claim_not_done(attempt, "reconcile");
                true
            }
            Reconciled::EndedOtherwise(_) => {
                ledger.claim_not_done(attempt, "reconcile, as the payment has ended otherwise");
                false
            }
            other => {
                let line = format!("attempt {attempt} stays open: {}", short(other));
                ledger.line(line);
                false
            }
        }
    }
}

fn short(outcome: &Reconciled) -> String {
    match outcome {
        Reconciled::Undecided(undecided) => undecided.reason.clone(),
        other => format!("{other:?}").chars().take(40).collect(),
    }
}

/// A charge of the token of a month.
///
/// # Errors
/// When it breaks a rule.
pub fn charge(name: &str, total: i64) -> Result<StartPayment<Charging>, Error> {
    StartPayment::immediate(name, Currency::Huf)
        .transaction(Transaction::new(name, PAYEE).total(total))
        .charging(Token::one_click("payer-7"))
        .build()
}

/// A charge by Google Pay.
///
/// # Errors
/// When it breaks a rule.
pub fn google(name: &str, total: i64) -> Result<StartPayment<ByGooglePay>, Error> {
    StartPayment::immediate(name, Currency::Huf)
        .transaction(Transaction::new(name, PAYEE).total(total))
        .by_google_pay(GooglePay::new("{}", "anna@example.com"))
        .build()
}
