//! Finishing a reservation and capturing an authorisation whose state is known.

mod plan;

use barion_generated::enums::{PaymentStatus, TransactionStatus};

use super::Payment;
use super::refunding::refused;
use crate::amount::Amount;
use crate::contradiction::shown;
use crate::error::Error;
use crate::finish::{Capture, FinishReservation};
use crate::id::PaymentId;
use plan::{Endings, Rest};

pub(super) use plan::main_named;

/// The end of a reservation in the making, of a payment whose state was read. Made by [`Payment::finish`].
///
/// Fees and refunds are never named in the request, and what is finished already is left alone. What the state forbids is
/// refused by [`build`](Self::build), before anything is sent.
#[derive(Debug, Clone)]
#[must_use]
pub struct FinishOfPayment<'a>(Endings<'a>);

/// A capture in the making, of a payment whose state was read. Made by [`Payment::capture`].
///
/// Barion wants all transactions of the payment in one capture, fees excepted. What the state forbids is refused by
/// [`build`](Self::build), before anything is sent.
#[derive(Debug, Clone)]
#[must_use]
pub struct CaptureOfPayment<'a>(Endings<'a>);

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
        FinishOfPayment(Endings::of(self))
    }

    /// Begins to capture an authorised payment.
    ///
    /// ```
    /// # barion_tests::example(async |shop| {
    /// # let (barion, payment) = (shop.client()?, shop.authorized().await?);
    /// let capture = payment.capture().transaction("order-1001/1", 3_980).others_with_nothing().build()?;
    /// barion.capture(&capture).await?;
    /// # let taken = shop.read(payment.payment_id).await?.taken();
    /// # assert_eq!(taken, Some(barion::Money::new(3_980, barion::Currency::Huf)));
    /// # Ok(()) });
    /// ```
    pub fn capture(&self) -> CaptureOfPayment<'_> {
        CaptureOfPayment(Endings::of(self))
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

impl FinishOfPayment<'_> {
    /// Takes all of every transaction that is still open and not named by [`transaction`](Self::transaction).
    pub fn in_full(mut self) -> Self {
        self.0.rest = Some(Rest::InFull);
        self
    }

    /// Takes nothing of the transactions that are still open and not named by [`transaction`](Self::transaction): the
    /// payer gets it all back. Of a payment with nothing finished that is the way to cancel it.
    pub fn nothing(mut self) -> Self {
        self.0.rest = Some(Rest::Nothing);
        self
    }

    /// Takes this much of the transaction that you named so: from nothing up to what it began with. Those that are not
    /// named stay open, unless [`in_full`](Self::in_full) or [`nothing`](Self::nothing) is called too.
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
        FinishReservation::build_from(payment, transactions)
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
    pub fn others_with_nothing(mut self) -> Self {
        self.0.rest = Some(Rest::Nothing);
        self
    }

    /// Takes this much of the transaction that you named so: from nothing up to what was authorised. Those that are not
    /// named need a word too: [`in_full`](Self::in_full) or [`others_with_nothing`](Self::others_with_nothing).
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
        Capture::build_from(payment, transactions)
    }
}

fn mend(status: &PaymentStatus) -> &'static str {
    match status {
        PaymentStatus::Prepared
        | PaymentStatus::Started
        | PaymentStatus::InProgress
        | PaymentStatus::Waiting => "nothing was paid yet",
        PaymentStatus::Succeeded => "it is done; to give money back see Payment::refund",
        PaymentStatus::Canceled | PaymentStatus::Failed | PaymentStatus::Expired => {
            "the payer has the money already"
        }
        _ => "this version does not know the status",
    }
}

fn not_now(status: &PaymentStatus, rule: &str, mend: &str) -> Error {
    let status = shown(status);
    refused(
        "PaymentId",
        format!(
            "is of a payment that is {status}; only {rule} (Barion would refuse the state): {mend}"
        ),
    )
}

#[cfg(test)]
mod tests {
    use barion_generated::enums::Currency;
    use barion_generated::types;
    use rust_decimal::Decimal;

