//! Transitions that the payer causes: paid, declined, cancelled. `Complete` is one of them.

use std::borrow::Cow;

use chrono::{DateTime, Datelike, Utc};

use super::bank_transfer::BankTransfer;
use super::history::{Event, Moment};
use super::kinds::{
    PaymentMethod, PaymentStatus, PaymentType, RecurrenceResult, TransactionStatus, TransactionType,
};
use super::model::{Attempt, Payment};
use super::refusal::Refusal;
use super::token::{self, Means, Token};
use super::token_charge::TokenChargeOutcome;
use super::transaction::Role;
use crate::domain::cards::{Card, ProcessResult};
use crate::domain::person::Person;

/// The payer of payments that were started without a `PayerHint`.
const GUEST: &str = "payer@example.com";

impl Payment {
    /// The payer has offered a card, and the bank takes its time.
    pub(crate) fn ask_bank(&mut self, now: DateTime<Utc>) -> Result<(), Vec<Refusal>> {
        self.require(&[PaymentStatus::Prepared, PaymentStatus::Started])?;
        self.challenged = None;
        self.status = PaymentStatus::InProgress;
        self.method = PaymentMethod::BankCard;
        // Assumed, as with a bank transfer: the word for a transaction under way.
        self.set_transactions(TransactionStatus::Started);
        self.note(now, "the bank takes its time");
        self.changed();
        Ok(())
    }

    /// The payer offers a card on the gateway page, or the bank answers about one.
    pub(crate) fn pay(
        &mut self,
        card: Card,
        now: DateTime<Utc>,
    ) -> Result<ProcessResult, Vec<Refusal>> {
        self.require(&[
            PaymentStatus::Prepared,
            PaymentStatus::Started,
            PaymentStatus::InProgress,
        ])?;
        self.challenged = None;
        let result = card.charge(self.exempt);
        if result == ProcessResult::Successful {
            let payer = self.expected_payer();
            self.succeed(Means::Card(card), PaymentMethod::BankCard, &payer, now);
        } else {
            self.decline(card, result, now);
        }
        Ok(result)
    }

    /// A wallet of the browser brought a token: the charge succeeds at once.
    pub(crate) fn pay_by_google(&mut self, payer: &str, now: DateTime<Utc>) {
        self.recurrence.trace_id = Some(token::trace_id());
        self.succeed(
            Means::Card(Card::always_good()),
            PaymentMethod::GooglePay,
            payer,
            now,
        );
    }

    /// As with Google's; but no chain id is known to come with it.
    pub(crate) fn pay_by_apple(&mut self, payer: Option<&str>, now: DateTime<Utc>) {
        let payer = payer.unwrap_or(GUEST);
        self.succeed(
            Means::Card(Card::always_good()),
            PaymentMethod::ApplePay,
            payer,
            now,
        );
    }

    pub(super) fn pay_by_token(&mut self, token: Token, now: DateTime<Utc>) {
        self.recurrence.trace_id = token.trace_id;
        let method = match token.means {
            Means::Balance => PaymentMethod::BarionWallet,
            _ => PaymentMethod::BankCard,
        };
        self.succeed(token.means, method, &token.payer, now);
    }

    /// The payer pays from a wallet.
    pub(crate) fn pay_by_wallet(&mut self, now: DateTime<Utc>) -> Result<(), Vec<Refusal>> {
        self.require(&[PaymentStatus::Prepared, PaymentStatus::Started])?;
        if !self.takes_wallets() {
            let text = "a delayed capture is for cards only";
            return Err(vec![Refusal::Model(text.to_owned())]);
        }
        let payer = self.expected_payer();
        self.succeed(Means::Balance, PaymentMethod::BarionWallet, &payer, now);
        Ok(())
    }

    /// The payer chose to pay by bank transfer, or the bank answered.
    pub(crate) fn bank_transfer(
        &mut self,
        outcome: BankTransfer,
        now: DateTime<Utc>,
    ) -> Result<(), Vec<Refusal>> {
        let open = [PaymentStatus::Prepared, PaymentStatus::Started];
        match outcome {
            BankTransfer::Waiting => self.require(&open)?,
            _ => self.require(&[open[0], open[1], PaymentStatus::Waiting])?,
        }
        if !self.takes_bank_transfers() {
            let text = "a bank transfer is for immediate payments in CZK and EUR only";
            return Err(vec![Refusal::Model(text.to_owned())]);
        }
        self.method = PaymentMethod::OpenBanking;
        self.attempt = None;
        match outcome {
            BankTransfer::Waiting => {
                self.status = PaymentStatus::Waiting;
                // Assumed: the word for a transaction under way.
                self.set_transactions(TransactionStatus::Started);
                self.note(now, "bank transfer under way");
                self.changed();
            }
            BankTransfer::Succeeded => {
                let payer = self.expected_payer();
                self.succeed(Means::Bank, PaymentMethod::OpenBanking, &payer, now);
            }
            BankTransfer::Failed => {
                // Assumed: as after a payer's cancel.
                self.set_transactions(TransactionStatus::Rejected);
                self.status = PaymentStatus::Failed;
                self.completed_at = Some(now);
                self.note(now, "bank transfer failed");
                self.changed();
            }
        }
        Ok(())
    }

