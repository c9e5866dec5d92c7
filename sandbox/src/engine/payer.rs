//! Acts of payers, banks and tests: pay, cancel, approve, and send a callback again.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::error::ControlError;
use super::outcome::Outcome;
use super::run::Engine;
use crate::domain::cards::Card;
use crate::domain::payment::bank_transfer::BankTransfer;
use crate::domain::payment::token_charge::TokenChargeOutcome;
use crate::domain::payment::{Payment, Refusal};
use crate::values::id::read_id;

impl Engine {
    pub(crate) fn pay(&self, payment: &str, card: &str) -> Result<Outcome, ControlError> {
        let id = self.existing(payment)?;
        let card = Card::read(card).ok_or(ControlError::NotACard)?;
        self.act(payment, id, |payment, now| {
            self.strictly(payment, Payment::require_cards)?;
            payment.pay(card, now).map(drop)
        })
    }

    pub(crate) fn ask_bank(&self, payment: &str) -> Result<Outcome, ControlError> {
        let id = self.existing(payment)?;
        self.act(payment, id, |payment, now| {
            self.strictly(payment, Payment::require_cards)?;
            payment.ask_bank(now)
        })
    }

    pub(crate) fn pay_by_wallet(&self, payment: &str) -> Result<Outcome, ControlError> {
        let id = self.existing(payment)?;
        self.act(payment, id, Payment::pay_by_wallet)
    }

    pub(crate) fn bank_transfer(
        &self,
        payment: &str,
        outcome: BankTransfer,
    ) -> Result<Outcome, ControlError> {
        let id = self.existing(payment)?;
        self.act(payment, id, |payment, now| {
            self.strictly(payment, Payment::require_bank_transfers)?;
            payment.bank_transfer(outcome, now)
        })
    }

    pub(crate) fn next_token_charge(
        &self,
        recurrence_id: &str,
        charge: TokenChargeOutcome,
    ) -> Result<(), ControlError> {
        let found = self.run(|store, _| store.set_charge(recurrence_id, charge))?;
        found
            .then_some(())
            .ok_or_else(|| ControlError::UnknownToken(recurrence_id.to_owned()))
    }

    /// As [`Engine::pay`], but on the gateway page, where a challenge may come first.
    pub(crate) fn offer(&self, payment: &str, card: &str) -> Result<Outcome, ControlError> {
        let id = self.existing(payment)?;
        let card = Card::read(card).ok_or(ControlError::NotACard)?;
        self.act(payment, id, |payment, now| {
            self.strictly(payment, Payment::require_cards)?;
            payment.offer(card, now)
        })
    }

    pub(crate) fn answer_challenge(
        &self,
        payment: &str,
        approved: bool,
    ) -> Result<Outcome, ControlError> {
        let id = self.existing(payment)?;
        self.act(payment, id, |payment, now| {
            payment.answer_challenge(approved, now)
        })
    }

    pub(crate) fn cancel(&self, payment: &str) -> Result<Outcome, ControlError> {
        let id = self.existing(payment)?;
        self.act(payment, id, Payment::cancel)
    }

    /// Sends a callback about a payment that has not changed, with attempts of its own. Returns the
    /// address that it goes to.
    pub(crate) fn send_callback(&self, payment: &str) -> Result<String, ControlError> {
        let id = self.existing(payment)?;
        self.run(|store, _| store.notify(id))?
            .filter(|_| !self.callbacks.is_off())
            .ok_or(ControlError::NoCallback)
    }

    /// A rule that holds in a strict sandbox only.
    fn strictly(
        &self,
        payment: &Payment,
        rule: impl FnOnce(&Payment) -> Result<(), Vec<Refusal>>,
    ) -> Result<(), Vec<Refusal>> {
        if self.setup.strict {
            return rule(payment);
        }
        Ok(())
    }

    /// An unknown payment is reported before a bad card number.
    fn existing(&self, payment: &str) -> Result<Uuid, ControlError> {
        let id = read_id(payment);
        let known = match id {
            Some(id) => self.knows(id)?,
            None => false,
        };
        id.filter(|_| known)
            .ok_or_else(|| ControlError::UnknownPayment(payment.to_owned()))
    }

    fn act(
        &self,
        name: &str,
        id: Uuid,
        change: impl FnOnce(&mut Payment, DateTime<Utc>) -> Result<(), Vec<Refusal>>,
    ) -> Result<Outcome, ControlError> {
        let done = self.run(|store, now| {
            store.change(id, |payment| match change(payment, now) {
                Ok(()) => Ok(Outcome::of(payment)),
                Err(refusals) => Err(match refusals.into_iter().next() {
                    Some(Refusal::Model(why)) => ControlError::NotPossible(why),
                    _ => ControlError::NotOpen(payment.status.name().to_owned()),
                }),
            })
        })?;
        done.unwrap_or_else(|| Err(ControlError::UnknownPayment(name.to_owned())))
    }
}
