//! Ledger of a payment: what is left of its money, computed from its transactions.
//!
//! Barion's answer has the original amount of each transaction, which never changes, the refunds as
//! transactions of their own, and the payment's current total. What is left is computed from the
//! first two and must agree with the third; where it does not, there is no result.

use barion_generated::enums::{PaymentStatus, PaymentType, TransactionStatus, TransactionType};
use rust_decimal::Decimal;

use super::role::{Role, is_named};
use super::snapshot::{PaymentSnapshot, SnapshotTransaction};
use crate::id::TransactionId;
use crate::money::checked;

/// Ledger: the movements of one payment, matched to each other.
#[derive(Debug)]
pub(super) struct Ledger<'a> {
    payment: &'a PaymentSnapshot,
    pub(super) mains: Vec<&'a SnapshotTransaction>,
    pub(super) refunds: Vec<LedgerRefund<'a>>,
    /// A movement can't be placed: a new kind, or a failed refund without its refund.
    unplaced: bool,
}

/// Refund with its outcome.
#[derive(Debug)]
pub(super) struct LedgerRefund<'a> {
    pub(super) transaction: &'a SnapshotTransaction,
    /// The main transaction that it is a refund of, as an index into the list.
    main: Option<usize>,
    pub(super) amount: Option<Decimal>,
    /// How much of it failed, and is back with the shop.
    pub(super) failed: Decimal,
    /// Made by Barion: the rest of a reservation that was finished with less.
    pub(super) automatic: bool,
}

impl LedgerRefund<'_> {
    /// What the payer got, or will get, of a refund of the shop.
    pub(super) fn standing(&self) -> Option<Decimal> {
        checked::sum([self.amount, Some(-self.failed)].into_iter())
    }

    /// What the shop must not count as its own. The rest of a reservation stays the payer's, even
    /// if it does not reach the payer.
    fn given_away(&self) -> Option<Decimal> {
        if self.automatic {
            self.amount
        } else {
            self.standing()
        }
    }
}

impl<'a> Ledger<'a> {
    pub(super) fn of(payment: &'a PaymentSnapshot) -> Self {
        let mains: Vec<&SnapshotTransaction> = payment.of_role(Role::Main).collect();
        let reservation = match &payment.payment_type {
            Some(kind) => *kind == PaymentType::Reservation,
            None => payment.reserved_until.is_some(),
        };
        let refunds = payment
            .of_role(Role::Refund)
            .map(|one| LedgerRefund {
                transaction: one,
                main: main_of(one, &mains),
                amount: one.original_total,
                failed: one
                    .original_total
                    .filter(|_| one.is_void())
                    .unwrap_or_default(),
                automatic: is_automatic(one, reservation),
            })
            .collect();
        let mut ledger = Self {
            payment,
            mains,
            refunds,
            unplaced: payment
                .of_role(Role::Other)
                .any(|one| one.related_id.is_some()),
        };
        ledger.place_failures();
        ledger
    }

    /// Barion reports a failed refund by a transaction of its own. What that one relates to is not
    /// documented: the refund, or the refunded transaction, or nothing.
    fn place_failures(&mut self) {
        let mut taken = vec![false; self.refunds.len()];
        for failure in self.payment.of_role(Role::FailedRefund) {
            // Not one that failed itself, or has not happened yet. `Storno` describes the kind, so
            // that status alone shows nothing.
            let happened = match &failure.status {
                Some(TransactionStatus::Succeeded | TransactionStatus::Storno) | None => true,
                Some(_) => false,
            };
            if !happened {
                continue;
            }
            let main = main_of(failure, &self.mains);
            let fits = |place: &usize| {
                let refund = &self.refunds[*place];
                !taken[*place]
                    && refund.amount == failure.original_total
                    && (main.is_none() || refund.main == main)
            };
            let places = 0..self.refunds.len();
            let place = places
                .clone()
                .find(|place| {
                    let refund = self.refunds[*place].transaction.transaction_id;
                    refund.is_some() && refund == failure.related_id
                })
                // The one whose own status says so, or else the latest that fits.
                .or_else(|| {
                    places
                        .clone()
                        .filter(fits)
                        .find(|place| self.refunds[*place].transaction.is_void())
                })
                .or_else(|| places.rev().find(fits));
            match (place, failure.original_total) {
                (Some(place), Some(amount)) => {
                    taken[place] = true;
                    let refund = &mut self.refunds[place];
                    if !refund.transaction.is_void() {
                        let failed = checked::sum([Some(refund.failed), Some(amount)].into_iter());
                        match failed.filter(|failed| Some(*failed) <= refund.amount) {
                            Some(failed) => refund.failed = failed,
                            None => self.unplaced = true,
                        }
                    }
                }
                _ => self.unplaced = true,
            }
        }
    }

