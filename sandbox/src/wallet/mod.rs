//! The wallet of the shops' owner: its accounts and everything that was booked on them.

mod follow;
pub(crate) mod orders;
pub(crate) mod statement;
mod zip;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ids::new_id;
use crate::payment::Person;
use crate::payment::kinds::{CURRENCIES, Currency};
use crate::request::wallet::HistoryQuery;
use crate::store::db::{Db, StoreError, state, text};
use crate::store::{micros, time};

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
pub(crate) struct Wallet<'a> {
    pub(crate) db: &'a Db,
    pub(crate) owner: &'a Person,
    pub(crate) opened_at: DateTime<Utc>,
}

impl Wallet<'_> {
    /// Opens the accounts that every wallet begins with.
    pub(crate) fn open_accounts(&self) -> Result<(), StoreError> {
        for (code, amount) in OPENING {
            if let Some(currency) = CURRENCIES.into_iter().find(|one| one.code == code) {
                self.open(currency, Decimal::from(amount))?;
            }
        }
        Ok(())
    }

    fn open(&self, currency: Currency, opening: Decimal) -> Result<Account, StoreError> {
        let account = Account {
            id: new_id(),
            currency,
            opening,
            available: opening,
            blocked: Decimal::ZERO,
        };
        self.db.write(
            "INSERT INTO accounts (currency, state) VALUES (?1, ?2)",
            (currency.code, text(&account)?),
        )?;
        Ok(account)
    }

    /// In the order of their opening; one for each currency at most.
    pub(crate) fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        let query = "SELECT state FROM accounts ORDER BY place";
        self.db.all(query, [], |row| state(row, 0))
    }

    pub(crate) fn account(&self, currency: Currency) -> Result<Option<Account>, StoreError> {
        let query = "SELECT state FROM accounts WHERE currency = ?1";
        self.db.first(query, [currency.code], |row| state(row, 0))
    }

    /// What can be spent in a currency.
    pub(crate) fn available(&self, currency: Currency) -> Result<Decimal, StoreError> {
        let account = self.account(currency)?;
        Ok(account.map_or(Decimal::ZERO, |one| one.available))
    }

    /// An item by its id.
    pub(crate) fn item(&self, id: Uuid) -> Result<Option<HistoryItem>, StoreError> {
        let query = "SELECT state FROM items WHERE id = ?1";
        self.db.first(query, [id.into_bytes()], |row| state(row, 0))
    }

    /// The items that fit, newest first. `None` when the item to begin behind is none.
    pub(crate) fn history(
        &self,
        wanted: &HistoryQuery,
    ) -> Result<Option<Vec<HistoryItem>>, StoreError> {
        let mut end = i64::MAX;
        if let Some(id) = wanted.before {
            let query = "SELECT place FROM items WHERE id = ?1";
            match self
                .db
                .first(query, [id.into_bytes()], |row| Ok(row.get(0)?))?
            {
                Some(place) => end = place,
                None => return Ok(None),
            }
        }
        let start = wanted.since.map_or(Ok(0), |since| self.place_at(since))?;
        let limit = i64::try_from(wanted.limit).unwrap_or(i64::MAX);
        let items = match wanted.currency {
            Some(only) => self.db.all(
                "SELECT state FROM items WHERE currency = ?1 AND place >= ?2 AND place < ?3 \
                 ORDER BY place DESC LIMIT ?4",
                (only.code, start, end, limit),
                |row| state(row, 0),
            ),
            None => self.db.all(
                "SELECT state FROM items WHERE place >= ?1 AND place < ?2 ORDER BY place DESC LIMIT ?3",
                (start, end, limit),
                |row| state(row, 0),
            ),
        };
        items.map(Some)
    }

    /// The place of the first item at or after a time. As time does not go back, all others after it stand behind it.
    fn place_at(&self, at: DateTime<Utc>) -> Result<i64, StoreError> {
        let query = "SELECT place FROM items WHERE at >= ?1 ORDER BY at, place LIMIT 1";
        let first = self.db.first(query, [micros(at)], |row| Ok(row.get(0)?))?;
        Ok(first.unwrap_or(i64::MAX))
    }

    /// The items in a currency at or after a time, oldest first.
    fn items_since(
        &self,
        currency: Currency,
        at: DateTime<Utc>,
    ) -> Result<Vec<HistoryItem>, StoreError> {
        self.db.all(
            "SELECT state FROM items WHERE currency = ?1 AND place >= ?2 ORDER BY place",
            (currency.code, self.place_at(at)?),
            |row| state(row, 0),
        )
    }

    /// The item that follows a transaction, with its place.
    fn following(&self, transaction: Uuid) -> Result<Option<(i64, HistoryItem)>, StoreError> {
        let query = "SELECT place, state FROM items WHERE movement = ?1";
        let found = [transaction.into_bytes()];
        self.db
            .first(query, found, |row| Ok((row.get(0)?, state(row, 1)?)))
    }

    /// Books a new item.
    fn add(&self, mut item: HistoryItem) -> Result<(), StoreError> {
        let query = "SELECT state FROM items ORDER BY place DESC LIMIT 1";
        let last: Option<HistoryItem> = self.db.first(query, [], |row| state(row, 0))?;
        item.order = match last {
            Some(last) if last.at == item.at => last.order.saturating_add(1),
            _ => 0,
        };
        self.shift(item.currency, item.available, item.blocked)?;
        self.db.write(
            "INSERT INTO items (id, movement, at, currency, returns, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            (
                item.id.into_bytes(),
                item.transaction.map(Uuid::into_bytes),
                micros(item.at),
                item.currency.code,
                item.returns.map(micros),
                text(&item)?,
            ),
        )
    }

    /// Writes an item that is there already.
    fn put(&self, place: i64, item: &HistoryItem) -> Result<(), StoreError> {
        self.db.write(
            "UPDATE items SET returns = ?2, state = ?3 WHERE place = ?1",
            (place, item.returns.map(micros), text(item)?),
        )
    }

    /// Changes what an item did to the balances, and the balances with it.
    fn rebook(
        &self,
        place: i64,
        mut item: HistoryItem,
        available: Decimal,
        blocked: Decimal,
    ) -> Result<(), StoreError> {
        let in_progress = !blocked.is_zero();
        if (item.available, item.blocked, item.in_progress) == (available, blocked, in_progress) {
            return Ok(());
        }
        self.shift(
            item.currency,
            available - item.available,
            blocked - item.blocked,
        )?;
        item.available = available;
        item.blocked = blocked;
        item.in_progress = in_progress;
        self.put(place, &item)
    }

    fn shift(
        &self,
        currency: Currency,
        available: Decimal,
        blocked: Decimal,
    ) -> Result<(), StoreError> {
        let mut account = match self.account(currency)? {
            Some(account) => account,
            None => self.open(currency, Decimal::ZERO)?,
        };
        account.available += available;
        account.blocked += blocked;
        self.db.write(
            "UPDATE accounts SET state = ?2 WHERE currency = ?1",
            (currency.code, text(&account)?),
        )
    }

    /// When the next transfer returns for which nobody registers.
    pub(crate) fn next_return(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let query = "SELECT returns FROM items WHERE returns IS NOT NULL ORDER BY returns LIMIT 1";
        self.db.first(query, [], |row| Ok(time(row.get(0)?)))
    }

    /// Lets transfers return for which nobody registered in time.
    pub(crate) fn bring_up_to(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let query =
            "SELECT place, returns, state FROM items WHERE returns <= ?1 ORDER BY returns, place";
        let returning = self.db.all(query, [micros(now)], |row| {
            Ok((
                row.get(0)?,
                time(row.get(1)?),
                state::<HistoryItem>(row, 2)?,
            ))
        })?;
        for (place, due, mut sent) in returning {
            sent.in_progress = false;
            sent.returns = None;
            self.put(place, &sent)?;
            let mut back = sent;
            back.id = new_id();
            back.kind = ItemKind::UnsuccessfulTransfer;
            back.at = due;
            std::mem::swap(&mut back.source, &mut back.target);
            back.available = back.amount;
            self.add(back)?;
        }
        Ok(())
    }

    fn owner_side(&self, currency: Currency) -> Result<Participant, StoreError> {
        Ok(Participant {
            account: self.account(currency)?.map(|one| one.id),
            side: Side::User,
            person: self.owner.clone(),
            shop: None,
        })
    }
}
