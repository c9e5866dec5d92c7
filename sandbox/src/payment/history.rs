//! What happened to a payment, for its page.

use chrono::{DateTime, Utc};

use super::Payment;
use super::kinds::PaymentStatus;

/// Older events are dropped: a shop that polls for days must not fill the memory.
const KEPT: usize = 1_000;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A call of the API: its operation and what was answered.
    Request { operation: String, answer: String },
    /// Something the payer did that the shop is not told of.
    Payer(String),
    /// A change that the shop is told of, and the status after it.
    Change {
        what: &'static str,
        status: PaymentStatus,
    },
}

impl Payment {
    /// Notes a change that the shop is told of; to be called once the status is the new one.
    pub(super) fn note(&mut self, at: DateTime<Utc>, what: &'static str) {
        let status = self.status;
        self.note_event(at, Event::Change { what, status });
    }

    pub(crate) fn note_event(&mut self, at: DateTime<Utc>, event: Event) {
        if self.history.len() == KEPT {
            self.history.remove(0);
        }
        self.history.push((at, event));
    }
}
