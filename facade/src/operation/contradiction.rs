//! Contradictory answers, which say both that something was done and that it was refused.

use barion_generated::enums::PaymentStatus;
use serde_json::Value;

/// What the successful part of an answer says that was done, whatever errors are beside it; `None`
/// when it says nothing of the kind.
pub(crate) fn done_in(operation: &str, answer: &Value) -> Option<String> {
    let field = |name: &str| answer.get(name).filter(|value| !is_nothing(value));
    match operation {
        "refund_payment_v2" => {
            return match field("RefundedTransactions")? {
                Value::Array(list) => {
                    Some(format!("it lists {} refunds that were made", list.len()))
                }
                // Any such value means that something was refunded.
                _ => Some("it says in an unreadable way what was refunded".to_owned()),
            };
        }
        "get_payment_state_v2" | "get_payment_state_v4" => return None,
        _ => {}
    }
    // That it is `false` says nothing beside a status: it is the default of the property.
    if field("IsSuccessful").is_some() {
        return Some("it says that it was successful".to_owned());
    }
    let status = field("PaymentStatus").or_else(|| field("Status"));
    let status = status.map(|status| PaymentStatus::from(text_of(status).as_str()));
    let moved = status.as_ref().is_some_and(|status| match operation {
        // A payment that waits for its payer moves nothing.
        "payment_start_v2"
        | "payment_start_with_google_token_v3"
        | "payment_complete_v2"
        | "start_payment_with_apple_token_v2" => is_charged(status) || is_unsure(status),
        // The payment's status may be the reason of the refusal; but the call may have caused it,
        // too.
        _ => matches!(
            status,
            PaymentStatus::Succeeded | PaymentStatus::PartiallySucceeded | PaymentStatus::Canceled
        ),
    });
    if let Some(status) = status.filter(|_| moved) {
        return Some(format!("it says that the payment is {}", shown(&status)));
    }
    if field("RecurrenceResult").is_some_and(|result| !is_refusal(&text_of(result))) {
        return Some("it says something of the token that is no refusal".to_owned());
    }
    let transactions = field("Transactions").and_then(Value::as_array);
    let done = transactions.into_iter().flatten().any(is_done);
    done.then(|| "it lists a transaction that has succeeded".to_owned())
}

/// A number is one of Barion's codes: it means something, though its meaning is not known here.
fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Whether the result of a token says that nothing was charged.
fn is_refusal(result: &str) -> bool {
    [
        "Failed",
        "NotFound",
        "None",
        "ThreeDSAuthenticationRequired",
    ]
    .iter()
    .any(|known| result.eq_ignore_ascii_case(known))
}

/// Whether a transaction of the shop has made progress. Fees, which have no identifier of the shop,
/// are listed before.
fn is_done(transaction: &Value) -> bool {
    let named = transaction["POSTransactionId"]
        .as_str()
        .is_some_and(|name| !name.is_empty());
    let status = transaction["Status"].as_str().unwrap_or_default();
    named && ["Succeeded", "Reversed"].contains(&status)
}

/// Beside errors, properties may have the default of their type: that says nothing.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(on) => !on,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => text.is_empty() || text.eq_ignore_ascii_case("false"),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
    }
}

/// Whether a payment in this status was charged.
pub(crate) fn is_charged(status: &PaymentStatus) -> bool {
    matches!(
        status,
        PaymentStatus::Succeeded
            | PaymentStatus::Reserved
            | PaymentStatus::Authorized
            | PaymentStatus::PartiallySucceeded
    )
}

/// Whether a payment in this status may still be charged by the bank, or was.
fn is_unsure(status: &PaymentStatus) -> bool {
    matches!(
        status,
        PaymentStatus::InProgress | PaymentStatus::Waiting | PaymentStatus::Unrecognized(_)
    )
}

