//! Finishing a reservation; capturing and releasing an authorisation.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::kinds::{PaymentStatus, TransactionStatus, TransactionType};
use super::model::Payment;
use super::refusal::Refusal;
use super::transaction::{Item, Role, Transaction};

/// What is to become of one transaction.
#[derive(Clone, Debug)]
pub(crate) struct Settlement {
    pub(crate) transaction: Uuid,
    pub(crate) total: Decimal,
    pub(crate) comment: Option<String>,
    pub(crate) items: Option<Vec<Item>>,
    pub(crate) payees: Vec<PayeeSettlement>,
}

/// What is to become of a part that is passed on.
#[derive(Clone, Debug)]
pub(crate) struct PayeeSettlement {
    pub(crate) transaction: Uuid,
    pub(crate) total: Decimal,
    pub(crate) comment: Option<String>,
}

impl Payment {
    /// Finishes some or all transactions of a reservation.
    pub(crate) fn finish(
        &mut self,
        call: Vec<Settlement>,
        now: DateTime<Utc>,
    ) -> Result<(), Vec<Refusal>> {
        self.require(&[PaymentStatus::Reserved, PaymentStatus::PartiallySucceeded])?;
        self.check(&call, TransactionStatus::Reserved)?;
        let places = self.places();
        for one in call {
            if let Some(place) = places.get(&one.transaction) {
                self.settle(*place, one, now);
            }
        }
        let open = self.main().any(|one| one.settled.is_none());
        self.status = if open {
            PaymentStatus::PartiallySucceeded
        } else {
            self.completed_at = Some(now);
            PaymentStatus::Succeeded
        };
        self.note(now, "reservation finished");
        self.changed();
        Ok(())
    }

    /// Captures an authorisation; a capture of nothing releases it.
    pub(crate) fn capture(
        &mut self,
        call: Vec<Settlement>,
        now: DateTime<Utc>,
    ) -> Result<(), Vec<Refusal>> {
        self.require(&[PaymentStatus::Authorized])?;
        self.check(&call, TransactionStatus::Authorized)?;
        self.check_all_named(&call)?;
        let captured: Decimal = call.iter().map(|one| one.total).sum();
        if captured.is_zero() {
            self.release(PaymentStatus::Canceled, now);
            return Ok(());
        }
        let places = self.places();
        for one in call {
            if let Some(place) = places.get(&one.transaction) {
                self.take(*place, one, now);
            }
        }
        self.add_fee(captured, now);
        self.status = PaymentStatus::Succeeded;
        self.completed_at = Some(now);
        self.note(now, "captured");
        self.changed();
        Ok(())
    }

    /// Releases an authorisation.
    pub(crate) fn cancel_authorization(&mut self, now: DateTime<Utc>) -> Result<(), Vec<Refusal>> {
        self.require(&[PaymentStatus::Authorized])?;
        self.release(PaymentStatus::Canceled, now);
        Ok(())
    }

    pub(super) fn release(&mut self, status: PaymentStatus, now: DateTime<Utc>) {
        self.set_transactions(TransactionStatus::Reversed);
        self.status = status;
        self.completed_at = Some(now);
        self.note(now, "authorisation released");
        self.changed();
    }

    /// Finishes one reserved transaction; what is not kept goes back to the payer.
    pub(super) fn settle(&mut self, place: usize, one: Settlement, now: DateTime<Utc>) {
        self.overwrite(place, one, TransactionStatus::Storno);
        let main = &self.transactions[place];
        let back = main.total - main.kept();
        if back > Decimal::ZERO {
            let mut refund = main.refund(back, now);
            if main.kind == TransactionType::Reserve {
                refund.kind = TransactionType::StornoReserve;
            }
            self.transactions.push(refund);
        }
    }

    /// Captures one authorised transaction; the rest is released on the card, without a refund.
    fn take(&mut self, place: usize, one: Settlement, now: DateTime<Utc>) {
        let nothing = one.total.is_zero();
        self.overwrite(place, one, TransactionStatus::Reversed);
        let main = &mut self.transactions[place];
        main.captured_at = Some(now);
        if nothing {
            main.status = TransactionStatus::Reversed;
        }
    }

