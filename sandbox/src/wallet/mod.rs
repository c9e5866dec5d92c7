//! The wallet of the shops' owner: its accounts and everything that was booked on them.

mod follow;
pub(crate) mod orders;
pub(crate) mod statement;
mod zip;

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::payment::Person;
use crate::payment::kinds::{CURRENCIES, Currency};

/// What the accounts begin with. Accounts in other currencies are opened with the first money.
const OPENING: [(&str, i64); 4] = [
    ("HUF", 1_000_000),
    ("EUR", 10_000),
    ("USD", 10_000),
    ("CZK", 100_000),
];

/// Money sent to somebody without a wallet waits this long for them to register.
const WAITING_TIME: TimeDelta = TimeDelta::days(7);

/// One account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) id: Uuid,
    pub(crate) currency: Currency,
    #[serde(with = "crate::exact::decimal")]
    pub(crate) opening: Decimal,
    #[serde(with = "crate::exact::decimal")]
    pub(crate) available: Decimal,
    #[serde(with = "crate::exact::decimal")]
    pub(crate) blocked: Decimal,
}

/// The kinds of history items that occur here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ItemKind {
    InternalTransferToExternalUser,
    ElectronicPayment,
    CardPayment,
    BankTransferPayment,
    RefundToCard,
    RefundToWallet,
    RefundToBankAccount,
    PayeeTransaction,
    GatewayFee,
    BankTransferPaymentFee,
    UnsuccessfulTransfer,
    Withdraw,
}

/// In which direction an item changed the available balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum BalanceChange {
    NoChange,
    Credit,
    Debit,
}

/// What kind of participant one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Side {
    User,
    Shop,
    System,
}

/// Where money came from or went to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Participant {
    pub(crate) account: Option<Uuid>,
    pub(crate) side: Side,
    pub(crate) person: Person,
    /// Public key and name.
    pub(crate) shop: Option<(Uuid, String)>,
}

/// One entry of the history.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct HistoryItem {
    pub(crate) id: Uuid,
    pub(crate) kind: ItemKind,
    pub(crate) at: DateTime<Utc>,
    /// Its place among the items of the same moment.
    pub(crate) order: u32,
    pub(crate) source: Participant,
    pub(crate) target: Participant,
    #[serde(with = "crate::exact::decimal")]
    pub(crate) amount: Decimal,
    pub(crate) currency: Currency,
    pub(crate) description: Option<String>,
    pub(crate) in_progress: bool,
    /// What it did to the two balances.
    #[serde(with = "crate::exact::decimal")]
    pub(crate) available: Decimal,
    #[serde(with = "crate::exact::decimal")]
    pub(crate) blocked: Decimal,
    pub(crate) payment: Option<Uuid>,
    /// The refunded payment.
    pub(crate) original: Option<Uuid>,
    /// The transaction of the payment that it follows.
    pub(super) transaction: Option<Uuid>,
    /// When the money comes back, if nobody registers to get it.
    pub(super) returns: Option<DateTime<Utc>>,
}

impl HistoryItem {
    pub(crate) fn change(&self) -> BalanceChange {
        if self.available.is_zero() {
            BalanceChange::NoChange
        } else if self.available.is_sign_negative() {
            BalanceChange::Debit
        } else {
            BalanceChange::Credit
        }
    }
}

/// Accounts and history. What belongs to payments is followed from the payments' own transactions,
/// so that no rule of theirs has to know of the wallet.
#[derive(Debug)]
pub(crate) struct Wallet {
    pub(crate) owner: Person,
    pub(crate) opened_at: DateTime<Utc>,
    accounts: Vec<Account>,
    items: Vec<HistoryItem>,
    /// Where the item with this id is.
    places: HashMap<Uuid, usize>,
    /// Where the item of this transaction is.
    followed: HashMap<Uuid, usize>,
    /// Which transfers return, and when.
    returning: BTreeSet<(DateTime<Utc>, usize)>,
    changed: Changed,
}

/// What a file has not been told yet.
#[derive(Debug, Default)]
struct Changed {
    accounts: bool,
    /// The places of items.
    items: BTreeSet<usize>,
}

impl Wallet {
    pub(crate) fn new(owner: Person, now: DateTime<Utc>) -> Self {
        let mut wallet = Self {
            owner,
            opened_at: now,
            accounts: Vec::new(),
            items: Vec::new(),
            places: HashMap::new(),
            followed: HashMap::new(),
            returning: BTreeSet::new(),
            changed: Changed::default(),
        };
        for (code, amount) in OPENING {
            if let Some(currency) = CURRENCIES.into_iter().find(|one| one.code == code) {
                wallet.open(currency, Decimal::from(amount));
            }
        }
        wallet
    }

