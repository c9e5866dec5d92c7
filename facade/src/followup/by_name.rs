//! Transactions of a payment by the shop's own identifier, and refusals that say why there is none.

use crate::error::Error;
use crate::payment::role::Role;
use crate::payment::{Payment, PaymentTransaction};
use crate::validation::violation::Violation;

pub(super) const NO_CURRENCY: &str =
    "is of a payment whose currency Barion's answer leaves out: build the request by its id";
pub(super) const NO_ID: &str =
    "is missing: Barion's answer leaves out the id of this transaction; read the state again";

/// The main transaction with this identifier, or why there is none.
pub(super) fn main_named<'a>(
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

/// The only main transaction, or why there is none.
pub(super) fn only_main(payment: &Payment) -> Result<&PaymentTransaction, String> {
    let mut mains = payment.main_transactions();
    match (mains.next(), mains.next()) {
        (Some(main), None) => Ok(main),
        (None, _) => Err("is missing: Barion's answer has no transaction of yours".to_owned()),
        (Some(_), Some(_)) => Err(format!(
            "is missing, and the payment has {} transactions: name one by transaction()",
            payment.main_transactions().count()
        )),
    }
}

pub(super) fn refused(field: &str, problem: String) -> Error {
    Error::validation(vec![Violation::new(field, problem)])
}

/// Kind of transaction that an identifier belongs to, where the operation can't take it.
fn role_in_words(role: Role) -> &'static str {
    match role {
        Role::Main => "one of your transactions",
        Role::Part => "a part that is passed on",
        Role::Fee => "a fee",
        Role::Refund | Role::FailedRefund => "a refund",
        Role::UnderReview | Role::Released | Role::Other => "another movement",
    }
}
