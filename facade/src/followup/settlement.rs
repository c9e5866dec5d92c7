//! Settlement: what finishing a reservation and capturing an authorised payment have in common.

use barion_generated::enums::{Currency, PaymentStatus, TransactionStatus};
use barion_generated::types;
use rust_decimal::Decimal;

use super::by_name::{NO_CURRENCY, NO_ID, main_named, refused};
use crate::error::Error;
use crate::money::amount::Amount;
use crate::money::checked;
use crate::operation::contradiction::shown;
use crate::payment::role::Role;
use crate::payment::{Payment, PaymentTransaction};
use crate::validation::rules::check_digits;
use crate::validation::violation::Violation;

/// Plan of a settlement: with which amount each transaction is settled.
#[derive(Debug, Clone)]
pub(super) struct SettlementPlan<'a> {
    pub(super) payment: &'a Payment,
    /// Settlement of the transactions that are not named; `None`: they are left out.
    pub(super) rest: Option<Rest>,
    pub(super) named: Vec<(String, Amount)>,
    pub(super) parts: Vec<(String, Amount)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    InFull,
    Nothing,
}

impl<'a> SettlementPlan<'a> {
    pub(super) fn of(payment: &'a Payment) -> Self {
        Self {
            payment,
            rest: None,
            named: Vec::new(),
            parts: Vec::new(),
        }
    }

    /// Only one capture is possible: what it leaves out would be lost silently.
    pub(super) fn refuse_left_out(&self) -> Result<(), Error> {
        let named = |main: &PaymentTransaction| {
            let name = main.pos_transaction_id.as_deref();
            self.named.iter().any(|(one, _)| Some(one.as_str()) == name)
        };
        let left_out: Vec<String> = self
            .payment
            .main_transactions()
            .filter(|main| !named(main))
            .map(|main| format!("{:?}", main.pos_transaction_id.as_deref().unwrap_or("")))
            .collect();
        if left_out.is_empty() {
            return Ok(());
        }
        let problem = format!(
            "leave out {}, and there is one capture only: name them, or say in_full() or release_others()",
            left_out.join(", ")
        );
        Err(refused("Transactions", problem))
    }

    /// The transactions of the request, in the order of the payment; `open` is the status of those
    /// that are not settled yet.
    pub(super) fn plan(
        &self,
        open: &TransactionStatus,
    ) -> Result<Vec<types::TransactionToFinish>, Error> {
        let payment = self.payment;
        let Some(currency) = &payment.currency else {
            return Err(refused("PaymentId", NO_CURRENCY.to_owned()));
        };
        let mut violations = Vec::new();
        self.check_names(open, &mut violations);
        let mut planned = Vec::new();
        for main in payment.main_transactions() {
            let path = format!("Transactions[{}]", planned.len());
            let Some(total) = self.total_of(main, open, currency, &path, &mut violations) else {
                continue;
            };
            let Some(id) = main.transaction_id else {
                violations.push(Violation::new(format!("{path}.TransactionId"), NO_ID));
                continue;
            };
            check_digits(
                format!("{path}.Total"),
                total.into(),
                currency,
                &mut violations,
            );
            let payee_transactions = self.parts_of(main, total, currency, &path, &mut violations);
            planned.push(types::TransactionToFinish {
                comment: None,
                items: Vec::new(),
                payee_transactions,
                total: total.into(),
                transaction_id: id.wire(),
            });
        }
        if planned.is_empty() && violations.is_empty() {
            let problem = if self.rest.is_none() {
                "are missing: say what each ends with"
            } else {
                "would be empty: no transaction of the payment is open"
            };
            violations.push(Violation::new("Transactions", problem));
        }
        if violations.is_empty() {
            Ok(planned)
        } else {
            Err(Error::validation(violations))
        }
    }

    fn check_names(&self, open: &TransactionStatus, violations: &mut Vec<Violation>) {
        for (index, (name, _)) in self.named.iter().enumerate() {
            let path = format!("Transactions[{index}].TransactionId");
            match main_named(self.payment, name) {
                Ok(main) if !is_open(main, open) => {
                    let status = main
                        .status
                        .as_ref()
                        .map_or("not known", |status| status.as_str());
                    let problem = format!(
                        "is that of {name:?}, which is {status} and not {open}: it ended already, and ends once"
                    );
                    violations.push(Violation::new(path, problem));
                }
                Ok(_) if self.named[..index].iter().any(|(other, _)| other == name) => {
                    let problem = format!("is that of {name:?} again; a transaction ends once");
                    violations.push(Violation::new(path, problem));
                }
                Ok(_) => {}
                Err(problem) => violations.push(Violation::new(path, problem)),
            }
        }
        for (index, (name, _)) in self.parts.iter().enumerate() {
            if !parts(self.payment).any(|part| part.pos_transaction_id.as_deref() == Some(name)) {
                let problem = format!("is asked for {name:?}, and no part has that name");
                let path = format!("PayeeTransactions[{index}].TransactionId");
                violations.push(Violation::new(path, problem));
            }
        }
    }

