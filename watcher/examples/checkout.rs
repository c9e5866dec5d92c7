//! A paid order from start to refund: `cargo run --example checkout`.
//!
//! Needs no account and no network: it starts a local Barion, plays the shop, and plays the payer's
//! browser too.
//!
//! With `BARION_POS_KEY` (the shop's secret key), `BARION_PAYEE` (the e-mail address of the shop's
//! wallet) and `BARION_ENVIRONMENT=test` it runs against Barion's own test environment instead;
//! then you are the payer.

use std::env;
use std::error::Error;
use std::time::Duration;

use barion::{
    Client, Currency, Environment, Item, Money, Payment, PaymentId, PosKey, StartPayment,
    Transaction, Url,
};
use barion_sandbox::Sandbox;
use barion_watcher::axum::callback_route;
use barion_watcher::{MemoryStore, OrderChange, OrderUpdate, Watcher, Workers};
use tokio::sync::mpsc;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Where the story takes place.
struct Stage {
    client: Client,
    payee: String,
    /// The local Barion; `None` on Barion's own test environment.
    sandbox: Option<Sandbox>,
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let stage = stage().await?;
    let mut shop = Shop::open(stage.client.clone()).await?;

    let request = StartPayment::immediate("order-1001", Currency::Huf)
        .redirect_url(shop.address.join("thanks")?)
        .callback_url(shop.address.join("barion")?)
        .transaction(
            Transaction::new("order-1001/1", &stage.payee)
                .item(Item::new("Tea pot", 1, 8_900).description("Stoneware, 0.7 litres"))
                .item(Item::new("Cup", 4, 1_250).description("Stoneware, 0.2 litres")),
        )
        .build()?;
    println!(
        "Order   order-1001: a tea pot and four cups, {}",
        request.total()
    );

    let started = stage.client.start_payment(&request).await?;
    let id = started.payment_id;
    let gateway = started
        .gateway_url
        .clone()
        .ok_or("Barion gave no gateway address")?;
    println!("Started payment {id}: {}", started.status);
    println!("Gateway {gateway}");

    shop.watcher.track(id, "order-1001").await?;
    if stage.sandbox.is_some() {
        pay_as_a_browser_would(&gateway, id).await?;
    } else {
        println!("Open the gateway address and pay; the payment is read every six seconds.");
    }
    let paid = shop.paid(id, stage.sandbox.is_some()).await?;
    print("Paid   ", &paid);

    let refund = paid
        .refund()
        .amount(1_250)
        .comment("One cup was broken")
        .build()?;
    let refunded = stage.client.refund(&refund).await?;
    println!(
        "Refund  {} for a broken cup",
        refunded.total().ok_or("the answer names no amount")?
    );
    print("Partly refunded:", &stage.client.payment_state(id).await?);
    shop.workers.shutdown().await;
    Ok(())
}

async fn stage() -> Outcome<Stage> {
    let Ok(key) = env::var("BARION_POS_KEY") else {
        let sandbox = Sandbox::builder().strict(true).real_time(true);
        let sandbox = sandbox.start().await?;
        println!("Barion  a local one, {}", sandbox.url());
        let client = Client::new(
            Environment::Custom(sandbox.url()),
            PosKey::new(sandbox.pos_key())?,
        )?;
        return Ok(Stage {
            client,
            payee: barion_sandbox::PAYEE.to_owned(),
            sandbox: Some(sandbox),
        });
    };
    if env::var("BARION_ENVIRONMENT").as_deref() != Ok("test") {
        return Err("BARION_POS_KEY is set: set BARION_ENVIRONMENT=test too; this example never uses real money".into());
    }
    let payee = env::var("BARION_PAYEE")
        .map_err(|_| "set BARION_PAYEE to the e-mail address of the shop's wallet")?;
    println!("Barion  its own test environment");
    Ok(Stage {
        client: Client::new(Environment::Test, PosKey::new(&key)?)?,
        payee,
        sandbox: None,
    })
}

/// The part of a web shop that Barion calls.
struct Shop {
    address: Url,
    watcher: Watcher<MemoryStore>,
    updates: mpsc::Receiver<OrderUpdate>,
    workers: Workers,
}

impl Shop {
    async fn open(client: Client) -> Outcome<Self> {
        let (sender, updates) = mpsc::channel(16);
        // The handler of this example prints updates. Yours ships, and its store is a database.
        let watcher = Watcher::new(client, MemoryStore::new(), move |update| {
            let sender = sender.clone();
            async move { sender.send(update).await }
        });
        let workers = watcher.start();
        let route = callback_route(watcher.clone()).into_route();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = format!("http://{}/", listener.local_addr()?).parse()?;
        let router = axum::Router::new().route("/barion", route);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self {
            address,
            watcher,
            updates,
            workers,
        })
    }

    /// Waits until the payment is paid. Callbacks of Barion's own test environment can't reach this
    /// machine, so the payment is polled there.
    async fn paid(&mut self, id: PaymentId, called_back: bool) -> Outcome<Payment> {
        for _ in 0..100 {
            if !called_back {
                // Barion's rate limit: two reads in five seconds.
                tokio::time::sleep(Duration::from_secs(6)).await;
                if self.watcher.refresh(id).await?.handled.is_empty() {
                    continue;
                }
            }
            let update = tokio::time::timeout(Duration::from_secs(10), self.updates.recv()).await?;
            let update = update.ok_or("the shop is closed")?;
            println!("Update  of {}: {:?}", update.order, update.changes);
            if update.changes.contains(&OrderChange::OrderPaid) {
                return Ok(update.payment);
            }
            if update.changes.iter().any(OrderChange::is_end_without_money) {
                return Err(format!("the payment ended as {}", update.payment.status).into());
            }
        }
        Err("nobody paid within ten minutes".into())
    }
}

/// Loads the gateway page and sends its form, as the payer's browser does.
async fn pay_as_a_browser_would(gateway: &Url, id: PaymentId) -> Outcome<()> {
    let browser = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    let page = browser
        .get(gateway.clone())
        .send()
        .await?
        .error_for_status()?
        .text()
        .await?;
    if !page.contains("13900") {
        return Err("the gateway page does not show the amount".into());
    }
    let form = [
        ("Id", id.to_string()),
        ("CardNumber", barion_sandbox::CARD_OK.to_owned()),
    ];
    let answer = browser
        .post(gateway.join("/Pay")?)
        .form(&form)
        .send()
        .await?;
    let back = answer
        .headers()
        .get("location")
        .ok_or("the gateway does not send the browser back")?;
    println!(
        "Browser paid with a test card and is sent to {}",
        back.to_str()?
    );
    Ok(())
}

fn print(what: &str, payment: &Payment) {
    let text = |amount: &Option<Money>| amount.as_ref().map(Money::to_string).unwrap_or_default();
    println!(
        "{what} {}, {}",
        payment.status,
        text(&payment.current_total)
    );
    for transaction in &payment.transactions {
        let kind = transaction
            .transaction_type
            .as_ref()
            .map_or("?", |kind| kind.as_str());
        println!(
            "        {kind:<18}{:>12}",
            text(&transaction.original_total)
        );
    }
}
