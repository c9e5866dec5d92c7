//! What each transaction of a payment ends with.

use barion_generated::enums::{Currency, TransactionStatus};
use barion_generated::types;
use rust_decimal::Decimal;

use crate::amount::Amount;
use crate::error::Error;
use crate::exact;
use crate::rules::check_digits;
use crate::state::refunding::{refused, role_in_words};
use crate::state::role::Role;
use crate::state::{NO_CURRENCY, NO_ID, Payment, PaymentTransaction};
use crate::violation::Violation;

/// How each transaction ends.
#[derive(Debug, Clone)]
pub(super) struct Endings<'a> {
    pub(super) payment: &'a Payment,
    /// Those not named end so; `None`: they are left out.
    pub(super) rest: Option<Rest>,
    pub(super) named: Vec<(String, Amount)>,
    pub(super) parts: Vec<(String, Amount)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    InFull,
    Nothing,
}

impl<'a> Endings<'a> {
    pub(super) fn of(payment: &'a Payment) -> Self {
        Self {
            payment,
            rest: None,
            named: Vec::new(),
            parts: Vec::new(),
        }
    }

    /// A capture is the only one: what it leaves out would be lost without a word.
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
            "leave out {}, and there is one capture only: name them, or say in_full() or others_with_nothing()",
            left_out.join(", ")
        );
        Err(refused("Transactions", problem))
    }

    /// The transactions of the request, in the order of the payment; `open` is the status of those that have not ended.
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
                &format!("{path}.Total"),
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

    /// What a transaction ends with; `None` when it is not in the request.
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
                if let Some(most) = main.original_total.filter(|most| asked > *most) {
                    refuse(format!(
                        "is {asked}; at most {most} can be taken, which it began with"
                    ));
                }
                Some(asked)
            }
            (None, Some(Rest::Nothing)) => Some(Decimal::ZERO),
            (None, Some(Rest::InFull)) => {
                if main.original_total.is_none() {
                    refuse("is missing: Barion's answer leaves out the amount; name it by transaction()".to_owned());
                }
                main.original_total
            }
            (None, None) => None,
        }
    }

    /// The parts of a transaction that are passed on. Barion wants all of them in the request.
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
        let passed_on = exact::sum(planned.iter().map(|part| Some(part.total.get())));
        if passed_on.is_none_or(|passed_on| passed_on > total) {
            let problem = format!("pass on more than the {total} that their transaction ends with");
            violations.push(Violation::new(format!("{path}.PayeeTransactions"), problem));
        }
        planned
    }
}

impl Endings<'_> {
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
            return match part.original_total {
                Some(most) if asked > most => {
                    Err(format!("is {asked}; at most {most} can be passed on"))
                }
                _ => Ok(asked),
            };
        }
        if total.is_zero() {
            return Ok(Decimal::ZERO);
        }
        part.original_total.filter(|_| main.original_total == Some(total)).ok_or_else(|| {
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

/// The main transaction of this name, or why there is none.
pub(in crate::state) fn main_named<'a>(
    payment: &'a Payment,
    name: &str,
) -> Result<&'a PaymentTransaction, String> {
    if let Some(main) = payment.transaction(name) {
        return Ok(main);
    }
    let same_name = |one: &&PaymentTransaction| one.pos_transaction_id.as_deref() == Some(name);
    if let Some(other) = payment.transactions.iter().find(same_name) {
        return Err(format!(
            "is that of {name:?}, which is {} and none of your transactions",
            role_in_words(other.role())
        ));
    }
    let names: Vec<String> = payment
        .main_transactions()
        .map(|main| format!("{:?}", main.pos_transaction_id.as_deref().unwrap_or("")))
        .collect();
    Err(format!(
        "is asked for {name:?}, and no transaction of the payment has that name; there is {}",
        names.join(", ")
    ))
}
