//! One sandbox's shop, clock and store, and the way in which everything reaches them.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use url::Url;
use uuid::Uuid;

use crate::callback::CallbackQueue;
use crate::cards::Card;
use crate::clock::Clock;
use crate::faults::Faults;
use crate::ids::Ids;
use crate::log::Log;
use crate::payment::token::TokenCharge;
use crate::payment::transitions::BankTransfer;
use crate::payment::{Payment, Person, Refusal};
#[cfg(test)]
use crate::store::db::Db;
use crate::store::db::StoreError;
use crate::store::{MayBeStore, Store};
use crate::wire;
use crate::{PAYEE, answer::state::Shop};

/// The log of requests holds this many; older ones are dropped.
const KEPT: usize = 1_000;

/// The shop of every sandbox. Assumed: nothing but the key matters to clients.
pub(crate) const SHOP: Shop = Shop {
    id: crate::POS_ID,
    name: "Sandbox Shop",
    owner_email: PAYEE,
    owner_country: "HU",
};

/// A request that the API received and what was answered, as it was on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The HTTP method in capital letters.
    pub method: String,
    /// The path as it was sent.
    pub path: String,
    /// What followed the `?`, undecoded.
    pub query: Option<String>,
    /// The headers in the order of their arrival, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body; bytes that are not UTF-8 are replaced. Empty when it was too large to be read.
    pub body: String,
    /// The HTTP status of the answer; 0 when the connection was cut by a fault.
    pub status: u16,
    /// The body of the answer; empty when the connection was cut.
    pub answer: String,
}

impl RecordedRequest {
    /// The first header of this name, in any letter case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// What became of a payment after its payer did something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Outcome {
    /// The payment, as 32 lower-case hex digits.
    pub payment_id: String,
    /// The payment's status in Barion's word, such as `Succeeded` or `Started`.
    pub status: String,
    /// What the bank said of the last card in Barion's word, such as `LowFunds`; `None` when no card
    /// was tried.
    pub process_result: Option<String>,
}

/// Why the payer could not do that. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ControlError {
    /// The id is none, or of no payment.
    #[error("there is no payment {0:?} in this sandbox")]
    UnknownPayment(String),
    /// The payment is in this status, in which the payer has no say any more.
    #[error("the payment is {0} and no longer open for the payer")]
    NotOpen(String),
    /// The payment is open, but not for this way of paying.
    #[error("that is not possible: {0}")]
    NotPossible(String),
    /// No successful payment has registered this `RecurrenceId`.
    #[error("there is no token {0:?} in this sandbox")]
    UnknownToken(String),
    /// The number does not pass the Luhn check, or has less than 12 or more than 19 digits.
    #[error("that is not a card number; the test card that succeeds is 4444 8888 8888 5559")]
    NotACard,
    /// The shop hears nothing of this payment: it was started without a `CallbackUrl`, or callbacks
    /// are off.
    #[error("nobody is called about the payment: it has no CallbackUrl, or callbacks are off")]
    NoCallback,
    /// The change could not be written to the file of [`Builder::db`](crate::Builder::db), and so was not made; why
    /// is said on stderr.
    #[error("the change could not be written to the sandbox's file")]
    NotWritten,
}

impl From<StoreError> for ControlError {
    fn from(_: StoreError) -> Self {
        Self::NotWritten
    }
}

/// What a sandbox is set up with.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) base: Url,
    /// Wallets that can be paid, in lower case; `None` when everybody can.
    pub(crate) payees: Option<HashSet<String>>,
    /// How many state calls for one payment are served within five seconds.
    pub(crate) rate_limit: Option<u8>,
    pub(crate) log: Log,
    /// Whether refunds need balance in the wallet.
    pub(crate) balance_rule: bool,
    /// Whether rules that the sources leave open are read in the stricter way.
    pub(crate) strict: bool,
}

/// The owner of the wallet and of its shops.
pub(crate) fn owner() -> Person {
    Person {
        email: Some(PAYEE.to_owned()),
        organization: Some("Sandbox Shop Ltd".to_owned()),
    }
}

fn report(error: &StoreError) {
    eprintln!("barion-sandbox: a call was undone: {error}");
}

/// A running sandbox behind its HTTP server.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) setup: Setup,
    pub(crate) owner: Person,
    pub(crate) wallet_key: Uuid,
    pub(crate) clock: Arc<Clock>,
    pub(crate) callbacks: CallbackQueue,
    pub(crate) faults: Faults,
    pub(crate) ids: Ids,
    /// One advance at a time, so that two of them add up.
    advancing: tokio::sync::Mutex<()>,
    /// None once the sandbox has been stopped.
    store: Mutex<Option<Store>>,
    requests: Mutex<VecDeque<RecordedRequest>>,
}

