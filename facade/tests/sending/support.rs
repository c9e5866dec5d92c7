//! Helpers that the tests share.

use std::time::Duration;

use barion::{
    Client, ClientBuilder, Currency, Environment, Item, PosKey, Refund, RetryPolicy, StartPayment,
    StartedPayment, Transaction, TransactionToRefund,
};
use barion_sandbox::{CARD_OK, PAYEE, RecordedRequest, Sandbox};

pub(crate) fn builder(sandbox: &Sandbox) -> ClientBuilder {
    let key = PosKey::new(sandbox.pos_key()).unwrap();
    Client::builder(Environment::Custom(sandbox.url()), key)
}

/// The default policy, with short pauses.
pub(crate) fn hasty() -> RetryPolicy {
    RetryPolicy::default()
        .initial_backoff(Duration::from_millis(5))
        .max_backoff(Duration::from_millis(20))
}

pub(crate) fn mug() -> StartPayment {
    StartPayment::immediate("order-1", Currency::Huf)
        .transaction(Transaction::new("t-1", PAYEE).item(Item::new("Mug", 2, 1_990)))
        .build()
        .unwrap()
}

pub(crate) async fn paid(sandbox: &Sandbox, client: &Client) -> StartedPayment {
    let started = client.start_payment(&mug()).await.unwrap();
    sandbox
        .pay(&started.payment_id.to_string(), CARD_OK)
        .await
        .unwrap();
    started
}

pub(crate) fn refund(of: &StartedPayment) -> Refund {
    let transaction = of.transaction("t-1").unwrap().transaction_id.unwrap();
    Refund::builder(of.payment_id, Currency::Huf)
        .transaction(TransactionToRefund::new(transaction, "t-1", 1_990))
        .build()
        .unwrap()
}

/// Requests whose path ends so.
pub(crate) fn requests(sandbox: &Sandbox, path: &str) -> Vec<RecordedRequest> {
    let mut requests = sandbox.requests();
    requests.retain(|request| request.path.ends_with(path));
    requests
}
