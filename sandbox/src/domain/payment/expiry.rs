//! Expiry of payments, and the rate limit of state calls.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::finish::Settlement;
use super::kinds::{PaymentStatus, TransactionStatus};
use super::model::Payment;
use super::transaction::Role;

/// Of the state calls for one payment within this many seconds only a few are served.
const WINDOW_SECONDS: i64 = 5;

impl Payment {
    /// Time at which the payment expires or its period ends.
    pub(crate) fn due(&self) -> Option<DateTime<Utc>> {
        match self.status {
            // Assumed: an answer of the bank that comes after the window's end leaves no time for
            // another try.
            PaymentStatus::Prepared | PaymentStatus::Started => Some(
                self.bank_declined
                    .map_or(self.valid_until, |at| at.max(self.valid_until)),
            ),
            PaymentStatus::Reserved | PaymentStatus::PartiallySucceeded => self.reserved_until,
            PaymentStatus::Authorized => self.capture_until,
            _ => None,
        }
    }

    /// Ends what was due at this time. The time of the event is the due time, whenever it is
    /// noticed (assumed: with Barion it comes up to some minutes later).
    pub(crate) fn expire(&mut self, due: DateTime<Utc>) {
        match self.status {
            PaymentStatus::Prepared | PaymentStatus::Started => {
                self.set_transactions(TransactionStatus::Expired);
                self.release_fees();
                self.end(PaymentStatus::Expired, due);
            }
            PaymentStatus::Reserved => {
                self.finish_rest_with_nothing(due);
                self.end(PaymentStatus::Expired, due);
            }
            // Assumed: what was finished before makes the whole a success.
            PaymentStatus::PartiallySucceeded => {
                self.finish_rest_with_nothing(due);
                self.end(PaymentStatus::Succeeded, due);
            }
            // Assumed: the docs only say that the authorisation is released.
            PaymentStatus::Authorized => self.release(PaymentStatus::Expired, due),
            // What a bank has not answered yet outlives the window (assumed for cards).
            PaymentStatus::InProgress
            | PaymentStatus::Waiting
            | PaymentStatus::Canceled
            | PaymentStatus::Succeeded
            | PaymentStatus::Failed
            | PaymentStatus::Expired => {}
        }
    }

    fn end(&mut self, status: PaymentStatus, at: DateTime<Utc>) {
        self.status = status;
        self.completed_at = Some(at);
        self.note(at, "time is up");
        self.changed();
    }

    fn finish_rest_with_nothing(&mut self, at: DateTime<Utc>) {
        // Refunds are added behind the transactions that are looked at.
        for place in 0..self.transactions.len() {
            let one = &self.transactions[place];
            if one.role != Role::Main || one.settled.is_some() {
                continue;
            }
            let transaction = one.id;
            let nothing = Settlement {
                transaction,
                total: Decimal::ZERO,
                comment: None,
                items: None,
                payees: Vec::new(),
            };
            self.settle(place, nothing, at);
        }
    }

    /// Counts a state call; `false` when it comes too soon after this many others.
    pub(crate) fn admit_poll(&mut self, most: u8, now: DateTime<Utc>) -> bool {
        match &mut self.polls {
            Some((since, served)) if (now - *since).num_seconds() < WINDOW_SECONDS => {
                let admitted = *served < most;
                *served = served.saturating_add(1);
                admitted
            }
            polls => {
                *polls = Some((now, 1));
                true
            }
        }
    }
}
