//! Snapshot of a payment's state, to be stored.

use barion_generated::enums::{
    Currency, PaymentStatus, PaymentType, ProcessResult, TransactionStatus, TransactionType,
};
use barion_generated::wire::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, de};

use super::role::{Role, is_named};
use super::state::{Payment, PaymentTransaction};
use crate::id::{PaymentId, TransactionId};

/// Version of the layout that is written. It grows when an older version of the crate would misread
/// a newer layout; added properties are no reason.
const FORMAT: u32 = 1;

/// Snapshot of a [`Payment`], to be stored by the shop: enough to compute the changes at the next
/// read, and nothing about the payer.
///
/// Made by [`Payment::snapshot`]. Serde writes and reads it. A snapshot that an older version wrote
/// is read, values that Barion adds to its lists are kept to the letter, and one that a later
/// version wrote in another layout is refused instead of misread.
///
/// It has the same methods as the payment: [`standing`](Self::standing),
/// [`refundable`](Self::refundable) and so on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PaymentSnapshot {
    #[serde(deserialize_with = "readable_format")]
    format: u32,
    /// Identifier of the payment, given by Barion.
    pub payment_id: PaymentId,
    /// Payment status at the time.
    pub status: PaymentStatus,
    /// Payment type: when the money moves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_type: Option<PaymentType>,
    /// Current total at the time, in the payment's currency: falls with partial finishes and
    /// refunds.
    #[serde(
        rename = "total",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::money::stored::amount_option"
    )]
    pub current_total: Option<Decimal>,
    /// Currency of the payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// Reserved until: when the time to finish a reservation ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserved_until: Option<Timestamp>,
    /// Delayed capture until: when the time to capture an authorised payment ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delayed_capture_until: Option<Timestamp>,
    /// Reason why the last attempt to pay was declined, while the payment was open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declined_because: Option<ProcessResult>,
    /// Status that this version does not know, seen after a known one that can't be left any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) unknown_status: Option<PaymentStatus>,
    /// Transactions of the payment, without Barion's fees.
    #[serde(default)]
    pub transactions: Vec<SnapshotTransaction>,
}

/// Snapshot of a transaction, in a [`PaymentSnapshot`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SnapshotTransaction {
    /// Identifier of the transaction, given by Barion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction_id: Option<TransactionId>,
    /// Identifier of the transaction, given by the shop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pos_transaction_id: Option<String>,
    /// Related transaction, to which this one belongs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub related_id: Option<TransactionId>,
    /// Transaction type: the kind of movement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction_type: Option<TransactionType>,
    /// Transaction status at the time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<TransactionStatus>,
    /// Original amount in the payment's currency; `None` also where the answer has another
    /// currency.
    #[serde(
        rename = "total",
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::money::stored::amount_option"
    )]
    pub original_total: Option<Decimal>,
}

fn readable_format<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let format = u32::deserialize(deserializer)?;
    if format > FORMAT {
        return Err(de::Error::custom(format_args!(
            "the snapshot has the layout {format}, which a later version of this crate wrote; this one reads up to {FORMAT}"
        )));
    }
    Ok(format)
}

impl Payment {
    /// Snapshot of the payment: what to store of it, to compute the changes at the next read.
    #[must_use]
    pub fn snapshot(&self) -> PaymentSnapshot {
        PaymentSnapshot::of(self)
    }
}

impl PaymentSnapshot {
    fn of(payment: &Payment) -> Self {
        let currency = payment.currency.as_ref();
        Self {
            format: FORMAT,
            payment_id: payment.payment_id,
            status: payment.status.clone(),
            payment_type: payment.payment_type.clone(),
            current_total: payment.total,
            currency: payment.currency.clone(),
            reserved_until: payment.reserved_until.clone(),
            delayed_capture_until: payment.delayed_capture_until.clone(),
            declined_because: payment.declined_because().cloned(),
            unknown_status: None,
            transactions: payment
                .transactions
                .iter()
                .filter(|one| one.role() != Role::Fee)
                .map(|one| SnapshotTransaction::of(one, currency))
                .collect(),
        }
    }

    pub(crate) fn of_role(&self, role: Role) -> impl Iterator<Item = &SnapshotTransaction> {
        self.transactions
            .iter()
            .filter(move |one| one.role() == role)
    }
}

