//! Polling schedule: when a payment is read next, without any callback.

use std::time::Duration;

use barion::{PaymentSnapshot, PaymentStanding};

use super::deadline::deadline;
use super::payment::StoredPayment;

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;

/// Polling interval of a payment that waits for the shop.
const HELD: u64 = 6 * HOUR;
/// Polling interval of a payment of unknown state.
const UNKNOWN: u64 = HOUR;
/// Margin after a deadline, so that Barion has acted on it.
const AFTER_DEADLINE: u64 = MINUTE;

/// Time until a payment is read again; `None` if nothing is expected to happen to it.
///
/// | payment | read again |
/// |---|---|
/// | open, or not read yet | after half its age, at least a minute, at most an hour |
/// | under review | every six hours |
/// | reserved, authorised, partially finished | every six hours, when its warning is due, and a minute after it has lapsed |
/// | of unknown state | every hour |
/// | over | never: Barion sends callbacks about refunds |
///
/// `age`: time since it was tracked, by the store's clock. `now`: milliseconds since 1970, by the
/// shop's clock. `warning`: how long before its end `LapsesSoon` is reported.
pub(crate) fn due_in(
    payment: &StoredPayment,
    age: Duration,
    now: u64,
    warning: Duration,
) -> Option<Duration> {
    if payment.is_given_up() {
        return None;
    }
    let after = match payment.seen() {
        None => half_of_age(age),
        Some(seen) => match seen.standing() {
            PaymentStanding::Open => half_of_age(age),
            _ if seen.awaits_shop() => held(payment, seen, now, warning),
            PaymentStanding::Unknown(_) => UNKNOWN,
            // Its release may have no callback.
            _ if seen.is_under_review() => HELD,
            _ if seen.is_final() => return None,
            _ => UNKNOWN,
        },
    };
    Some(Duration::from_millis(after))
}

fn half_of_age(age: Duration) -> u64 {
    let age = u64::try_from(age.as_millis()).unwrap_or(u64::MAX);
    (age / 2).clamp(MINUTE, HOUR)
}

fn held(payment: &StoredPayment, seen: &PaymentSnapshot, now: u64, warning: Duration) -> u64 {
    let Some((_, until)) = deadline(seen) else {
        return HELD;
    };
    let warning = u64::try_from(warning.as_millis()).unwrap_or(u64::MAX);
    let mut next = now.saturating_add(HELD);
    if !payment.is_warned() {
        next = next.min(until.saturating_sub(warning));
    }
    next = next.min(until.saturating_add(AFTER_DEADLINE));
    next.saturating_sub(now).max(MINUTE)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::StoredOrder;
    use super::super::testing::{expired, id, paid, reserved, reviewed, started};
    use super::{HOUR, MINUTE, due_in};

    const WARNING: Duration = Duration::from_secs(2 * 3_600);

    fn due(order: &StoredOrder, now: u64) -> Option<u64> {
        // Tracked in the beginning.
        let age = Duration::from_millis(now);
        let due = due_in(order.payment(id(1)).unwrap(), age, now, WARNING)?;
        Some(u64::try_from(due.as_millis()).unwrap())
    }

    #[test]
    fn new_payments_are_read_soon_and_older_ones_rarely() {
        let mut order = StoredOrder::new("order-1".to_owned());
        order.track(id(1));
        for (age, expected) in [
            (0, MINUTE),
            (2 * MINUTE, MINUTE),
            (10 * MINUTE, 5 * MINUTE),
            (HOUR, 30 * MINUTE),
            (48 * HOUR, HOUR),
        ] {
            assert_eq!(due(&order, age), Some(expected), "not read, {age}");
            let mut read = order.clone();
            read.see(&started(1));
            assert_eq!(due(&read, age), Some(expected), "open, {age}");
        }
    }

    #[test]
    fn reservations_are_read_before_and_after_they_lapse() {
        let mut order = StoredOrder::new("order-1".to_owned());
        order.see(&reserved(1));
        assert_eq!(due(&order, 0), Some(6 * HOUR));
        assert_eq!(due(&order, 5 * HOUR), Some(3 * HOUR), "the warning at 8");
        // Until the warning is handled.
        assert_eq!(due(&order, 9 * HOUR), Some(MINUTE));
        assert_eq!(due(&order, 11 * HOUR), Some(MINUTE), "it should be over");
    }

    #[test]
    fn a_review_is_read_until_it_is_released() {
        let mut order = StoredOrder::new("order-1".to_owned());
        order.see(&reviewed(1, false));
        assert_eq!(due(&order, HOUR), Some(6 * HOUR));
        order.see(&reviewed(1, true));
        assert_eq!(due(&order, HOUR), None);
    }

    #[test]
    fn what_is_over_or_given_up_is_not_read() {
        for state in [paid(1), expired(1)] {
            let mut order = StoredOrder::new("order-1".to_owned());
            order.see(&state);
            assert_eq!(due(&order, HOUR), None);
        }
        let mut order = StoredOrder::new("order-1".to_owned());
        order.track(id(1));
        assert!(order.mark_unknown(id(1), Duration::ZERO, Duration::ZERO));
        assert_eq!(due(&order, HOUR), None);
    }
}
