//! Deadlines: until when Barion keeps a reservation or an authorisation for the shop.

use barion::{PaymentSnapshot, PaymentStanding, Timestamp};

/// Milliseconds since 1970; `None` where the text of Barion is no date.
fn millis(time: &Timestamp) -> Option<u64> {
    u64::try_from(time.moment()?.timestamp_millis()).ok()
}

/// Until when a payment waits for the shop, where Barion says so.
pub(crate) fn deadline(seen: &PaymentSnapshot) -> Option<(Timestamp, u64)> {
    match seen.standing() {
        PaymentStanding::Reserved { until: Some(until) }
        | PaymentStanding::Authorized { until: Some(until) }
        | PaymentStanding::PartiallyFinished { until: Some(until) } => {
            let at = millis(&until)?;
            Some((until, at))
        }
        _ => None,
    }
}
