//! A running sandbox.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{Request, Response};
use chrono::{DateTime, Utc};
use url::Url;

use crate::callback::CallbackAttempt;
use crate::domain::payment::bank_transfer::BankTransfer;
use crate::domain::payment::token_charge::TokenChargeOutcome;
use crate::engine::{ControlError, Engine, Outcome, RecordedRequest};
use crate::faults::Fault;
use crate::http::faults::{self, FaultError};
use crate::http::router;
use crate::http::server::Tasks;

/// A running sandbox. Dropping it stops the server; no task of it runs on.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use barion_sandbox::Sandbox;
///
/// let sandbox = Sandbox::start().await?;
/// assert!(sandbox.url().as_str().starts_with("http://127.0.0.1:"));
/// sandbox.stop().await;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Sandbox {
    pub(crate) engine: Arc<Engine>,
    pub(crate) url: Url,
    pub(crate) pos_key: String,
    /// None without a network.
    pub(crate) tasks: Option<Tasks>,
}

impl Sandbox {
    /// Base address of API and gateway page, such as `http://127.0.0.1:49152/`.
    ///
    /// Without a network it is the [public one](crate::Builder::public_url), or
    /// `https://sandbox.invalid/`, which leads nowhere.
    #[must_use]
    pub fn url(&self) -> Url {
        self.url.clone()
    }

    /// Answers a request in memory, as the server would: calls of the API, control calls and pages,
    /// with armed faults, in the log of requests, and with the sandbox's time in the header `Date`.
    /// `None` when a fault cuts the connection instead; whether the operation was carried out
    /// depends on the fault.
    ///
    /// Of the request's address only the path and the query matter. No task is spawned, and the
    /// call waits for nothing but an [`OperationFault::Latency`](crate::OperationFault::Latency),
    /// by Tokio's clock. With [`without_network`](crate::Builder::without_network),
    /// [`seed`](crate::Builder::seed) and [`start_at`](crate::Builder::start_at) the same calls
    /// have the same answers, byte for byte.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use axum::{body::Bytes, http::Request};
    /// use barion_sandbox::Sandbox;
    ///
    /// let sandbox = Sandbox::builder().without_network().start().await?;
    /// let request = Request::get("/sandbox/health").body(Bytes::new())?;
    /// let answer = sandbox.answer(request).await.ok_or("cut")?;
    /// assert_eq!(answer.status(), 200);
    /// # Ok(()) }
    /// ```
    pub async fn answer(&self, request: Request<Bytes>) -> Option<Response<Bytes>> {
        router::answer_in_memory(&self.engine, request).await
    }

    /// Secret key (`POSKey`) of the seeded shop, in the form in which it was set.
    #[must_use]
    pub fn pos_key(&self) -> &str {
        &self.pos_key
    }

