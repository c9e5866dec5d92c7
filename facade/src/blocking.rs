//! Blocking client, for programs without an async runtime.
//!
//! It has the same methods as [`crate::Client`]; each waits until the answer is there. A call is
//! carried out on a thread of the client's own. It may be made from any thread, inside an async
//! runtime too, though there it holds up what else runs on that thread.
//!
//! ```
//! use barion::{Client, Environment, PosKey};
//!
//! # use barion_tests::std;
//! # barion_tests::example(async |shop| {
//! # let id = shop.paid().await?;
//! let key = PosKey::new(&std::env::var("BARION_POS_KEY")?)?;
//! let barion = Client::builder(Environment::Test, key).build_blocking()?;
//! # let (place, key) = shop.place()?;
//! # let barion = Client::builder(place, key).build_blocking()?;
//! let payment = barion.payment_state(id)?;
//! println!("{}", payment.status);
//! # assert!(payment.is_paid());
//! # Ok(()) });
//! ```

use std::sync::mpsc;
use std::time::Duration;
use std::{fmt, io, thread};

use barion_generated::wire::PosKey;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::runtime;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::client::Client as AsyncClient;
use crate::client::builder::ClientBuilder;
use crate::client::environment::Environment;
use crate::client::recorder::Recorded;
use crate::client::telemetry::from_here;
use crate::client::wait::{WaitCondition, WaitOutcome};
use crate::error::{Delivery, Error, ErrorKind};
use crate::id::PaymentId;
use crate::operation::Operation;
use crate::operation::cancel::CancelAuthorization;
use crate::operation::capture::Capture;
use crate::operation::complete::{CompletePayment, CompletedPayment};
use crate::operation::finish::FinishReservation;
use crate::operation::processed::ProcessedPayment;
use crate::operation::refund::{Refund, RefundedPayment};
use crate::operation::start::StartPayment;
use crate::operation::start::flow::{ChargeToken, GooglePay};
use crate::operation::start::google_payment::GooglePayment;
use crate::operation::start::started::StartedPayment;
use crate::operation::start::token_charge::TokenCharge;
use crate::operation::state::{GetPaymentState, GetPaymentStateV2};
use crate::payment::Payment;
use crate::reconcile::Reconciliation;
use crate::unconfirmed::UnconfirmedRequest;

type Job = BoxFuture<'static, ()>;

/// Blocking client: its methods wait for the answer. Cheap to clone; clones share a thread and
/// their connections.
///
/// The thread ends when the last clone is dropped, which may happen anywhere and waits for nothing.
#[derive(Clone)]
pub struct Client {
    client: AsyncClient,
    jobs: UnboundedSender<Job>,
}

impl Client {
    /// Blocking client with all defaults, as [`crate::Client::new`].
    ///
    /// # Errors
    /// As there, and when no thread can be started.
    pub fn new(environment: Environment, key: PosKey) -> Result<Self, Error> {
        ClientBuilder::new(environment, key).build_blocking()
    }

    /// Blocking client configured by environment variables, as [`crate::Client::from_env`]. For
    /// more settings see [`ClientBuilder::build_blocking`].
    ///
    /// # Errors
    /// As there, and when no thread can be started.
    pub fn from_env() -> Result<Self, Error> {
        ClientBuilder::from_env()?.build_blocking()
    }

    /// Time limit: the same client with another one, as [`crate::Client::with_timeout`].
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        Self {
            client: self.client.with_timeout(timeout),
            jobs: self.jobs.clone(),
        }
    }

    /// Sends any operation, as [`crate::Client::execute`].
    ///
    /// # Errors
    /// As there.
    pub fn execute<O: Operation>(&self, operation: &O) -> Result<O::Answer, Error> {
        let (client, operation) = (self.client.clone(), operation.clone());
        self.run(async move { client.execute(&operation).await })
    }

    /// Polls a payment's state until a condition is met, as [`crate::Client::wait_for`].
    ///
    /// # Errors
    /// As there.
    pub fn wait_for(
        &self,
        id: PaymentId,
        until: impl Into<WaitCondition>,
        budget: Duration,
    ) -> Result<WaitOutcome, Error> {
        let (client, until) = (self.client.clone(), until.into());
        self.run(async move { client.wait_for(id, until, budget).await })
    }

    /// Reconciliation of a request whose outcome is unknown, as [`crate::Client::reconcile`].
    ///
    /// # Errors
    /// As there.
    pub fn reconcile(&self, request: &UnconfirmedRequest) -> Result<Reconciliation, Error> {
        let (client, request) = (self.client.clone(), request.clone());
        self.run(async move { client.reconcile(&request).await })
    }

    /// Records that a request was carried out, as [`crate::Client::settled_as_carried_out`].
    pub fn settled_as_carried_out(&self, request: &UnconfirmedRequest) {
        self.client.settled_as_carried_out(request);
    }

    /// Records that a request was not carried out, as
    /// [`crate::Client::settled_as_not_carried_out`].
    pub fn settled_as_not_carried_out(&self, request: &UnconfirmedRequest) {
        self.client.settled_as_not_carried_out(request);
    }

    /// Write-ahead log of requests, as [`crate::Client::recording`]. The writer is called on the
    /// client's thread and holds up its other calls.
    #[must_use]
    pub fn recording<E>(
        &self,
        write: impl Fn(UnconfirmedRequest) -> Result<Recorded, E> + Send + Sync + 'static,
    ) -> Self
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>> + Send + 'static,
    {
        Self {
            client: self
                .client
                .recording(move |request| std::future::ready(write(request))),
            jobs: self.jobs.clone(),
        }
    }

    /// Starts the thread that carries out the calls of a client.
    pub(crate) fn over(client: AsyncClient) -> Result<Self, Error> {
        let (jobs, receiver) = unbounded_channel();
        let (ready, started) = mpsc::sync_channel(1);
        let no_thread = |error: io::Error| {
            Error::configuration("the thread of the blocking client can't be started".to_owned())
                .with_source(error)
        };
        // The runtime must begin and end in this thread: dropped inside another runtime it would
        // panic.
        let thread = move || match runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => {
                let _ = ready.send(Ok(()));
                runtime.block_on(carry_out(receiver));
            }
            Err(error) => {
                let _ = ready.send(Err(error));
            }
        };
        thread::Builder::new()
            .name("barion-blocking".to_owned())
            .spawn(thread)
            .map_err(no_thread)?;
        match started.recv() {
            Ok(runs) => runs.map_err(no_thread)?,
            Err(_) => return Err(gone(Delivery::NotSent)),
        }
        Ok(Self { client, jobs })
    }

    /// Runs a call on the client's thread and waits for it.
    fn run<T: Send + 'static>(
        &self,
        call: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Result<T, Error> {
        let (sender, receiver) = mpsc::sync_channel(1);
        let call = from_here(call);
        let job = async move {
            // The caller waits; the channel has room for the one answer.
            let _ = sender.send(call.await);
        };
        // Either fails only when the thread is gone; how far the call came is unknown then.
        if self.jobs.send(job.boxed()).is_err() {
            return Err(gone(Delivery::NotSent));
        }
        receiver
            .recv()
            .unwrap_or_else(|_| Err(gone(Delivery::Unknown)))
    }
}