    use crate::error::Error;
    use crate::money::Money;
    use crate::state::testing::{State, payment_id, state, transaction_id};

    /// Two reserved transactions and a fee that says that it is reserved too.
    fn reserved() -> State {
        state("Reservation", "Reserved", 15_000)
            .fee(9)
            .main(1, "CardPayment", "Reserved", 10_000)
            .main(2, "CardPayment", "Reserved", 5_000)
    }

    fn authorized() -> State {
        state("DelayedCapture", "Authorized", 15_000)
            .main(1, "CardPayment", "Authorized", 10_000)
            .main(2, "CardPayment", "Authorized", 5_000)
    }

    fn totals(list: &[types::TransactionToFinish]) -> Vec<(String, Decimal)> {
        list.iter()
            .map(|one| (one.transaction_id.to_string(), one.total.get()))
            .collect()
    }

    fn expected(list: &[(u32, i64)]) -> Vec<(String, Decimal)> {
        list.iter()
            .map(|(id, total)| (transaction_id(*id).to_string(), Decimal::from(*total)))
            .collect()
    }

    fn told<T: std::fmt::Debug>(refused: Result<T, Error>) -> String {
        refused.unwrap_err().to_string()
    }

    #[test]
    fn a_reservation_is_finished_without_its_fees_and_in_any_subset() {
        let payment = reserved().read();
        let full = payment.finish().in_full().build().unwrap();
        assert_eq!(full.wire().payment_id, payment_id().wire());
        assert_eq!(
            totals(&full.wire().transactions),
            expected(&[(1, 10_000), (2, 5_000)])
        );
        let nothing = payment.finish().nothing().build().unwrap();
        assert_eq!(
            totals(&nothing.wire().transactions),
            expected(&[(1, 0), (2, 0)])
        );
        let one = payment.finish().transaction("t-2", 4_000).build().unwrap();
        assert_eq!(totals(&one.wire().transactions), expected(&[(2, 4_000)]));
        let mixed = payment
            .finish()
            .transaction("t-2", 0)
            .in_full()
            .build()
            .unwrap();
        assert_eq!(
            totals(&mixed.wire().transactions),
            expected(&[(1, 10_000), (2, 0)])
        );
    }

    #[test]
    fn what_is_finished_is_left_alone() {
        let half = state("Reservation", "PartiallySucceeded", 15_000)
            .main(1, "CardPayment", "Succeeded", 10_000)
            .main(2, "CardPayment", "Reserved", 5_000)
            .read();
        let rest = half.finish().in_full().build().unwrap();
        assert_eq!(totals(&rest.wire().transactions), expected(&[(2, 5_000)]));
        let told = told(half.finish().transaction("t-1", 1).build());
        assert!(
            told.contains("which is Succeeded and not Reserved"),
            "{told}"
        );
    }

    #[test]
    fn a_capture_names_all_or_says_what_happens_to_the_rest() {
        let payment = authorized().read();
        let full = payment.capture().in_full().build().unwrap();
        assert_eq!(
            totals(&full.wire().transactions),
            expected(&[(1, 10_000), (2, 5_000)])
        );
        let told = told(payment.capture().transaction("t-1", 9_000).build());
        assert!(told.contains("Transactions leave out \"t-2\""), "{told}");
        let one = payment.capture().transaction("t-1", 9_000);
        let less = one.clone().others_with_nothing().build().unwrap();
        assert_eq!(
            totals(&less.wire().transactions),
            expected(&[(1, 9_000), (2, 0)])
        );
        let rest = one.in_full().build().unwrap();
        assert_eq!(
            totals(&rest.wire().transactions),
            expected(&[(1, 9_000), (2, 5_000)])
        );
        assert_eq!(payment.cancel_authorization().unwrap(), payment_id());
    }

