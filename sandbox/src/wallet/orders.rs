//! What the owner does with the wallet: payouts and transfers.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{HistoryItem, ItemKind, Participant, Side, WAITING_TIME, Wallet};
use crate::payment::Person;
use crate::payment::kinds::Currency;

/// Why the wallet refuses an order. Nothing was booked then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WalletRefusal {
    NoAccount,
    OtherCurrency,
    TooLittle,
    OwnAccount,
}

/// Money on its way out.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    pub(crate) amount: Decimal,
    pub(crate) currency: Currency,
    pub(crate) comment: Option<String>,
}

impl Wallet {
    /// Pays out to a bank account; returns the id of the new transaction.
    pub(crate) fn withdraw(
        &mut self,
        money: &Outgoing,
        recipient: &str,
        now: DateTime<Utc>,
    ) -> Result<Uuid, WalletRefusal> {
        self.check(money)?;
        let target = Person {
            email: None,
            organization: Some(recipient.to_owned()),
        };
        let place = self.send(money, ItemKind::Withdraw, target, now);
        Ok(self.items[place].id)
    }

    /// Sends money to an e-mail address. `has_wallet` says whether somebody is there to get it; if
    /// not, the money returns after seven days.
    pub(crate) fn transfer(
        &mut self,
        account: Uuid,
        money: &Outgoing,
        email: &str,
        has_wallet: bool,
        now: DateTime<Utc>,
    ) -> Result<(), WalletRefusal> {
        let source = self.accounts.iter().find(|one| one.id == account);
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
        let place = self.send(money, kind, target, now);
        if !has_wallet {
            let due = now + WAITING_TIME;
            self.items[place].in_progress = true;
            self.items[place].returns = Some(due);
            self.returning.insert((due, place));
        }
        Ok(())
    }

    fn check(&self, money: &Outgoing) -> Result<(), WalletRefusal> {
        let account = self
            .account(money.currency)
            .ok_or(WalletRefusal::NoAccount)?;
        if account.available < money.amount {
            return Err(WalletRefusal::TooLittle);
        }
        Ok(())
    }

    fn send(
        &mut self,
        money: &Outgoing,
        kind: ItemKind,
        target: Person,
        now: DateTime<Utc>,
    ) -> usize {
        self.add(HistoryItem {
            id: Uuid::new_v4(),
            kind,
            at: now,
            order: 0,
            source: self.owner_side(money.currency),
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
