//! Payments and the rules that change them. Nothing here knows of HTTP or of JSON's layout.

pub(crate) mod challenge;
pub(crate) mod expiry;
pub(crate) mod fees;
pub(crate) mod finish;
pub(crate) mod history;
pub(crate) mod kinds;
pub(crate) mod means;
pub(crate) mod prepare;
pub(crate) mod refund;
pub(crate) mod token;
pub(crate) mod transitions;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::cards::{Card, ProcessResult};
use crate::pos::Pos;
use history::{Event, Moment};
use kinds::{
    Currency, PaymentMethod, PaymentStatus, PaymentType, RecurrenceResult, TransactionStatus,
    TransactionType,
};
use token::Token;

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
    #[serde(with = "crate::exact::period")]
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
    #[serde(with = "crate::pos::by_key")]
    pub(crate) shop: Arc<Pos>,
    pub(crate) shop_owner: Person,
    /// Its place among the store's payments.
    #[serde(skip)]
    pub(crate) serial: i64,
    /// Grows with every change that the shop is told about.
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
    /// What happened since then, in the order in which it was noticed. The store keeps it, and puts it here for pages
    /// only; otherwise it is what the store has not taken over yet.
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

/// One money movement of a payment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Transaction {
    pub(crate) id: Uuid,
    pub(crate) role: Role,
    pub(crate) pos_id: Option<String>,
    pub(crate) time: DateTime<Utc>,
    /// The amount it was made with; never changed later.
    #[serde(with = "crate::exact::decimal")]
    pub(crate) total: Decimal,
    /// What finishing or capturing left of it.
    #[serde(with = "crate::exact::option")]
    pub(crate) settled: Option<Decimal>,
    #[serde(with = "crate::exact::decimal")]
    pub(crate) refunded: Decimal,
    pub(crate) captured_at: Option<DateTime<Utc>>,
    pub(crate) payer: Option<Person>,
    pub(crate) payee: Person,
    pub(crate) comment: Option<String>,
    pub(crate) status: TransactionStatus,
    pub(crate) kind: TransactionType,
    pub(crate) items: Vec<Item>,
    pub(crate) related: Option<Uuid>,
}

impl Transaction {
    /// What is still with the payee.
    pub(crate) fn kept(&self) -> Decimal {
        self.settled.unwrap_or(self.total) - self.refunded
    }
}

/// Why a transaction exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Role {
    /// Asked for by the shop.
    Main,
    /// A part passed on to somebody else, by `PayeeTransactions`.
    Payee,
    Fee,
    Refund,
}

/// Somebody who pays or is paid.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Person {
    pub(crate) email: Option<String>,
    pub(crate) organization: Option<String>,
}

impl Person {
    pub(crate) fn with_email(email: &str) -> Self {
        Self {
            email: Some(email.to_owned()),
            organization: None,
        }
    }

    pub(crate) fn barion() -> Self {
        Self {
            email: None,
            organization: Some("Barion".to_owned()),
        }
    }
}

/// An attempt to charge a card.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Attempt {
    pub(crate) card: Card,
    pub(crate) valid_thru_year: i32,
    pub(crate) authorization_code: Option<String>,
    pub(crate) result: ProcessResult,
}

/// A line of a transaction, echoed in states.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Item {
    pub(crate) name: String,
    pub(crate) description: String,
    #[serde(with = "crate::exact::decimal")]
    pub(crate) quantity: Decimal,
    pub(crate) unit: String,
    #[serde(with = "crate::exact::decimal")]
    pub(crate) unit_price: Decimal,
    #[serde(with = "crate::exact::decimal")]
    pub(crate) line_total: Decimal,
    pub(crate) sku: Option<String>,
}

/// Why a rule refused a change. Nothing was changed then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The payment, or a transaction of it, is in a state that does not allow the call.
    Status(String),
    /// No transaction of this id belongs to the payment.
    Foreign(Uuid),
    /// The transaction is of a kind that the call cannot act on.
    Kind(Uuid),
    /// More is asked for than is left.
    TooMuch(Uuid),
    /// The wallet does not hold enough.
    LowBalance,
    /// The call contradicts the payment in another way.
    Model(String),
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
    fn places(&self) -> HashMap<Uuid, usize> {
        let all = self.transactions.iter().enumerate();
        all.map(|(place, one)| (one.id, place)).collect()
    }

    /// How many parts are passed on from the transaction at this place; they follow it in the list.
    fn parts_after(&self, place: usize) -> usize {
        let parent = Some(self.transactions[place].id);
        let rest = &self.transactions[place + 1..];
        rest.iter()
            .take_while(|one| one.role == Role::Payee && one.related == parent)
            .count()
    }

    fn changed(&mut self) {
        self.revision += 1;
    }

    fn require(&self, allowed: &[PaymentStatus]) -> Result<(), Vec<Refusal>> {
        if allowed.contains(&self.status) {
            return Ok(());
        }
        Err(vec![Refusal::Status(format!(
            "The payment is {}, which does not allow this operation.",
            self.status.name()
        ))])
    }

    /// Sets the status of the main transactions and of the parts passed on from them.
    fn set_transactions(&mut self, status: TransactionStatus) {
        for one in &mut self.transactions {
            if matches!(one.role, Role::Main | Role::Payee) {
                one.status = status;
            }
        }
    }
}
