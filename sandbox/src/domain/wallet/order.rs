//! Orders of the wallet's owner, payouts and transfers, and why they are refused.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::account::Account;
use super::item::{HistoryItem, ItemKind, Participant, Side};
use crate::domain::currency::Currency;
use crate::domain::ids::new_id;
use crate::domain::person::Person;

/// Money sent to an e-mail address without a wallet returns after this time.
const WAITING_TIME: TimeDelta = TimeDelta::days(7);

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

/// A transfer to an e-mail address.
#[derive(Clone, Debug)]
pub(crate) struct Transfer {
    /// The account that the money comes from.
    pub(crate) account: Uuid,
    pub(crate) money: Outgoing,
    pub(crate) email: String,
}

impl Outgoing {
    /// Refuses what the account in the currency does not hold.
    pub(crate) fn check(&self, account: Option<&Account>) -> Result<(), WalletRefusal> {
        let account = account.ok_or(WalletRefusal::NoAccount)?;
        if account.available < self.amount {
            return Err(WalletRefusal::TooLittle);
        }
        Ok(())
    }

    /// The history item of a payout to a bank account.
    pub(crate) fn payout(
        &self,
        recipient: &str,
        source: Participant,
        now: DateTime<Utc>,
    ) -> HistoryItem {
        let recipient = Person {
            email: None,
            organization: Some(recipient.to_owned()),
        };
        self.item(ItemKind::Withdraw, source, recipient, now)
    }

    fn item(
        &self,
        kind: ItemKind,
        source: Participant,
        target: Person,
        now: DateTime<Utc>,
    ) -> HistoryItem {
        HistoryItem {
            id: new_id(),
            kind,
            at: now,
            order: 0,
            source,
            target: Participant {
                account: None,
                side: Side::User,
                person: target,
                shop: None,
            },
            amount: self.amount,
            currency: self.currency,
            description: self.comment.clone(),
            in_progress: false,
            available: -self.amount,
            blocked: Decimal::ZERO,
            payment: None,
            original: None,
            transaction: None,
            returns: None,
        }
    }
}

impl Transfer {
    /// Judges everything of the order; `accounts` are the owner's.
    pub(crate) fn check(&self, accounts: &[Account], owner: &Person) -> Result<(), WalletRefusal> {
        let source = accounts.iter().find(|one| one.id == self.account);
        let source = source.ok_or(WalletRefusal::NoAccount)?;
        if source.currency != self.money.currency {
            return Err(WalletRefusal::OtherCurrency);
        }
        if Person::with_email(&self.email).is_same(owner) {
            return Err(WalletRefusal::OwnAccount);
        }
        self.money.check(Some(source))
    }

    /// The history item of the transfer. Without a wallet of the recipient the money returns after
    /// seven days.
    pub(crate) fn item(
        &self,
        source: Participant,
        has_wallet: bool,
        now: DateTime<Utc>,
    ) -> HistoryItem {
        let kind = ItemKind::InternalTransferToExternalUser;
        let target = Person::with_email(&self.email);
        let mut item = self.money.item(kind, source, target, now);
        if !has_wallet {
            item.in_progress = true;
            item.returns = Some(now + WAITING_TIME);
        }
        item
    }
}