    /// Pays with a card: the payer offers it on the gateway page, or the bank answers about the
    /// card of a payment that is `InProgress` since [`Sandbox::card_pending`].
    ///
    /// A declined card is no error: the [`Outcome`] has the bank's answer, and the payment stays
    /// open. The payment's id is read with and without dashes, the card number with blanks too.
    ///
    /// # Errors
    ///
    /// When there is no such payment, it is not open any more, or the number is no card number.
    #[allow(
        clippy::unused_async,
        reason = "a store with input and output is to fit here"
    )]
    pub async fn pay(&self, payment_id: &str, card: &str) -> Result<Outcome, ControlError> {
        self.engine.pay(payment_id, card)
    }

    /// Leaves a card pending: the payer has offered one, and the bank has not answered. The payment
    /// is `InProgress` until [`Sandbox::pay`] gives the bank's answer by a card's number.
    ///
    /// Until then the payer cannot cancel, and the payment does not expire. Declined after the end
    /// of its window, it expires at once.
    ///
    /// # Errors
    ///
    /// When there is no such payment, or it is not open any more.
    #[allow(
        clippy::unused_async,
        reason = "a store with input and output is to fit here"
    )]
    pub async fn card_pending(&self, payment_id: &str) -> Result<Outcome, ControlError> {
        self.engine.ask_bank(payment_id)
    }

    /// Pays from a Barion wallet of the payer instead of with a card.
    ///
    /// # Errors
    ///
    /// When there is no such payment, it is not open any more, or it is a delayed capture, which is
    /// for cards only.
    #[allow(
        clippy::unused_async,
        reason = "a store with input and output is to fit here"
    )]
    pub async fn pay_by_wallet(&self, payment_id: &str) -> Result<Outcome, ControlError> {
        self.engine.pay_by_wallet(payment_id)
    }

    /// Pays by bank transfer, or gives the bank's answer about a transfer that is waiting. A
    /// transfer can also succeed or fail at once.
    ///
    /// # Errors
    ///
    /// When there is no such payment, it is neither open nor waiting, or it is not an immediate
    /// payment in CZK or EUR.
    #[allow(
        clippy::unused_async,
        reason = "a store with input and output is to fit here"
    )]
    pub async fn bank_transfer(
        &self,
        payment_id: &str,
        outcome: BankTransfer,
    ) -> Result<Outcome, ControlError> {
        self.engine.bank_transfer(payment_id, outcome)
    }

    /// Sets the outcome of the next charge of a token. The charge after it is as usual again.
    ///
    /// # Errors
    ///
    /// When no successful payment has registered a token under this `RecurrenceId`.
    #[allow(
        clippy::unused_async,
        reason = "a store with input and output is to fit here"
    )]
    pub async fn next_token_charge(
        &self,
        recurrence_id: &str,
        outcome: TokenChargeOutcome,
    ) -> Result<(), ControlError> {
        self.engine.next_token_charge(recurrence_id, outcome)
    }

    /// Cancels a payment in the payer's place.
    ///
    /// # Errors
    ///
    /// When there is no such payment, or it is not open any more.
    #[allow(
        clippy::unused_async,
        reason = "a store with input and output is to fit here"
    )]
    pub async fn cancel(&self, payment_id: &str) -> Result<Outcome, ControlError> {
        self.engine.cancel(payment_id)
    }

    /// Sends a callback about a payment that has not changed, with up to six attempts as for a
    /// change.
    ///
    /// # Errors
    ///
    /// When there is no such payment, it has no `CallbackUrl`, or callbacks are off. As with all
    /// calls here, also when a change that was due could not be written to the sandbox's file.
    #[doc(alias = "webhook")]
    #[doc(alias = "call_back")]
    #[allow(
        clippy::unused_async,
        reason = "a store with input and output is to fit here"
    )]
    pub async fn send_callback(&self, payment_id: &str) -> Result<(), ControlError> {
        self.engine.send_callback(payment_id).map(drop)
    }

    /// Arms a fault: it happens to the next calls that it fits, as many times as it is set to. Of
    /// several that fit, the one armed first happens.
    ///
    /// # Errors
    ///
    /// When there is no such operation, or the fault would last too long.
    pub fn inject(&self, fault: Fault) -> Result<(), FaultError> {
        faults::arm(&self.engine.faults, fault)
    }

    /// Disarms all faults that have not happened yet. Callbacks that a fault holds back stay held
    /// back.
    pub fn clear_faults(&self) {
        self.engine.faults.clear();
    }

    /// Sets the clock ahead, by 100 years altogether at most, and returns the new time. Everything
    /// due by then happens at its own time and in order: payments expire, and failed callbacks are
    /// retried.
    ///
    /// It waits for the attempts of callbacks that are due, each up to 15 seconds. So a shop must
    /// not wait for an advance while it answers a callback.
    ///
    /// # Errors
    ///
    /// When a change could not be written to the sandbox's file. The clock may have moved part of
    /// the way then; what was due happens with the next call that can be written.
    pub async fn advance(&self, by: Duration) -> Result<DateTime<Utc>, ControlError> {
        Ok(self.engine.advance(by).await?)
    }

    /// Time of the sandbox's clock, in whole milliseconds: the time of its start, real or set by
    /// [`Builder::start_at`](crate::Builder::start_at), plus all advances. With
    /// [`Builder::real_time`](crate::Builder::real_time) the time since the start is added too.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.engine.clock.now()
    }

    /// Log of requests: what the API received, with the answers, oldest first. The last 1000 are
    /// kept. Pages and control calls are not among them.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.engine.requests.list()
    }

    /// Log of callbacks: the attempts so far, oldest first. The last 10 000 are kept.
    #[doc(alias = "webhook")]
    #[must_use]
    pub fn callbacks(&self) -> Vec<CallbackAttempt> {
        self.engine.callbacks.log()
    }

    /// Waits until every callback that is due has been attempted, so that a test need not sleep.
    ///
    /// A shop that does not answer holds this up for 15 seconds per callback. Retries are due when
    /// the clock has come that far; see [`Sandbox::advance`].
    pub async fn callbacks_settled(&self) {
        self.engine.callbacks.settled().await;
    }

    /// Stops the server after the requests that it is answering, but within five seconds. Callbacks
    /// that are not sent yet are dropped.
    pub async fn stop(mut self) {
        if let Some(tasks) = &mut self.tasks {
            tasks.stop().await;
        }
    }
}

#[cfg(test)]
impl Sandbox {
    /// From now on nothing can be written, or again.
    pub(crate) fn refuse_writes(&self, on: bool) {
        self.engine.disturb(|db| db.refuse_writes(on));
    }

    /// From now on nothing can be booked, or again.
    pub(crate) fn break_wallet(&self, on: bool) {
        self.engine.disturb(|db| db.break_wallet(on));
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if let Some(tasks) = &mut self.tasks {
            tasks.abort();
        }
        // Connections may outlive this by a moment, and the next sandbox is to find the file free.
        self.engine.close();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::time::Duration;

    use serde_json::Value;

    use crate::domain::seeded::POS_KEY;
    use crate::{CARD_OK, ControlError, Sandbox};

    const ORDER: &str = r#"{"PaymentType":"Immediate","FundingSources":["All"],
        "PaymentRequestId":"1","Locale":"hu-HU","Currency":"HUF",
        "RedirectUrl":"http://localhost","CallbackUrl":"http://localhost:1",
        "Transactions":[{"POSTransactionId":"1","Payee":"shop@example.com","Total":10}]}"#;

