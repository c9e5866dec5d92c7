//! Refunds of a payment, built from its state.

use barion_generated::enums::PaymentStatus;
use rust_decimal::Decimal;

use super::by_name::{NO_CURRENCY, NO_ID, main_named, only_main, refused};
use crate::error::Error;
use crate::money::amount::Amount;
use crate::money::checked;
use crate::operation::contradiction::shown;
use crate::operation::refund::{Refund, TransactionToRefund};
use crate::payment::{Payment, PaymentTransaction};
use crate::unconfirmed::baseline::Baseline;
use crate::validation::violation::Violation;

/// Builder for a refund, from a payment whose state was read. Made by [`Payment::refund`].
///
/// What the state forbids is refused by [`build`](Self::build), before anything is sent.
#[derive(Debug, Clone)]
#[must_use]
pub struct RefundOfPayment<'a> {
    payment: &'a Payment,
    all: bool,
    parts: Vec<(Option<String>, Amount)>,
    comment: Option<String>,
    key: Option<String>,
}

impl Payment {
    /// Refund of a payment that has succeeded, out of the shop's wallet: begins to build it.
    ///
    /// ```
    /// # barion_tests::example(async |shop| {
    /// # let barion = shop.client()?;
    /// # let payment = shop.read(shop.paid().await?).await?;
    /// let refund = payment.refund().amount(1_250).comment("One cup was broken").build()?;
    /// barion.refund(&refund).await?;
    /// # let back = shop.read(payment.payment_id).await?.refunded_total();
    /// # assert_eq!(back, Some(barion::Money::new(1_250, barion::Currency::Huf)));
    /// # Ok(()) });
    /// ```
    pub fn refund(&self) -> RefundOfPayment<'_> {
        RefundOfPayment {
            payment: self,
            all: false,
            parts: Vec::new(),
            comment: None,
            key: None,
        }
    }
}

impl RefundOfPayment<'_> {
    /// Full refund: everything that is left of every transaction.
    pub fn all(mut self) -> Self {
        self.all = true;
        self
    }

    /// Refund of this amount, out of a payment that has a single transaction.
    pub fn amount(mut self, amount: impl Into<Amount>) -> Self {
        self.parts.push((None, amount.into()));
        self
    }

    /// Refund of this amount out of the transaction with this identifier of yours.
    pub fn transaction(
        mut self,
        pos_transaction_id: impl Into<String>,
        amount: impl Into<Amount>,
    ) -> Self {
        self.parts
            .push((Some(pos_transaction_id.into()), amount.into()));
        self
    }

    /// Comment on each of the refunds, which the payer sees; at most 640 characters.
    pub fn comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = Some(comment.into());
        self
    }

    /// Idempotency key: your own name of the decision to refund, such as the number of a return or
    /// the token of a form, 1 to 200 characters.
    ///
    /// Give one wherever a page reads the state anew for each click: two clicks that each read the
    /// state before they refund have two states, and only the key shows that they are one decision.
    /// Within a client (and its clones) the second refund with a key is refused for an hour; across
    /// processes and permanently by [`Client::recording`](crate::Client::recording).
    #[doc(alias = "idempotency")]
    pub fn idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Builds the refund after checking it against the payment's state and Barion's limits.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation) with every broken rule: the payment
    /// has not succeeded, nothing or too little is left, there is no such transaction, or the
    /// amount is of another currency.
    pub fn build(self) -> Result<Refund, Error> {
        let payment = self.payment;
        if payment.status != PaymentStatus::Succeeded {
            return Err(refused("PaymentId", not_refundable(&payment.status)));
        }
        let Some(currency) = &payment.currency else {
            return Err(refused("PaymentId", NO_CURRENCY.to_owned()));
        };
        let mut violations = Vec::new();
        let planned = if self.all {
            self.plan_all(&mut violations)
        } else {
            self.plan_parts(&mut violations)
        };
        let mut builder = Refund::builder(payment.payment_id, currency.clone());
        for (index, (transaction, amount)) in planned.into_iter().enumerate() {
            let path = format!("TransactionsToRefund[{index}]");
            match transaction.transaction_id {
                Some(id) => {
                    let name = transaction.pos_transaction_id.as_deref().unwrap_or("");
                    let one = TransactionToRefund::new(id, name, amount);
                    builder = builder.transaction(match &self.comment {
                        Some(comment) => one.comment(comment),
                        None => one,
                    });
                }
                None => violations.push(Violation::new(format!("{path}.TransactionId"), NO_ID)),
            }
        }
        if let Some(key) = self.key {
            builder = builder.idempotency_key(key);
        }
        if violations.is_empty() {
            builder.build_from(Baseline::of(payment))
        } else {
            Err(Error::validation(violations))
        }
    }

    fn plan_all(&self, violations: &mut Vec<Violation>) -> Vec<(&PaymentTransaction, Decimal)> {
        if !self.parts.is_empty() {
            let problem = "are named besides all(), which takes everything: use one of both";
            violations.push(Violation::new("TransactionsToRefund", problem));
        }
        let mut planned = Vec::new();
        for main in self.payment.main_transactions() {
            match left_of(self.payment, main) {
                Some(left) if left.is_zero() => {}
                Some(left) => planned.push((main, left)),
                None => {
                    let name = main.pos_transaction_id.as_deref().unwrap_or("");
                    violations.push(Violation::new(
                        "TransactionsToRefund",
                        format!(
                            "can't be told for {name:?}: Barion's answer does not let it be computed what is left of it; \
                             name amounts by transaction() yourself"
                        ),
                    ));
                }
            }
        }
        if planned.is_empty() && violations.is_empty() {
            let problem = "would be empty: nothing is left to refund";
            violations.push(Violation::new("TransactionsToRefund", problem));
        }
        planned
    }

    fn plan_parts(&self, violations: &mut Vec<Violation>) -> Vec<(&PaymentTransaction, Decimal)> {
        let mut planned: Vec<(&PaymentTransaction, Decimal)> = Vec::new();
        for (index, (name, amount)) in self.parts.iter().enumerate() {
            let path = format!("TransactionsToRefund[{index}]");
            let found = match name {
                Some(name) => main_named(self.payment, name),
                None => only_main(self.payment),
            };
            let main = match found {
                Ok(main) => main,
                Err(problem) => {
                    violations.push(Violation::new(format!("{path}.POSTransactionId"), problem));
                    continue;
                }
            };
            let path = format!("{path}.AmountToRefund");
            let currency = self.payment.currency.as_ref();
            if let Some(problem) = currency.and_then(|currency| amount.not_in(currency)) {
                violations.push(Violation::new(&path, problem));
                continue;
            }
            planned.push((main, amount.number()));
            let same = planned
                .iter()
                .filter(|(one, _)| one.transaction_id == main.transaction_id)
                .map(|(_, amount)| Some(*amount));
            let asked = checked::sum(same).unwrap_or(Decimal::MAX);
            // Where the remainder is unknown it is at most the original amount, and Barion decides.
            let left = left_of(self.payment, main).or(main.total);
            if let Some(left) = left.filter(|left| asked > *left) {
                violations.push(Violation::new(
                    &path,
                    format!(
                        "makes {asked} out of this transaction, of which {left} is left \
                         (AmountToRefundIsGreaterThanTransactionAmount would be the answer)"
                    ),
                ));
            }
        }
        planned
    }
}

