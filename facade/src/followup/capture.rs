//! Capture and cancellation of an authorised payment, built from its state.

use barion_generated::enums::{PaymentStatus, TransactionStatus};

use super::settlement::{Rest, SettlementPlan, mend, not_now};
use crate::error::Error;
use crate::id::PaymentId;
use crate::money::amount::Amount;
use crate::operation::capture::Capture;
use crate::payment::Payment;
use crate::unconfirmed::baseline::Baseline;

/// Builder for a capture, from a payment whose state was read. Made by [`Payment::capture`].
///
/// Barion requires all transactions of the payment in one capture, except fees. What the state
/// forbids is refused by [`build`](Self::build), before anything is sent.
#[derive(Debug, Clone)]
#[must_use]
pub struct CaptureOfPayment<'a>(SettlementPlan<'a>);

impl Payment {
    /// Capture of an authorised payment: begins to build it.
    ///
    /// ```
    /// # barion_tests::example(async |shop| {
    /// # let (barion, payment) = (shop.client()?, shop.authorized().await?);
    /// let capture =
    ///     payment.capture().transaction("order-1001/1", 3_980).release_others().build()?;
    /// barion.capture(&capture).await?;
    /// # let taken = shop.read(payment.payment_id).await?.taken();
    /// # assert_eq!(taken, Some(barion::Money::new(3_980, barion::Currency::Huf)));
    /// # Ok(()) });
    /// ```
    pub fn capture(&self) -> CaptureOfPayment<'_> {
        CaptureOfPayment(SettlementPlan::of(self))
    }

    /// Cancellation of an authorised payment: the id for
    /// [`Client::cancel_authorization`](crate::Client::cancel_authorization), if the state allows
    /// it.
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
    /// Captures every transaction in full that is not named by [`transaction`](Self::transaction).
    pub fn in_full(mut self) -> Self {
        self.0.rest = Some(Rest::InFull);
        self
    }

    /// Releases the transactions that are not named by [`transaction`](Self::transaction): nothing
    /// of them is captured, and the card's hold on their amounts is released. To capture nothing at
    /// all, use [`Payment::cancel_authorization`].
    #[doc(alias = "others_with_nothing")]
    pub fn release_others(mut self) -> Self {
        self.0.rest = Some(Rest::Nothing);
        self
    }

    /// Captures this much of the transaction with this identifier of yours: from zero up to the
    /// authorised amount. Transactions that are not named need [`in_full`](Self::in_full) or
    /// [`release_others`](Self::release_others).
    pub fn transaction(
        mut self,
        pos_transaction_id: impl Into<String>,
        total: impl Into<Amount>,
    ) -> Self {
        self.0.named.push((pos_transaction_id.into(), total.into()));
        self
    }

    /// Payee transaction: passes this much on as the part with this identifier of yours. Needed for
    /// the parts of a transaction that is captured with less than all and more than nothing.
    pub fn part(mut self, pos_transaction_id: impl Into<String>, total: impl Into<Amount>) -> Self {
        self.0.parts.push((pos_transaction_id.into(), total.into()));
        self
    }

    /// Builds the capture after checking it against the payment's state and Barion's limits.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation) with every broken rule: the payment
    /// is not authorised, a transaction is left out or unknown, or the amount is above what was
    /// authorised or of another currency.
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
