//! The network between a client and Barion: slow, lossy, and not to be trusted.
//!
//! A request that has left goes on by itself, whatever becomes of its sender.

use std::sync::Arc;
use std::time::Duration;

use barion::raw::hooks::{Sending, Transport};
use bytes::Bytes;
use http_body_util::BodyExt;
use reqwest::ResponseBuilderExt;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, timeout};
use url::Url;

use crate::ledger::{Call, UnconfirmedRequest};
use crate::lies;
use crate::reach::Kind;
use crate::world::World;

tokio::task_local! {
    /// On whose behalf the current task calls.
    pub static ATTEMPT: UnconfirmedRequest;
}

/// The longest that connecting takes, name resolution included: the client's own limit.
const CONNECTING: Duration = Duration::from_secs(10);
/// The same for a client without one: a little less than the time limit of the whole call.
const CONNECTING_PATIENTLY: Duration = Duration::from_secs(34);
/// The longest way of what has left: what the system sends again by itself when packets get lost.
const TRANSIT: Duration = Duration::from_secs(25);
/// A read that arrives later than this is not held against the client's rate.
const ARRIVES: Duration = Duration::from_secs(5);
/// How long Barion works on a request at most.
const WORKING: Duration = Duration::from_secs(30);

/// What a process sends by.
#[derive(Debug)]
pub struct Wire {
    /// The world around it.
    pub world: Arc<World>,
    /// Which process.
    pub process: usize,
}

/// What is to become of one request.
#[derive(Debug, Clone)]
struct Plan {
    connecting: Duration,
    connects: bool,
    transit: Duration,
    /// Never reaches Barion.
    lost: bool,
    working: Duration,
    back: Duration,
    /// Whether the answer is lost on its way; and whether the client hears of it.
    cut: Option<bool>,
    /// Arrives a second time.
    again: Option<Duration>,
}

impl Plan {
    fn of(world: &World, read: bool) -> Self {
        let mut dice = world.dice();
        let harsh = world.harsh && !read;
        let rough = dice.chance(match (read, harsh) {
            (true, _) => 12,
            (_, true) => 75,
            _ => 45,
        });
        let slow = |dice: &mut crate::dice::Dice, longest: Duration| {
            if !rough || dice.chance(if harsh { 25 } else { 55 }) {
                dice.time(Duration::from_millis(300))
            } else if dice.chance(if harsh { 75 } else { 40 }) {
                // The worst is what decides; by chance alone it hardly ever comes together.
                longest
            } else {
                dice.time(longest)
            }
        };
        let patiently = world.patient && !read;
        let connecting = if patiently {
            CONNECTING_PATIENTLY
        } else {
            CONNECTING
        };
        let connecting = slow(&mut dice, connecting);
        let fails = rough && dice.chance(if harsh { 25 } else { 15 });
        let fails = fails || (world.sluggish && !read && dice.chance(30));
        let connects = !fails && (read || !world.is_out());
        // Reads come and go quickly, or not at all: Barion counts them when they arrive.
        let transit = if read {
            dice.time(Duration::from_millis(300))
        } else {
            slow(&mut dice, TRANSIT)
        };
        let working = slow(&mut dice, WORKING);
        let back = slow(&mut dice, TRANSIT);
        let lost = rough && dice.chance(20);
        let cut = (rough && dice.chance(40)).then(|| dice.chance(60));
        let again = (world.duplicates && rough && dice.chance(20))
            .then(|| dice.time(TRANSIT.saturating_sub(transit)));
        drop(dice);
        if read && rough {
            world.disturb();
        }
        for (kind, happens) in [
            (Kind::SlowRead, read && rough),
            (Kind::Lost, !read && connects && lost),
            (
                Kind::AnswerLost,
                !read && connects && !lost && cut.is_some(),
            ),
            (Kind::SlowConnection, !read && connecting > CONNECTING),
        ] {
            if happens {
                world.reached(kind);
            }
        }
        Self {
            connecting,
            connects,
            transit,
            lost,
            working,
            back,
            cut,
            again,
        }
    }
}

