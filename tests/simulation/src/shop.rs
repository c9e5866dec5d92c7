//! Shops: processes that want money to move, lose track, die, and find out what became of it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use barion::flow::{ChargeToken, GooglePay};
use barion::raw::hooks::Transport;
use barion::{
    Capture, Client, Currency, Delivery, Environment, Error, ErrorKind, FinishReservation,
    GooglePayToken, Payment, PaymentId, Reconciliation, Refund, RetryPolicy, StartPayment, Token,
    TokenCharge, Transaction, WalletKey,
};
use barion_sandbox::{PAYEE, WALLET_KEY};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::database::{Database, Row};
use crate::ledger::{Invariant, UnconfirmedRequest, Wish};
use crate::network::{ATTEMPT, Calm, Wire};
use crate::reach::Kind;
use crate::world::World;
use crate::{secrets, told};

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
    Charge(StartPayment<ChargeToken>),
    /// Charge a card behind Google Pay.
    Google(StartPayment<GooglePay>),
}

impl Ask {
    pub(crate) fn planned(&self) -> barion::UnconfirmedRequest {
        match self {
            Self::Refund(refund) => refund.into(),
            Self::Finish(finish) => finish.into(),
            Self::Capture(capture) => capture.into(),
            Self::Cancel(id) => {
                barion::UnconfirmedRequest::from(&barion::CancelAuthorization::new(*id))
            }
            Self::Charge(charge) => charge.into(),
            Self::Google(charge) => charge.into(),
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Refund(_) => Kind::Refund,
            Self::Finish(_) => Kind::Finish,
            Self::Capture(_) => Kind::Capture,
            Self::Cancel(_) => Kind::Cancel,
            Self::Charge(_) => Kind::TokenCharge,
            Self::Google(_) => Kind::GooglePay,
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

    /// What programs on that host take for the time.
    pub(crate) fn wall(
        &self,
        world: &Arc<World>,
    ) -> impl Fn() -> SystemTime + Send + Sync + 'static {
        let (clock, world) = (self.clone(), Arc::clone(world));
        move || {
            let skew = chrono::TimeDelta::seconds(clock.0.load(Ordering::Relaxed));
            SystemTime::from(world.now() + skew)
        }
    }
}

impl Process {
    /// A process on a host with this clock, which keeps its requests in a database, or does not.
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
        if let Some(database) = &database
            && database.marks
        {
            let (rows, world) = (database.clone(), Arc::clone(world));
            process.client = process.client.recording(move |record| {
                let (rows, world) = (rows.clone(), Arc::clone(&world));
                rows.mark(world, record)
            });
        }
        process.database = database;
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

