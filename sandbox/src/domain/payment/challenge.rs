//! 3-D Secure challenges: the issuer asks the payer to approve.
//!
//! Assumed throughout: Barion's own sandbox has no challenges, so nothing is known of its states.

use chrono::{DateTime, Utc};

use super::history::{Event, Moment};
use super::kinds::PaymentStatus;
use super::model::Payment;
use super::refusal::Refusal;
use crate::domain::cards::{Card, ProcessResult};

impl Payment {
    /// The payer offers a card on the gateway page. Where a challenge is due the card waits for its
    /// answer, and nothing else changes.
    pub(crate) fn offer(&mut self, card: Card, now: DateTime<Utc>) -> Result<(), Vec<Refusal>> {
        self.require(&[PaymentStatus::Prepared, PaymentStatus::Started])?;
        if !self.challenge_required && !card.wants_challenge() {
            return self.pay(card, now).map(drop);
        }
        let what = format!("Card ending in {}: challenge asked", card.masked());
        self.note_event(Moment::new(now), Event::Payer(what));
        self.challenged = Some(card);
        Ok(())
    }

    /// The payer approves or fails the challenge. Without one nothing happens: the answer was sent
    /// twice.
    pub(crate) fn answer_challenge(
        &mut self,
        approved: bool,
        now: DateTime<Utc>,
    ) -> Result<(), Vec<Refusal>> {
        self.require(&[PaymentStatus::Prepared, PaymentStatus::Started])?;
        match self.challenged.take() {
            Some(card) if approved => self.pay(card, now).map(drop),
            Some(card) => {
                self.decline(card, ProcessResult::FailedDuringAuthentication, now);
                Ok(())
            }
            None => Ok(()),
        }
    }
}
