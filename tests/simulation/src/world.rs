//! The world of one seed: Barion, its clock, and what everybody shares.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use barion::PosKey;
use barion_sandbox::Sandbox;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::StatusCode;
use serde_json::Value;
use tokio::time::Instant;

use crate::dice::Dice;
use crate::errors::Errors;
use crate::ledger::{Call, Ledger};
use crate::lies::{self, Shape};
use crate::network::Packet;
use crate::reach::Kind;

/// How often an outage comes again.
const CYCLE: Duration = Duration::from_secs(240);

/// Short of the time after which the client gives a writer up.
const SLOWEST_DATABASE: Duration = Duration::from_secs(118);

/// When every world begins, by Barion's clock, in seconds since 1970.
const EPOCH: i64 = 1_793_491_200;

/// Barion and the network around it.
#[derive(Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "traits that are drawn each by itself"
)]
pub struct World {
    /// Barion.
    pub sandbox: Sandbox,
    /// The failures of the network.
    pub errors: Errors,
    /// The key of the shop.
    pub pos_key: PosKey,
    /// Whether the network may bring a request twice. Then no two refunds are alike: Barion tells
    /// nobody who has asked.
    pub duplicates: bool,
    /// For how long nobody can connect to change anything, once in each cycle; and where in it.
    outage: Option<(Duration, Duration)>,
    /// Whether connecting may take almost as long as the whole call may.
    pub patient: bool,
    /// Whether most of what the network does to the shop takes as long as it can.
    pub harsh: bool,
    /// Whether callers and the database often stand still for minutes while somebody else watches.
    pub sluggish: bool,
    /// Whether each refund is booked as it was asked for.
    pub plain_refunds: bool,
    began: Instant,
    disturbed: AtomicUsize,
    dice: Mutex<Dice>,
    ledger: Mutex<Ledger>,
    shapes: Mutex<BTreeMap<String, Shape>>,
    payments: Mutex<Vec<String>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The beginning of all worlds.
#[must_use]
pub fn epoch() -> DateTime<Utc> {
    DateTime::from_timestamp(EPOCH, 0).unwrap_or_default()
}

impl World {
    /// The world of a seed.
    ///
    /// # Errors
    /// When the sandbox can't be started.
    pub async fn new(
        seed: u64,
        errors: Errors,
    ) -> Result<Arc<Self>, Box<dyn std::error::Error + Send + Sync>> {
        Self::with(seed, errors, false).await
    }

    /// One in which refunds are booked as they were asked for.
    ///
    /// # Errors
    /// When the sandbox can't be started.
    pub async fn with_plain_refunds(
        seed: u64,
        errors: Errors,
    ) -> Result<Arc<Self>, Box<dyn std::error::Error + Send + Sync>> {
        Self::with(seed, errors, true).await
    }

    async fn with(
        seed: u64,
        errors: Errors,
        plain_refunds: bool,
    ) -> Result<Arc<Self>, Box<dyn std::error::Error + Send + Sync>> {
        let sandbox = Sandbox::builder()
            .without_network()
            .seed(seed)
            .start_at(epoch())
            .start()
            .await?;
        let began = Instant::now();
        let mut dice = Dice::new(seed);
        Ok(Arc::new(Self {
            duplicates: dice.chance(30),
            outage: dice.chance(40).then(|| {
                let length = dice.time(Duration::from_secs(160));
                (dice.time(CYCLE), length)
            }),
            patient: dice.chance(40),
            harsh: dice.chance(25),
            // Of its own, so that the other worlds stay what they were.
            sluggish: Dice::new(!seed).chance(35),
            plain_refunds,
            disturbed: AtomicUsize::new(0),
            sandbox,
            errors,
            pos_key: PosKey::new(barion_sandbox::POS_KEY)?,
            began,
            dice: Mutex::new(dice),
            ledger: Mutex::new(Ledger::new(began)),
            shapes: Mutex::default(),
            payments: Mutex::default(),
        }))
    }

    /// The one source of chance. Never kept across an await.
    pub fn dice(&self) -> MutexGuard<'_, Dice> {
        lock(&self.dice)
    }