    const FAILED: &str = r#"{"Message":"An error has occurred."}"#;

    struct Shop {
        sandbox: Sandbox,
        client: reqwest::Client,
    }

    impl Shop {
        async fn new() -> Self {
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            let sandbox = Sandbox::start().await.unwrap();
            Self { sandbox, client }
        }

        async fn send(&self, request: reqwest::RequestBuilder) -> (u16, String) {
            let request = request.header("x-pos-key", POS_KEY);
            let answer = request.send().await.unwrap();
            (answer.status().as_u16(), answer.text().await.unwrap())
        }

        async fn post(&self, path: &str, body: impl Into<reqwest::Body>) -> (u16, String) {
            let url = self.sandbox.url().join(path).unwrap();
            self.send(self.client.post(url).body(body)).await
        }

        async fn get(&self, path: &str) -> (u16, String) {
            let url = self.sandbox.url().join(path).unwrap();
            self.send(self.client.get(url)).await
        }

        async fn start(&self) -> String {
            let (status, answer) = self.post("v2/Payment/Start", ORDER).await;
            assert_eq!(status, 200, "{answer}");
            let answer: Value = serde_json::from_str(&answer).unwrap();
            answer["PaymentId"].as_str().unwrap().to_owned()
        }

        async fn status(&self, id: &str) -> String {
            let path = format!("v4/Payment/{id}/PaymentState");
            let state: Value = serde_json::from_str(&self.get(&path).await.1).unwrap();
            state["Status"].as_str().unwrap().to_owned()
        }

        /// Status of a payment's page, and the number of changes on it.
        async fn story(&self, id: &str) -> (u16, usize) {
            let (status, page) = self.get(&format!("payments/{id}")).await;
            (status, page.matches(">Status<").count())
        }
    }

    #[tokio::test]
    async fn what_cannot_be_written_leaves_no_trace_and_the_next_call_works() {
        let shop = Shop::new().await;
        let sandbox = &shop.sandbox;
        let id = shop.start().await;
        let (_, payments) = shop.get("").await;
        let story = shop.story(&id).await;

        sandbox.refuse_writes(true);
        let failed = (500, FAILED.to_owned());
        assert_eq!(shop.post("v2/Payment/Start", ORDER).await, failed);
        let last = sandbox.requests().pop().unwrap();
        assert_eq!((last.status, last.answer.as_str()), (500, FAILED));
        let refused = Err(ControlError::NotWritten);
        assert_eq!(sandbox.pay(&id, CARD_OK).await, refused);
        assert_eq!(sandbox.cancel(&id).await, refused);
        let pay = format!("sandbox/payments/{id}/pay");
        let card = format!(r#"{{"CardNumber":"{CARD_OK}"}}"#);
        let (status, answer) = shop.post(&pay, card).await;
        assert_eq!(status, 500, "{answer}");
        // What can be answered without a change is.
        assert_eq!(shop.status(&id).await, "Prepared");
        sandbox.refuse_writes(false);

        assert_eq!(shop.get("").await.1, payments);
        assert_eq!(shop.story(&id).await, story);
        sandbox.callbacks_settled().await;
        assert_eq!(sandbox.callbacks(), []);
        assert_eq!(sandbox.pay(&id, CARD_OK).await.unwrap().status, "Succeeded");
        shop.start().await;
    }

    #[tokio::test]
    async fn time_that_cannot_be_written_is_told_and_made_up_for() {
        let shop = Shop::new().await;
        let sandbox = &shop.sandbox;
        let id = shop.start().await;
        let hour = Duration::from_secs(3_600);

        sandbox.refuse_writes(true);
        assert_eq!(sandbox.advance(hour).await, Err(ControlError::NotWritten));
        let again = sandbox.send_callback(&id).await;
        assert_eq!(again, Err(ControlError::NotWritten));
        let path = "sandbox/clock/advance";
        let (status, _) = shop.post(path, r#"{"Seconds":60}"#).await;
        assert_eq!(status, 500);
        sandbox.callbacks_settled().await;
        assert_eq!(sandbox.callbacks(), []);
        sandbox.refuse_writes(false);

        assert_eq!(shop.status(&id).await, "Expired");
        sandbox.callbacks_settled().await;
        assert_eq!(sandbox.callbacks().len(), 1);
    }

    #[tokio::test]
    async fn a_call_that_fails_midway_is_undone_as_a_whole() {
        let shop = Shop::new().await;
        let id = shop.start().await;
        // The payment itself can be written, what follows from it in the wallet can't.
        shop.sandbox.break_wallet(true);
        let refused = Err(ControlError::NotWritten);
        assert_eq!(shop.sandbox.pay(&id, CARD_OK).await, refused);
        assert_eq!(shop.status(&id).await, "Prepared");
        shop.sandbox.break_wallet(false);
        let paid = shop.sandbox.pay(&id, CARD_OK).await;
        assert_eq!(paid.unwrap().status, "Succeeded");
    }
}
