//! Refunds of payments that have succeeded.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::kinds::{PaymentStatus, TransactionType};
use super::model::Payment;
use super::refusal::Refusal;
use super::transaction::Transaction;

/// What to give back of one transaction.
#[derive(Clone, Debug)]
pub(crate) struct RefundOrder {
    pub(crate) transaction: Uuid,
    pub(crate) amount: Decimal,
    pub(crate) comment: Option<String>,
}

impl Payment {
    /// Refunds, and returns the new transactions in the order of the call.
    ///
    /// Whether the wallet holds enough is for the caller to judge.
    pub(crate) fn refund(
        &mut self,
        call: Vec<RefundOrder>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Transaction>, Vec<Refusal>> {
        self.require(&[PaymentStatus::Succeeded])?;
        self.check_refund(&call)?;
        let places = self.places();
        let made: Vec<Transaction> = call
            .into_iter()
            .filter_map(|one| {
                let place = places.get(&one.transaction)?;
                Some(self.give_back(*place, one, now))
            })
            .collect();
        self.transactions.extend(made.iter().cloned());
        self.note(now, "refunded");
        self.changed();
        Ok(made)
    }

    fn give_back(&mut self, place: usize, one: RefundOrder, now: DateTime<Utc>) -> Transaction {
        let amount = self.currency.fit(one.amount).unwrap_or(one.amount);
        let original = &mut self.transactions[place];
        original.refunded += amount;
        let mut refund = original.refund(amount, now);
        refund.pos_id.clone_from(&original.pos_id);
        refund.comment = one.comment;
        refund
    }

    fn check_refund(&self, call: &[RefundOrder]) -> Result<(), Vec<Refusal>> {
        let places = self.places();
        let mut asked: HashMap<Uuid, Decimal> = HashMap::new();
        let mut refusals = Vec::new();
        for one in call {
            let id = one.transaction;
            let sum = asked.entry(id).or_default();
            *sum += one.amount;
            match places.get(&id).map(|place| &self.transactions[*place]) {
                None => refusals.push(Refusal::Foreign(id)),
                Some(original) if !can_be_refunded(original.kind) => {
                    refusals.push(Refusal::Kind(id));
                }
                Some(_) if self.currency.fit(one.amount).is_none() => {
                    refusals.push(Refusal::Model(
                        "The field AmountToRefund has too many digits for the currency.".to_owned(),
                    ));
                }
                // Several entries for one transaction count together.
                Some(original) if *sum > original.kept() => refusals.push(Refusal::TooMuch(id)),
                Some(_) => {}
            }
        }
        if refusals.is_empty() {
            Ok(())
        } else {
            Err(refusals)
        }
    }
}

fn can_be_refunded(kind: TransactionType) -> bool {
    matches!(
        kind,
        TransactionType::CardPayment
            | TransactionType::Shop
            | TransactionType::Reserve
            | TransactionType::BankTransferPayment
    )
}
