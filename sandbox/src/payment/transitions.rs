//! What the payer does: paying, being declined, cancelling. And `Complete`, which stands for the payer.

use chrono::{DateTime, Datelike, Utc};

use super::history::{Event, Moment};
use super::kinds::{PaymentMethod, PaymentStatus, PaymentType, TransactionStatus, TransactionType};
use super::token::{self, Token};
use super::{Attempt, Payment, Person, Refusal, Role};
use crate::cards::{Card, ProcessResult};

/// The payer of payments that were started without a `PayerHint`.
const GUEST: &str = "payer@example.com";

impl Payment {
    /// The payer offers a card on the gateway page.
    pub(crate) fn pay(
        &mut self,
        card: Card,
        now: DateTime<Utc>,
    ) -> Result<ProcessResult, Vec<Refusal>> {
        self.require(&[PaymentStatus::Prepared, PaymentStatus::Started])?;
        self.challenged = None;
        let result = card.charge(self.exempt);
        if result == ProcessResult::Successful {
            let payer = self.payer_hint.clone().unwrap_or_else(|| GUEST.to_owned());
            self.succeed(card, PaymentMethod::BankCard, &payer, now);
        } else {
            self.decline(card, result, now);
        }
        Ok(result)
    }

    /// A wallet of the browser brought a token: the charge succeeds at once.
    pub(crate) fn pay_by_google(&mut self, payer: &str, now: DateTime<Utc>) {
        self.recurrence.trace_id = Some(token::trace_id());
        self.succeed(Card::always_good(), PaymentMethod::GooglePay, payer, now);
    }

    pub(super) fn pay_by_token(&mut self, token: Token, now: DateTime<Utc>) {
        self.recurrence.trace_id = Some(token.trace_id);
        self.succeed(token.card, PaymentMethod::BankCard, &token.payer, now);
    }

    /// The payer gives up on the gateway page.
    pub(crate) fn cancel(&mut self, now: DateTime<Utc>) -> Result<(), Vec<Refusal>> {
        self.require(&[PaymentStatus::Prepared, PaymentStatus::Started])?;
        // Assumed: Rejected, and a payment total of 0; neither has been published.
        self.set_transactions(TransactionStatus::Rejected);
        self.release_fees();
        self.status = PaymentStatus::Canceled;
        self.completed_at = Some(now);
        self.note(now, "cancelled by the payer");
        self.changed();
        Ok(())
    }

    /// The shop's call after the payer's authentication outside the gateway page.
    pub(crate) fn complete(&mut self, now: DateTime<Utc>) -> Result<(), Vec<Refusal>> {
        // Assumed: the call is for a prepared payment that waits for the authentication, and for no other.
        self.require(&[PaymentStatus::Prepared])?;
        let Some(token) = self.recurrence.awaiting.take() else {
            return Err(vec![Refusal::Status(
                "The payment does not wait for an authentication.".to_owned(),
            )]);
        };
        self.pay_by_token(token, now);
        Ok(())
    }

    fn succeed(&mut self, card: Card, method: PaymentMethod, payer: &str, now: DateTime<Utc>) {
        let total = self.total();
        let (payment, transaction) = match self.kind {
            PaymentType::Immediate => (PaymentStatus::Succeeded, TransactionStatus::Succeeded),
            PaymentType::Reservation => (PaymentStatus::Reserved, TransactionStatus::Reserved),
            PaymentType::DelayedCapture => {
                (PaymentStatus::Authorized, TransactionStatus::Authorized)
            }
        };
        self.status = payment;
        self.method = method;
        self.set_transactions(transaction);
        self.name_payer(payer);
        match self.kind {
            PaymentType::Immediate => {
                self.completed_at = Some(now);
                self.add_fee(total, now);
            }
            PaymentType::Reservation => {}
            // Assumed: the period counts from the authorisation, not from Start.
            PaymentType::DelayedCapture => self.capture_until = Some(now + self.capture_period),
        }
        self.register_token(&card, payer);
        self.note_attempt(card, ProcessResult::Successful, now);
        self.note(now, "paid");
        self.changed();
    }

    /// A refused card leaves the payment open; the payer may try another one.
    pub(super) fn decline(&mut self, card: Card, result: ProcessResult, now: DateTime<Utc>) {
        let was = self.status;
        self.status = PaymentStatus::Started;
        self.method = PaymentMethod::BankCard;
        self.note_attempt(card, result, now);
        // Assumed: the shop hears of the change to Started, and of no further attempt.
        if was != self.status {
            self.note(now, "first attempt to pay");
            self.changed();
        }
    }

    fn name_payer(&mut self, payer: &str) {
        for one in &mut self.transactions {
            match one.role {
                Role::Main => {
                    one.payer = Some(Person::with_email(payer));
                    one.kind = TransactionType::CardPayment;
                }
                // Assumed: a part is passed on by the shop that started the payment.
                Role::Payee => one.payer = Some(self.shop_owner.clone()),
                Role::Fee | Role::Refund => {}
            }
        }
    }

    fn register_token(&mut self, card: &Card, payer: &str) {
        let Some(id) = self.recurrence.registers.clone() else {
            return;
        };
        let trace_id = self
            .recurrence
            .trace_id
            .get_or_insert_with(token::trace_id)
            .clone();
        let token = Token {
            trace_id,
            card: card.clone(),
            payer: payer.to_owned(),
        };
        self.recurrence.minted = Some((id, token));
    }

    fn note_attempt(&mut self, card: Card, result: ProcessResult, now: DateTime<Utc>) {
        let what = format!("Card ending in {}: {}", card.masked(), result.name());
        self.note_event(Moment::new(now), Event::Payer(what));
        self.attempt = Some(Attempt {
            card,
            valid_thru_year: now.year() + 4,
            authorization_code: (result == ProcessResult::Successful)
                .then(token::authorization_code),
            result,
        });
    }
}
