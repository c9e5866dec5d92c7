//! Finish of a reservation, built from its state.

use barion_generated::enums::{PaymentStatus, TransactionStatus};

use super::settlement::{Rest, SettlementPlan, mend, not_now};
use crate::error::Error;
use crate::money::amount::Amount;
use crate::operation::finish::FinishReservation;
use crate::payment::Payment;
use crate::unconfirmed::baseline::Baseline;

/// Builder for the finish of a reservation, from a payment whose state was read. Made by
/// [`Payment::finish`].
///
/// Fees and refunds are never named in the request, and transactions that are finished already are
/// left alone. What the state forbids is refused by [`build`](Self::build), before anything is
/// sent.
#[derive(Debug, Clone)]
#[must_use]
pub struct FinishOfPayment<'a>(SettlementPlan<'a>);

impl Payment {
    /// Finish of a reservation, or of what is left of it: begins to build it.
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
    /// Finishes every transaction in full that is still open and not named by
    /// [`transaction`](Self::transaction).
    pub fn in_full(mut self) -> Self {
        self.0.rest = Some(Rest::InFull);
        self
    }

    /// Releases the transactions that are still open and not named by
    /// [`transaction`](Self::transaction): they are finished with nothing, and the payer gets all
    /// of it back. If no transaction is finished yet, this cancels the payment.
    #[doc(alias = "nothing")]
    pub fn release_all(mut self) -> Self {
        self.0.rest = Some(Rest::Nothing);
        self
    }

    /// Finishes the transaction with this identifier of yours with this much: from zero up to its
    /// original amount. Those that are not named stay open, unless [`in_full`](Self::in_full) or
    /// [`release_all`](Self::release_all) is called too.
    pub fn transaction(
        mut self,
        pos_transaction_id: impl Into<String>,
        total: impl Into<Amount>,
    ) -> Self {
        self.0.named.push((pos_transaction_id.into(), total.into()));
        self
    }

    /// Payee transaction: passes this much on as the part with this identifier of yours. Needed for
    /// the parts of a transaction that is finished with less than all and more than nothing.
    pub fn part(mut self, pos_transaction_id: impl Into<String>, total: impl Into<Amount>) -> Self {
        self.0.parts.push((pos_transaction_id.into(), total.into()));
        self
    }

    /// Builds the finish after checking it against the payment's state and Barion's limits.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation) with every broken rule: the payment
    /// is not reserved, there is no such transaction or it is finished already, the amount is above
    /// the original one or of another currency, or nothing is named.
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
