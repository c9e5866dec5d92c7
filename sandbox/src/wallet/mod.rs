//! The wallet of the shops' owner: its accounts and everything that was booked on them.

mod follow;
pub(crate) mod orders;
pub(crate) mod statement;
mod zip;

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde::Serialize;
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
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) id: Uuid,
    pub(crate) currency: Currency,
    pub(crate) opening: Decimal,
    pub(crate) available: Decimal,
    pub(crate) blocked: Decimal,
}

/// The kinds of history items that occur here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum BalanceChange {
    NoChange,
    Credit,
    Debit,
}

/// What kind of participant one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum Side {
    User,
    Shop,
    System,
}

/// Where money came from or went to.
#[derive(Clone, Debug)]
pub(crate) struct Participant {
    pub(crate) account: Option<Uuid>,
    pub(crate) side: Side,
    pub(crate) person: Person,
    /// Public key and name.
    pub(crate) shop: Option<(Uuid, String)>,
}

/// One entry of the history.
#[derive(Clone, Debug)]
pub(crate) struct HistoryItem {
    pub(crate) id: Uuid,
    pub(crate) kind: ItemKind,
    pub(crate) at: DateTime<Utc>,
    /// Its place among the items of the same moment.
    pub(crate) order: u32,
    pub(crate) source: Participant,
    pub(crate) target: Participant,
    pub(crate) amount: Decimal,
    pub(crate) currency: Currency,
    pub(crate) description: Option<String>,
    pub(crate) in_progress: bool,
    /// What it did to the two balances.
    pub(crate) available: Decimal,
    pub(crate) blocked: Decimal,
    pub(crate) payment: Option<Uuid>,
    /// The refunded payment.
    pub(crate) original: Option<Uuid>,
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
        };
        for (code, amount) in OPENING {
            if let Some(currency) = CURRENCIES.into_iter().find(|one| one.code == code) {
                wallet.open(currency, Decimal::from(amount));
            }
        }
        wallet
    }

    fn open(&mut self, currency: Currency, opening: Decimal) -> usize {
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
        place
    }

    /// Changes what an item did to the balances, and the balances with it.
    fn rebook(&mut self, place: usize, available: Decimal, blocked: Decimal, in_progress: bool) {
        let Some(item) = self.items.get_mut(place) else {
            return;
        };
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
