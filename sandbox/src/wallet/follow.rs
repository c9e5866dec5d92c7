//! How payments are booked.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{HistoryItem, ItemKind, Participant, Side, Wallet};
use crate::ids::new_id;
use crate::payment::kinds::{PaymentStatus, PaymentType, TransactionStatus, TransactionType};
use crate::payment::{Payment, Person, Role, Transaction};
use crate::store::db::StoreError;

/// What a transaction does to the owner's balances.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Effect {
    available: Decimal,
    blocked: Decimal,
}

impl Effect {
    fn moved(available: Decimal) -> Self {
        Self {
            available,
            blocked: Decimal::ZERO,
        }
    }

    fn is_nothing(self) -> bool {
        self == Self::default()
    }
}

impl Wallet<'_> {
    /// Brings the bookings in line with the payment as it is now. Nothing was booked for a new one.
    pub(crate) fn follow(
        &self,
        payment: &Payment,
        new: bool,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let payees: HashMap<Uuid, bool> = payment
            .main()
            .map(|one| (one.id, self.is_owner(&one.payee)))
            .collect();
        for one in &payment.transactions {
            let effect = self.effect(payment, one, &payees);
            let booked = if new { None } else { self.following(one.id)? };
            if let Some((place, item)) = booked {
                self.rebook(place, item, effect.available, effect.blocked)?;
            } else if !effect.is_nothing() {
                let item = self.item_of(payment, one, effect, now)?;
                self.add(item)?;
            }
        }
        Ok(())
    }

    /// How much of these refunds comes out of this wallet.
    pub(crate) fn spends(&self, refunds: &[Transaction]) -> Decimal {
        let own = |one: &&Transaction| one.payer.as_ref().is_some_and(|payer| self.is_owner(payer));
        refunds.iter().filter(own).map(|one| one.total).sum()
    }

    pub(super) fn is_owner(&self, person: &Person) -> bool {
        match (&person.email, &self.owner.email) {
            (Some(one), Some(owner)) => one.eq_ignore_ascii_case(owner),
            _ => false,
        }
    }

    /// `payees` says of each main transaction whether the owner receives it.
    fn effect(&self, payment: &Payment, one: &Transaction, payees: &HashMap<Uuid, bool>) -> Effect {
        match one.role {
            Role::Main if self.is_owner(&one.payee) => match one.status {
                // What a reservation's end gives back is a transaction of its own.
                TransactionStatus::Succeeded if payment.kind == PaymentType::DelayedCapture => {
                    Effect::moved(one.settled.unwrap_or(one.total))
                }
                TransactionStatus::Succeeded => Effect::moved(one.total),
                TransactionStatus::Reserved => Effect {
                    available: Decimal::ZERO,
                    blocked: one.total,
                },
                _ => Effect::default(),
            },
            Role::Payee if one.status == TransactionStatus::Succeeded => {
                let passed = one.settled.unwrap_or(one.total);
                let from_owner = one.related.and_then(|id| payees.get(&id)).copied();
                match (from_owner.unwrap_or(false), self.is_owner(&one.payee)) {
                    (true, false) => Effect::moved(-passed),
                    (false, true) => Effect::moved(passed),
                    _ => Effect::default(),
                }
            }
            Role::Fee if one.status != TransactionStatus::Storno => {
                // Blocked from the start of a reservation, paid when it ends.
                let open = matches!(
                    payment.status,
                    PaymentStatus::Prepared
                        | PaymentStatus::Started
                        | PaymentStatus::InProgress
                        | PaymentStatus::Reserved
                        | PaymentStatus::PartiallySucceeded
                );
                Effect {
                    available: -one.total,
                    blocked: if open { one.total } else { Decimal::ZERO },
                }
            }
            Role::Refund if one.payer.as_ref().is_some_and(|payer| self.is_owner(payer)) => {
                Effect::moved(-one.total)
            }
            _ => Effect::default(),
        }
    }

    fn item_of(
        &self,
        payment: &Payment,
        one: &Transaction,
        effect: Effect,
        now: DateTime<Utc>,
    ) -> Result<HistoryItem, StoreError> {
        Ok(HistoryItem {
            id: new_id(),
            kind: kind(one),
            at: now,
            order: 0,
            source: self.participant(payment, one.payer.as_ref())?,
            target: self.participant(payment, Some(&one.payee))?,
            amount: effect.available.abs().max(effect.blocked),
            currency: payment.currency,
            // Assumed: the shop's own id of the transaction, as in the docs' example.
            description: one.pos_id.clone(),
            in_progress: !effect.blocked.is_zero(),
            available: effect.available,
            blocked: effect.blocked,
            payment: Some(payment.id),
            original: (one.role == Role::Refund).then_some(payment.id),
            transaction: Some(one.id),
            returns: None,
        })
    }

    fn participant(
        &self,
        payment: &Payment,
        person: Option<&Person>,
    ) -> Result<Participant, StoreError> {
        let person = person.cloned().unwrap_or_default();
        if self.is_owner(&person) {
            return Ok(Participant {
                account: self.account(payment.currency)?.map(|one| one.id),
                side: Side::Shop,
                person: Person::default(),
                shop: Some((payment.shop.public, payment.shop.name.clone())),
            });
        }
        Ok(Participant {
            account: None,
            side: if person.email.is_none() {
                Side::System
            } else {
                Side::User
            },
            person,
            shop: None,
        })
    }
}

fn kind(one: &Transaction) -> ItemKind {
    match one.kind {
        TransactionType::GatewayFee => ItemKind::GatewayFee,
        TransactionType::RefundToBankCard => ItemKind::RefundToCard,
        TransactionType::TransferToExistingUser => ItemKind::PayeeTransaction,
        TransactionType::CardPayment | TransactionType::Unspecified => ItemKind::CardPayment,
        TransactionType::Shop | TransactionType::Reserve => ItemKind::ElectronicPayment,
        TransactionType::Refund | TransactionType::StornoReserve => ItemKind::RefundToWallet,
        TransactionType::BankTransferPayment => ItemKind::BankTransferPayment,
        TransactionType::BankTransferPaymentFee => ItemKind::BankTransferPaymentFee,
        TransactionType::RefundToBankAccount => ItemKind::RefundToBankAccount,
    }
}