    /// One that sends by this transport.
    pub(crate) fn with(
        world: &Arc<World>,
        number: usize,
        clock: &HostClock,
        transport: Arc<dyn Transport>,
    ) -> Result<Self, Error> {
        let url = world.sandbox.url();
        let wall = clock.wall(world);
        let key = world.pos_key.clone();
        // Some try for minutes where nothing has left, some only once.
        let patient = if world.sluggish { 9 } else { 6 };
        let retry = match world.dice().roll(10) {
            0..3 => RetryPolicy::disabled(),
            roll if roll < patient => RetryPolicy::default()
                .max_attempts(4)
                .initial_backoff(Duration::from_secs(40))
                .max_backoff(Duration::from_secs(60))
                .max_elapsed(Duration::from_secs(150)),
            _ => RetryPolicy::default(),
        };
        let mut builder = Client::builder(Environment::Custom(url), key)
            .retry(retry)
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

    /// Whether it keeps its requests.
    #[must_use]
    pub fn has_database(&self) -> bool {
        self.database.is_some()
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
        if let Some(kind) = told::kind_of(error) {
            self.world.reached(kind);
        }
        let text = format!("{error} {error:?}");
        self.shown(secrets::leak(&text), &text);
    }

    fn shown(&self, secret: Option<&str>, text: &str) {
        if let Some(secret) = secret {
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

    fn settle(&self, request: UnconfirmedRequest, again: bool) {
        if let Some(database) = &self.database {
            database.settle(request, again);
        }
    }

    /// Asks for it until it is known what came of it; never again while that is unknown.
    pub async fn carry_out(&self, wish: Wish, ask: Ask) {
        self.world.reached(ask.kind());
        let text = format!("{ask:?} {:?}", self.client);
        self.shown(secrets::leak_of_request(&text), &text);
        for _ in 0..3 {
            let request = self.world.ledger().attempt(wish);
            if let Some(database) = &self.database {
                if !database.plan(wish, request, &ask) {
                    let mut ledger = self.world.ledger();
                    ledger.reached(Kind::KeyTaken);
                    ledger.line(format_args!(
                        "request {request} is not made: its key is taken"
                    ));
                    return;
                }
                if database.marks {
                    self.world.ledger().to_be_written(request);
                }
                self.hang(request).await;
            }
            if !self.try_once(request, &ask).await {
                return;
            }
        }
    }

    /// A process may stand still between any two steps.
    async fn hang(&self, request: UnconfirmedRequest) {
        if self.world.dice().chance(15) {
            let time = self.world.dice().time(Duration::from_secs(200));
            self.world.reached(Kind::Hang);
            let line = format!("request {request} hangs for {time:?}");
            self.world.ledger().line(line);
            sleep(time).await;
        }
    }

    /// `None` when the caller did not wait for the outcome: the visitor of a page is gone, and the
    /// process lives on.
    async fn send_impatiently(
        &self,
        request: UnconfirmedRequest,
        ask: &Ask,
    ) -> Option<Result<Told, Error>> {
        let mut call = Box::pin(ATTEMPT.scope(request, self.send(ask)));
        let (patience, still) = {
            let mut dice = self.world.dice();
            let often = if self.world.sluggish { 60 } else { 25 };
            (dice.time(Duration::from_secs(40)), dice.chance(often))
        };
        if still {
            if let Ok(told) = timeout(patience / 2, &mut call).await {
                return Some(told);
            }
            // Nobody looks after the call for a while: the task is busy with something else.
            self.world.reached(Kind::StoodStill);
            let line = format!("the caller of request {request} stands still");
            self.world.ledger().line(line);
            let mut time = self.world.dice().time(Duration::from_secs(400));
            if self.world.sluggish || self.world.dice().chance(60) {
                time += Duration::from_secs(200);
            }
            sleep(time).await;
        }
        if !self.world.dice().chance(10) {
            return Some(call.await);
        }
        let told = timeout(patience, call).await.ok();
        if told.is_none() {
            self.world.reached(Kind::GivenUp);
            let line = format!("the caller of request {request} has gone away");
            self.world.ledger().line(line);
        }
        told
    }

    /// Whether it may be tried again.
    async fn try_once(&self, request: UnconfirmedRequest, ask: &Ask) -> bool {
        if self.world.dice().chance(25) {
            self.look_meanwhile(request, ask);
        }
        let Some(told) = self.send_impatiently(request, ask).await else {
            return self.find_out(request, &ask.planned(), None).await;
        };
        let error = match told {
            Ok(Told::Done) => {
                self.world.reached(Kind::DoneByAnswer);
                self.world.ledger().claim_done(request, "its answer");
                self.settle(request, false);
                return false;
            }
            Ok(Told::Refused) => {
                self.world.reached(Kind::RefusedByAnswer);
                let told = "an answer that refuses it";
                self.world.ledger().claim_not_done(request, told);
                self.settle(request, false);
                return false;
            }
            Ok(Told::Open) => {
                self.world.reached(Kind::OpenByAnswer);
                return false;
            }
            Err(error) => error,
        };
        self.look_at(&error);
        match error.delivery() {
            Delivery::NotSent => {
                self.world.reached(Kind::NotSent);
                self.world.ledger().claim_not_sent(request);
                self.settle(request, true);
                sleep(Duration::from_secs(5)).await;
                // One that does not know the payment's present state has to be decided upon anew.
                error.kind() != ErrorKind::Unsettled
            }
            Delivery::Rejected => {
                self.world.reached(Kind::RefusedByError);
                let told = format!("the error {error}");
                self.world.ledger().claim_not_done(request, &told);
                self.settle(request, false);
                false
            }
            _ => {
                if let Some(record) = error.unconfirmed() {
                    return self.find_out(request, record, None).await;
                }
                let what = format!("request {request} is unknown, and {error} has no record");
                self.world.ledger().violated(Invariant::Ends, what);
                false
            }
        }
    }

    /// Somebody else in the same process wants to know what becomes of it, while the call is under
    /// way.
    fn look_meanwhile(&self, request: UnconfirmedRequest, ask: &Ask) {
        let (process, planned) = (self.clone(), ask.planned());
        let wait = self.world.dice().time(Duration::from_secs(12));
        self.world.reached(Kind::LookedMeanwhile);
        self.world.spawn(async move {
            sleep(wait).await;
            // What was only planned is the same for a second click, so that it says nothing of this
            // one that it was done.
            if let Ok(Reconciliation::NotCarriedOut(_)) = process.client.reconcile(&planned).await {
                let told = "one who looked meanwhile";
                process.world.ledger().claim_not_done(request, told);
            }
        });
    }

    /// Whether it may be asked for again. `row`: where the record comes from, if it was read from
    /// the database.
    async fn find_out(
        &self,
        request: UnconfirmedRequest,
        record: &barion::UnconfirmedRequest,
        row: Option<&Row>,
    ) -> bool {
        let line = format!(
            "request {request} is looked into by process {}",
            self.number
        );
        self.world.ledger().line(line);
        let text = format!("{record:?}");
        self.shown(secrets::leak_of_request(&text), &text);
        for _ in 0..20 {
            let begun = Instant::now();
            let disturbed = self.world.disturbed();
            match self.client.reconcile(record).await {
                Ok(outcome) => {
                    let calm = disturbed == self.world.disturbed();
                    return self.conclude(request, calm.then_some(begun), &outcome, row);
                }
                Err(error) => {
                    self.look_at(&error);
                    sleep(Duration::from_secs(7)).await;
                }
            }
        }
        false
    }

    fn conclude(
        &self,
        request: UnconfirmedRequest,
        calm: Option<Instant>,
        outcome: &Reconciliation,
        row: Option<&Row>,
    ) -> bool {
        let mut ledger = self.world.ledger();
        if self.is_overtaken(request, outcome, row) {
            ledger.reached(Kind::Overtaken);
            ledger.line(format_args!(
                "request {request}: somebody else has changed its record"
            ));
            return false;
        }
        match outcome {
            Reconciliation::CarriedOut(_) => {
                ledger.claim_done(request, "reconcile");
                let moved = ledger.moved_at(request);
                if let (Some(begun), Some(moved)) = (calm, moved)
                    && begun.max(moved).elapsed() > SOON
                {
                    let what = format!("request {request} was visible all the time");
                    ledger.violated(Invariant::FoundSoon, what);
                }
                self.settle(request, false);
            }
            Reconciliation::NotCarriedOut(_) => {
                ledger.claim_not_done(request, "reconcile");
                self.settle(request, true);
            }
            Reconciliation::EndedOtherwise(_) => {
                ledger.claim_not_done(request, "reconcile, as the payment has ended otherwise");
                self.settle(request, false);
            }
            other => {
                let reason = told::reason(other);
                ledger.line(format_args!("request {request} stays open: {reason}"));
            }
        }
        ledger.reached(told::outcome(outcome));
        matches!(outcome, Reconciliation::NotCarriedOut(_))
    }

    /// Whether an outcome is about a record that is no longer the one in the database: another
    /// process has found it out meanwhile, and perhaps asked again; or the one that sends it has
    /// marked it anew, for a further try.
    fn is_overtaken(
        &self,
        request: UnconfirmedRequest,
        outcome: &Reconciliation,
        row: Option<&Row>,
    ) -> bool {
        match (&self.database, outcome, row) {
            (Some(database), Reconciliation::NotCarriedOut(_), Some(row)) => {
                !database.delete_unchanged(row)
            }
            (Some(database), _, _) => !database.holds(request),
            (None, _, _) => false,
        }
    }

    /// Takes up what processes that died have left behind.
    pub async fn recover(&self) {
        let Some(database) = &self.database else {
            return;
        };
        for row in database.open() {
            let gone = self.world.dice().chance(50);
            self.take_up(row, gone).await;
        }
    }

    /// Looks into what other processes, which live, have not settled yet.
    pub async fn keep_watch(self, time: Duration) {
        let (begun, mut known, mut looks) = (Instant::now(), BTreeSet::new(), JoinSet::new());
        while begun.elapsed() < time {
            let open = self.database.as_ref().map(Database::open);
            for row in open.unwrap_or_default() {
                if known.insert((row.request, row.json.clone())) {
                    self.world.reached(Kind::Watched);
                    let process = self.clone();
                    looks.spawn(async move { process.take_up(row, false).await });
                }
            }
            let pause = self.world.dice().time(Duration::from_secs(8));
            sleep(pause).await;
        }
        while looks.join_next().await.is_some() {}
    }

    /// `gone`: the process that planned it is known to be gone.
    async fn take_up(&self, row: Row, gone: bool) {
        let Ok(mut record) = serde_json::from_str::<barion::UnconfirmedRequest>(&row.json) else {
            let what = format!("the record of request {} can't be read", row.request);
            self.world.ledger().violated(Invariant::Ends, what);
            return;
        };
        self.world.reached(match (record.is_sent(), gone) {
            (true, _) => Kind::RecoveredMarked,
            (false, true) => Kind::RecoveredHorizon,
            (false, false) => Kind::RecoveredPlanned,
        });
        if gone && !record.is_sent() {
            record = record.with_horizon(Duration::ZERO);
        }
        // A shop that marks what it sends has not sent what it only planned, as the documentation
        // says.
        let marks = self
            .database
            .as_ref()
            .is_some_and(|database| database.marks);
        if marks && !record.is_sent() {
            return;
        }
        if self.find_out(row.request, &record, Some(&row)).await {
            self.carry_out(row.wish, row.ask).await;
        }
    }
}

/// A charge of the token of a month.
///
/// # Errors
/// When it breaks a rule.
pub fn charge(name: &str, total: i64) -> Result<StartPayment<ChargeToken>, Error> {
    StartPayment::immediate(name, Currency::Huf)
        .transaction(Transaction::new(name, PAYEE).total(total))
        .charge_token(Token::one_click("payer-7"))
        .build()
}

/// A charge by Google Pay.
///
/// # Errors
/// When it breaks a rule.
pub fn google(name: &str, total: i64) -> Result<StartPayment<GooglePay>, Error> {
    StartPayment::immediate(name, Currency::Huf)
        .transaction(Transaction::new(name, PAYEE).total(total))
        .google_pay(GooglePayToken::new("{}", secrets::PAYER))
        .build()
}
