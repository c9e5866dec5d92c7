//! Accounts of the wallet in the store.

use rust_decimal::Decimal;

use super::handle::Wallet;
use crate::domain::currency::{CURRENCIES, Currency};
use crate::domain::wallet::account::{Account, OPENING};
use crate::domain::wallet::item::{Participant, Side};
use crate::store::columns::{state, text};
use crate::store::error::StoreError;

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

    pub(super) fn open(&self, currency: Currency, opening: Decimal) -> Result<Account, StoreError> {
        let account = Account::new(currency, opening);
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

    pub(super) fn shift(
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

    pub(super) fn owner_side(&self, currency: Currency) -> Result<Participant, StoreError> {
        Ok(Participant {
            account: self.account(currency)?.map(|one| one.id),
            side: Side::User,
            person: self.owner.clone(),
            shop: None,
        })
    }
}