    /// The truth. Never kept across an await.
    pub fn ledger(&self) -> MutexGuard<'_, Ledger> {
        lock(&self.ledger)
    }

    /// Whether nobody can connect just now.
    #[must_use]
    pub fn is_out(&self) -> bool {
        self.outage.is_some_and(|(from, length)| {
            let into = (self.began.elapsed() + from).as_millis() % CYCLE.as_millis();
            into < length.as_millis()
        })
    }

    /// How many reads have gone wrong.
    #[must_use]
    pub fn disturbed(&self) -> usize {
        self.disturbed.load(Ordering::Relaxed)
    }

    /// A read goes wrong.
    pub fn disturb(&self) {
        self.disturbed.fetch_add(1, Ordering::Relaxed);
    }

    /// Something of this kind happens.
    pub fn reached(&self, kind: Kind) {
        self.ledger().reached(kind);
    }

    /// How long the shop's database takes.
    #[must_use]
    pub fn slowness_of_database(&self) -> Duration {
        let mut dice = self.dice();
        if self.sluggish && dice.chance(40) {
            // The worst is what decides.
            return SLOWEST_DATABASE;
        }
        let longest = if dice.chance(25) {
            SLOWEST_DATABASE
        } else {
            Duration::from_millis(100)
        };
        dice.time(longest)
    }

    /// The payments that exist.
    #[must_use]
    pub fn payments(&self) -> Vec<String> {
        lock(&self.payments).clone()
    }

    /// A payment exists from now on.
    pub fn add_payment(&self, id: impl Into<String>) {
        lock(&self.payments).push(id.into());
    }

    /// How a refund is booked; drawn when it is seen first.
    #[must_use]
    pub fn shape(&self, refund: &str) -> Shape {
        if self.plain_refunds {
            return Shape::Exact;
        }
        let mut shapes = lock(&self.shapes);
        *shapes.entry(refund.to_owned()).or_insert_with(|| {
            let shape = lies::shape(&mut self.dice());
            let mut ledger = self.ledger();
            ledger.line(format_args!("refund {refund} is booked as {shape:?}"));
            ledger.reached(shape.kind());
            shape
        })
    }

    /// Barion's time.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        let passed = TimeDelta::from_std(self.began.elapsed()).unwrap_or_default();
        epoch() + passed
    }

    /// Lets Barion's clock come as far as the world's.
    pub async fn keep_time(&self) {
        if let Ok(behind) = (self.now() - self.sandbox.now()).to_std() {
            // It cannot fail: the store is in memory.
            let _ = self.sandbox.advance(behind).await;
        }
    }

    /// Something that goes on by itself.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(work);
    }

    /// Barion carries a request out.
    pub async fn perform(&self, call: Option<Call>, packet: &Packet) -> http::Response<Bytes> {
        self.keep_time().await;
        let mut request = http::Request::new(packet.body.clone());
        *request.method_mut() = packet.method.clone();
        *request.uri_mut() = packet.url.as_str().parse().unwrap_or_default();
        *request.headers_mut() = packet.headers.clone();
        let answer = self.sandbox.answer(request).await;
        let answer = answer.unwrap_or_else(|| {
            let mut cut = http::Response::new(Bytes::new());
            *cut.status_mut() = StatusCode::BAD_GATEWAY;
            cut
        });
        if packet.method != http::Method::GET
            && let Some(payment) = moved(&answer)
        {
            if !self.payments().contains(&payment) {
                self.add_payment(payment);
            }
            if let Some(call) = call {
                self.ledger().moved(call);
            }
        }
        answer
    }

    /// Time passes.
    pub async fn pass(&self, time: Duration) {
        tokio::time::sleep(time).await;
        self.keep_time().await;
    }
}

/// The payment whose money an answer says that it has moved. This is the truth: it comes from
/// Barion itself.
fn moved(answer: &http::Response<Bytes>) -> Option<String> {
    if answer.status() != StatusCode::OK {
        return None;
    }
    let body: Value = serde_json::from_slice(answer.body()).ok()?;
    if !body["Errors"].as_array().is_none_or(Vec::is_empty) {
        return None;
    }
    let charged = |name: &str| {
        matches!(
            body[name].as_str(),
            Some("Succeeded" | "Reserved" | "Authorized")
        )
    };
    let done = body["IsSuccessful"] == Value::Bool(true)
        || body["RefundedTransactions"]
            .as_array()
            .is_some_and(|list| !list.is_empty())
        || (body.get("GatewayUrl").is_some() && charged("Status"))
        || charged("PaymentStatus");
    let id = body["PaymentId"].as_str().unwrap_or_default().to_owned();
    done.then_some(id)
}
