//! Property test: in whatever order and however often a payment's true states are read, the shop
//! ends with the same.

use proptest::prelude::*;
use proptest::sample::Index;
use rust_decimal::Decimal;
use serde_json::json;

use super::PaymentChange;
use crate::payment::PaymentSnapshot;
use crate::payment::testing::{State, state};

/// Final standing of a payment.
#[derive(Debug, Clone, Copy)]
enum End {
    Paid,
    Nothing,
    Canceled,
    Expired,
    Failed,
}

/// History of a payment.
#[derive(Debug, Clone)]
struct Life {
    payment_type: &'static str,
    declined: bool,
    end: End,
    /// The settled amount of a reservation or an authorisation, of 10000.
    taken: i64,
    /// The refunds, and whether each fails later.
    refunds: Vec<(i64, bool)>,
}

fn lives() -> impl Strategy<Value = Life> {
    let payment_type = prop::sample::select(vec!["Immediate", "Reservation", "DelayedCapture"]);
    let end = prop::sample::select(vec![
        End::Paid,
        End::Paid,
        End::Paid,
        End::Nothing,
        End::Canceled,
        End::Expired,
        End::Failed,
    ]);
    let refunds = prop::collection::vec((1_i64..2_500, any::<bool>()), 0..4);
    (
        payment_type,
        any::<bool>(),
        end,
        9_000_i64..=10_000,
        refunds,
    )
        .prop_map(|(payment_type, declined, end, taken, refunds)| Life {
            payment_type,
            declined,
            end,
            taken,
            refunds,
        })
}

impl Life {
    /// All states that Barion would answer, one after the other.
    fn states(&self) -> Vec<State> {
        let kind = self.payment_type;
        let open =
            |status: &str| state(kind, status, 10_000).main(1, "Unspecified", "Prepared", 10_000);
        let mut states = vec![open("Prepared"), open("Started")];
        if self.declined {
            let funding = json!({ "ProcessResult": "LowFunds" });
            states.push(open("Started").with("FundingInformation", funding));
        }
        states.push(open("InProgress"));
        let held = |status: &str, main: &str| {
            state(kind, status, 10_000).main(1, "CardPayment", main, 10_000)
        };
        match kind {
            "Reservation" => states.push(held("Reserved", "Reserved")),
            "DelayedCapture" => states.push(held("Authorized", "Authorized")),
            _ => {}
        }
        match self.end {
            End::Paid => self.pay(&mut states),
            End::Nothing if kind == "Reservation" => states.push(
                state(kind, "Succeeded", 0)
                    .main(1, "CardPayment", "Succeeded", 10_000)
                    .returned(2, 1, 10_000),
            ),
            End::Nothing if kind == "DelayedCapture" => {
                states.push(state(kind, "Canceled", 0).main(1, "CardPayment", "Reversed", 10_000));
            }
            End::Nothing | End::Canceled => states.push(state(kind, "Canceled", 0)),
            End::Expired => states.push(state(kind, "Expired", 0)),
            End::Failed => states.push(state(kind, "Failed", 0)),
        }
        states
    }

    fn pay(&self, states: &mut Vec<State>) {
        let kind = self.payment_type;
        let taken = if kind == "Immediate" {
            10_000
        } else {
            self.taken
        };
        let mut paid = state(kind, "Succeeded", taken).main(1, "CardPayment", "Succeeded", 10_000);
        if kind == "Reservation" && taken < 10_000 {
            paid = paid.returned(2, 1, 10_000 - taken);
        }
        states.push(paid.clone());
        let mut left = taken;
        for (id, (amount, _)) in (10..).zip(&self.refunds) {
            left -= amount;
            paid = paid.with("Total", left).refund(id, 1, *amount);
            states.push(paid.clone());
        }
        for (id, (amount, _)) in (10..).zip(&self.refunds).filter(|(_, (_, fails))| *fails) {
            left += amount;
            paid = paid.with("Total", left).failure(id + 10, Some(id), *amount);
            states.push(paid.clone());
        }
    }
}

/// What a shop has booked, and the snapshot that it keeps.
#[derive(Debug, Default, PartialEq)]
struct Shop {
    seen: Option<PaymentSnapshot>,
    paid: usize,
    ended: Vec<PaymentChange>,
    sent_back: Decimal,
}

impl Shop {
    fn look(&mut self, state: &State) {
        let state = state.read().snapshot();
        for change in PaymentChange::between(self.seen.as_ref(), &state) {
            match change {
                PaymentChange::Paid => self.paid += 1,
                PaymentChange::Refunded(money) => self.sent_back += money.amount(),
                PaymentChange::RefundFailed(money) => self.sent_back -= money.amount(),
                PaymentChange::Unclear(status) => panic!("{status} is clear"),
                change if change.is_end_without_money() => self.ended.push(change),
                // Declines, and standings that waited, are not reported once they are over.
                _ => {}
            }
        }
        self.seen = Some(state.following(self.seen.as_ref()));
    }
}

proptest! {
    #[test]
    fn order_and_repetition_do_not_matter(
        life in lives(),
        looks in prop::collection::vec(any::<Index>(), 0..12),
    ) {
        let states = life.states();
        let mut in_order = Shop::default();
        for state in &states {
            in_order.look(state);
        }

        let mut shop = Shop::default();
        for look in &looks {
            shop.look(look.get(&states));
        }
        prop_assert!(shop.paid <= 1);
        // In the end the shop reads the state once more, for the last callback.
        if let Some(last) = states.last() {
            shop.look(last);
        }
        prop_assert_eq!(&shop, &in_order);

        let paid = matches!(life.end, End::Paid);
        prop_assert_eq!((shop.paid, shop.ended.len()), (usize::from(paid), usize::from(!paid)));
        let standing = life.refunds.iter().filter(|(_, fails)| paid && !fails);
        prop_assert_eq!(shop.sent_back, Decimal::from(standing.map(|(amount, _)| amount).sum::<i64>()));
    }

    #[test]
    fn storing_in_between_changes_nothing(life in lives(), at in any::<Index>()) {
        let states = life.states();
        let seen = at.get(&states).read().snapshot();
        let stored: PaymentSnapshot = serde_json::from_str(&serde_json::to_string(&seen).unwrap()).unwrap();
        for state in &states {
            let state = state.read().snapshot();
            prop_assert_eq!(
                PaymentChange::between(Some(&stored), &state),
                PaymentChange::between(Some(&seen), &state)
            );
        }
    }
}