    /// Settled amount of a transaction; `None` when it is not in the request.
    fn total_of(
        &self,
        main: &PaymentTransaction,
        open: &TransactionStatus,
        currency: &Currency,
        path: &str,
        violations: &mut Vec<Violation>,
    ) -> Option<Decimal> {
        if !is_open(main, open) {
            return None;
        }
        let name = main.pos_transaction_id.as_deref();
        let named = self
            .named
            .iter()
            .find(|(one, _)| Some(one.as_str()) == name);
        let path = format!("{path}.Total");
        let mut refuse = |problem: String| violations.push(Violation::new(&path, problem));
        match (named, self.rest) {
            (Some((_, amount)), _) => {
                if let Some(problem) = amount.not_in(currency) {
                    refuse(problem);
                    return None;
                }
                let asked = amount.number();
                if asked.is_sign_negative() {
                    refuse(format!("is {asked}; zero is the least"));
                    return None;
                }
                if let Some(most) = main.total.filter(|most| asked > *most) {
                    refuse(format!(
                        "is {asked}; at most {most} can be taken, which it began with"
                    ));
                }
                Some(asked)
            }
            (None, Some(Rest::Nothing)) => Some(Decimal::ZERO),
            (None, Some(Rest::InFull)) => {
                if main.total.is_none() {
                    refuse("is missing: Barion's answer leaves out the amount; name it by transaction()".to_owned());
                }
                main.total
            }
            (None, None) => None,
        }
    }

    /// The parts of a transaction that are passed on. Barion requires all of them in the request.
    fn parts_of(
        &self,
        main: &PaymentTransaction,
        total: Decimal,
        currency: &Currency,
        path: &str,
        violations: &mut Vec<Violation>,
    ) -> Vec<types::PayeeTransactionToFinish> {
        let mut planned = Vec::new();
        let ours = parts(self.payment).filter(|part| {
            main.transaction_id.is_some() && part.related_transaction() == main.transaction_id
        });
        for part in ours {
            let path = format!("{path}.PayeeTransactions[{}]", planned.len());
            let field = |name: &str| format!("{path}.{name}");
            match (
                self.total_of_part(part, main, total, currency),
                part.transaction_id,
            ) {
                (Ok(total), Some(id)) => planned.push(types::PayeeTransactionToFinish {
                    comment: None,
                    total: total.into(),
                    transaction_id: id.wire(),
                }),
                (Ok(_), None) => violations.push(Violation::new(field("TransactionId"), NO_ID)),
                (Err(problem), _) => violations.push(Violation::new(field("Total"), problem)),
            }
        }
        let passed_on = checked::sum(planned.iter().map(|part| Some(part.total.get())));
        if passed_on.is_none_or(|passed_on| passed_on > total) {
            let problem = format!("pass on more than the {total} that their transaction ends with");
            violations.push(Violation::new(format!("{path}.PayeeTransactions"), problem));
        }
        planned
    }
}

impl SettlementPlan<'_> {
    fn total_of_part(
        &self,
        part: &PaymentTransaction,
        main: &PaymentTransaction,
        total: Decimal,
        currency: &Currency,
    ) -> Result<Decimal, String> {
        let name = part.pos_transaction_id.as_deref().unwrap_or("");
        if let Some((_, amount)) = self.parts.iter().find(|(one, _)| one == name) {
            if let Some(problem) = amount.not_in(currency) {
                return Err(problem);
            }
            let asked = amount.number();
            return match part.total {
                Some(most) if asked > most => {
                    Err(format!("is {asked}; at most {most} can be passed on"))
                }
                _ => Ok(asked),
            };
        }
        if total.is_zero() {
            return Ok(Decimal::ZERO);
        }
        part.total.filter(|_| main.total == Some(total)).ok_or_else(|| {
            format!("is missing: say by part() what {name:?} gets when its transaction ends with less")
        })
    }
}

fn is_open(main: &PaymentTransaction, open: &TransactionStatus) -> bool {
    main.status.as_ref() == Some(open)
}

fn parts(payment: &Payment) -> impl Iterator<Item = &PaymentTransaction> {
    payment
        .transactions
        .iter()
        .filter(|one| one.role() == Role::Part)
}

pub(super) fn mend(status: &PaymentStatus) -> &'static str {
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

pub(super) fn not_now(status: &PaymentStatus, rule: &str, mend: &str) -> Error {
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
    use crate::payment::testing::{State, payment_id, state, transaction_id};

    /// Two reserved transactions, and a fee that is reserved too.
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
        let nothing = payment.finish().release_all().build().unwrap();
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
        let less = one.clone().release_others().build().unwrap();
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
        let nothing = payment.finish().release_all().build().unwrap();
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
            told(authorized().read().finish().release_all().build())
                .contains("see Payment::capture")
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
