//! Client and sandbox in one process without sockets, with paused time and a network that does what
//! a test says.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use barion::raw::hooks::{Sending, Transport};
use barion::{Client, ClientBuilder, Environment, Payment, PosKey, StartPayment, WalletKey};
use barion_sandbox::{CARD_OK, WALLET_KEY};
use barion_simulation::errors::Errors;
use barion_simulation::network::{Packet, answered};
use barion_simulation::world::World;
use reqwest::Method;
use serde_json::Value;

/// What becomes of the next request that changes something.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Journey {
    /// How long name resolution and connecting take.
    pub(crate) connecting: Duration,
    /// No connection comes about.
    pub(crate) refused: bool,
    /// How long it takes from then on until Barion acts.
    pub(crate) acting: Duration,
    /// It never arrives.
    pub(crate) lost: bool,
    /// It arrives, and its answer does not come back.
    pub(crate) unanswered: bool,
}

/// Changes an answer, whose path it is told.
type Twist = Arc<dyn Fn(&str, &mut Value) + Send + Sync>;

/// Changes the head of an answer, whose path it is told.
type Head = Arc<dyn Fn(&str, &mut http::HeaderMap) + Send + Sync>;

/// A Barion without a network.
#[derive(Clone)]
pub(crate) struct Offline {
    pub(crate) world: Arc<World>,
    journeys: Arc<Mutex<VecDeque<Journey>>>,
    twist: Arc<Mutex<Option<Twist>>>,
    head: Arc<Mutex<Option<Head>>>,
    answer: Arc<Mutex<Option<(u16, String)>>>,
}

impl std::fmt::Debug for Offline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Offline")
    }
}

impl Offline {
    pub(crate) async fn start() -> Self {
        crate::client::secrets::watch();
        let errors = Errors::new().unwrap();
        Self {
            world: World::new(1, errors).await.unwrap(),
            journeys: Arc::default(),
            twist: Arc::default(),
            head: Arc::default(),
            answer: Arc::default(),
        }
    }

    /// A client whose host's clock is wrong by so many seconds.
    pub(crate) fn client(&self, skew: i64) -> Client {
        self.client_with(skew, |builder| builder)
    }

    pub(crate) fn client_with(
        &self,
        skew: i64,
        more: impl FnOnce(ClientBuilder) -> ClientBuilder,
    ) -> Client {
        let world = Arc::clone(&self.world);
        let clock = move || SystemTime::from(world.now() + chrono::TimeDelta::seconds(skew));
        let key = PosKey::new(barion_sandbox::POS_KEY).unwrap();
        let builder = Client::builder(Environment::Custom(self.world.sandbox.url()), key)
            .http_client(self.world.errors.nowhere())
            .wallet_key(WalletKey::new(WALLET_KEY).unwrap())
            .transport(Arc::new(self.clone()))
            .wall_clock(clock);
        more(builder).build().unwrap()
    }

    pub(crate) async fn paid(&self, start: StartPayment) -> Payment {
        let barion = self.client(0);
        let id = barion.start_payment(&start).await.unwrap().payment_id;
        let sandbox = &self.world.sandbox;
        sandbox.pay(&id.to_string(), CARD_OK).await.unwrap();
        barion.payment_state(id).await.unwrap()
    }

    /// What becomes of the next request that changes something.
    pub(crate) fn next(&self, journey: Journey) {
        self.journeys.lock().unwrap().push_back(journey);
    }

    /// Changes all answers from now on.
    pub(crate) fn twist(&self, twist: impl Fn(&str, &mut Value) + Send + Sync + 'static) {
        *self.twist.lock().unwrap() = Some(Arc::new(twist));
    }

    /// Changes the heads of all answers from now on.
    pub(crate) fn head(&self, head: impl Fn(&str, &mut http::HeaderMap) + Send + Sync + 'static) {
        *self.head.lock().unwrap() = Some(Arc::new(head));
    }

    /// The next request that changes something does not reach Barion, and is answered so.
    pub(crate) fn answer(&self, status: u16, body: &str) {
        *self.answer.lock().unwrap() = Some((status, body.to_owned()));
    }

    /// Answers are as they are.
    pub(crate) fn untwist(&self) {
        *self.twist.lock().unwrap() = None;
    }
}

impl Transport for Offline {
    fn send(&self, request: reqwest::Request) -> Sending<'_> {
        Box::pin(async move {
            let limit = request.timeout().copied().unwrap_or(Duration::MAX);
            let packet = Packet::of(request).await;
            let url = packet.url.clone();
            let journey = match packet.method {
                Method::GET => None,
                _ => self.journeys.lock().unwrap().pop_front(),
            };
            let journey = journey.unwrap_or_default();
            if packet.method != Method::GET {
                let answer = self.answer.lock().unwrap().take();
                if let Some((status, body)) = answer {
                    let answer = http::Response::builder()
                        .status(status)
                        .header("content-type", "application/json")
                        .body(body.into())
                        .unwrap();
                    return answered(&self.world, url, answer).await;
                }
            }
            let world = Arc::clone(&self.world);
            let path = packet.url.path().to_owned();
            let work = async {
                tokio::time::sleep(journey.connecting).await;
                if journey.refused {
                    return Err(());
                }
                // What has left goes on by itself.
                let acting = tokio::spawn(async move {
                    tokio::time::sleep(journey.acting).await;
                    if journey.lost {
                        std::future::pending::<()>().await;
                    }
                    world.perform(None, &packet).await
                });
                let answer = acting.await.unwrap();
                Ok(Some(answer).filter(|_| !journey.unanswered))
            };
            let answer = match tokio::time::timeout(limit, work).await {
                Err(_) => return self.world.errors.timeout(url).await,
                Ok(Err(())) => return self.world.errors.no_connection(url).await,
                Ok(Ok(None)) => return self.world.errors.interrupted(url).await,
                Ok(Ok(Some(mut answer))) => {
                    if let Some(head) = self.head.lock().unwrap().clone() {
                        head(&path, answer.headers_mut());
                    }
                    answer
                }
            };
            let twist = self.twist.lock().unwrap().clone();
            let (Some(twist), Ok(mut body)) = (twist, serde_json::from_slice(answer.body())) else {
                return answered(&self.world, url, answer).await;
            };
            twist(&path, &mut body);
            let (mut head, _) = answer.into_parts();
            head.headers.remove("content-length");
            let answer = http::Response::from_parts(head, body.to_string().into());
            answered(&self.world, url, answer).await
        })
    }
}