impl SnapshotTransaction {
    fn of(transaction: &PaymentTransaction, currency: Option<&Currency>) -> Self {
        let same_currency = transaction
            .currency
            .as_ref()
            .is_none_or(|own| currency.is_none_or(|currency| own == currency));
        Self {
            transaction_id: transaction.transaction_id,
            pos_transaction_id: transaction.pos_transaction_id.clone(),
            related_id: transaction.related_transaction(),
            transaction_type: transaction.transaction_type.clone(),
            status: transaction.status.clone(),
            original_total: transaction.total.filter(|_| same_currency),
        }
    }

    pub(crate) fn role(&self) -> Role {
        Role::of(
            self.transaction_type.as_ref(),
            is_named(self.pos_transaction_id.as_deref()),
            self.related_id.is_some(),
        )
    }

    /// Whether it moved nothing, whatever it was meant to move.
    pub(crate) fn is_void(&self) -> bool {
        use TransactionStatus as Status;
        matches!(
            self.status,
            Some(
                Status::Rejected
                    | Status::RejectedByShop
                    | Status::Timeout
                    | Status::PaymentTimeOut
                    | Status::ShopIsDeleted
                    | Status::ShopIsClosed
                    | Status::Storno
                    | Status::Deleted
                    | Status::Expired
                    | Status::Reversed
                    | Status::InvalidPaymentRecord
                    | Status::InvalidPaymentStatus
                    | Status::PaymentSenderOrRecipientIsInvalid
            )
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::PaymentSnapshot;
    use crate::payment::testing::state;

    fn snapshot() -> PaymentSnapshot {
        let payer = json!({ "Name": { "FirstName": "Jane" }, "Email": "jane@example.com" });
        state("Reservation", "Succeeded", 8_000)
            .with("TraceId", "0MHSGZRZ1G0118  0")
            .with("POSOwnerEmail", "owner@example.com")
            .with(
                "FundingInformation",
                json!({ "BankCard": { "MaskedPan": "5559" } }),
            )
            .fee(9)
            .main(1, "CardPayment", "Succeeded", 10_000)
            .but("Payer", payer)
            .but("Comment", "for Jane")
            .returned(2, 1, 2_000)
            .read()
            .snapshot()
    }

    #[test]
    fn storage_keeps_it_and_nothing_of_the_payer() {
        let snapshot = snapshot();
        let stored = serde_json::to_string(&snapshot).unwrap();
        for secret in ["Jane", "example.com", "5559", "0MHSG", "GatewayFee"] {
            assert!(!stored.contains(secret), "{secret} in {stored}");
        }
        assert!(stored.contains(r#""total":"8000""#), "{stored}");
        let read: PaymentSnapshot = serde_json::from_str(&stored).unwrap();
        assert_eq!(read, snapshot);
        assert_eq!(read.standing(), snapshot.standing());
    }

    #[test]
    fn what_was_stored_with_the_names_of_the_wire_is_read() {
        let stored = r#"{"format":1,"payment_id":"000000000000000000000000000000ba","status":"Succeeded",
            "payment_type":"Reservation","total":"8000","currency":"HUF","transactions":[
            {"transaction_id":"00000000000000000000000000000001","pos_transaction_id":"t-1",
             "transaction_type":"CardPayment","status":"Succeeded","total":"10000"}]}"#;
        let read: PaymentSnapshot = serde_json::from_str(stored).unwrap();
        assert_eq!(read.current_total, Some(8_000.into()));
        assert_eq!(read.transactions[0].original_total, Some(10_000.into()));
    }

    #[test]
    fn what_later_versions_add_is_read_and_what_they_change_is_refused() {
        let mut stored = serde_json::to_value(snapshot()).unwrap();
        stored["status"] = json!("Frozen");
        stored["mood"] = json!("good");
        stored["transactions"][0]["transaction_type"] = json!("Teleport");
        let read: PaymentSnapshot = serde_json::from_str(&stored.to_string()).unwrap();
        assert_eq!(read.status.as_str(), "Frozen");
        assert_eq!(serde_json::to_value(&read).unwrap()["status"], "Frozen");

        let oldest = json!({ "format": 1, "payment_id": read.payment_id, "status": "Reserved" });
        assert!(serde_json::from_str::<PaymentSnapshot>(&oldest.to_string()).is_ok());

        stored["format"] = json!(2);
        let refused = serde_json::from_str::<PaymentSnapshot>(&stored.to_string());
        assert!(refused.unwrap_err().to_string().contains("later version"));
    }
}