/// Methods of [`crate::Client`] that name an operation.
macro_rules! methods {
    ($(fn $name:ident($($arguments:tt)+) -> $answer:ty;)+) => {
        impl Client {
            $(methods!(@one $name ($($arguments)+) -> $answer);)+
        }
    };
    (@one $name:ident ($request:ident: &$type:ty) -> $answer:ty) => {
        #[doc = concat!("Blocking call of [`crate::Client::", stringify!($name), "`].")]
        ///
        /// # Errors
        /// As there.
        pub fn $name(&self, $request: &$type) -> Result<$answer, Error> {
            self.execute($request)
        }
    };
    (@one $name:ident ($id:ident: $type:ty => $operation:ident) -> $answer:ty) => {
        #[doc = concat!("Blocking call of [`crate::Client::", stringify!($name), "`].")]
        ///
        /// # Errors
        /// As there.
        pub fn $name(&self, $id: $type) -> Result<$answer, Error> {
            self.execute(&$operation::new($id))
        }
    };
}

methods! {
    fn start_payment(request: &StartPayment) -> StartedPayment;
    fn charge_token(request: &StartPayment<ChargeToken>) -> TokenCharge;
    fn start_payment_with_google_token(request: &StartPayment<GooglePay>) -> GooglePayment;
    fn payment_state(id: PaymentId => GetPaymentState) -> Payment;
    fn payment_state_v2(id: PaymentId => GetPaymentStateV2) -> Payment;
    fn complete_payment(id: PaymentId => CompletePayment) -> CompletedPayment;
    fn finish_reservation(request: &FinishReservation) -> ProcessedPayment;
    fn capture(request: &Capture) -> ProcessedPayment;
    fn cancel_authorization(id: PaymentId => CancelAuthorization) -> ProcessedPayment;
    fn refund(request: &Refund) -> RefundedPayment;
}

impl ClientBuilder {
    /// Builds a blocking client, which needs no async runtime.
    ///
    /// # Errors
    /// As [`build`](Self::build), and when no thread can be started.
    pub fn build_blocking(self) -> Result<Client, Error> {
        Client::over(self.build()?)
    }
}

async fn carry_out(mut jobs: UnboundedReceiver<Job>) {
    while let Some(job) = jobs.recv().await {
        tokio::spawn(job);
    }
}

fn gone(delivery: Delivery) -> Error {
    let message = "the thread of the blocking client is gone";
    Error::new(ErrorKind::Interrupted, delivery, message)
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("blocking::Client")
            .field(&self.client)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    /// The functions of `impl Client` in a source, by the keywords that their declarations begin
    /// with.
    fn functions(source: &str, block: &str, keywords: &str) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        let mut of_client = false;
        for line in source.lines() {
            if line.starts_with("impl") || line.starts_with("methods!") {
                of_client = line == block;
            }
            if let Some(rest) = line.trim().strip_prefix(keywords).filter(|_| of_client) {
                names.extend(rest.split(['(', '<']).next().map(str::to_owned));
            }
        }
        names
    }

    /// Public async functions are what a client offers, in whichever file they are.
    fn asynchronous(folder: &Path) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                found.extend(asynchronous(&path));
            } else {
                let source = std::fs::read_to_string(&path).unwrap();
                found.extend(functions(&source, "impl Client {", "pub async fn "));
            }
        }
        found
    }

    #[test]
    fn every_call_can_be_made_without_a_runtime() {
        let asynchronous = asynchronous(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
        let source = include_str!("blocking.rs");
        let mut blocking = functions(source, "impl Client {", "pub fn ");
        blocking.extend(functions(source, "methods! {", "fn "));
        for known in ["refund", "reconcile"] {
            assert!(asynchronous.contains(known), "{asynchronous:?}");
        }
        let missing: Vec<_> = asynchronous.difference(&blocking).collect();
        assert!(missing.is_empty(), "{missing:?} have no blocking sister");
    }
}
