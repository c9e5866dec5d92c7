//! Finish of a reservation whose state was read.

use barion_generated::enums::{PaymentStatus, TransactionStatus};

use super::settlement::{Rest, SettlementPlan, mend, not_now};
use crate::error::Error;
use crate::money::amount::Amount;
use crate::operation::finish::FinishReservation;
use crate::payment::Payment;
use crate::unconfirmed::baseline::Baseline;

/// The end of a reservation in the making, of a payment whose state was read. Made by [`Payment::finish`].
///
/// Fees and refunds are never named in the request, and what is finished already is left alone. What the state forbids is
/// refused by [`build`](Self::build), before anything is sent.
#[derive(Debug, Clone)]
#[must_use]
pub struct FinishOfPayment<'a>(SettlementPlan<'a>);

impl Payment {
    /// Begins to finish a reservation, or what is left of it.
    ///
    /// ```
    /// # barion_tests::example(async |shop| {
    /// # let (barion, payment) = (shop.client()?, shop.reserved().await?);
    /// let finish = payment.finish().in_full().build()?;
    /// barion.finish_reservation(&finish).await?;
    /// # assert_eq!(shop.read(payment.payment_id).await?.taken(), payment.ordered());
    /// # Ok(()) });
    /// ```
    pub fn finish(&self) -> FinishOfPayment<'_> {
        FinishOfPayment(SettlementPlan::of(self))
    }
}

impl FinishOfPayment<'_> {
    /// Takes all of every transaction that is still open and not named by [`transaction`](Self::transaction).
    pub fn in_full(mut self) -> Self {
        self.0.rest = Some(Rest::InFull);
        self
    }

    /// Takes nothing of the transactions that are still open and not named by [`transaction`](Self::transaction): the
    /// payer gets it all back. Of a payment with nothing finished that is the way to cancel it.
    pub fn release_all(mut self) -> Self {
        self.0.rest = Some(Rest::Nothing);
        self
    }

    /// Takes this much of the transaction that you named so: from nothing up to what it began with. Those that are not
    /// named stay open, unless [`in_full`](Self::in_full) or [`nothing`](Self::release_all) is called too.
    pub fn transaction(
        mut self,
        pos_transaction_id: impl Into<String>,
        total: impl Into<Amount>,
    ) -> Self {
        self.0.named.push((pos_transaction_id.into(), total.into()));
        self
    }

    /// Passes this much on as the part that you named so. Needed for the parts of a transaction that ends with less than
    /// all and more than nothing.
    pub fn part(mut self, pos_transaction_id: impl Into<String>, total: impl Into<Amount>) -> Self {
        self.0.parts.push((pos_transaction_id.into(), total.into()));
        self
    }

    /// Checks the request against the payment's state and Barion's limits.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation) with every broken rule: the payment is not reserved, there
    /// is no such transaction or it is finished already, the amount is above what it began with or of another currency,
    /// or nothing is named.
    pub fn build(self) -> Result<FinishReservation, Error> {
        let payment = self.0.payment;
        let allowed = [PaymentStatus::Reserved, PaymentStatus::PartiallySucceeded];
        if !allowed.contains(&payment.status) {
            let mend = match &payment.status {
                PaymentStatus::Authorized => "capture it, see Payment::capture",
                other => mend(other),
            };
            return Err(not_now(
                &payment.status,
                "a reserved one can be finished",
                mend,
            ));
        }
        let transactions = self.0.plan(&TransactionStatus::Reserved)?;
        FinishReservation::build_from(payment.payment_id, Baseline::of(payment), transactions)
    }
}