/// Status as it may be shown in an error: an unknown one may be anything, a secret too.
pub(crate) fn shown(status: &PaymentStatus) -> &str {
    match status {
        PaymentStatus::Unrecognized(_) => "in a status that this version does not know",
        known => known.as_str(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::done_in;

    #[test]
    fn success_beside_errors_is_noticed_in_every_operation() {
        for (operation, answer) in [
            (
                "refund_payment_v2",
                json!({ "RefundedTransactions": [{ "Total": 500 }] }),
            ),
            (
                "refund_payment_v2",
                json!({ "RefundedTransactions": "500" }),
            ),
            ("payment_start_v2", json!({ "Status": "Succeeded" })),
            ("payment_start_v2", json!({ "Status": "InProgress" })),
            ("payment_start_v2", json!({ "Status": "Frozen" })),
            (
                "payment_start_v2",
                json!({ "Status": "Prepared", "RecurrenceResult": "Successful" }),
            ),
            (
                "payment_start_with_google_token_v3",
                json!({ "PaymentStatus": "Authorized" }),
            ),
            (
                "payment_complete_v2",
                json!({ "PaymentStatus": "Prepared", "IsSuccessful": true }),
            ),
            (
                "payment_start_v2",
                json!({ "Status": "Prepared", "RecurrenceResult": 1 }),
            ),
            (
                "payment_start_v2",
                json!({ "Status": "Prepared", "RecurrenceResult": "Success" }),
            ),
            (
                "payment_start_v2",
                json!({ "Status": "Prepared", "Transactions": [
                    { "POSTransactionId": "o", "Status": "Succeeded" },
                ] }),
            ),
            (
                "payment_complete_v2",
                json!({ "PaymentStatus": "Succeeded", "IsSuccessful": false }),
            ),
            (
                "payment_finish_reservation_v2",
                json!({ "Status": "Reserved", "Transactions": [
                    { "POSTransactionId": "a", "Status": "Succeeded" },
                    { "POSTransactionId": "b", "Status": "Reserved" },
                ] }),
            ),
            (
                "payment_finish_reservation_v2",
                json!({ "Status": "Succeeded", "IsSuccessful": false }),
            ),
            ("payment_capture_v2", json!({ "IsSuccessful": true })),
            ("payment_capture_v2", json!({ "IsSuccessful": "true" })),
            ("payment_capture_v2", json!({ "Status": "Succeeded" })),
            (
                "payment_cancel_authorization_v2",
                json!({ "Status": "Canceled" }),
            ),
            (
                "payment_finish_reservation_v2",
                json!({ "Status": "PartiallySucceeded" }),
            ),
        ] {
            assert!(
                done_in(operation, &answer).is_some(),
                "{operation} {answer}"
            );
        }
    }

    #[test]
    fn a_clean_refusal_stays_one() {
        for (operation, answer) in [
            ("refund_payment_v2", json!({ "RefundedTransactions": [] })),
            ("refund_payment_v2", json!({ "RefundedTransactions": null })),
            ("refund_payment_v2", json!({})),
            ("payment_start_v2", json!({ "Status": "Prepared" })),
            ("payment_start_v2", json!({ "Status": "Failed" })),
            ("payment_start_v2", json!({ "Status": null })),
            ("payment_start_v2", json!({ "Status": 0 })),
            ("payment_start_v2", json!({ "Status": "" })),
            ("payment_capture_v2", json!({ "IsSuccessful": "false" })),
            ("refund_payment_v2", json!({ "RefundedTransactions": {} })),
            (
                "payment_complete_v2",
                json!({ "PaymentStatus": "Failed", "IsSuccessful": false }),
            ),
            (
                "payment_finish_reservation_v2",
                json!({ "Status": "Reserved", "IsSuccessful": false }),
            ),
            (
                "payment_start_v2",
                json!({ "Status": "Prepared", "RecurrenceResult": "Failed", "Transactions": [
                    { "POSTransactionId": "o", "Status": "Prepared" },
                    { "POSTransactionId": null, "Status": "Reserved" },
                ] }),
            ),
            ("payment_capture_v2", json!({ "Status": "Authorized" })),
            ("get_payment_state_v4", json!({ "Status": "Succeeded" })),
        ] {
            assert_eq!(done_in(operation, &answer), None, "{operation} {answer}");
        }
    }
}