    /// As it was before: everything else follows from these.
    #[cfg(feature = "db")]
    pub(crate) fn restored(
        owner: Person,
        opened_at: DateTime<Utc>,
        accounts: Vec<Account>,
        items: Vec<HistoryItem>,
    ) -> Self {
        let mut wallet = Self {
            owner,
            opened_at,
            accounts,
            items: Vec::new(),
            places: HashMap::new(),
            followed: HashMap::new(),
            returning: BTreeSet::new(),
            changed: Changed::default(),
        };
        for (place, item) in items.iter().enumerate() {
            wallet.places.insert(item.id, place);
            if let Some(transaction) = item.transaction {
                wallet.followed.insert(transaction, place);
            }
            if let Some(due) = item.returns {
                wallet.returning.insert((due, place));
            }
        }
        wallet.items = items;
        wallet
    }

    /// The accounts with their places, if any has changed.
    #[cfg(feature = "db")]
    pub(crate) fn changed_accounts(&self) -> impl Iterator<Item = (usize, &Account)> {
        let changed = self.changed.accounts;
        let accounts = self.accounts.iter().enumerate();
        accounts.filter(move |_| changed)
    }

    /// The items that were added or changed, with their places.
    #[cfg(feature = "db")]
    pub(crate) fn changed_items(&self) -> impl Iterator<Item = (usize, &HistoryItem)> {
        let places = self.changed.items.iter();
        places.filter_map(|place| Some((*place, self.items.get(*place)?)))
    }

    pub(crate) fn forget_changes(&mut self) {
        self.changed = Changed::default();
    }

    fn open(&mut self, currency: Currency, opening: Decimal) -> usize {
        self.changed.accounts = true;
        self.accounts.push(Account {
            id: Uuid::new_v4(),
            currency,
            opening,
            available: opening,
            blocked: Decimal::ZERO,
        });
        self.accounts.len() - 1
    }

    pub(crate) fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    pub(crate) fn account(&self, currency: Currency) -> Option<&Account> {
        self.accounts.iter().find(|one| one.currency == currency)
    }

    /// What can be spent in a currency.
    pub(crate) fn available(&self, currency: Currency) -> Decimal {
        self.account(currency)
            .map_or(Decimal::ZERO, |one| one.available)
    }

    /// The items, oldest first.
    pub(crate) fn items(&self) -> &[HistoryItem] {
        &self.items
    }

    /// Where an item is in the history.
    pub(crate) fn place(&self, id: Uuid) -> Option<usize> {
        self.places.get(&id).copied()
    }

    /// Books a new item and returns its place.
    fn add(&mut self, mut item: HistoryItem) -> usize {
        item.order = match self.items.last() {
            Some(last) if last.at == item.at => last.order.saturating_add(1),
            _ => 0,
        };
        self.shift(item.currency, item.available, item.blocked);
        let place = self.items.len();
        self.places.insert(item.id, place);
        self.items.push(item);
        self.changed.items.insert(place);
        place
    }

    /// Changes what an item did to the balances, and the balances with it.
    fn rebook(&mut self, place: usize, available: Decimal, blocked: Decimal, in_progress: bool) {
        let Some(item) = self.items.get_mut(place) else {
            return;
        };
        if (item.available, item.blocked, item.in_progress) == (available, blocked, in_progress) {
            return;
        }
        self.changed.items.insert(place);
        let (currency, more, more_blocked) = (
            item.currency,
            available - item.available,
            blocked - item.blocked,
        );
        item.available = available;
        item.blocked = blocked;
        item.in_progress = in_progress;
        self.shift(currency, more, more_blocked);
    }

    fn shift(&mut self, currency: Currency, available: Decimal, blocked: Decimal) {
        let known = self
            .accounts
            .iter()
            .position(|one| one.currency == currency);
        let place = known.unwrap_or_else(|| self.open(currency, Decimal::ZERO));
        let account = &mut self.accounts[place];
        account.available += available;
        account.blocked += blocked;
        self.changed.accounts = true;
    }

    /// Lets transfers return for which nobody registered in time.
    pub(crate) fn bring_up_to(&mut self, now: DateTime<Utc>) {
        while let Some((due, place)) = self.returning.first().copied()
            && due <= now
        {
            self.returning.pop_first();
            let Some(sent) = self.items.get_mut(place) else {
                continue;
            };
            sent.in_progress = false;
            sent.returns = None;
            self.changed.items.insert(place);
            let mut back = sent.clone();
            back.id = Uuid::new_v4();
            back.kind = ItemKind::UnsuccessfulTransfer;
            back.at = due;
            std::mem::swap(&mut back.source, &mut back.target);
            back.available = back.amount;
            self.add(back);
        }
    }

    fn owner_side(&self, currency: Currency) -> Participant {
        Participant {
            account: self.account(currency).map(|one| one.id),
            side: Side::User,
            person: self.owner.clone(),
            shop: None,
        }
    }
}
