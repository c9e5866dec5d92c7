//! States of payments, for unit tests.

use barion::{PaymentId, PaymentSnapshot};
use serde_json::{Value, json};

pub(super) fn id(number: u32) -> PaymentId {
    format!("{number:032x}").parse().unwrap()
}

fn transaction(number: u32, kind: &str, status: &str, total: i64) -> Value {
    json!({
        "transaction_id": id(number).to_string(), "pos_transaction_id": "t-1",
        "transaction_type": kind, "status": status, "total": total.to_string(),
    })
}

fn state(number: u32, kind: &str, status: &str, total: i64, transactions: &[Value]) -> Value {
    json!({
        "format": 1, "payment_id": id(number).to_string(), "status": status, "payment_type": kind,
        "total": total.to_string(), "currency": "HUF", "transactions": transactions,
    })
}

fn read(state: Value) -> PaymentSnapshot {
    serde_json::from_value(state).unwrap()
}

pub(super) fn started(number: u32) -> PaymentSnapshot {
    let main = transaction(1, "Unspecified", "Prepared", 100);
    read(state(number, "Immediate", "Started", 100, &[main]))
}

pub(super) fn declined(number: u32) -> PaymentSnapshot {
    let main = transaction(1, "Unspecified", "Prepared", 100);
    let mut state = state(number, "Immediate", "Started", 100, &[main]);
    state["declined_because"] = json!("Declined");
    read(state)
}

pub(super) fn paid(number: u32) -> PaymentSnapshot {
    let main = transaction(1, "CardPayment", "Succeeded", 100);
    read(state(number, "Immediate", "Succeeded", 100, &[main]))
}

pub(super) fn refunded(number: u32) -> PaymentSnapshot {
    let main = transaction(1, "CardPayment", "Succeeded", 100);
    let mut refund = transaction(2, "RefundToBankCard", "Succeeded", 10);
    refund["related_id"] = json!(id(1).to_string());
    refund["pos_transaction_id"] = Value::Null;
    read(state(number, "Immediate", "Succeeded", 90, &[main, refund]))
}

pub(super) fn expired(number: u32) -> PaymentSnapshot {
    let main = transaction(1, "Unspecified", "Expired", 100);
    read(state(number, "Immediate", "Expired", 0, &[main]))
}

pub(super) fn reviewed(number: u32, released: bool) -> PaymentSnapshot {
    let main = transaction(1, "CardPayment", "Succeeded", 100);
    let movement = |number, kind| {
        let mut one = transaction(number, kind, "Succeeded", 100);
        one["related_id"] = json!(id(1).to_string());
        one["pos_transaction_id"] = Value::Null;
        one
    };
    let mut all = vec![main, movement(2, "UnderReview")];
    if released {
        all.push(movement(3, "ReleaseReview"));
    }
    read(state(number, "Immediate", "Succeeded", 100, &all))
}

pub(super) fn finished_in_part(number: u32) -> PaymentSnapshot {
    let mut open = transaction(2, "CardPayment", "Reserved", 50);
    open["pos_transaction_id"] = json!("t-2");
    let done = transaction(1, "CardPayment", "Succeeded", 50);
    read(state(
        number,
        "Reservation",
        "PartiallySucceeded",
        100,
        &[done, open],
    ))
}

/// A reservation until the hour 10 of the first day of 1970.
pub(super) fn reserved(number: u32) -> PaymentSnapshot {
    let main = transaction(1, "CardPayment", "Reserved", 100);
    let mut state = state(number, "Reservation", "Reserved", 100, &[main]);
    state["reserved_until"] = json!("1970-01-01T10:00:00Z");
    read(state)
}
