//! Two thousand operations while half of what is sent goes wrong. Afterwards the books of Barion's
//! side show what the shop asked for, each once, and nothing else.

use std::collections::BTreeMap;
use std::time::Duration;

use barion::{
    Client, Currency, Decimal, Delivery, Environment, Error, ErrorKind, GooglePayToken, Payment,
    PaymentStanding, PosKey, RateLimit, Reconciliation, RetryPolicy, StartPayment,
    StartPaymentBuilder, Token, TokenCharge, TokenRegistration, Transaction, WalletKey,
};
use barion_generated::enums::HistoryItemType;
use barion_sandbox::{CARD_OK, Fault, OperationFault, PAYEE, Sandbox, WALLET_KEY};

/// Calls that move money, or would.
const OPERATIONS: usize = 2_000;
const SHOPS: usize = 4;
const TOTAL: u32 = 10_000;
const DAY: Duration = Duration::from_secs(86_400);

/// Numbers that look random and are the same in every run (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % sides
    }

    fn fault(&mut self) -> OperationFault {
        match self.roll(11) {
            0 => OperationFault::CutBefore,
            1 | 2 => OperationFault::CutAfter,
            3 => OperationFault::TooManyRequests {
                retry_after: None,
                html: self.roll(2) == 0,
            },
            4 => OperationFault::ServerError,
            5 => OperationFault::BadGateway,
            6 => OperationFault::Captcha,
            7 => OperationFault::EmptyBody,
            8 => OperationFault::TruncatedJson,
            9 => OperationFault::ExtraFields,
            _ => OperationFault::MissingErrors,
        }
    }
}

/// What a shop wanted, by its own name of the transaction, and what it believes to have become of
/// it.
#[derive(Default)]
struct Books {
    /// Payments that were charged, and for how much.
    charged: BTreeMap<String, Decimal>,
    /// Reservations, and what they ended with.
    finished: Vec<(barion::PaymentId, Decimal)>,
    /// Payments that came to nothing.
    nothing: Vec<String>,
    refunds: BTreeMap<String, Vec<Decimal>>,
    /// Charges of which it can't be found out.
    inconclusive: Vec<String>,
    /// Unknown outcomes that were settled.
    settled: usize,
    operations: usize,
}

struct Shop {
    sandbox: std::sync::Arc<Sandbox>,
    barion: Client,
    dice: Dice,
    books: Books,
    name: String,
    orders: usize,
}

/// What became of a call.
enum Done {
    Yes,
    /// Refused, or ended otherwise.
    No,
    Inconclusive,
}

fn client(sandbox: &Sandbox, wallet: bool) -> Client {
    crate::client::secrets::watch();
    let key = PosKey::new(sandbox.pos_key()).unwrap();
    let hasty = RetryPolicy::default()
        .initial_backoff(Duration::from_millis(1))
        .max_backoff(Duration::from_millis(2));
    let builder = Client::builder(Environment::Custom(sandbox.url()), key)
        .rate_limit(RateLimit::unlimited())
        .retry(hasty)
        .settling_time(Duration::ZERO);
    let builder = if wallet {
        builder.wallet_key(WalletKey::new(WALLET_KEY).unwrap())
    } else {
        builder
    };
    builder.build().unwrap()
}

impl Shop {
    fn new_name(&mut self) -> String {
        self.orders += 1;
        format!("{}/{}", self.name, self.orders)
    }

    fn maybe_break(&mut self, operation: &str) {
        if self.dice.roll(2) == 0 {
            let fault = Fault::operation(operation, self.dice.fault());
            self.sandbox.inject(fault).unwrap();
        }
    }

    /// Sends until it is known what came of it; never again while that is unknown.
    async fn until_known<T>(
        &mut self,
        operation: &str,
        send: impl AsyncFn(&Client) -> Result<T, Error>,
    ) -> (Done, Option<T>) {
        self.books.operations += 1;
        loop {
            self.maybe_break(operation);
            let error = match send(&self.barion).await {
                Ok(answer) => return (Done::Yes, Some(answer)),
                Err(error) => error,
            };
            match error.delivery() {
                Delivery::NotSent => continue,
                // Asked too often: nothing was done.
                Delivery::Rejected if error.status() == Some(429) => continue,
                Delivery::Rejected => {
                    assert_eq!(error.kind(), ErrorKind::Api, "{error}");
                    return (Done::No, None);
                }
                _ => {}
            }
            let request = error.unconfirmed().unwrap();
            let outcome = loop {
                if self.dice.roll(4) == 0 {
                    self.maybe_break("get_payment_state_v4");
                }
                // The state could not be read either: ask again.
                if let Ok(outcome) = self.barion.reconcile(request).await {
                    break outcome;
                }
            };
            self.books.settled += 1;
            match outcome {
                Reconciliation::CarriedOut(_) => return (Done::Yes, None),
                Reconciliation::NotCarriedOut(_) | Reconciliation::NobodyCanPay => {}
                Reconciliation::EndedOtherwise(_) => return (Done::No, None),
                Reconciliation::Inconclusive(inconclusive) => {
                    assert!(!inconclusive.reason.is_empty() && !inconclusive.hint.is_empty());
                    return (Done::Inconclusive, None);
                }
                other => panic!("{other:?}"),
            }
        }
    }

