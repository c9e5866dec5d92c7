//! Shops: processes that want money to move, lose track, die, and find out what became of it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use barion::raw::hooks::Transport;
use barion::way::{ByGooglePay, Charging};
use barion::{
    Capture, Client, Currency, Delivery, Environment, Error, ErrorKind, FinishReservation,
    GooglePay, Payment, PaymentId, Reconciled, Refund, StartPayment, Token, TokenCharge,
    Transaction, WalletKey,
};
use barion_sandbox::{PAYEE, WALLET_KEY};
use tokio::time::{Instant, sleep};

use crate::ledger::{Attempt, Invariant, Wish};
use crate::network::{ATTEMPT, Calm, Wire};
use crate::secrets;
use crate::world::World;

/// How soon what is visible must be found, where no read goes wrong.
const SOON: Duration = Duration::from_secs(25);

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

impl Ask {
    fn planned(&self) -> barion::Attempt {
        match self {
            Self::Refund(refund) => refund.into(),
            Self::Finish(finish) => finish.into(),
            Self::Capture(capture) => capture.into(),
            Self::Cancel(id) => barion::Attempt::cancel_authorization(*id),
            Self::Charge(charge) => charge.into(),
            Self::Google(charge) => charge.into(),
        }
    }
}

/// What became of a call, as far as the caller was told.
enum Told {
    Done,
    Refused,
    /// The payer has to do something, or the answer says that it is not decided yet.
    Open,
}

/// A row of the shop's database.
#[derive(Debug, Clone)]
struct Row {
    attempt: Attempt,
    wish: Wish,
    ask: Ask,
    /// The record, as it was written.
    json: String,
    settled: bool,
}

/// The shop's database, which outlives its processes: attempts by their keys.
#[derive(Debug, Clone, Default)]
pub struct Database(Arc<Mutex<BTreeMap<String, Row>>>);

impl Database {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Row>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Inserts a planned attempt; `false` when its key is taken.
    fn plan(&self, wish: Wish, attempt: Attempt, ask: &Ask) -> bool {
        let record = ask.planned();
        let mut rows = self.lock();
        if rows.contains_key(&record.key()) {
            return false;
        }
        let row = Row {
            attempt,
            wish,
            ask: ask.clone(),
            json: serde_json::to_string(&record).unwrap_or_default(),
            settled: false,
        };
        rows.insert(record.key(), row);
        true
    }

    fn write(&self, attempt: Option<Attempt>, record: &barion::Attempt) -> Result<(), String> {
        let mut rows = self.lock();
        match rows.get_mut(&record.key()) {
            Some(row) if Some(row.attempt) == attempt && !row.settled => {
                row.json = serde_json::to_string(record).map_err(|error| error.to_string())?;
                Ok(())
            }
            _ => Err("somebody else's attempt has this key".to_owned()),
        }
    }

    /// It is known what came of an attempt. What may be tried again leaves its key free.
    fn settle(&self, attempt: Attempt, again: bool) {
        let mut rows = self.lock();
        if again {
            rows.retain(|_, row| row.attempt != attempt);
        } else {
            let settled = rows.values_mut().filter(|row| row.attempt == attempt);
            settled.for_each(|row| row.settled = true);
        }
    }

    fn open(&self) -> Vec<Row> {
        let rows = self.lock();
        rows.values().filter(|row| !row.settled).cloned().collect()
    }
}

/// One process of a shop.
#[derive(Debug, Clone)]
pub struct Process {
    /// Its client.
    pub client: Client,
    world: Arc<World>,
    number: usize,
    database: Option<Database>,
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
    /// A process on a host with this clock, which keeps its attempts in a database, or does not.
    ///
    /// # Errors
    /// When the client can't be set up.
    pub fn new(
        world: &Arc<World>,
        number: usize,
        clock: &HostClock,
        database: Option<Database>,
    ) -> Result<Self, Error> {
        let wire = Wire {
            world: Arc::clone(world),
            process: number,
        };
        let mut process = Self::with(world, number, clock, Arc::new(wire))?;
        if let Some(database) = database {
            let (rows, slow) = (database.clone(), Arc::clone(world));
            process.client = process.client.recording(move |record| {
                let attempt = ATTEMPT.try_with(|attempt| *attempt).ok();
                let (rows, slow) = (rows.clone(), Arc::clone(&slow));
                async move {
                    let pause = slow.slowness_of_database();
                    if slow.dice().chance(50) {
                        sleep(pause).await;
                        rows.write(attempt, &record)
                    } else {
                        let written = rows.write(attempt, &record);
                        sleep(pause).await;
                        written
                    }
                }
            });
            process.database = Some(database);
        }
        Ok(process)
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
            database: None,
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
                    sleep(Duration::from_secs(7)).await;
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
        match ask {
            Ask::Refund(refund) => {
                self.client.refund(refund).await?;
                Ok(Told::Done)
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
                TokenCharge::Charged(_) => Ok(Told::Done),
                TokenCharge::Refused(_) | TokenCharge::UnknownToken(_) => Ok(Told::Refused),
                _ => Ok(Told::Open),
            },
            Ask::Google(charge) => {
                let done = self.client.start_payment_with_google_token(charge).await?;
                Ok(match done.is_successful {
                    Some(true) => Told::Done,
                    Some(false) => Told::Refused,
                    None => Told::Open,
                })
            }
        }
    }

