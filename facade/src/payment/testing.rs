//! Payment states for tests, as Barion would answer them.

use barion_generated::types;
use serde_json::{Value, json};

use super::state::Payment;
use crate::id::{PaymentId, TransactionId};

/// Builder for a payment state.
#[derive(Clone)]
pub(crate) struct State(Value);

/// A payment of this type with this status and total.
pub(crate) fn state(payment_type: &str, status: &str, total: i64) -> State {
    State(json!({
        "PaymentId": format!("{:032x}", 0xBA),
        "PaymentType": payment_type,
        "Status": status,
        "Total": total,
        "Currency": "HUF",
        "ReservedUntil": "2026-12-01T10:00:00Z",
        "DelayedCaptureUntil": "2026-11-27T10:00:00Z",
        "Transactions": [],
        "Errors": [],
    }))
}

impl State {
    /// Sets a property.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0[name] = value.into();
        self
    }

    fn add(mut self, id: u32, kind: &str, status: &str, total: i64, more: Value) -> Self {
        let mut transaction = json!({
            "TransactionId": format!("{id:032x}"),
            "TransactionType": kind,
            "Status": status,
            "Total": total,
            "Currency": "HUF",
        });
        if let (Some(into), Value::Object(more)) = (transaction.as_object_mut(), more) {
            into.extend(more);
        }
        if let Some(list) = self.0["Transactions"].as_array_mut() {
            list.push(transaction);
        }
        self
    }

    /// Adds a transaction of the shop, named `t-{id}`.
    pub(crate) fn main(self, id: u32, kind: &str, status: &str, total: i64) -> Self {
        self.add(
            id,
            kind,
            status,
            total,
            json!({ "POSTransactionId": format!("t-{id}") }),
        )
    }

    /// Adds a part of a transaction that is passed on, named `p-{id}`.
    pub(crate) fn part(self, id: u32, of: u32, status: &str, total: i64) -> Self {
        let more = json!({
            "POSTransactionId": format!("p-{id}"),
            "RelatedId": format!("{of:032x}"),
        });
        self.add(id, "TransferToExistingUser", status, total, more)
    }

    /// Adds a fee.
    pub(crate) fn fee(self, id: u32) -> Self {
        self.add(
            id,
            "GatewayFee",
            "Reserved",
            149,
            json!({ "POSTransactionId": null, "Items": null }),
        )
    }

    /// Adds a refund that the shop made.
    pub(crate) fn refund(self, id: u32, of: u32, total: i64) -> Self {
        let more = json!({
            "POSTransactionId": format!("t-{of}"),
            "RelatedId": format!("{of:032x}"),
        });
        self.add(id, "RefundToBankCard", "Succeeded", total, more)
    }

    /// Adds a refund that Barion made because a reservation was finished with less.
    pub(crate) fn returned(self, id: u32, of: u32, total: i64) -> Self {
        let more = json!({ "RelatedId": format!("{of:032x}") });
        self.add(id, "RefundToBankCard", "Succeeded", total, more)
    }

    /// Adds a failed refund.
    pub(crate) fn failure(self, id: u32, related: Option<u32>, total: i64) -> Self {
        let more = json!({ "RelatedId": related.map(|id| format!("{id:032x}")) });
        self.add(
            id,
            "StornoUnSuccessfulRefundToBankCard",
            "Succeeded",
            total,
            more,
        )
    }

    /// Adds any movement.
    pub(crate) fn movement(self, id: u32, kind: &str, related: Option<u32>, total: i64) -> Self {
        let more = json!({ "RelatedId": related.map(|id| format!("{id:032x}")) });
        self.add(id, kind, "Succeeded", total, more)
    }

    /// Sets a property of the transaction that was added last.
    pub(crate) fn but(mut self, name: &str, value: impl Into<Value>) -> Self {
        if let Some(last) = self.0["Transactions"]
            .as_array_mut()
            .and_then(|list| list.last_mut())
        {
            last[name] = value.into();
        }
        self
    }

    /// The payment state as it is read.
    pub(crate) fn read(&self) -> Payment {
        let answer: types::PaymentStateV4Response =
            serde_json::from_str(&self.0.to_string()).unwrap();
        Payment::from_wire(answer).unwrap()
    }
}

pub(crate) fn payment_id() -> PaymentId {
    format!("{:032x}", 0xBA).parse().unwrap()
}

pub(crate) fn transaction_id(id: u32) -> TransactionId {
    format!("{id:032x}").parse().unwrap()
}