    /// Refunds of the shop, as far as they did not fail.
    pub(super) fn refunded(&self) -> Option<Decimal> {
        if self.unplaced {
            return None;
        }
        let ours = self.refunds.iter().filter(|one| !one.automatic);
        checked::sum(ours.map(LedgerRefund::standing))
    }

    /// Whether any refund of the shop did not fail.
    pub(super) fn any_refund_stands(&self) -> bool {
        let mut ours = self.refunds.iter().filter(|one| !one.automatic);
        ours.any(|one| one.standing() != Some(Decimal::ZERO))
    }

    /// Amount that was sent back and did not reach the payer, by the shop or by Barion.
    pub(super) fn failed(&self) -> Option<Decimal> {
        checked::sum(self.refunds.iter().map(|one| Some(one.failed)))
    }

    /// Money that neither the shop nor the payer has: the rest of a reservation that did not reach
    /// the payer. Whether it can be refunded is not documented.
    pub(super) fn is_anything_stranded(&self) -> bool {
        let mut automatic = self.refunds.iter().filter(|one| one.automatic);
        automatic.any(|one| !one.failed.is_zero())
    }

    /// What the shop still has of the whole payment. Only for a succeeded one.
    pub(super) fn left(&self) -> Option<Decimal> {
        let computed = self.computed()?;
        match self.agreement(computed)? {
            Agreement::Whole => Some(computed),
            Agreement::CapturedLess => self.payment.current_total,
        }
    }

    /// What the shop still has of one main transaction. Only for a succeeded payment.
    pub(super) fn left_of(&self, id: TransactionId) -> Option<Decimal> {
        let place = self
            .mains
            .iter()
            .position(|one| one.transaction_id == Some(id))?;
        match self.agreement(self.computed()?)? {
            Agreement::Whole => self.computed_of(place),
            Agreement::CapturedLess => {
                let total = self.payment.current_total?;
                let lives = |place: usize| !self.mains[place].is_void();
                if !lives(place) || total.is_zero() {
                    return Some(Decimal::ZERO);
                }
                // Which of several was captured with less is not in Barion's answer.
                let alone = (0..self.mains.len()).filter(|one| lives(*one)).count() == 1;
                alone.then_some(total)
            }
        }
    }

    /// What was taken from the payer for the shop. Later refunds of the shop do not lower it.
    pub(super) fn taken(&self) -> Option<Decimal> {
        match self.payment.status {
            PaymentStatus::Succeeded => checked::sum([self.left(), self.refunded()].into_iter()),
            PaymentStatus::PartiallySucceeded => self.finished(),
            PaymentStatus::Unrecognized(_) => None,
            // Nothing yet, or nothing any more; a transaction that shows otherwise is a
            // contradiction.
            _ => (!self.mains.iter().any(|main| is_done(main))).then_some(Decimal::ZERO),
        }
    }

