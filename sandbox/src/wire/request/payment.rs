//! Requests about payments that exist already.

use std::time::Duration;

use rust_decimal::Decimal;
use uuid::Uuid;

use super::amount::read_amount;
use super::items::{check_items, read_items};
use super::reader::{Problems, Reader};
use crate::domain::payment::finish::{PayeeSettlement, Settlement};
use crate::domain::payment::refund::RefundOrder;
use crate::wire::json::Object;

/// Reads a request that names a payment and nothing else.
pub(crate) fn read_payment(object: &Object) -> Result<Uuid, Vec<String>> {
    let problems = Problems::default();
    let id = Reader::new(object, &problems).required_id("PaymentId");
    problems.settle(id)
}

/// Reads the request of `FinishReservation` and of Capture.
pub(crate) fn read_settlements(
    object: &Object,
    strict: bool,
) -> Result<(Uuid, Vec<Settlement>), Vec<String>> {
    let problems = Problems::new(strict);
    let reader = Reader::new(object, &problems);
    let id = reader.required_id("PaymentId");
    let call = reader
        .required_objects("Transactions")
        .into_iter()
        .map(read_settlement)
        .collect();
    problems.settle((id, call))
}

fn read_settlement(one: Reader<'_>) -> Settlement {
    let total = amount_or_zero(one);
    // Assumed: an empty list, as the official client sends for "none", replaces nothing.
    let items = read_items(one).filter(|items| !items.is_empty());
    if let Some(items) = &items {
        check_items(one, items, total, None);
    }
    Settlement {
        transaction: one.required_id("TransactionId"),
        total,
        comment: one.text("Comment", 1, 640),
        items,
        payees: one
            .objects("PayeeTransactions")
            .unwrap_or_default()
            .into_iter()
            .map(|part| PayeeSettlement {
                transaction: part.required_id("TransactionId"),
                total: amount_or_zero(part),
                comment: part.text("Comment", 1, 640),
            })
            .collect(),
    }
}

/// Reads the request of Refund.
pub(crate) fn read_refunds(object: &Object) -> Result<(Uuid, Vec<RefundOrder>), Vec<String>> {
    let problems = Problems::default();
    let reader = Reader::new(object, &problems);
    let id = reader.required_id("PaymentId");
    let call = reader
        .required_objects("TransactionsToRefund")
        .into_iter()
        .map(|one| {
            // Needed, but it may be any text: shops send ids of their own refunds.
            one.required_text("POSTransactionId", 100);
            RefundOrder {
                transaction: one.required_id("TransactionId"),
                amount: read_amount(one, "AmountToRefund", None),
                comment: one.text("Comment", 1, 640),
            }
        })
        .collect();
    problems.settle((id, call))
}

/// Zero is legal here: it is how a reservation or an authorisation is given up.
fn amount_or_zero(reader: Reader<'_>) -> Decimal {
    let total = reader.required_decimal("Total").unwrap_or_default();
    if total < Decimal::ZERO {
        reader.problem("The field Total must not be negative.".to_owned());
    }
    total
}

/// Reads how far a control call sets the clock ahead.
pub(crate) fn read_advance(object: &Object) -> Result<Duration, Vec<String>> {
    const TEN_YEARS: u32 = 315_360_000;
    let problems = Problems::default();
    let seconds = Reader::new(object, &problems).count("Seconds", 0, TEN_YEARS);
    if seconds.is_none() {
        problems.add("Send {\"Seconds\": 1800}, a whole number up to ten years.".to_owned());
    }
    problems.settle(Duration::from_secs(u64::from(seconds.unwrap_or(0))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::json::{self, Json};

    const ID: &str = "9293b38d35d2aea21dccd6b7ee9a59e8";

    fn object(text: &str) -> Object {
        match json::parse(text.replace("ID", ID).as_bytes()) {
            Ok(Json::Object(object)) => object,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn payments_are_named_in_both_forms() {
        let dashed = r#"{"paymentID":"9293B38D-35d2-aea2-1dcc-d6b7ee9a59e8"}"#;
        let Ok(Json::Object(dashed)) = json::parse(dashed.as_bytes()) else {
            panic!("an object")
        };
        assert_eq!(read_payment(&dashed).unwrap().simple().to_string(), ID);
        for wrong in ["{}", r#"{"PaymentId":"x"}"#, r#"{"PaymentId":{}}"#] {
            assert!(read_payment(&object(wrong)).is_err());
        }
    }

    #[test]
    fn finishing_with_nothing_is_legal_and_with_less_is_not() {
        let with = |total: &str| {
            let text = format!(
                r#"{{"PaymentId":"ID","Transactions":[{{"TransactionId":"ID","Total":{total}}}]}}"#
            );
            read_settlements(&object(&text), false)
        };
        assert_eq!(with("0").unwrap().1[0].total, Decimal::ZERO);
        assert!(with("-1").is_err());
        assert!(with("null").is_err());
    }

    #[test]
    fn refunds_need_an_amount_above_zero() {
        let with = |amount: &str| {
            read_refunds(&object(&format!(
                r#"{{"PaymentId":"ID","TransactionsToRefund":[{{"TransactionId":"ID","POSTransactionId":"x","AmountToRefund":{amount}}}]}}"#
            )))
        };
        assert!(with("9.99").is_ok());
        assert!(with("0").is_err());
    }
}
