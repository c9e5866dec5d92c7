//! The store as rows of a file, and back.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Changed, Store};
use crate::journal::{Journal, JournalError, Row};
use crate::payment::token::Token;
use crate::payment::{Payment, Person};
use crate::pos::Pos;
use crate::wallet::Wallet;

const SHOP: &str = "shop";
const PAYMENT: &str = "payment";
const TOKEN: &str = "token";
const WALLET: &str = "wallet";
const ACCOUNT: &str = "account";
const ITEM: &str = "item";

/// What a wallet has besides accounts and items.
#[derive(Serialize, Deserialize)]
struct Opening {
    owner: Person,
    at: DateTime<Utc>,
}

/// A token with the names it is found under.
#[derive(Deserialize)]
struct Named {
    shop: Uuid,
    name: String,
    token: Token,
}

#[derive(Serialize)]
struct NamedRef<'a> {
    shop: Uuid,
    name: &'a str,
    token: &'a Token,
}

/// Keys are put in order as texts, and so shall places be.
fn placed(place: usize) -> String {
    format!("{place:020}")
}

impl Store {
    /// What has changed since [`Store::forget_changes`].
    pub(crate) fn changed_rows(&self) -> Result<Vec<Row>, serde_json::Error> {
        let mut rows = Vec::new();
        for place in &self.changed.shops {
            if let Some(shop) = self.shops.get(*place) {
                rows.push(Row::new(SHOP, placed(*place), &**shop)?);
            }
        }
        for id in &self.changed.payments {
            if let Some(payment) = self.payments.get(id) {
                rows.push(Row::new(PAYMENT, id.to_string(), payment)?);
            }
        }
        for key in &self.changed.tokens {
            if let Some(token) = self.tokens.get(key) {
                let (shop, name) = (key.0, key.1.as_str());
                let state = NamedRef { shop, name, token };
                rows.push(Row::new(TOKEN, format!("{shop}/{name}"), &state)?);
            }
        }
        let before = rows.len();
        for (place, account) in self.wallet.changed_accounts() {
            rows.push(Row::new(ACCOUNT, placed(place), account)?);
        }
        if rows.len() > before {
            let opening = Opening {
                owner: self.wallet.owner.clone(),
                at: self.wallet.opened_at,
            };
            rows.push(Row::new(WALLET, String::new(), &opening)?);
        }
        for (place, item) in self.wallet.changed_items() {
            rows.push(Row::new(ITEM, placed(place), item)?);
        }
        Ok(rows)
    }

    /// The store of a file; `None` when nothing was ever kept there. The seeded shop gets the key with which the
    /// sandbox is started this time.
    pub(crate) fn load(journal: &Journal, key: Uuid) -> Result<Option<Self>, JournalError> {
        let Some(Opening { owner, at }) = read(journal, WALLET)?.pop() else {
            return Ok(None);
        };
        let wallet = Wallet::restored(owner, at, read(journal, ACCOUNT)?, read(journal, ITEM)?);
        let mut shops: Vec<Pos> = read(journal, SHOP)?;
        let seeded = shops.first_mut().ok_or(JournalError::Incomplete)?;
        seeded.secret = key;
        let mut store = Self {
            now: at,
            wallet,
            shops: shops.into_iter().map(Arc::new).collect(),
            payments: HashMap::new(),
            due: BTreeSet::new(),
            tokens: HashMap::new(),
            first_payments: HashMap::new(),
            notices: Vec::new(),
            changed: Changed {
                shops: BTreeSet::from([0]),
                ..Changed::default()
            },
        };
        for Named { shop, name, token } in read(journal, TOKEN)? {
            store.tokens.insert((shop, name), token);
        }
        let mut payments: Vec<Payment> = read(journal, PAYMENT)?;
        // Of several payments for one token the last one counts.
        payments.sort_unstable_by_key(|payment| payment.serial);
        for payment in payments {
            store.take_back(payment)?;
        }
        Ok(Some(store))
    }

    fn take_back(&mut self, mut payment: Payment) -> Result<(), JournalError> {
        let shop = self
            .shops
            .iter()
            .find(|one| one.public == payment.shop.public);
        payment.shop = Arc::clone(shop.ok_or(JournalError::Incomplete)?);
        payment.started.precede_new_ones();
        for (moment, _) in &payment.history {
            moment.precede_new_ones();
        }
        if let Some(due) = payment.due() {
            self.due.insert((due, payment.serial, payment.id));
        }
        if let Some(name) = &payment.recurrence.registers {
            let name = (payment.shop.public, name.clone());
            self.first_payments.insert(name, payment.id);
        }
        self.payments.insert(payment.id, payment);
        Ok(())
    }
}

/// All things of a kind, in the order of their keys.
fn read<T: DeserializeOwned>(journal: &Journal, kind: &str) -> Result<Vec<T>, JournalError> {
    let states = journal.all(kind)?;
    let things = states.iter().map(|state| serde_json::from_str(state));
    Ok(things.collect::<Result<_, _>>()?)
}