    /// What was kept of the finished transactions of a reservation, while others wait.
    fn finished(&self) -> Option<Decimal> {
        if self.unplaced || self.mains.is_empty() {
            return None;
        }
        let waits = |main: &SnapshotTransaction| main.status == Some(TransactionStatus::Reserved);
        let (waiting, done): (Vec<_>, Vec<_>) = self.mains.iter().partition(|main| waits(main));
        let automatic: Vec<&LedgerRefund> =
            self.refunds.iter().filter(|one| one.automatic).collect();
        // Barion returns the rest of finished transactions, and of nothing else.
        let placed = |one: &LedgerRefund| one.main.is_none_or(|main| is_done(self.mains[main]));
        if !automatic.iter().all(|one| placed(one)) {
            return None;
        }
        let kept = done.into_iter().map(original);
        let returned = automatic.iter().map(|one| one.amount.map(|one| -one));
        let taken = checked::sum(kept.chain(returned)).filter(|taken| *taken >= Decimal::ZERO)?;
        let refunded = self.refunded().map(|refunded| -refunded);
        let waiting = waiting.into_iter().map(|main| main.original_total);
        let total = checked::sum(waiting.chain([Some(taken), refunded]))?;
        (self.payment.current_total == Some(total)).then_some(taken)
    }

    fn computed(&self) -> Option<Decimal> {
        if self.unplaced || self.payment.status != PaymentStatus::Succeeded || self.mains.is_empty()
        {
            return None;
        }
        let originals = self.mains.iter().map(|main| original(main));
        let back = self
            .refunds
            .iter()
            .map(|one| one.given_away().map(|one| -one));
        checked::sum(originals.chain(back)).filter(|left| *left >= Decimal::ZERO)
    }

    fn computed_of(&self, place: usize) -> Option<Decimal> {
        if self.refunds.iter().any(|one| one.main.is_none()) {
            return None;
        }
        let back = self
            .refunds
            .iter()
            .filter(|one| one.main == Some(place))
            .map(|one| one.given_away().map(|one| -one));
        checked::sum([original(self.mains[place])].into_iter().chain(back))
            .filter(|left| *left >= Decimal::ZERO)
    }

    fn agreement(&self, computed: Decimal) -> Option<Agreement> {
        let total = self.payment.current_total?;
        let ours = self.refunds.iter().filter(|one| !one.automatic);
        let failed = checked::sum(ours.map(|one| Some(one.failed)))?;
        // Whether the total rises again when a refund fails is not documented.
        let without_failed = checked::sum([Some(computed), Some(-failed)].into_iter());
        if total == computed || Some(total) == without_failed {
            return Some(Agreement::Whole);
        }
        // A capture with less lowers the total and leaves no other trace.
        let captured = match &self.payment.payment_type {
            Some(kind) => *kind == PaymentType::DelayedCapture,
            None => self.payment.delayed_capture_until.is_some(),
        };
        (captured && total < computed && failed.is_zero()).then_some(Agreement::CapturedLess)
    }
}

enum Agreement {
    Whole,
    CapturedLess,
}

fn is_done(main: &SnapshotTransaction) -> bool {
    main.status == Some(TransactionStatus::Succeeded)
}

/// Original amount of a main transaction; zero if it was void.
fn original(main: &SnapshotTransaction) -> Option<Decimal> {
    match &main.status {
        _ if main.is_void() => Some(Decimal::ZERO),
        Some(TransactionStatus::Succeeded) => main.original_total,
        // A succeeded payment with a transaction that did not succeed has never been observed.
        _ => None,
    }
}

/// The shop's refunds repeat its own identifier of the transaction; automatic ones don't.
fn is_automatic(refund: &SnapshotTransaction, reservation: bool) -> bool {
    refund.transaction_type == Some(TransactionType::StornoReserve)
        || (reservation && !is_named(refund.pos_transaction_id.as_deref()))
}

/// The main transaction that another one belongs to: by its relation, by its identifier, or because
/// there is only one.
fn main_of(one: &SnapshotTransaction, mains: &[&SnapshotTransaction]) -> Option<usize> {
    let by_relation = || {
        mains
            .iter()
            .position(|main| main.transaction_id.is_some() && main.transaction_id == one.related_id)
    };
    let by_name = || {
        let name = one.pos_transaction_id.as_deref()?;
        mains
            .iter()
            .position(|main| main.pos_transaction_id.as_deref() == Some(name))
    };
    by_relation()
        .or_else(by_name)
        .or((mains.len() == 1).then_some(0))
}
