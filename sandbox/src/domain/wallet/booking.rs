//! Bookings: what the transactions of a payment do to the balances of the wallet's owner.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::item::{HistoryItem, ItemKind, Participant, Side};
use crate::domain::ids::new_id;
use crate::domain::payment::kinds::{
    PaymentStatus, PaymentType, TransactionStatus, TransactionType,
};
use crate::domain::payment::{Payment, Role, Transaction};
use crate::domain::person::Person;

/// What a transaction does to the owner's balances.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Effect {
    pub(crate) available: Decimal,
    pub(crate) blocked: Decimal,
}

impl Effect {
    fn moved(available: Decimal) -> Self {
        Self {
            available,
            blocked: Decimal::ZERO,
        }
    }

    pub(crate) fn is_nothing(self) -> bool {
        self == Self::default()
    }
}

/// The transactions of a payment in their order, each with its effect.
pub(crate) fn effects<'a>(
    payment: &'a Payment,
    owner: &'a Person,
) -> impl Iterator<Item = (&'a Transaction, Effect)> {
    let payees: HashMap<Uuid, bool> = payment
        .main()
        .map(|one| (one.id, one.payee.is_same(owner)))
        .collect();
    let all = payment.transactions.iter();
    all.map(move |one| (one, effect(payment, one, &payees, owner)))
}

/// How much of these refunds comes out of the owner's wallet.
pub(crate) fn spent(refunds: &[Transaction], owner: &Person) -> Decimal {
    let own = |one: &&Transaction| one.payer.as_ref().is_some_and(|payer| payer.is_same(owner));
    refunds.iter().filter(own).map(|one| one.total).sum()
}

/// `payees` says of each main transaction whether the owner receives it.
fn effect(
    payment: &Payment,
    one: &Transaction,
    payees: &HashMap<Uuid, bool>,
    owner: &Person,
) -> Effect {
    match one.role {
        Role::Main if one.payee.is_same(owner) => match one.status {
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
            match (from_owner.unwrap_or(false), one.payee.is_same(owner)) {
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
        Role::Refund if one.payer.as_ref().is_some_and(|payer| payer.is_same(owner)) => {
            Effect::moved(-one.total)
        }
        _ => Effect::default(),
    }
}

/// The history item of a transaction. `account` is the owner's account in the payment's currency.
pub(crate) fn item(
    payment: &Payment,
    one: &Transaction,
    effect: Effect,
    (owner, account): (&Person, Option<Uuid>),
    now: DateTime<Utc>,
) -> HistoryItem {
    let participant = |person: Option<&Person>| {
        let person = person.cloned().unwrap_or_default();
        if person.is_same(owner) {
            return Participant {
                account,
                side: Side::Shop,
                person: Person::default(),
                shop: Some((payment.shop.public, payment.shop.name.clone())),
            };
        }
        Participant {
            account: None,
            side: if person.email.is_none() {
                Side::System
            } else {
                Side::User
            },
            person,
            shop: None,
        }
    };
    HistoryItem {
        id: new_id(),
        kind: kind(one),
        at: now,
        order: 0,
        source: participant(one.payer.as_ref()),
        target: participant(Some(&one.payee)),
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
