//! A payment: its data, and what its rules have in common.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::history::{Event, Moment};
use super::kinds::{
    PaymentMethod, PaymentStatus, PaymentType, RecurrenceResult, TransactionStatus,
};
use super::refusal::Refusal;
use super::token::Token;
use super::transaction::{Role, Transaction};
use crate::domain::cards::{Card, ProcessResult};
use crate::domain::currency::Currency;
use crate::domain::person::Person;
use crate::domain::shop::Shop;
use crate::values::address::with_payment_id;

/// One payment with its whole history.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Payment {
    pub(crate) id: Uuid,
    pub(crate) request_id: String,
    pub(crate) order_number: Option<String>,
    pub(crate) kind: PaymentType,
    pub(crate) status: PaymentStatus,
    pub(crate) method: PaymentMethod,
    /// Where the money came from, once it did.
    pub(crate) funded: Option<Cow<'static, str>>,
    /// The last attempt to charge a card, successful or not.
    pub(crate) attempt: Option<Attempt>,
    pub(crate) funding_sources: Vec<String>,
    pub(crate) guest_checkout: bool,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) valid_until: DateTime<Utc>,
    pub(crate) completed_at: Option<DateTime<Utc>>,
    pub(crate) reserved_until: Option<DateTime<Utc>>,
    pub(crate) capture_until: Option<DateTime<Utc>>,
    #[serde(with = "crate::values::exact::period")]
    pub(crate) capture_period: TimeDelta,
    pub(crate) transactions: Vec<Transaction>,
    pub(crate) locale: String,
    pub(crate) currency: Currency,
    pub(crate) redirect_url: Option<String>,
    pub(crate) callback_url: Option<String>,
    pub(crate) payer_hint: Option<String>,
    /// The shop asked for an exemption from the payer's authentication.
    pub(crate) exempt: bool,
    pub(crate) recurrence: Recurrence,
    /// The shop that started it.
    #[serde(with = "crate::domain::shop::by_key")]
    pub(crate) shop: Arc<Shop>,
    pub(crate) shop_owner: Person,
    /// Its place among the store's payments.
    #[serde(skip)]
    pub(crate) serial: i64,
    /// Grows with every change that causes a callback.
    pub(crate) revision: u64,
    /// When state calls were last counted from, and how many there were since.
    pub(crate) polls: Option<(DateTime<Utc>, u8)>,
    /// The shop wants the payer to be challenged.
    pub(crate) challenge_required: bool,
    /// The card that waits for the payer's answer to a challenge.
    pub(crate) challenged: Option<Card>,
    /// When the bank last took its time over a card and then declined it.
    #[serde(default)]
    pub(crate) bank_declined: Option<DateTime<Utc>>,
    /// Where in the order of moments it was started.
    pub(crate) started: Moment,
    /// How many of the transactions were made by the start.
    pub(crate) made_at_start: usize,
    /// What happened since then, in the order in which it was noticed. The store keeps it, and puts
    /// it here for pages only; otherwise it is what the store has not taken over yet.
    #[serde(skip)]
    pub(crate) history: Vec<(Moment, Event)>,
}

/// What belongs to token payments.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Recurrence {
    pub(crate) kind: Option<Cow<'static, str>>,
    /// The id under which a successful payment registers a token.
    pub(crate) registers: Option<String>,
    pub(crate) result: RecurrenceResult,
    pub(crate) trace_id: Option<String>,
    /// The token that `Complete` charges once the payer has authenticated.
    pub(crate) awaiting: Option<Token>,
    /// Whether the payer's authentication will turn out to have failed.
    pub(crate) challenge_fails: bool,
    pub(crate) client_data: Option<String>,
    /// A token that the last change made and that the store has not taken over yet.
    #[serde(skip)]
    pub(crate) minted: Option<(String, Token)>,
}

/// An attempt to charge a card.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Attempt {
    pub(crate) card: Card,
    pub(crate) valid_thru_year: i32,
    pub(crate) authorization_code: Option<String>,
    pub(crate) result: ProcessResult,
}

impl Payment {
    /// What the payment amounts to now.
    pub(crate) fn total(&self) -> Decimal {
        match self.status {
            // Assumed for Failed, by analogy.
            PaymentStatus::Canceled | PaymentStatus::Expired | PaymentStatus::Failed => {
                Decimal::ZERO
            }
            _ => self.main().map(Transaction::kept).sum(),
        }
    }

    /// Whether the payer can still pay or cancel.
    pub(crate) fn is_open(&self) -> bool {
        matches!(
            self.status,
            PaymentStatus::Prepared | PaymentStatus::Started
        )
    }

    pub(crate) fn main(&self) -> impl Iterator<Item = &Transaction> {
        self.transactions
            .iter()
            .filter(|one| one.role == Role::Main)
    }

    /// Where each transaction is in the list.
    pub(super) fn places(&self) -> HashMap<Uuid, usize> {
        let all = self.transactions.iter().enumerate();
        all.map(|(place, one)| (one.id, place)).collect()
    }

    /// How many parts are passed on from the transaction at this place; they follow it in the list.
    pub(super) fn parts_after(&self, place: usize) -> usize {
        let parent = Some(self.transactions[place].id);
        let rest = &self.transactions[place + 1..];
        rest.iter()
            .take_while(|one| one.role == Role::Payee && one.related == parent)
            .count()
    }

    pub(super) fn changed(&mut self) {
        self.revision += 1;
    }

    pub(super) fn require(&self, allowed: &[PaymentStatus]) -> Result<(), Vec<Refusal>> {
        if allowed.contains(&self.status) {
            return Ok(());
        }
        Err(vec![Refusal::Status(format!(
            "The payment is {}, which does not allow this operation.",
            self.status.name()
        ))])
    }

    /// Sets the status of the main transactions and of the parts passed on from them.
    pub(super) fn set_transactions(&mut self, status: TransactionStatus) {
        for one in &mut self.transactions {
            if matches!(one.role, Role::Main | Role::Payee) {
                one.status = status;
            }
        }
    }

    /// Notes a change that causes a callback; to be called after all of the change.
    pub(super) fn note(&mut self, at: DateTime<Utc>, what: &'static str) {
        let event = Event::Change {
            what: Cow::Borrowed(what),
            status: self.status,
            transactions: self.transactions.len(),
        };
        self.note_event(Moment::new(at), event);
    }

    pub(super) fn note_event(&mut self, moment: Moment, event: Event) {
        self.history.push((moment, event));
    }

    /// Where the payer goes after the gateway page, with the payment's id.
    pub(crate) fn redirect_address(&self) -> Option<String> {
        let address = self.redirect_url.as_deref()?;
        Some(with_payment_id(address, self.id))
    }

    /// Where callbacks about the payment go, with the payment's id.
    pub(crate) fn callback_address(&self) -> Option<String> {
        let address = self.callback_url.as_deref()?;
        Some(with_payment_id(address, self.id))
    }
}