fn left_of(payment: &Payment, main: &PaymentTransaction) -> Option<Decimal> {
    payment
        .refundable_of(main.transaction_id?)
        .map(Decimal::from)
}

fn not_refundable(status: &PaymentStatus) -> String {
    let mend = match status {
        PaymentStatus::Reserved | PaymentStatus::PartiallySucceeded => {
            "finish the reservation with less, see Payment::finish"
        }
        PaymentStatus::Authorized => {
            "capture less of it or cancel it, see Payment::capture and Payment::cancel_authorization"
        }
        PaymentStatus::Canceled | PaymentStatus::Failed | PaymentStatus::Expired => {
            "the payer has the money already"
        }
        PaymentStatus::Unrecognized(_) => "this version does not know the status",
        _ => "nothing was paid yet",
    };
    let status = shown(status);
    format!(
        "is of a payment that is {status}; only a succeeded one can be refunded (PaymentStatusNotValid would be the \
         answer): {mend}"
    )
}

#[cfg(test)]
mod tests {
    use barion_generated::enums::Currency;
    use rust_decimal::Decimal;

    use crate::error::Error;
    use crate::money::Money;
    use crate::operation::refund::Refund;
    use crate::payment::testing::{State, payment_id, state, transaction_id};

    fn paid() -> State {
        state("Immediate", "Succeeded", 7_500)
            .fee(9)
            .main(1, "CardPayment", "Succeeded", 10_000)
            .refund(2, 1, 2_500)
    }

    fn two() -> State {
        state("Immediate", "Succeeded", 12_500)
            .main(1, "CardPayment", "Succeeded", 10_000)
            .main(3, "CardPayment", "Succeeded", 5_000)
            .refund(2, 1, 2_500)
    }

    /// Each refunded transaction with its amount.
    fn amounts(refund: &Refund) -> Vec<(String, Decimal)> {
        assert_eq!(refund.wire().payment_id, payment_id().wire());
        let list = refund.wire().transactions_to_refund.iter();
        list.map(|one| (one.pos_transaction_id.clone(), one.amount_to_refund.get()))
            .collect()
    }

    fn told(refused: Result<Refund, Error>) -> String {
        refused.unwrap_err().to_string()
    }

    fn expected(list: &[(&str, i64)]) -> Vec<(String, Decimal)> {
        list.iter()
            .map(|(name, amount)| ((*name).to_owned(), Decimal::from(*amount)))
            .collect()
    }

