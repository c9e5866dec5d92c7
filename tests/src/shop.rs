//! A shop with a strict Barion of its own.

use std::error::Error;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use barion::{
    Client, Currency, Environment, Item, Payment, PaymentId, PosKey, RateLimit, StartPayment,
    StartPaymentBuilder, Transaction, WalletKey,
};
use barion_sandbox::{CARD_OK, Fault, OperationFault, PAYEE, RecordedRequest, Sandbox, WALLET_KEY};
use tokio::net::TcpListener;

use crate::{ORDER, shipped};

const DAY: Duration = Duration::from_secs(86_400);

/// Not on this computer, so the sandbox does not call it.
const HOOK: &str = "https://shop.example/hooks/barion";

/// How long a strict Barion lets a payment's state be read once.
const TURN: Duration = Duration::from_secs(5);

/// How long an example may take to see what it waits for.
const PATIENCE: Duration = Duration::from_secs(20);

type Outcome<T> = Result<T, Box<dyn Error>>;

/// A shop with a strict Barion of its own, and its payer.
#[derive(Debug)]
pub struct Shop {
    sandbox: Sandbox,
    /// How many payments of its order were started.
    windows: AtomicUsize,
}

impl Shop {
    pub(crate) async fn open() -> Outcome<Self> {
        let sandbox = Sandbox::builder().strict(true).real_time(true);
        let sandbox = sandbox.start().await?;
        Ok(Self {
            sandbox,
            windows: AtomicUsize::new(0),
        })
    }

    /// Its Barion.
    #[must_use]
    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// The address and key of its Barion, in place of the real ones.
    ///
    /// # Errors
    /// None that is known.
    pub fn place(&self) -> Outcome<(Environment, PosKey)> {
        let key = PosKey::new(self.sandbox.pos_key())?;
        Ok((Environment::Custom(self.sandbox.url()), key))
    }

    /// A client of it.
    ///
    /// # Errors
    /// When it can't be made.
    pub fn client(&self) -> Outcome<Client> {
        self.client_with(RateLimit::new(1, TURN))
    }

    /// A client that does not wait between reads, for an example that lets the time pass.
    ///
    /// # Errors
    /// When it can't be made.
    pub fn hasty_client(&self) -> Outcome<Client> {
        self.client_with(RateLimit::unlimited())
    }

    fn client_with(&self, pace: RateLimit) -> Outcome<Client> {
        let (environment, key) = self.place()?;
        let client = Client::builder(environment, key)
            .wallet_key(WalletKey::new(WALLET_KEY)?)
            .rate_limit(pace)
            .build()?;
        Ok(client)
    }

    /// A payment that waits for its payer.
    ///
    /// # Errors
    /// When it can't be started.
    pub async fn started(&self) -> Outcome<PaymentId> {
        let order = |name| StartPayment::immediate(name, Currency::Huf);
        self.start(order, HOOK).await
    }

    /// A payment that is paid.
    ///
    /// # Errors
    /// When it can't be started or paid.
    pub async fn paid(&self) -> Outcome<PaymentId> {
        let id = self.started().await?;
        self.pay(id).await?;
        Ok(id)
    }

    /// The state of a reservation that is paid and waits for the shop.
    ///
    /// # Errors
    /// When it can't be started, paid or read.
    pub async fn reserved(&self) -> Outcome<Payment> {
        self.held(|name| StartPayment::reservation(name, Currency::Huf, DAY))
            .await
    }

    /// The state of a payment that is authorised and waits for the shop.
    ///
    /// # Errors
    /// When it can't be started, paid or read.
    pub async fn authorized(&self) -> Outcome<Payment> {
        self.held(|name| StartPayment::delayed_capture(name, Currency::Huf, DAY))
            .await
    }

    /// The state of a payment, so that the example can read it too without a pause.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn read(&self, id: PaymentId) -> Outcome<Payment> {
        let payment = self.client()?.payment_state(id).await?;
        self.sandbox.advance(TURN).await?;
        Ok(payment)
    }

    /// As much time passes as a strict Barion wants between two reads of a payment.
    ///
    /// # Errors
    /// None that is known.
    pub async fn pass(&self) -> Outcome<()> {
        self.sandbox.advance(TURN).await?;
        Ok(())
    }

    /// The payer pays by card.
    ///
    /// # Errors
    /// When the payment is not open.
    pub async fn pay(&self, id: PaymentId) -> Outcome<()> {
        self.sandbox.pay(&id.to_string(), CARD_OK).await?;
        Ok(())
    }

    /// A free port for the shop's server, and a time to stop it: when a payment was paid and its
    /// order shipped, because Barion called the server back at `/hooks/barion`.
    ///
    /// # Errors
    /// When there is no port, or the payment can't be started.
    pub async fn server(&self) -> Outcome<(TcpListener, impl Future<Output = ()> + Send + use<>)> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let hook = format!("http://{}/hooks/barion", listener.local_addr()?);
        let order = |name| StartPayment::immediate(name, Currency::Huf);
        let id = self.start(order, &hook).await?;
        self.pay(id).await?;
        let stop = async {
            let seen = async {
                while shipped().is_empty() {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            };
            let seen = tokio::time::timeout(PATIENCE, seen).await;
            assert!(seen.is_ok(), "nothing was shipped");
        };
        Ok((listener, stop))
    }

    /// The next refund is made, and its answer gets lost.
    ///
    /// # Errors
    /// None that is known.
    pub fn lose_next_refund(&self) -> Outcome<()> {
        let fault = Fault::operation("refund_payment_v2", OperationFault::CutAfter);
        Ok(self.sandbox.inject(fault)?)
    }

    /// How often a token was charged under this name.
    ///
    /// # Errors
    /// None that is known.
    #[allow(
        clippy::unused_async,
        reason = "reads like the other calls of the example"
    )]
    pub async fn charged(&self, payment_request_id: &str) -> Outcome<usize> {
        let name = format!("\"PaymentRequestId\":\"{payment_request_id}\"");
        let mut calls = self.sandbox.requests();
        calls.retain(|call| call.method == "POST" && call.body.contains(&name));
        Ok(calls.len())
    }

    /// The calls that Barion did not carry out, with its answers.
    pub(crate) fn refused(&self) -> Vec<RecordedRequest> {
        let mut calls = self.sandbox.requests();
        // 0 is a connection that was cut on purpose.
        let done = |call: &RecordedRequest| {
            matches!(call.status, 0 | 200) && !call.answer.contains("\"ErrorCode\"")
        };
        calls.retain(|call| !done(call));
        calls
    }

    async fn held(&self, order: impl FnOnce(String) -> StartPaymentBuilder) -> Outcome<Payment> {
        let id = self.start(order, HOOK).await?;
        self.pay(id).await?;
        self.read(id).await
    }

    async fn start(
        &self,
        order: impl FnOnce(String) -> StartPaymentBuilder,
        hook: &str,
    ) -> Outcome<PaymentId> {
        let window = self.windows.fetch_add(1, Ordering::Relaxed);
        // Each payment has a name of its own.
        let name = match window {
            0 => ORDER.to_owned(),
            _ => format!("{ORDER}/{}", window + 1),
        };
        let request = order(name)
            .order_number(ORDER)
            .redirect_url("https://shop.example/thanks".parse()?)
            .callback_url(hook.parse()?)
            .transaction(
                Transaction::new(format!("{ORDER}/1"), PAYEE)
                    .item(Item::new("Mug", 2, 1_990))
                    .item(Item::new("Delivery", 1, 990)),
            )
            .build()?;
        Ok(self.client()?.start_payment(&request).await?.payment_id)
    }
}