/// A request as it is on the wire.
#[derive(Debug, Clone)]
pub struct Packet {
    /// The method.
    pub method: http::Method,
    /// The address.
    pub url: Url,
    /// The headers.
    pub headers: http::HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Packet {
    /// A request of the client, whole.
    pub async fn of(mut request: reqwest::Request) -> Self {
        let body = match request.body_mut().take() {
            Some(body) => body
                .collect()
                .await
                .map(http_body_util::Collected::to_bytes),
            None => Ok(Bytes::new()),
        };
        Self {
            method: request.method().clone(),
            url: request.url().clone(),
            headers: request.headers().clone(),
            // The bodies of the client are in memory.
            body: body.unwrap_or_default(),
        }
    }

    /// The payment whose state it asks for.
    #[must_use]
    pub fn read_payment(&self) -> Option<String> {
        let path = self.url.path().to_ascii_lowercase();
        let rest = path.strip_prefix("/v4/payment/")?;
        Some(rest.split('/').next()?.to_owned())
    }
}

/// The answer, as it reaches the client.
type Answer = http::Response<Bytes>;

impl Transport for Wire {
    fn send(&self, request: reqwest::Request) -> Sending<'_> {
        let attempt = ATTEMPT.try_with(|attempt| *attempt).ok();
        Box::pin(async move {
            let world = &self.world;
            let limit = request
                .timeout()
                .copied()
                .unwrap_or(Duration::from_secs(35));
            let packet = Packet::of(request).await;
            let read = packet.method == http::Method::GET;
            let plan = Plan::of(world, read);
            let url = packet.url.clone();
            let name = format!("{} {}", packet.method, packet.url.path());
            let attempt = if read { None } else { attempt };
            let call = world.ledger().call(attempt, &name);
            world.ledger().line(format_args!(
                "call {call} of process {} begins: {name}",
                self.process
            ));
            let begun = Instant::now();
            let work = async {
                sleep(plan.connecting).await;
                // As the HTTP library does: its limit comes first when nobody has looked for long.
                if begun.elapsed() >= limit {
                    std::future::pending::<()>().await;
                }
                if !plan.connects {
                    return None;
                }
                let (tell, hear) = oneshot::channel();
                let journey = journey(
                    Arc::clone(world),
                    self.process,
                    call,
                    packet,
                    plan.clone(),
                    tell,
                );
                world.spawn(journey);
                Some(hear.await)
            };
            match timeout(limit, work).await {
                Err(_) => {
                    world.ledger().line(format_args!("call {call} times out"));
                    world.errors.timeout(url).await
                }
                Ok(None) => world.errors.no_connection(url).await,
                Ok(Some(Err(_))) => world.errors.interrupted(url).await,
                Ok(Some(Ok(answer))) => answered(world, url, answer).await,
            }
        })
    }
}

/// From the moment when the first byte has left.
async fn journey(
    world: Arc<World>,
    process: usize,
    call: Call,
    packet: Packet,
    plan: Plan,
    tell: oneshot::Sender<Answer>,
) {
    sleep(plan.transit).await;
    if plan.lost {
        if plan.cut == Some(true) {
            return;
        }
        // Nothing comes back, and nobody says so.
        sleep(Duration::from_secs(120)).await;
        return;
    }
    world.ledger().received(call);
    // The client counts a call for a while from its beginning on; one that takes longer to arrive
    // is not its fault.
    if plan.connecting + plan.transit <= ARRIVES
        && let Some(payment) = packet.read_payment()
    {
        world.ledger().read(process, &payment);
    }
    sleep(plan.working).await;
    let truth = world.perform(Some(call), &packet).await;
    if let Some(later) = plan.again {
        let (world, packet) = (Arc::clone(&world), packet.clone());
        tokio::spawn(async move {
            sleep(later).await;
            world.reached(Kind::Duplicate);
            world.perform(Some(call), &packet).await;
        });
    }
    let answer = lies::told(&world, &packet, truth).await;
    sleep(plan.back).await;
    match plan.cut {
        Some(true) => {}
        Some(false) => sleep(Duration::from_secs(120)).await,
        None => {
            world
                .ledger()
                .line(format_args!("call {call} answered {}", answer.status()));
            // The sender may be gone.
            let _ = tell.send(answer);
        }
    }
}

/// A network without faults, for what a world begins with.
#[derive(Debug)]
pub struct Calm {
    /// The world around it.
    pub world: Arc<World>,
}

impl Transport for Calm {
    fn send(&self, request: reqwest::Request) -> Sending<'_> {
        Box::pin(async move {
            let packet = Packet::of(request).await;
            let answer = self.world.perform(None, &packet).await;
            answered(&self.world, packet.url, answer).await
        })
    }
}

/// The answer as the client's HTTP library has it.
///
/// # Errors
/// When a header can't be made.
pub async fn answered(
    world: &World,
    url: Url,
    answer: Answer,
) -> reqwest::Result<reqwest::Response> {
    let (head, body) = answer.into_parts();
    let mut told = http::Response::builder()
        .status(head.status)
        .url(url.clone());
    for (name, value) in &head.headers {
        told = told.header(name, value);
    }
    match told.body(reqwest::Body::from(body)) {
        Ok(told) => Ok(told.into()),
        Err(_) => world.errors.interrupted(url).await,
    }
}