    fn settle(&self, attempt: Attempt, again: bool) {
        if let Some(database) = &self.database {
            database.settle(attempt, again);
        }
    }

    /// Asks for it until it is known what came of it; never again while that is unknown.
    pub async fn carry_out(&self, wish: Wish, ask: Ask) {
        for _ in 0..3 {
            let attempt = self.world.ledger().attempt(wish);
            if let Some(database) = &self.database
                && !database.plan(wish, attempt, &ask)
            {
                let line = format!("attempt {attempt} is not made: its key is taken");
                self.world.ledger().line(line);
                return;
            }
            if !self.try_once(attempt, &ask).await {
                return;
            }
        }
    }

    /// Whether it may be tried again.
    async fn try_once(&self, attempt: Attempt, ask: &Ask) -> bool {
        let error = match ATTEMPT.scope(attempt, self.send(ask)).await {
            Ok(Told::Done) => {
                self.world.ledger().claim_done(attempt, "its answer");
                self.settle(attempt, false);
                return false;
            }
            Ok(Told::Refused) => {
                let told = "an answer that refuses it";
                self.world.ledger().claim_not_done(attempt, told);
                self.settle(attempt, false);
                return false;
            }
            Ok(Told::Open) => return false,
            Err(error) => error,
        };
        self.look_at(&error);
        match error.delivery() {
            Delivery::NotSent => {
                self.world.ledger().claim_not_sent(attempt);
                self.settle(attempt, true);
                sleep(Duration::from_secs(5)).await;
                // One that does not know the payment's present state has to be decided upon anew.
                error.kind() != ErrorKind::Unsettled
            }
            Delivery::Answered => {
                let told = format!("the error {error}");
                self.world.ledger().claim_not_done(attempt, &told);
                self.settle(attempt, false);
                false
            }
            _ => match error.attempt() {
                Some(record) => self.find_out(attempt, record).await,
                None => {
                    let what = format!("attempt {attempt} is unknown, and {error} has no record");
                    self.world.ledger().violated(Invariant::Ends, what);
                    false
                }
            },
        }
    }

    /// Whether it may be asked for again.
    async fn find_out(&self, attempt: Attempt, record: &barion::Attempt) -> bool {
        let line = format!(
            "attempt {attempt} is looked into by process {}",
            self.number
        );
        self.world.ledger().line(line);
        for _ in 0..20 {
            let begun = Instant::now();
            let disturbed = self.world.disturbed();
            match self.client.reconcile(record).await {
                Ok(outcome) => {
                    let calm = disturbed == self.world.disturbed();
                    return self.conclude(attempt, calm.then_some(begun), &outcome);
                }
                Err(error) => {
                    self.look_at(&error);
                    sleep(Duration::from_secs(7)).await;
                }
            }
        }
        false
    }

    fn conclude(&self, attempt: Attempt, calm: Option<Instant>, outcome: &Reconciled) -> bool {
        let mut ledger = self.world.ledger();
        match outcome {
            Reconciled::CarriedOut(_) => {
                ledger.claim_done(attempt, "reconcile");
                let moved = ledger.moved_at(attempt);
                if let (Some(begun), Some(moved)) = (calm, moved)
                    && begun.max(moved).elapsed() > SOON
                {
                    let what = format!("attempt {attempt} was visible all the time");
                    ledger.violated(Invariant::FoundSoon, what);
                }
                self.settle(attempt, false);
                false
            }
            Reconciled::NotCarriedOut(_) => {
                ledger.claim_not_done(attempt, "reconcile");
                self.settle(attempt, true);
                true
            }
            Reconciled::EndedOtherwise(_) => {
                ledger.claim_not_done(attempt, "reconcile, as the payment has ended otherwise");
                self.settle(attempt, false);
                false
            }
            other => {
                let line = format!("attempt {attempt} stays open: {}", short(other));
                ledger.line(line);
                false
            }
        }
    }

    /// Takes up what a process that died has left behind.
    pub async fn recover(&self) {
        let Some(database) = &self.database else {
            return;
        };
        for row in database.open() {
            let Ok(mut record) = serde_json::from_str::<barion::Attempt>(&row.json) else {
                let what = format!("the record of attempt {} can't be read", row.attempt);
                self.world.ledger().violated(Invariant::Ends, what);
                continue;
            };
            // The process that planned it is gone.
            if !record.is_sent() && self.world.dice().chance(50) {
                record = record.with_horizon(Duration::ZERO);
            }
            if self.find_out(row.attempt, &record).await {
                self.carry_out(row.wish, row.ask).await;
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