    /// Writes the call's words over the transaction and its parts. `undone` is what a part becomes
    /// of which nothing is passed on (assumed: no such state has been published).
    fn overwrite(&mut self, place: usize, one: Settlement, undone: TransactionStatus) {
        let parts = self.parts_after(place);
        let currency = self.currency;
        let fit = |amount: Decimal| currency.fit(amount).unwrap_or(amount);
        let main = &mut self.transactions[place];
        main.settled = Some(fit(one.total));
        main.status = TransactionStatus::Succeeded;
        main.comment = one.comment.or(main.comment.take());
        if let Some(items) = one.items {
            main.items = items;
        }
        let mut named: HashMap<Uuid, PayeeSettlement> = one
            .payees
            .into_iter()
            .map(|part| (part.transaction, part))
            .collect();
        for part in self.transactions.iter_mut().skip(place + 1).take(parts) {
            let named = named.remove(&part.id);
            let passed = named.as_ref().map_or(Decimal::ZERO, |named| named.total);
            part.settled = Some(fit(passed));
            part.status = if passed.is_zero() {
                undone
            } else {
                TransactionStatus::Succeeded
            };
            part.comment = named
                .and_then(|named| named.comment)
                .or(part.comment.take());
        }
    }

    /// Judges the whole call before anything is changed.
    fn check(&self, call: &[Settlement], open: TransactionStatus) -> Result<(), Vec<Refusal>> {
        let places = self.places();
        let mut seen = HashSet::new();
        let mut refusals = Vec::new();
        for one in call {
            if !seen.insert(one.transaction) {
                refusals.push(model("a transaction is named twice", one.transaction));
                continue;
            }
            let Some(place) = places.get(&one.transaction) else {
                refusals.push(Refusal::Foreign(one.transaction));
                continue;
            };
            let main = &self.transactions[*place];
            if main.role != Role::Main {
                refusals.push(Refusal::Kind(main.id));
            } else if main.status != open {
                refusals.push(Refusal::Status(format!(
                    "The transaction {} is {} already.",
                    main.id,
                    main.status.name()
                )));
            } else {
                let parts = &self.transactions[place + 1..][..self.parts_after(*place)];
                self.check_amounts(main, parts, one, &mut refusals);
            }
        }
        none_or(refusals)
    }

    // Assumed: no code is documented for these contradictions, so they are faults of the model.
    fn check_amounts(
        &self,
        main: &Transaction,
        parts: &[Transaction],
        one: &Settlement,
        refusals: &mut Vec<Refusal>,
    ) {
        if one.total > main.total {
            refusals.push(model("the Total is above the original one", main.id));
        }
        if self.currency.fit(one.total).is_none() {
            refusals.push(model("the Total has too many digits", main.id));
        }
        let originals: HashMap<Uuid, Decimal> =
            parts.iter().map(|part| (part.id, part.total)).collect();
        let mut named = HashSet::new();
        for part in &one.payees {
            named.insert(part.transaction);
            match originals.get(&part.transaction) {
                None => refusals.push(Refusal::Foreign(part.transaction)),
                Some(total) if part.total > *total || self.currency.fit(part.total).is_none() => {
                    refusals.push(model("the Total does not fit", part.transaction));
                }
                Some(_) => {}
            }
        }
        if named.len() != one.payees.len() {
            refusals.push(model("a payee transaction is named twice", main.id));
        }
        let passed: Decimal = one.payees.iter().map(|part| part.total).sum();
        if passed > one.total {
            refusals.push(model("the payees get more than there is", main.id));
        }
        // Assumed: nothing needs to be repeated when the whole amount goes back.
        let complete = parts.iter().all(|part| named.contains(&part.id));
        if !complete && !one.total.is_zero() {
            refusals.push(model("a payee transaction of it is missing", main.id));
        }
    }

    /// Capture needs every transaction of the original.
    // Assumed: a missing one is a fault of the model; the docs give the rule but no code.
    fn check_all_named(&self, call: &[Settlement]) -> Result<(), Vec<Refusal>> {
        let named: HashSet<Uuid> = call.iter().map(|one| one.transaction).collect();
        none_or(
            self.main()
                .filter(|one| !named.contains(&one.id))
                .map(|one| model("a transaction is missing", one.id))
                .collect(),
        )
    }
}

fn model(what: &str, transaction: Uuid) -> Refusal {
    Refusal::Model(format!("Transaction {transaction}: {what}."))
}

fn none_or(refusals: Vec<Refusal>) -> Result<(), Vec<Refusal>> {
    if refusals.is_empty() {
        Ok(())
    } else {
        Err(refusals)
    }
}
