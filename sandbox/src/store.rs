//! All state of a sandbox, in memory.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::answer::start::callback_url;
use crate::payment::Payment;
use crate::payment::token::Token;

/// A shop is to be told of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) payment: Uuid,
    pub(crate) url: String,
}

/// When something happens by itself, and to which payment. Of one millisecond the older payment goes
/// first, so that the order of callbacks is the same in every run.
type Due = (DateTime<Utc>, u64, Uuid);

/// Payments by id, what time will do to them in order, and the registered tokens.
///
/// Whoever brings another store along (a database, say) replaces this type.
#[derive(Debug, Default)]
pub(crate) struct Store {
    payments: HashMap<Uuid, Payment>,
    due: BTreeSet<Due>,
    tokens: HashMap<String, Token>,
    notices: Vec<Notice>,
}

impl Store {
    pub(crate) fn get(&self, id: Uuid) -> Option<&Payment> {
        self.payments.get(&id)
    }

    /// All payments, the newest first.
    pub(crate) fn newest(&self) -> Vec<&Payment> {
        let mut all: Vec<&Payment> = self.payments.values().collect();
        all.sort_unstable_by_key(|payment| std::cmp::Reverse(payment.serial));
        all
    }

    pub(crate) fn token(&self, recurrence_id: &str) -> Option<&Token> {
        self.tokens.get(recurrence_id)
    }

    /// Takes in a new payment. Its start is told to nobody, a charge that came with it is.
    pub(crate) fn add(&mut self, mut payment: Payment) -> Uuid {
        let id = payment.id;
        payment.serial = self.payments.len() as u64;
        self.payments.insert(id, payment);
        self.after_change(id, 0, None);
        id
    }

    /// Changes a payment and keeps everything in step with it. `None` when there is no such payment.
    pub(crate) fn change<T>(
        &mut self,
        id: Uuid,
        change: impl FnOnce(&mut Payment) -> T,
    ) -> Option<T> {
        let payment = self.payments.get_mut(&id)?;
        let (revision, due) = (payment.revision, payment.due());
        let result = change(payment);
        self.after_change(id, revision, due);
        Some(result)
    }

    /// Lets everything happen that is due by now, in the order in which it is due.
    pub(crate) fn bring_up_to(&mut self, now: DateTime<Utc>) {
        while let Some((due, _, id)) = self.due.first().copied()
            && due <= now
        {
            self.due.pop_first();
            self.change(id, |payment| payment.expire(due));
        }
    }

    /// Has the shop told of a payment though nothing changed. Returns the address.
    pub(crate) fn notify(&mut self, id: Uuid) -> Option<String> {
        let url = callback_url(self.get(id)?)?;
        self.notices.push(Notice {
            payment: id,
            url: url.clone(),
        });
        Some(url)
    }

    /// When the next thing happens by itself.
    pub(crate) fn next_due(&self) -> Option<DateTime<Utc>> {
        self.due.first().map(|(due, _, _)| *due)
    }

    /// The notices since the last call, in order.
    pub(crate) fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    fn after_change(&mut self, id: Uuid, revision: u64, due: Option<DateTime<Utc>>) {
        let Some(payment) = self.payments.get_mut(&id) else {
            return;
        };
        if let Some(due) = due {
            self.due.remove(&(due, payment.serial, id));
        }
        if let Some(due) = payment.due() {
            self.due.insert((due, payment.serial, id));
        }
        if let Some((name, token)) = payment.recurrence.minted.take() {
            self.tokens.insert(name, token);
        }
        if payment.revision != revision
            && let Some(url) = callback_url(payment)
        {
            self.notices.push(Notice { payment: id, url });
        }
    }
}