    fn expected_payer(&self) -> String {
        self.payer_hint.clone().unwrap_or_else(|| GUEST.to_owned())
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
        // Assumed: the call is for a prepared payment that waits for the authentication, and for no
        // other.
        self.require(&[PaymentStatus::Prepared])?;
        let Some(token) = self.recurrence.awaiting.take() else {
            return Err(vec![Refusal::Status(
                "The payment does not wait for an authentication.".to_owned(),
            )]);
        };
        if self.recurrence.challenge_fails {
            // Assumed: the payment stays open, so that the payer can still be sent to the gateway.
            self.recurrence.result = RecurrenceResult::Failed;
            return Ok(());
        }
        self.recurrence.result = RecurrenceResult::Successful;
        self.pay_by_token(token, now);
        Ok(())
    }

    fn succeed(&mut self, means: Means, method: PaymentMethod, payer: &str, now: DateTime<Utc>) {
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
        self.name_payer(payer, transaction_type(&means, self.kind));
        match self.kind {
            PaymentType::Immediate => {
                self.completed_at = Some(now);
                self.add_fee(total, now);
            }
            PaymentType::Reservation => {}
            // Assumed: the period counts from the authorisation, not from Start.
            PaymentType::DelayedCapture => self.capture_until = Some(now + self.capture_period),
        }
        self.register_token(&means, payer);
        self.funded = Some(Cow::Borrowed(match means {
            Means::Card(_) => "BankCard",
            Means::Balance => "Balance",
            Means::Bank => "BankTransfer",
        }));
        match means {
            Means::Card(card) => self.note_attempt(card, ProcessResult::Successful, now),
            // Assumed: where no card was used there is nothing to tell of one.
            Means::Balance | Means::Bank => self.attempt = None,
        }
        self.note(now, "paid");
        self.changed();
    }

    /// A refused card leaves the payment open; the payer may try another one.
    pub(super) fn decline(&mut self, card: Card, result: ProcessResult, now: DateTime<Utc>) {
        let was = self.status;
        self.status = PaymentStatus::Started;
        self.method = PaymentMethod::BankCard;
        self.note_attempt(card, result, now);
        // Assumed: the change to Started causes a callback, a further attempt does not.
        let what = match was {
            PaymentStatus::Started => return,
            PaymentStatus::InProgress => {
                self.bank_declined = Some(now);
                self.set_transactions(TransactionStatus::Prepared);
                "declined by the bank"
            }
            _ => "first attempt to pay",
        };
        self.note(now, what);
        self.changed();
    }

    fn name_payer(&mut self, payer: &str, kind: TransactionType) {
        for one in &mut self.transactions {
            match one.role {
                Role::Main => {
                    one.payer = Some(Person::with_email(payer));
                    one.kind = kind;
                }
                // Assumed: a part is passed on by the shop that started the payment.
                Role::Payee => one.payer = Some(self.shop_owner.clone()),
                Role::Fee | Role::Refund => {}
            }
        }
    }

    fn register_token(&mut self, means: &Means, payer: &str) {
        let Some(id) = self.recurrence.registers.clone() else {
            return;
        };
        let trace_id = match means {
            Means::Card(_) => {
                let made = self.recurrence.trace_id.get_or_insert_with(token::trace_id);
                Some(made.clone())
            }
            Means::Balance => None,
            // Assumed: a bank transfer leaves nothing that could be charged again.
            Means::Bank => return,
        };
        let token = Token {
            trace_id,
            means: means.clone(),
            payer: payer.to_owned(),
            amount: self.total(),
            currency: self.currency,
            next: TokenChargeOutcome::Successful,
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

fn transaction_type(means: &Means, kind: PaymentType) -> TransactionType {
    match means {
        Means::Card(_) => TransactionType::CardPayment,
        Means::Balance if kind == PaymentType::Reservation => TransactionType::Reserve,
        Means::Balance => TransactionType::Shop,
        Means::Bank => TransactionType::BankTransferPayment,
    }
}
