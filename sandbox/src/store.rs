//! All state of a sandbox, in memory.

#[cfg(feature = "db")]
mod rows;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::answer::start::callback_url;
use crate::payment::Payment;
use crate::payment::token::{Token, TokenCharge};
use crate::pos::Pos;
use crate::wallet::Wallet;

/// A shop is to be told of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) payment: Uuid,
    pub(crate) url: String,
}

/// When something happens by itself, and to which payment. Of one millisecond the older payment goes
/// first, so that the order of callbacks is the same in every run.
type Due = (DateTime<Utc>, u64, Uuid);

/// Payments by id, what time will do to them in order, the registered tokens, shops and the wallet.
///
/// Whoever brings another store along (a database, say) replaces this type.
#[derive(Debug)]
pub(crate) struct Store {
    /// The time up to which everything has happened.
    now: DateTime<Utc>,
    pub(crate) wallet: Wallet,
    shops: Vec<Arc<Pos>>,
    payments: HashMap<Uuid, Payment>,
    due: BTreeSet<Due>,
    /// By the shop's public key and its `RecurrenceId`.
    tokens: HashMap<(Uuid, String), Token>,
    /// The last payment that was to register a token.
    first_payments: HashMap<(Uuid, String), Uuid>,
    notices: Vec<Notice>,
    changed: Changed,
}

/// What a file has not been told yet, besides the wallet's own.
#[derive(Debug, Default)]
struct Changed {
    /// The places of shops.
    shops: BTreeSet<usize>,
    payments: BTreeSet<Uuid>,
    tokens: BTreeSet<(Uuid, String)>,
}

impl Store {
    pub(crate) fn new(shop: Pos, wallet: Wallet) -> Self {
        Self {
            now: wallet.opened_at,
            wallet,
            shops: vec![Arc::new(shop)],
            payments: HashMap::new(),
            due: BTreeSet::new(),
            tokens: HashMap::new(),
            first_payments: HashMap::new(),
            notices: Vec::new(),
            changed: Changed {
                shops: BTreeSet::from([0]),
                ..Changed::default()
            },
        }
    }

    /// All shops in the order of their creation.
    pub(crate) fn shops(&self) -> &[Arc<Pos>] {
        &self.shops
    }

    pub(crate) fn add_shop(&mut self, shop: Pos) {
        self.changed.shops.insert(self.shops.len());
        self.shops.push(Arc::new(shop));
    }

    /// The shop that this secret key opens.
    pub(crate) fn shop_of_key(&self, secret: Uuid) -> Option<&Arc<Pos>> {
        self.shops.iter().find(|shop| shop.secret == secret)
    }

    pub(crate) fn get(&self, id: Uuid) -> Option<&Payment> {
        self.payments.get(&id)
    }

    /// All payments, the newest first.
    pub(crate) fn newest(&self) -> Vec<&Payment> {
        let mut all: Vec<&Payment> = self.payments.values().collect();
        all.sort_unstable_by_key(|payment| std::cmp::Reverse(payment.serial));
        all
    }

    pub(crate) fn token(&self, shop: Uuid, recurrence_id: &str) -> Option<&Token> {
        self.tokens.get(&(shop, recurrence_id.to_owned()))
    }

    /// Whether the payment that was to register this token has ended without success.
    pub(crate) fn token_failed(&self, shop: Uuid, recurrence_id: &str) -> bool {
        let first = self.first_payments.get(&(shop, recurrence_id.to_owned()));
        first
            .and_then(|id| self.payments.get(id))
            .is_some_and(|payment| payment.funded.is_none() && payment.completed_at.is_some())
    }

    /// Takes away what the next charge of the token was set to.
    pub(crate) fn take_charge(&mut self, shop: Uuid, recurrence_id: &str) -> TokenCharge {
        let name = (shop, recurrence_id.to_owned());
        let Some(token) = self.tokens.get_mut(&name) else {
            return TokenCharge::Successful;
        };
        let charge = std::mem::take(&mut token.next);
        self.changed.tokens.insert(name);
        charge
    }

    /// Sets what the next charge ends in, of every shop's token of this name. `false` when there is
    /// none.
    pub(crate) fn set_charge(&mut self, recurrence_id: &str, charge: TokenCharge) -> bool {
        let mut found = false;
        for (key, token) in &mut self.tokens {
            if key.1 == recurrence_id {
                token.next = charge;
                self.changed.tokens.insert(key.clone());
                found = true;
            }
        }
        found
    }

    /// Takes in a new payment. Its start is told to nobody, a charge that came with it is.
    pub(crate) fn add(&mut self, mut payment: Payment) -> Uuid {
        let id = payment.id;
        payment.serial = self.payments.len() as u64;
        if let Some(name) = &payment.recurrence.registers {
            let name = (payment.shop.public, name.clone());
            self.first_payments.insert(name, id);
        }
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
            self.wallet.bring_up_to(due);
            self.now = due;
            self.change(id, |payment| payment.expire(due));
        }
        self.wallet.bring_up_to(now);
        self.now = now;
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

    /// Everything that changed has been written, or nobody wants to know.
    pub(crate) fn forget_changes(&mut self) {
        self.changed = Changed::default();
        self.wallet.forget_changes();
    }

    fn after_change(&mut self, id: Uuid, revision: u64, due: Option<DateTime<Utc>>) {
        let Some(payment) = self.payments.get_mut(&id) else {
            return;
        };
        self.changed.payments.insert(id);
        if let Some(due) = due {
            self.due.remove(&(due, payment.serial, id));
        }
        if let Some(due) = payment.due() {
            self.due.insert((due, payment.serial, id));
        }
        if let Some((name, token)) = payment.recurrence.minted.take() {
            let name = (payment.shop.public, name);
            self.changed.tokens.insert(name.clone());
            self.tokens.insert(name, token);
        }
        self.wallet.follow(payment, self.now);
        if payment.revision != revision
            && let Some(url) = callback_url(payment)
        {
            self.notices.push(Notice { payment: id, url });
        }
    }
}
