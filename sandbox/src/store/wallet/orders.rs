//! Payouts and transfers, checked and booked.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::handle::Wallet;
use crate::domain::wallet::order::{Outgoing, Transfer, WalletRefusal};
use crate::store::error::{MayBeStore, StoreError};

/// Why an order was not carried out. Nothing was booked then.
#[derive(Debug)]
pub(crate) enum OrderError {
    Refused(WalletRefusal),
    Store(StoreError),
}

impl From<StoreError> for OrderError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<WalletRefusal> for OrderError {
    fn from(refusal: WalletRefusal) -> Self {
        Self::Refused(refusal)
    }
}

impl MayBeStore for OrderError {
    fn of_store(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            Self::Refused(_) => None,
        }
    }
}

impl Wallet<'_> {
    /// Pays out to a bank account; returns the id of the new history item.
    pub(crate) fn withdraw(
        &self,
        money: &Outgoing,
        recipient: &str,
        now: DateTime<Utc>,
    ) -> Result<Uuid, OrderError> {
        money.check(self.account(money.currency)?.as_ref())?;
        let item = money.payout(recipient, self.owner_side(money.currency)?, now);
        let id = item.id;
        self.add(item)?;
        Ok(id)
    }

    /// Sends money to an e-mail address. `has_wallet` says whether the recipient can get it; if
    /// not, the money returns after seven days.
    pub(crate) fn transfer(
        &self,
        order: &Transfer,
        has_wallet: bool,
        now: DateTime<Utc>,
    ) -> Result<(), OrderError> {
        order.check(&self.accounts()?, self.owner)?;
        let source = self.owner_side(order.money.currency)?;
        Ok(self.add(order.item(source, has_wallet, now))?)
    }
}
