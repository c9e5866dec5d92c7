//! What the owner does with the wallet: payouts and transfers.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{HistoryItem, ItemKind, Participant, Side, WAITING_TIME, Wallet};
use crate::ids::new_id;
use crate::payment::Person;
use crate::payment::kinds::Currency;
use crate::store::MayBeStore;
use crate::store::db::StoreError;

/// Why the wallet refuses an order. Nothing was booked then.
#[derive(Debug)]
pub(crate) enum WalletRefusal {
    NoAccount,
    OtherCurrency,
    TooLittle,
    OwnAccount,
    Store(StoreError),
}

impl From<StoreError> for WalletRefusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl MayBeStore for WalletRefusal {
    fn of_store(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}

/// Money on its way out.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    pub(crate) amount: Decimal,
    pub(crate) currency: Currency,
    pub(crate) comment: Option<String>,
}

impl Wallet<'_> {
    /// Pays out to a bank account; returns the id of the new transaction.
    pub(crate) fn withdraw(
        &self,
        money: &Outgoing,
        recipient: &str,
        now: DateTime<Utc>,
    ) -> Result<Uuid, WalletRefusal> {
        self.check(money)?;
        let target = Person {
            email: None,
            organization: Some(recipient.to_owned()),
        };
        let item = self.outgoing(money, ItemKind::Withdraw, target, now)?;
        let id = item.id;
        self.add(item)?;
        Ok(id)
    }

    /// Sends money to an e-mail address. `has_wallet` says whether somebody is there to get it; if
    /// not, the money returns after seven days.
    pub(crate) fn transfer(
        &self,
        account: Uuid,
        money: &Outgoing,
        email: &str,
        has_wallet: bool,
        now: DateTime<Utc>,
    ) -> Result<(), WalletRefusal> {
        let mut accounts = self.accounts()?.into_iter();
        let source = accounts.find(|one| one.id == account);
        let source = source.ok_or(WalletRefusal::NoAccount)?;
        if source.currency != money.currency {
            return Err(WalletRefusal::OtherCurrency);
        }
        let target = Person::with_email(email);
        if self.is_owner(&target) {
            return Err(WalletRefusal::OwnAccount);
        }
        self.check(money)?;
        let kind = ItemKind::InternalTransferToExternalUser;
        let mut item = self.outgoing(money, kind, target, now)?;
        if !has_wallet {
            item.in_progress = true;
            item.returns = Some(now + WAITING_TIME);
        }
        Ok(self.add(item)?)
    }

    fn check(&self, money: &Outgoing) -> Result<(), WalletRefusal> {
        let account = self
            .account(money.currency)?
            .ok_or(WalletRefusal::NoAccount)?;
        if account.available < money.amount {
            return Err(WalletRefusal::TooLittle);
        }
        Ok(())
    }

    fn outgoing(
        &self,
        money: &Outgoing,
        kind: ItemKind,
        target: Person,
        now: DateTime<Utc>,
    ) -> Result<HistoryItem, StoreError> {
        Ok(HistoryItem {
            id: new_id(),
            kind,
            at: now,
            order: 0,
            source: self.owner_side(money.currency)?,
            target: Participant {
                account: None,
                side: Side::User,
                person: target,
                shop: None,
            },
            amount: money.amount,
            currency: money.currency,
            description: money.comment.clone(),
            in_progress: false,
            available: -money.amount,
            blocked: Decimal::ZERO,
            payment: None,
            original: None,
            transaction: None,
            returns: None,
        })
    }
}