impl Engine {
    pub(crate) fn new(
        setup: Setup,
        clock: Arc<Clock>,
        callbacks: CallbackQueue,
        store: Store,
        ids: Ids,
    ) -> Self {
        Self {
            store: Mutex::new(Some(store)),
            setup,
            owner: owner(),
            wallet_key: wire::read_id(crate::WALLET_KEY).unwrap_or_default(),
            clock,
            callbacks,
            faults: Faults::default(),
            ids,
            advancing: tokio::sync::Mutex::new(()),
            requests: Mutex::new(VecDeque::new()),
        }
    }

    /// Does something with the store as it is at this moment: what is due has happened already. What was changed is
    /// kept before this returns, and what the shop is to hear of is on its way, in order; if the store fails, nothing
    /// was changed and nobody hears of anything.
    pub(crate) fn run<T, E: MayBeStore>(
        &self,
        work: impl FnOnce(&mut Store, DateTime<Utc>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.ids.scope(|| self.run_now(work))
    }

    fn run_now<T, E: MayBeStore>(
        &self,
        work: impl FnOnce(&mut Store, DateTime<Utc>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut store = self.store();
        let store = store.as_mut().ok_or(StoreError::Closed)?;
        let now = self.clock.now();
        let due = store.bring_up_to(now).map_err(E::from);
        let result = due.and_then(|()| work(store, now));
        if let Some(error) = result.as_ref().err().and_then(E::of_store) {
            report(error);
            store.undo();
            return result;
        }
        // What the work itself made due, as a bank's late answer does.
        let due = store.bring_up_to(now);
        match due.and_then(|()| store.commit(self.clock.standing())) {
            Ok(notices) => {
                for notice in notices {
                    // While nobody is called, no fault of a callback is used up.
                    if !self.callbacks.is_off() {
                        self.callbacks.send(notice, self.faults.of_callback());
                    }
                }
                result
            }
            Err(error) => {
                report(&error);
                store.undo();
                Err(error.into())
            }
        }
    }

    fn store(&self) -> MutexGuard<'_, Option<Store>> {
        self.store.lock().unwrap_or_else(|poisoned| {
            // Whoever held it got stuck midway.
            let mut store = poisoned.into_inner();
            store.iter_mut().for_each(Store::undo);
            self.store.clear_poison();
            store
        })
    }

    /// Does something to the database behind the back of the store.
    #[cfg(test)]
    pub(crate) fn disturb(&self, how: impl FnOnce(&Db)) {
        self.store().as_ref().map(Store::db).map(how);
    }

    /// Leaves the file to others.
    pub(crate) fn close(&self) {
        if let Some(store) = self.store().take()
            && let Err(error) = store.close(self.clock.standing())
        {
            report(&error);
        }
    }

    /// Whether there is a payment of this id.
    pub(crate) fn knows(&self, id: Uuid) -> Result<bool, StoreError> {
        self.run(|store, _| store.knows(id))
    }

    /// The payees without a wallet.
    pub(crate) fn strangers<'a>(&self, payees: impl Iterator<Item = &'a str>) -> Vec<String> {
        let Some(known) = &self.setup.payees else {
            return Vec::new();
        };
        payees
            .filter(|payee| !known.contains(&payee.to_lowercase()))
            .map(str::to_owned)
            .collect()
    }

    pub(crate) fn pay(&self, payment: &str, card: &str) -> Result<Outcome, ControlError> {
        let id = self.existing(payment)?;
        let card = Card::read(card).ok_or(ControlError::NotACard)?;
        self.act(payment, id, |payment, now| {
            self.strictly(payment, Payment::require_cards)?;
            payment.pay(card, now).map(drop)
        })
    }

    pub(crate) fn ask_bank(&self, payment: &str) -> Result<Outcome, ControlError> {
        let id = self.existing(payment)?;
        self.act(payment, id, |payment, now| {
            self.strictly(payment, Payment::require_cards)?;
            payment.ask_bank(now)
        })
    }

    pub(crate) fn pay_by_wallet(&self, payment: &str) -> Result<Outcome, ControlError> {
        let id = self.existing(payment)?;
        self.act(payment, id, Payment::pay_by_wallet)
    }

    pub(crate) fn bank_transfer(
        &self,
        payment: &str,
        outcome: BankTransfer,
    ) -> Result<Outcome, ControlError> {
        let id = self.existing(payment)?;
        self.act(payment, id, |payment, now| {
            self.strictly(payment, Payment::require_bank_transfers)?;
            payment.bank_transfer(outcome, now)
        })
    }

    pub(crate) fn next_token_charge(
        &self,
        recurrence_id: &str,
        charge: TokenCharge,
    ) -> Result<(), ControlError> {
        let found = self.run(|store, _| store.set_charge(recurrence_id, charge))?;
        found
            .then_some(())
            .ok_or_else(|| ControlError::UnknownToken(recurrence_id.to_owned()))
    }