    async fn state(&mut self, id: barion::PaymentId) -> Payment {
        loop {
            if let Ok(payment) = self.barion.payment_state(id).await {
                return payment;
            }
        }
    }

    fn order(name: &str) -> StartPaymentBuilder {
        StartPayment::immediate(name, Currency::Huf)
            .transaction(Transaction::new(name, PAYEE).total(TOTAL))
    }

    /// A payment that the payer makes on the gateway page.
    async fn at_the_gateway(&mut self) {
        let name = self.new_name();
        let transaction = Transaction::new(&name, PAYEE).total(TOTAL);
        let builder = match self.dice.roll(3) {
            0 => StartPayment::immediate(&name, Currency::Huf),
            1 => StartPayment::reservation(&name, Currency::Huf, DAY),
            _ => StartPayment::delayed_capture(&name, Currency::Huf, DAY),
        };
        let request = builder.transaction(transaction).build().unwrap();
        // A start that got lost is given up for another one, which alone has somebody who pays it.
        let started = loop {
            let call = async |barion: &Client| barion.start_payment(&request).await;
            if let (_, Some(started)) = self.until_known("payment_start_v2", call).await {
                break started;
            }
        };
        let id = started.payment_id;
        self.sandbox.pay(&id.to_string(), CARD_OK).await.unwrap();
        let payment = self.state(id).await;
        match payment.standing() {
            PaymentStanding::Reserved { .. } => self.finish(&name, payment).await,
            PaymentStanding::Authorized { .. } => self.capture_or_cancel(&name, payment).await,
            _ => drop(self.books.charged.insert(name.clone(), TOTAL.into())),
        }
        for _ in 0..self.dice.roll(4) {
            self.refund(&name, id).await;
        }
    }

    async fn finish(&mut self, name: &str, payment: Payment) {
        let total = Decimal::from(self.dice.roll(u64::from(TOTAL) + 1));
        let finish = payment.finish().transaction(name, total).build().unwrap();
        let call = async |barion: &Client| barion.finish_reservation(&finish).await;
        let done = self
            .until_known("payment_finish_reservation_v2", call)
            .await;
        assert!(matches!(done.0, Done::Yes));
        // The card was charged in full; the rest goes back.
        self.books.charged.insert(name.to_owned(), TOTAL.into());
        self.books.finished.push((payment.payment_id, total));
    }

    async fn capture_or_cancel(&mut self, name: &str, payment: Payment) {
        if self.dice.roll(3) == 0 {
            let id = payment.cancel_authorization().unwrap();
            let call = async |barion: &Client| barion.cancel_authorization(id).await;
            let done = self
                .until_known("payment_cancel_authorization_v2", call)
                .await;
            assert!(matches!(done.0, Done::Yes));
            self.books.nothing.push(name.to_owned());
            return;
        }
        let total = Decimal::from(1 + self.dice.roll(u64::from(TOTAL)));
        let capture = payment.capture().transaction(name, total).build().unwrap();
        let call = async |barion: &Client| barion.capture(&capture).await;
        let done = self.until_known("payment_capture_v2", call).await;
        assert!(matches!(done.0, Done::Yes));
        self.books.charged.insert(name.to_owned(), total);
    }

    /// Amounts are often the same, so that one refund is easily taken for another.
    async fn refund(&mut self, name: &str, id: barion::PaymentId) {
        let payment = self.state(id).await;
        let amount = Decimal::from(100 * (1 + self.dice.roll(3)));
        let left = payment.refundable();
        if left.is_none_or(|left| left.amount() < amount) {
            return;
        }
        let refund = payment.refund().amount(amount).build().unwrap();
        let call = async |barion: &Client| barion.refund(&refund).await;
        let done = self.until_known("refund_payment_v2", call).await;
        assert!(matches!(done.0, Done::Yes), "a refund is always found out");
        let refunds = self.books.refunds.entry(name.to_owned()).or_default();
        refunds.push(amount);
    }

