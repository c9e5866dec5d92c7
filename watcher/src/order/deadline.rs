//! Deadlines of reservations and authorisations.

use barion::{PaymentSnapshot, PaymentStanding, Timestamp};

/// Milliseconds since 1970; `None` if Barion's text is no date.
fn millis(time: &Timestamp) -> Option<u64> {
    u64::try_from(time.moment()?.timestamp_millis()).ok()
}

/// Deadline of a payment that waits for the shop, if Barion names one: as Barion wrote it, and in
/// milliseconds since 1970.
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