    /// As [`Engine::pay`], but on the gateway page, where a challenge may come first.
    pub(crate) fn offer(&self, payment: &str, card: &str) -> Result<Outcome, ControlError> {
        let id = self.existing(payment)?;
        let card = Card::read(card).ok_or(ControlError::NotACard)?;
        self.act(payment, id, |payment, now| {
            self.strictly(payment, Payment::require_cards)?;
            payment.offer(card, now)
        })
    }

    pub(crate) fn answer_challenge(
        &self,
        payment: &str,
        approved: bool,
    ) -> Result<Outcome, ControlError> {
        let id = self.existing(payment)?;
        self.act(payment, id, |payment, now| {
            payment.answer_challenge(approved, now)
        })
    }

    pub(crate) fn cancel(&self, payment: &str) -> Result<Outcome, ControlError> {
        let id = self.existing(payment)?;
        self.act(payment, id, Payment::cancel)
    }

    /// Tells the shop once more of the payment as it is, with a series of attempts of its own. Returns
    /// the address that is called.
    pub(crate) fn call_back(&self, payment: &str) -> Result<String, ControlError> {
        let id = self.existing(payment)?;
        self.run(|store, _| store.notify(id))?
            .filter(|_| !self.callbacks.is_off())
            .ok_or(ControlError::NoCallback)
    }

    /// Goes from one due thing to the next, so that each happens at its own time and knows how the
    /// earlier ones went: a callback is repeated only if the attempt before it has failed.
    pub(crate) async fn advance(&self, by: Duration) -> Result<DateTime<Utc>, StoreError> {
        let _turn = self.advancing.lock().await;
        // In real time a callback under way takes time, and its repetition is counted from its end.
        self.callbacks.settled().await;
        let goal = self.clock.goal(by);
        loop {
            self.callbacks.settled().await;
            let expiry = self.run(|store, _| store.next_due())?;
            let next = expiry.into_iter().chain(self.callbacks.next()).min();
            match next.filter(|next| *next <= goal.time) {
                Some(next) => self.pass(|clock| clock.go_to(next))?,
                None => break,
            }
        }
        self.pass(|clock| clock.arrive(goal))?;
        Ok(self.clock.now())
    }

    fn pass(&self, step: impl FnOnce(&Clock)) -> Result<(), StoreError> {
        step(&self.clock);
        self.tick()
    }

    /// Lets everything happen that is due by now.
    pub(crate) fn tick(&self) -> Result<(), StoreError> {
        let done = self.run(|_, _| Ok(()));
        self.callbacks.look();
        done
    }

    /// A rule that holds in a strict sandbox only.
    fn strictly(
        &self,
        payment: &Payment,
        rule: impl FnOnce(&Payment) -> Result<(), Vec<Refusal>>,
    ) -> Result<(), Vec<Refusal>> {
        if self.setup.strict {
            return rule(payment);
        }
        Ok(())
    }

    /// An unknown payment is reported before a bad card number.
    fn existing(&self, payment: &str) -> Result<Uuid, ControlError> {
        let id = wire::read_id(payment);
        let known = match id {
            Some(id) => self.knows(id)?,
            None => false,
        };
        id.filter(|_| known)
            .ok_or_else(|| ControlError::UnknownPayment(payment.to_owned()))
    }

    fn act(
        &self,
        name: &str,
        id: Uuid,
        change: impl FnOnce(&mut Payment, DateTime<Utc>) -> Result<(), Vec<Refusal>>,
    ) -> Result<Outcome, ControlError> {
        let done = self.run(|store, now| {
            store.change(id, |payment| match change(payment, now) {
                Ok(()) => Ok(outcome(payment)),
                Err(refusals) => Err(match refusals.into_iter().next() {
                    Some(Refusal::Model(why)) => ControlError::NotPossible(why),
                    _ => ControlError::NotOpen(payment.status.name().to_owned()),
                }),
            })
        })?;
        done.unwrap_or_else(|| Err(ControlError::UnknownPayment(name.to_owned())))
    }

    pub(crate) fn record(&self, request: RecordedRequest) {
        let mut log = self.log();
        if log.len() == KEPT {
            log.pop_front();
        }
        log.push_back(request);
    }

    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        self.log().iter().cloned().collect()
    }

    fn log(&self) -> MutexGuard<'_, VecDeque<RecordedRequest>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn outcome(payment: &Payment) -> Outcome {
    Outcome {
        payment_id: wire::id(payment.id),
        status: payment.status.name().to_owned(),
        process_result: payment
            .attempt
            .as_ref()
            .map(|attempt| attempt.result.name().to_owned()),
    }
}