    /// A card that is charged at once: by a token or by Google Pay.
    async fn charged(&mut self) {
        let name = self.new_name();
        let done = if self.dice.roll(2) == 0 {
            let token = Token::one_click(format!("{}-payer", self.name));
            let request = Self::order(&name).charge_token(token).build().unwrap();
            let call = async |barion: &Client| match barion.charge_token(&request).await? {
                TokenCharge::Charged(_) => Ok(()),
                other => panic!("{other:?}"),
            };
            self.until_known("payment_start_v2", call).await.0
        } else {
            let google = GooglePayToken::new("{}", "anna@example.com");
            let request = Self::order(&name).google_pay(google).build().unwrap();
            let call = async |barion: &Client| {
                barion.start_payment_with_google_token(&request).await?;
                Ok(())
            };
            let operation = "payment_start_with_google_token_v3";
            self.until_known(operation, call).await.0
        };
        match done {
            Done::Yes => drop(self.books.charged.insert(name, TOTAL.into())),
            Done::No => self.books.nothing.push(name),
            Done::Inconclusive => self.books.inconclusive.push(name),
        }
    }

    async fn open(mut self) -> Books {
        let token = TokenRegistration::one_click(format!("{}-payer", self.name));
        let name = self.new_name();
        let first = Self::order(&name).register_token(token).build().unwrap();
        let started = client(&self.sandbox, false).start_payment(&first).await;
        let id = started.unwrap().payment_id;
        self.sandbox.pay(&id.to_string(), CARD_OK).await.unwrap();
        self.books.charged.insert(name, TOTAL.into());
        while self.books.operations < OPERATIONS / SHOPS {
            if self.dice.roll(3) == 0 {
                self.charged().await;
            } else {
                self.at_the_gateway().await;
            }
        }
        self.books
    }
}

/// What Barion's side has booked, by the shop's name of the transaction: payments and refunds.
async fn booked(sandbox: &Sandbox) -> BTreeMap<String, (Vec<Decimal>, Vec<Decimal>)> {
    let raw = client(sandbox, true).raw();
    let mut booked: BTreeMap<String, (Vec<Decimal>, Vec<Decimal>)> = BTreeMap::new();
    let mut last = None;
    loop {
        let page = raw
            .get_history_v3(None, None, last.as_ref(), Some(20))
            .await;
        let items = page.unwrap().into_inner().user_history.unwrap();
        for item in &items {
            let Some(name) = item.description.clone() else {
                continue;
            };
            let of_payment = booked.entry(name).or_default();
            let amount = item.amount.unwrap().get().abs();
            match item.type_.as_ref().unwrap() {
                HistoryItemType::CardPayment => of_payment.0.push(amount),
                HistoryItemType::RefundToCard => of_payment.1.push(amount),
                other => panic!("{other}"),
            }
        }
        match items.last() {
            Some(item) => last = item.id,
            None => return booked,
        }
    }
}

#[tokio::test]
async fn nothing_is_charged_or_refunded_twice_whatever_goes_wrong() {
    let sandbox = std::sync::Arc::new(Sandbox::start().await.unwrap());
    let mut shops = tokio::task::JoinSet::new();
    let here = tokio::task::LocalSet::new();
    for number in 0..SHOPS {
        let shop = Shop {
            // Every other one can look into the wallet.
            barion: client(&sandbox, number % 2 == 0),
            sandbox: std::sync::Arc::clone(&sandbox),
            dice: Dice(number as u64),
            books: Books::default(),
            name: format!("shop-{number}"),
            orders: 0,
        };
        shops.spawn_local_on(shop.open(), &here);
    }
    let all = here.run_until(shops.join_all()).await;
    sandbox.clear_faults();
    let mut booked = booked(&sandbox).await;
    let (mut settled, mut operations, mut inconclusive) = (0, 0, 0);
    for books in all {
        settled += books.settled;
        operations += books.operations;
        inconclusive += books.inconclusive.len();
        let barion = client(&sandbox, false);
        for (id, total) in books.finished {
            let payment = barion.payment_state(id).await.unwrap();
            let refunded = payment.refunded_total().unwrap().amount();
            let left = payment.refundable().unwrap().amount();
            assert_eq!(left + refunded, total, "{id} is finished as asked");
        }
        for (name, total) in books.charged {
            let (payments, mut refunds) = booked.remove(&name).unwrap_or_default();
            let mut wanted = books.refunds.get(&name).cloned().unwrap_or_default();
            wanted.sort();
            refunds.sort();
            assert_eq!(payments, [total], "{name} is charged once");
            assert_eq!(refunds, wanted, "{name}");
        }
        for name in books.nothing {
            assert!(!booked.contains_key(&name), "{name} came to nothing");
        }
        for name in books.inconclusive {
            let (payments, refunds) = booked.remove(&name).unwrap_or_default();
            assert!(payments.len() <= 1 && refunds.is_empty(), "{name}");
        }
    }
    assert!(booked.is_empty(), "nobody asked for {booked:?}");
    println!(
        "{operations} operations, {settled} unknown outcomes looked into, {inconclusive} inconclusive"
    );
    assert!(operations >= OPERATIONS && settled > 300 && inconclusive > 10);
}
