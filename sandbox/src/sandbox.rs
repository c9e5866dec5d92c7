//! Holding on to a sandbox.

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

/// A running sandbox. Dropping it stops the server; nothing of it outlives that.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
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
    /// The server's address, such as `http://127.0.0.1:49152/`: API and gateway page alike. Without a
    /// network it is the [public one](crate::Builder::public_url), or `https://sandbox.invalid/`, which leads
    /// nowhere.
    #[must_use]
    pub fn url(&self) -> Url {
        self.url.clone()
    }

    /// Answers a request in memory, as the server would: control calls and pages too, with armed
    /// faults, in the log of requests, and with the sandbox's time in the header `Date`. `None` when a
    /// fault cuts the connection instead; whether the operation was carried out depends on the fault.
    ///
    /// Of the request's address only the path and query matter. No task is spawned and nothing waits
    /// but for the time of an [`OperationFault::Latency`](crate::OperationFault::Latency), by Tokio's
    /// clock. So with [`Builder::without_network`](crate::Builder::without_network), [`Builder::seed`](crate::Builder::seed) and [`Builder::start_at`](crate::Builder::start_at) the
    /// same calls have the same answers, byte for byte.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
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

    /// The shop's secret key, in the form in which it was set.
    #[must_use]
    pub fn pos_key(&self) -> &str {
        &self.pos_key
    }

    /// The payer offers a card on the gateway page; or the bank answers about the card of a payment
    /// that is `InProgress` since [`Sandbox::card_pending`].
    ///
    /// A declined card is no error: the [`Outcome`] tells, and the payment stays open. The payment's
    /// id is taken with and without dashes, the card number with blanks too.
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

    /// The payer has offered a card, and the bank takes its time: the payment is `InProgress` until
    /// [`Sandbox::pay`] says with a card's number what the bank answers. Until then the payer cannot
    /// cancel, and the payment does not expire; declined after the end of its window it expires at
    /// once.
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

    /// The payer pays from a wallet of their own instead of with a card.
    ///
    /// # Errors
    ///
    /// When there is no such payment, it is not open any more, or is a delayed capture, which is for
    /// cards only.
    #[allow(
        clippy::unused_async,
        reason = "a store with input and output is to fit here"
    )]
    pub async fn pay_by_wallet(&self, payment_id: &str) -> Result<Outcome, ControlError> {
        self.engine.pay_by_wallet(payment_id)
    }

    /// The payer sends a bank transfer, or the bank answers about one that is waiting. A transfer can
    /// succeed or fail at once, too.
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

    /// Sets what the next charge of a token ends in; the one after that is as usual again.
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
        charge: TokenChargeOutcome,
    ) -> Result<(), ControlError> {
        self.engine.next_token_charge(recurrence_id, charge)
    }

    /// The payer cancels on the gateway page.
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

    /// Tells the shop once more of the payment as it is, with up to six attempts as for a change.
    ///
    /// # Errors
    ///
    /// When there is no such payment, or nobody to be called; and as all of these, when what was due could not be
    /// written to the sandbox's file.
    #[allow(
        clippy::unused_async,
        reason = "a store with input and output is to fit here"
    )]
    pub async fn call_back(&self, payment_id: &str) -> Result<(), ControlError> {
        self.engine.call_back(payment_id).map(drop)
    }

    /// Arms a fault: it happens to the next calls that it fits, as often as it says. Of several that
    /// fit the one armed first happens.
    ///
    /// # Errors
    ///
    /// When there is no such operation, or the fault would last too long.
    pub fn inject(&self, fault: Fault) -> Result<(), FaultError> {
        faults::arm(&self.engine.faults, fault)
    }

    /// Disarms all faults that have not happened yet. Callbacks that a fault holds back stay so.
    pub fn clear_faults(&self) {
        self.engine.faults.clear();
    }

    /// Sets the clock ahead (at most 100 years altogether) and lets everything happen that is due
    /// by then, in the order in which it is due: payments expire, and shops are called again that did
    /// not answer with HTTP 200. Returns the new time.
    ///
    /// It waits for the attempts that it makes due, and for those that were due before, each up to 15
    /// seconds. So a shop must not wait for an advance while it answers a callback.
    ///
    /// # Errors
    ///
    /// When a change could not be written to the sandbox's file. The clock may be on its way then; what was due happens
    /// with the next call that can be written.
    pub async fn advance(&self, by: Duration) -> Result<DateTime<Utc>, ControlError> {
        Ok(self.engine.advance(by).await?)
    }

    /// The sandbox's time: the real time when it was started, or [`Builder::start_at`](crate::Builder::start_at), and what it was set ahead by, and with
    /// [`Builder::real_time`](crate::Builder::real_time) also what has passed since. In whole milliseconds.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.engine.clock.now()
    }

    /// The requests that the API received with their answers, oldest first; the last 1000 are kept. Calls of pages
    /// and below `/sandbox/` are not among them.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.engine.requests.list()
    }

    /// The callbacks attempted so far, oldest first; the last 10 000 are kept.
    #[must_use]
    pub fn callbacks(&self) -> Vec<CallbackAttempt> {
        self.engine.callbacks.log()
    }

    /// Waits until every callback that is due by now has been attempted, so that a test need not
    /// sleep. A shop that does not answer holds this up for 15 seconds per callback. Repetitions after
    /// a failure are due when the clock has come so far; see [`Sandbox::advance`].
    pub async fn callbacks_settled(&self) {
        self.engine.callbacks.settled().await;
    }

    /// Stops the server after the requests that it is answering, but within five seconds. Callbacks
    /// not sent yet are dropped.
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

    const ORDER: &str = r#"{"PaymentType":"Immediate","FundingSources":["All"],"PaymentRequestId":"1",
        "Locale":"hu-HU","Currency":"HUF","RedirectUrl":"http://localhost","CallbackUrl":"http://localhost:1",
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

        /// What the page of a payment tells, without the lines about calls.
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
        let again = sandbox.call_back(&id).await;
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
