//! Answers that say both that something was done and that it was refused.

use barion_generated::enums::PaymentStatus;
use serde_json::Value;

/// What the successful part of an answer says that was done, whatever errors stand beside it; `None` when it says
/// nothing of the kind.
pub(crate) fn done_in(operation: &str, answer: &Value) -> Option<String> {
    let field = |name: &str| answer.get(name).filter(|value| !is_nothing(value));
    if operation == "refund_payment_v2" {
        return match field("RefundedTransactions")? {
            Value::Array(list) => Some(format!("it lists {} refunds that were made", list.len())),
            // Whatever it is, it is more than nothing.
            _ => Some("it says in an unreadable way what was refunded".to_owned()),
        };
    }
    if field("IsSuccessful").is_some() {
        return Some("it says that it was successful".to_owned());
    }
    let refuses = answer["IsSuccessful"] == Value::Bool(false);
    let status = match field("PaymentStatus").or_else(|| field("Status"))? {
        Value::String(status) => PaymentStatus::from(status.as_str()),
        // Barion's numeric codes say something, though nothing that is known here.
        other => PaymentStatus::from(other.to_string().as_str()),
    };
    let done = match operation {
        // What a payment has ended in may be why the call is refused.
        _ if refuses => false,
        // One that waits for its payer moves nothing.
        "payment_start_v2"
        | "payment_start_with_google_token_v3"
        | "payment_complete_v2"
        | "start_payment_with_apple_token_v2" => is_charged(&status) || is_unsure(&status),
        // Beside an error, where the payment stands says nothing but that: the call may have come too late. But it may
        // have brought that about, too.
        "payment_finish_reservation_v2" => matches!(
            status,
            PaymentStatus::Succeeded | PaymentStatus::PartiallySucceeded
        ),
        "payment_capture_v2" | "payment_cancel_authorization_v2" => {
            matches!(status, PaymentStatus::Succeeded | PaymentStatus::Canceled)
        }
        _ => false,
    };
    if done {
        return Some(format!("it says that the payment is {}", shown(&status)));
    }
    let result = field("RecurrenceResult").and_then(Value::as_str);
    if result.is_some_and(|result| result.eq_ignore_ascii_case("Successful")) {
        return Some("it says that the token was charged".to_owned());
    }
    None
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

/// Whether a payment in this status may still be charged by the bank.
fn is_unsure(status: &PaymentStatus) -> bool {
    matches!(
        status,
        PaymentStatus::InProgress | PaymentStatus::Waiting | PaymentStatus::Unrecognized(_)
    )
}

fn shown(status: &PaymentStatus) -> &str {
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
                json!({ "Status": "Succeeded", "IsSuccessful": false }),
            ),
            ("payment_capture_v2", json!({ "Status": "Authorized" })),
            ("get_payment_state_v4", json!({ "Status": "Succeeded" })),
        ] {
            assert_eq!(done_in(operation, &answer), None, "{operation} {answer}");
        }
    }
}
