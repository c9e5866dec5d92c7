//! Schedule of callbacks: when each attempt is due, and in which order. Knows nothing of HTTP.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

/// Backoff: the pause after each failed attempt. After the sixth there is none.
const DELAYS: [TimeDelta; 5] = [
    TimeDelta::seconds(2),
    TimeDelta::seconds(6),
    TimeDelta::seconds(18),
    TimeDelta::seconds(54),
    TimeDelta::seconds(162),
];

/// Callback about one change, and the number of its attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Delivery {
    pub(super) payment: Uuid,
    pub(super) url: String,
    /// The number of the next attempt, from 1.
    pub(super) number: u8,
    /// A second copy of another one, which is not retried.
    pub(super) copy: bool,
}

impl Delivery {
    /// Time of the retry, if the attempt at this time failed.
    pub(super) fn retry(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if self.copy {
            return None;
        }
        DELAYS
            .get(usize::from(self.number).checked_sub(1)?)
            .map(|delay| at + *delay)
    }
}

/// The deliveries that wait, by time; of one millisecond the one that was put in first goes first.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    waiting: BTreeMap<(DateTime<Utc>, u64), Delivery>,
    serial: u64,
    /// Wait for the next one of their payment.
    held: Vec<Delivery>,
}

impl Schedule {
    pub(super) fn add(&mut self, delivery: Delivery, due: DateTime<Utc>) {
        self.waiting.insert((due, self.serial), delivery);
        self.serial += 1;
    }

    /// Puts in a new one, and right behind it those that waited for it.
    pub(super) fn add_new(&mut self, delivery: Delivery, due: DateTime<Utc>) {
        let payment = delivery.payment;
        self.add(delivery, due);
        for one in self
            .held
            .extract_if(.., |one| one.payment == payment)
            .collect::<Vec<_>>()
        {
            self.add(one, due);
        }
    }

    /// Keeps one back until the next one of the same payment.
    pub(super) fn hold(&mut self, delivery: Delivery) {
        self.held.push(delivery);
    }

    /// When the next one is due.
    pub(super) fn next(&self) -> Option<DateTime<Utc>> {
        self.waiting.keys().next().map(|(due, _)| *due)
    }

    /// Takes out the next one that is due by now.
    pub(super) fn take(&mut self, now: DateTime<Utc>) -> Option<Delivery> {
        let first = self.waiting.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(payment: u128) -> Delivery {
        Delivery {
            payment: Uuid::from_u128(payment),
            url: String::new(),
            number: 1,
            copy: false,
        }
    }

    #[test]
    fn five_more_attempts_follow_in_growing_distances() {
        let start = DateTime::<Utc>::UNIX_EPOCH;
        let mut one = delivery(1);
        let mut at = start;
        let mut after = Vec::new();
        while let Some(next) = one.retry(at) {
            after.push((next - start).num_seconds());
            at = next;
            one.number += 1;
        }
        assert_eq!(after, [2, 8, 26, 80, 242]);
        assert_eq!(one.number, 6);
    }

    #[test]
    fn one_held_back_goes_after_the_next_of_its_payment() {
        let start = DateTime::<Utc>::UNIX_EPOCH;
        let mut schedule = Schedule::default();
        let held = Delivery {
            url: "held".to_owned(),
            ..delivery(1)
        };
        schedule.hold(held.clone());
        schedule.add_new(delivery(2), start);
        schedule.add_new(delivery(1), start);
        assert_eq!(schedule.take(start), Some(delivery(2)));
        assert_eq!(schedule.take(start), Some(delivery(1)));
        assert_eq!(schedule.take(start), Some(held));
        assert_eq!(schedule.take(start), None);
    }

    #[test]
    fn the_earlier_one_goes_first_and_the_older_one_of_two() {
        let start = DateTime::<Utc>::UNIX_EPOCH;
        let later = start + TimeDelta::seconds(1);
        let mut schedule = Schedule::default();
        for (payment, due) in [(1, later), (2, start), (3, start)] {
            schedule.add(delivery(payment), due);
        }
        assert_eq!(schedule.next(), Some(start));
        assert_eq!(schedule.take(start), Some(delivery(2)));
        assert_eq!(schedule.take(start), Some(delivery(3)));
        assert_eq!(schedule.take(start), None);
        assert_eq!(schedule.take(later), Some(delivery(1)));
        assert_eq!(schedule.next(), None);
    }
}
