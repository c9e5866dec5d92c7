//! Answers of calls that change a payment, and the short form of transactions.

use serde::Serialize;

use super::no_errors::NoErrors;
use crate::domain::payment::kinds::{PaymentStatus, TransactionStatus};
use crate::domain::payment::{Payment, Role, Transaction};
use crate::values::amount::Amount;
use crate::values::id::format_id;
use crate::values::time;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Processed<'a> {
    #[serde(rename = "POSTransactionId")]
    pos_transaction_id: Option<&'a str>,
    transaction_id: String,
    status: TransactionStatus,
    currency: &'static str,
    transaction_time: String,
    related_id: Option<String>,
}

/// The transactions of a payment in short form.
///
/// Parts that are passed on are in the state only. Assumed: no such answer has been published.
pub(crate) fn transactions(payment: &Payment) -> Vec<Processed<'_>> {
    payment
        .transactions
        .iter()
        .filter(|one| one.role != Role::Payee)
        .map(|one| Processed {
            pos_transaction_id: one.pos_id.as_deref(),
            transaction_id: format_id(one.id),
            status: one.status,
            currency: payment.currency.code,
            transaction_time: time(one),
            related_id: one.related.map(format_id),
        })
        .collect()
}

fn time(one: &Transaction) -> String {
    if matches!(
        one.status,
        TransactionStatus::Prepared | TransactionStatus::Started
    ) {
        return time::UNSET_TIME.to_owned();
    }
    // Only the answer shows the moment of capture; the state keeps the time of Start.
    time::naive(one.captured_at.unwrap_or(one.time))
}

/// The answer of `FinishReservation`, Capture and `CancelAuthorization`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Finished<'a> {
    is_successful: bool,
    payment_id: String,
    payment_request_id: &'a str,
    status: PaymentStatus,
    transactions: Vec<Processed<'a>>,
    errors: NoErrors,
}

impl<'a> Finished<'a> {
    pub(crate) fn of(payment: &'a Payment) -> Self {
        Self {
            is_successful: true,
            payment_id: format_id(payment.id),
            payment_request_id: &payment.request_id,
            status: payment.status,
            transactions: transactions(payment),
            errors: [],
        }
    }
}

/// The answer of Complete.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Completed<'a> {
    payment_id: String,
    payment_request_id: &'a str,
    payment_status: PaymentStatus,
    is_successful: bool,
    trace_id: Option<&'a str>,
    errors: NoErrors,
}

impl<'a> Completed<'a> {
    pub(crate) fn of(payment: &'a Payment) -> Self {
        Self {
            payment_id: format_id(payment.id),
            payment_request_id: &payment.request_id,
            payment_status: payment.status,
            is_successful: !payment.is_open(),
            trace_id: payment.recurrence.trace_id.as_deref(),
            errors: [],
        }
    }
}

/// The answer of Refund.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GivenBack<'a> {
    payment_id: String,
    refunded_transactions: Vec<RefundEntry<'a>>,
    errors: NoErrors,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct RefundEntry<'a> {
    /// The new transaction's id, not the refunded one's.
    transaction_id: String,
    total: Amount,
    #[serde(rename = "POSTransactionId")]
    pos_transaction_id: Option<&'a str>,
    comment: Option<&'a str>,
    status: TransactionStatus,
}

impl<'a> GivenBack<'a> {
    pub(crate) fn of(payment: &Payment, made: &'a [Transaction]) -> Self {
        Self {
            payment_id: format_id(payment.id),
            refunded_transactions: made
                .iter()
                .map(|one| RefundEntry {
                    transaction_id: format_id(one.id),
                    total: Amount(one.total),
                    pos_transaction_id: one.pos_id.as_deref(),
                    comment: one.comment.as_deref(),
                    status: one.status,
                })
                .collect(),
            errors: [],
        }
    }
}