    #[test]
    fn all_is_what_is_left_of_each() {
        let refund = paid().read().refund().all().build().unwrap();
        assert_eq!(amounts(&refund), expected(&[("t-1", 7_500)]));
        let refund = two()
            .read()
            .refund()
            .all()
            .comment("Sorry")
            .build()
            .unwrap();
        assert_eq!(
            amounts(&refund),
            expected(&[("t-1", 7_500), ("t-3", 5_000)])
        );
        assert!(
            refund
                .wire()
                .transactions_to_refund
                .iter()
                .all(|one| one.comment.as_deref() == Some("Sorry"))
        );
        let baseline = refund.baseline.clone().unwrap();
        assert_eq!(baseline.movements, [transaction_id(2)].into());
    }

    #[test]
    fn an_amount_needs_a_single_transaction() {
        let payment = paid().read();
        let refund = payment.refund().amount(1_000).build().unwrap();
        assert_eq!(amounts(&refund), expected(&[("t-1", 1_000)]));
        let money = Money::new(1_000, Currency::Huf);
        assert!(payment.refund().amount(money).build().is_ok());
        let euros = told(
            payment
                .refund()
                .amount(Money::new(1, Currency::Eur))
                .build(),
        );
        assert!(
            euros.contains("AmountToRefund is in EUR; the payment is in HUF"),
            "{euros}"
        );
        let several = told(two().read().refund().amount(1_000).build());
        assert!(
            several.contains("POSTransactionId is missing, and the payment has 2 transactions"),
            "{several}"
        );
    }

    #[test]
    fn more_than_is_left_is_refused_also_in_pieces() {
        let payment = two().read();
        let refund = payment
            .refund()
            .transaction("t-1", 7_500)
            .transaction("t-3", 1);
        assert_eq!(
            amounts(&refund.build().unwrap()),
            expected(&[("t-1", 7_500), ("t-3", 1)])
        );
        let told = told(
            payment
                .refund()
                .transaction("t-1", 7_000)
                .transaction("t-1", 501)
                .build(),
        );
        assert!(
            told.contains("TransactionsToRefund[1].AmountToRefund makes 7501 out of this transaction, of which 7500 is left"),
            "{told}"
        );
    }

    #[test]
    fn what_barion_would_refuse_is_refused_before_the_wire() {
        let payment = paid().read();
        for (refused, expected) in [
            (payment.refund().build(), "TransactionsToRefund"),
            (payment.refund().amount(0).build(), "AmountToRefund"),
            (
                payment.refund().amount(Decimal::new(15, 1)).build(),
                "whole amounts only",
            ),
            (payment.refund().all().amount(1).build(), "besides all()"),
            (
                payment.refund().transaction("t-7", 1).build(),
                "no transaction of the payment has that name; there is \"t-1\"",
            ),
        ] {
            let told = told(refused);
            assert!(told.contains(expected), "{told}");
        }
        let part = paid().part(4, 1, "Succeeded", 10).read();
        let told_part = told(part.refund().transaction("p-4", 1).build());
        assert!(
            told_part.contains("a part that is passed on"),
            "{told_part}"
        );
        let empty = state("Immediate", "Succeeded", 0)
            .main(1, "CardPayment", "Succeeded", 100)
            .refund(2, 1, 100);
        let told_empty = told(empty.read().refund().all().build());
        assert!(
            told_empty.contains("nothing is left to refund"),
            "{told_empty}"
        );
    }

    #[test]
    fn where_it_is_not_known_what_is_left_all_is_refused_and_amounts_are_not() {
        let unclear = paid().with("Total", 1).read();
        let told = told(unclear.refund().all().build());
        assert!(told.contains("does not let it be computed"), "{told}");
        assert!(unclear.refund().amount(10_000).build().is_ok());
        assert!(unclear.refund().amount(10_001).build().is_err());
    }

    #[test]
    fn other_states_are_refused_with_what_to_do() {
        for (status, mend) in [
            ("Reserved", "finish the reservation with less"),
            ("PartiallySucceeded", "finish the reservation with less"),
            ("Authorized", "capture less"),
            ("Expired", "has the money already"),
            ("Prepared", "nothing was paid yet"),
            ("Waiting", "nothing was paid yet"),
            ("Frozen", "does not know the status"),
        ] {
            let payment = state("Reservation", status, 10).main(1, "CardPayment", "Reserved", 10);
            let told = told(payment.read().refund().all().build());
            let begin = format!(
                "not sent: PaymentId is of a payment that is {};",
                if status == "Frozen" {
                    "in a status that this version does not know"
                } else {
                    status
                }
            );
            assert!(told.starts_with(&begin), "{told}");
            assert!(
                told.contains("PaymentStatusNotValid") && told.contains(mend),
                "{told}"
            );
        }
    }
}
