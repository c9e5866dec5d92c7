//! Holding on to a sandbox.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{Request, Response};
use chrono::{DateTime, Utc};
use tokio::sync::oneshot;
use tokio::task::{AbortHandle, JoinHandle};
use url::Url;

use crate::callback::CallbackAttempt;
use crate::engine::{ControlError, Engine, Outcome, RecordedRequest};
use crate::faults::{Fault, FaultError};
use crate::{BankTransfer, Builder, StartError, TokenCharge, server};

/// How long a stop waits for clients that do not finish their requests.
const PATIENCE: Duration = Duration::from_secs(5);

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

/// What runs beside a sandbox that listens.
#[derive(Debug)]
pub(crate) struct Tasks {
    pub(crate) stop: Option<oneshot::Sender<()>>,
    pub(crate) server: JoinHandle<()>,
    pub(crate) sender: JoinHandle<()>,
    /// Only in real time.
    pub(crate) ticker: Option<AbortHandle>,
}

impl Sandbox {
    /// Starts a sandbox with the seeded shop on a free port of `127.0.0.1`.
    ///
    /// # Errors
    ///
    /// As [`Builder::start`].
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
    }

    /// A sandbox to be set up differently.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// The server's address, such as `http://127.0.0.1:49152/`: API and gateway page alike. Without a
    /// network it is the [public one](Builder::public_url), or `https://sandbox.invalid/`, which leads
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
    /// clock. So with [`Builder::without_network`], [`Builder::seed`] and [`Builder::start_at`] the
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
        server::answer_in_memory(&self.engine, request).await
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
        charge: TokenCharge,
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
        self.engine.faults.arm(fault)
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

    /// The sandbox's time: the real time when it was started, or [`Builder::start_at`], and what it was set ahead by, and with
    /// [`Builder::real_time`] also what has passed since. In whole milliseconds.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.engine.clock.now()
    }

    /// The requests that the API received with their answers, oldest first; the last 1000 are kept. Calls of pages
    /// and below `/sandbox/` are not among them.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.engine.requests()
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
        let Some(tasks) = &mut self.tasks else {
            return;
        };
        if let Some(stop) = tasks.stop.take() {
            let _ = stop.send(());
        }
        let _ = tokio::time::timeout(PATIENCE, &mut tasks.server).await;
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
        // Open connections hear of the stop; the listener and the sender end right away.
        if let Some(tasks) = &mut self.tasks {
            drop(tasks.stop.take());
            tasks.server.abort();
            tasks.sender.abort();
            if let Some(ticker) = &tasks.ticker {
                ticker.abort();
            }
        }
        // Connections may outlive this by a moment, and the next sandbox is to find the file free.
        self.engine.close();
    }
}