    #[test]
    fn amounts_are_checked_against_what_there_was() {
        let payment = reserved().read();
        for (refused, expected) in [
            (
                payment.finish().transaction("t-1", 10_001).build(),
                "Transactions[0].Total is 10001; at most 10000",
            ),
            (
                payment.finish().transaction("t-1", -1).build(),
                "Transactions[0].Total is -1; zero is the least",
            ),
            (
                payment
                    .finish()
                    .transaction("t-1", Decimal::new(5, 1))
                    .build(),
                "whole amounts only",
            ),
            (
                payment
                    .finish()
                    .transaction("t-1", Money::new(1, Currency::Eur))
                    .build(),
                "is in EUR",
            ),
            (
                payment
                    .finish()
                    .transaction("t-1", 1)
                    .transaction("t-1", 2)
                    .build(),
                "ends once",
            ),
            (
                payment.finish().transaction("t-8", 1).build(),
                "no transaction of the payment has that name",
            ),
            (payment.finish().build(), "say what each ends with"),
        ] {
            let told = told(refused);
            assert!(told.contains(expected), "{told}");
        }
    }

    #[test]
    fn parts_are_passed_on_with_their_transaction() {
        let payment = state("Reservation", "Reserved", 10_000)
            .main(1, "CardPayment", "Reserved", 10_000)
            .part(2, 1, "Reserved", 6_000)
            .part(3, 1, "Reserved", 1_000)
            .read();
        let parts = |list: &[types::TransactionToFinish]| -> Vec<(String, Decimal)> {
            let parts = list.iter().flat_map(|one| &one.payee_transactions);
            parts
                .map(|one| (one.transaction_id.to_string(), one.total.get()))
                .collect()
        };
        let full = payment.finish().in_full().build().unwrap();
        assert_eq!(totals(&full.wire().transactions), expected(&[(1, 10_000)]));
        assert_eq!(
            parts(&full.wire().transactions),
            expected(&[(2, 6_000), (3, 1_000)])
        );
        let nothing = payment.finish().nothing().build().unwrap();
        assert_eq!(
            parts(&nothing.wire().transactions),
            expected(&[(2, 0), (3, 0)])
        );
        let less = payment.finish().transaction("t-1", 5_000);
        let told_less = told(less.clone().build());
        assert!(
            told_less.contains("PayeeTransactions[0].Total is missing: say by part()"),
            "{told_less}"
        );
        let said = less
            .clone()
            .part("p-2", 4_000)
            .part("p-3", 1_000)
            .build()
            .unwrap();
        assert_eq!(
            parts(&said.wire().transactions),
            expected(&[(2, 4_000), (3, 1_000)])
        );
        let too_much = told(less.part("p-2", 5_000).part("p-3", 1_000).build());
        assert!(
            too_much.contains("pass on more than the 5000"),
            "{too_much}"
        );
    }

    #[test]
    fn other_states_are_refused_with_what_to_do() {
        let in_state = |status: &str| {
            state("Reservation", status, 10)
                .main(1, "CardPayment", "Succeeded", 10)
                .read()
        };
        for (status, mend) in [
            ("Prepared", "nothing was paid yet"),
            ("Succeeded", "see Payment::refund"),
            ("Expired", "has the money already"),
            ("Frozen", "does not know the status"),
        ] {
            let payment = in_state(status);
            for told in [
                told(payment.finish().in_full().build()),
                told(payment.capture().in_full().build()),
                told(payment.cancel_authorization()),
            ] {
                let begin = format!(
                    "not sent: PaymentId is of a payment that is {};",
                    if status == "Frozen" {
                        "in a status that this version does not know"
                    } else {
                        status
                    }
                );
                assert!(told.starts_with(&begin) && told.contains(mend), "{told}");
            }
        }
        assert!(
            told(authorized().read().finish().nothing().build()).contains("see Payment::capture")
        );
        assert!(
            told(reserved().read().capture().in_full().build()).contains("see Payment::finish")
        );
        assert!(
            told(reserved().read().cancel_authorization())
                .contains("finish the reservation with nothing")
        );
    }
}
