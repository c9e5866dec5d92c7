//! Capture and cancellation of an authorised payment whose state was read.

use barion_generated::enums::{PaymentStatus, TransactionStatus};

use super::settlement::{Rest, SettlementPlan, mend, not_now};
use crate::error::Error;
use crate::id::PaymentId;
use crate::money::amount::Amount;
use crate::operation::capture::Capture;
use crate::payment::Payment;
use crate::unconfirmed::baseline::Baseline;

/// A capture in the making, of a payment whose state was read. Made by [`Payment::capture`].
///
/// Barion wants all transactions of the payment in one capture, fees excepted. What the state forbids is refused by
/// [`build`](Self::build), before anything is sent.
#[derive(Debug, Clone)]
#[must_use]
pub struct CaptureOfPayment<'a>(SettlementPlan<'a>);

impl Payment {
    /// Begins to capture an authorised payment.
    ///
    /// ```
    /// # barion_tests::example(async |shop| {
    /// # let (barion, payment) = (shop.client()?, shop.authorized().await?);
    /// let capture = payment.capture().transaction("order-1001/1", 3_980).release_others().build()?;
    /// barion.capture(&capture).await?;
    /// # let taken = shop.read(payment.payment_id).await?.taken();
    /// # assert_eq!(taken, Some(barion::Money::new(3_980, barion::Currency::Huf)));
    /// # Ok(()) });
    /// ```
    pub fn capture(&self) -> CaptureOfPayment<'_> {
        CaptureOfPayment(SettlementPlan::of(self))
    }

    /// The id to hand to [`Client::cancel_authorization`](crate::Client::cancel_authorization), if the state allows that.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation) when the payment is not authorised.
    pub fn cancel_authorization(&self) -> Result<PaymentId, Error> {
        match &self.status {
            PaymentStatus::Authorized => Ok(self.payment_id),
            status => {
                let mend = match status {
                    PaymentStatus::Reserved | PaymentStatus::PartiallySucceeded => {
                        "finish the reservation with nothing, see Payment::finish"
                    }
                    other => mend(other),
                };
                Err(not_now(status, "an authorised one can be canceled", mend))
            }
        }
    }
}

impl CaptureOfPayment<'_> {
    /// Takes all of every transaction that is not named by [`transaction`](Self::transaction).
    pub fn in_full(mut self) -> Self {
        self.0.rest = Some(Rest::InFull);
        self
    }

    /// Takes nothing of the transactions that are not named by [`transaction`](Self::transaction): the card lets go of
    /// their amounts. With none named at all, use [`Payment::cancel_authorization`].
    pub fn release_others(mut self) -> Self {
        self.0.rest = Some(Rest::Nothing);
        self
    }

    /// Takes this much of the transaction that you named so: from nothing up to what was authorised. Those that are not
    /// named need a word too: [`in_full`](Self::in_full) or [`release_others`](Self::release_others).
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
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation) with every broken rule: the payment is not authorised, a
    /// transaction is left out or unknown, or the amount is above what was authorised or of another currency.
    pub fn build(self) -> Result<Capture, Error> {
        let payment = self.0.payment;
        if payment.status != PaymentStatus::Authorized {
            let mend = match &payment.status {
                PaymentStatus::Reserved | PaymentStatus::PartiallySucceeded => {
                    "finish it, see Payment::finish"
                }
                other => mend(other),
            };
            return Err(not_now(
                &payment.status,
                "an authorised one can be captured",
                mend,
            ));
        }
        if self.0.rest.is_none() {
            self.0.refuse_left_out()?;
        }
        let transactions = self.0.plan(&TransactionStatus::Authorized)?;
        Capture::build_from(payment.payment_id, Baseline::of(payment), transactions)
    }
}
