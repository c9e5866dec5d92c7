//! Verdict: whether a payment's state shows that a request was carried out. Nothing is guessed:
//! what another cause could have brought about proves nothing, and where any movement is not
//! explained, the request is not judged as not carried out.

use std::collections::BTreeMap;

use barion_generated::enums::{PaymentStatus, TransactionStatus};
use rust_decimal::Decimal;

use crate::id::TransactionId;
use crate::money::Money;
use crate::money::checked;
use crate::payment::baseline::is_untouched;
use crate::payment::role::Role;
use crate::payment::{Payment, PaymentSnapshot, SnapshotTransaction};
use crate::unconfirmed::UnconfirmedRequest;
use crate::unconfirmed::asked::{Asked, ChargedPart, Part, Settlement};
use crate::unconfirmed::baseline::Baseline;

/// Verdict of a state about a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It was carried out.
    CarriedOut,
    /// It was not carried out up to now.
    NotYet,
    /// It was not carried out and can't be any more: the payment has reached another final status.
    EndedOtherwise,
    /// The state does not show it, and why.
    Unclear(&'static str),
}

const CONTRADICTS: &str = "the payment's status and its transactions contradict each other";
const MOVED: &str = "the payment has moved otherwise since the request was built, which nothing that is known explains";

/// Verdict of the state of the payment that the request is about.
pub(super) fn judge(request: &UnconfirmedRequest, payment: &Payment) -> Verdict {
    let snapshot = payment.snapshot();
    match &request.asked {
        // A payment whose gateway address got lost can't be paid.
        Asked::Start { .. } => Verdict::NotYet,
        Asked::Charge {
            payment_request_id,
            parts,
            total,
            ..
        } => {
            if is_charge_of(payment, payment_request_id, parts, total) {
                charge(&snapshot)
            } else {
                Verdict::Unclear(
                    "the payment that the answer named is not the one that was asked for",
                )
            }
        }
        Asked::Complete(_) => charge(&snapshot),
        Asked::Finish {
            settlements,
            before,
            ..
        } => finish(settlements, before.as_ref(), &snapshot),
        Asked::Capture {
            settlements,
            before,
            ..
        } => capture(settlements, before.as_ref(), &snapshot),
        Asked::CancelAuthorization(_) => cancel(&snapshot),
        Asked::Refund { parts, before, .. } => refund(parts, before.as_ref(), &snapshot),
    }
}

/// Figures of a refund whose outcome can't be determined, for the person who looks.
pub(super) fn figures(request: &UnconfirmedRequest, payment: &Payment) -> Option<String> {
    let Asked::Refund {
        parts,
        before: Some(before),
        ..
    } = &request.asked
    else {
        return None;
    };
    let payment = payment.snapshot();
    let list = |amounts: Vec<Option<Decimal>>| {
        let some = amounts.iter().take(8);
        let shown: Vec<String> = some
            .map(|amount| {
                amount.map_or("an unknown amount".to_owned(), |one| {
                    one.normalize().to_string()
                })
            })
            .collect();
        if shown.is_empty() {
            "nothing".to_owned()
        } else {
            shown.join(" + ")
        }
    };
    let asked = list(parts.iter().map(|part| Some(part.amount)).collect());
    let moved = before.new_movements(&payment);
    let moved = list(moved.iter().map(|one| one.original_total).collect());
    let totals = list(vec![before.total()]) + " to " + &list(vec![payment.current_total]);
    Some(format!(
        "asked for {asked}; since then {moved} moved, and the total went from {totals}"
    ))
}

/// Whether a payment is what a charge asked for: by its names, its currency and its original
/// amounts, which refunds don't change.
pub(super) fn is_charge_of(
    payment: &Payment,
    payment_request_id: &str,
    parts: &[ChargedPart],
    total: &Money,
) -> bool {
    let mut asked: Vec<_> = parts
        .iter()
        .map(|one| (one.pos_transaction_id.as_str(), Some(one.total.normalize())))
        .collect();
    let snapshot = payment.snapshot();
    let mut charged: Vec<_> = snapshot
        .of_role(Role::Main)
        .map(|one| {
            let name = one.pos_transaction_id.as_deref().unwrap_or_default();
            (name, one.original_total.map(|total| total.normalize()))
        })
        .collect();
    asked.sort_unstable();
    charged.sort_unstable();
    payment.payment_request_id.as_deref() == Some(payment_request_id)
        && payment.currency.as_ref() == Some(total.currency())
        && asked == charged
}

/// Whether any transaction of the shop has one of these statuses.
fn any_main(payment: &PaymentSnapshot, statuses: &[TransactionStatus]) -> bool {
    let mut mains = payment.of_role(Role::Main);
    mains.any(|one| {
        one.status
            .as_ref()
            .is_some_and(|status| statuses.contains(status))
    })
}

fn charge(payment: &PaymentSnapshot) -> Verdict {
    use TransactionStatus::{Authorized, Reserved, Reversed, Succeeded};
    let void = payment
        .of_role(Role::Main)
        .any(SnapshotTransaction::is_void);
    match payment.status {
        PaymentStatus::Succeeded
        | PaymentStatus::Reserved
        | PaymentStatus::Authorized
        | PaymentStatus::PartiallySucceeded => {
            if void {
                Verdict::Unclear(CONTRADICTS)
            } else {
                Verdict::CarriedOut
            }
        }
        PaymentStatus::Prepared | PaymentStatus::Started => not_yet(None, payment),
        // What was charged and ran out since was carried out all the same.
        PaymentStatus::Canceled | PaymentStatus::Failed | PaymentStatus::Expired => {
            if any_main(payment, &[Succeeded, Reserved, Authorized, Reversed]) {
                Verdict::Unclear(CONTRADICTS)
            } else {
                Verdict::EndedOtherwise
            }
        }
        _ => Verdict::Unclear("the bank has not answered yet, or the status is a new one"),
    }
}

/// `NotYet` for a payment that is unchanged.
fn not_yet(before: Option<&Baseline>, payment: &PaymentSnapshot) -> Verdict {
    let unmoved = match before {
        Some(before) => before.is_unmoved(payment),
        None => is_untouched(payment),
    };
    if unmoved {
        Verdict::NotYet
    } else {
        Verdict::Unclear(MOVED)
    }
}

fn cancel(payment: &PaymentSnapshot) -> Verdict {
    use TransactionStatus::{Reversed, Succeeded};
    let captured = any_main(payment, &[Succeeded]);
    match payment.status {
        PaymentStatus::Authorized => not_yet(None, payment),
        // It may also have been canceled by the payer, before it was authorised.
        PaymentStatus::Canceled if any_main(payment, &[Reversed]) && !captured => {
            Verdict::CarriedOut
        }
        PaymentStatus::Canceled => {
            Verdict::Unclear("the payment was canceled, but not visibly by the shop")
        }
        PaymentStatus::Succeeded if captured => Verdict::EndedOtherwise,
        PaymentStatus::Expired | PaymentStatus::Failed if !captured => Verdict::EndedOtherwise,
        PaymentStatus::Succeeded | PaymentStatus::Expired | PaymentStatus::Failed => {
            Verdict::Unclear(CONTRADICTS)
        }
        _ => Verdict::Unclear("the payment is not one that can be canceled"),
    }
}

fn capture(
    settlements: &[Settlement],
    before: Option<&Baseline>,
    payment: &PaymentSnapshot,
) -> Verdict {
    use TransactionStatus::{Reversed, Succeeded};
    let asked = checked::sum(settlements.iter().map(|one| Some(one.total)));
    let captured = any_main(payment, &[Succeeded]);
    match payment.status {
        PaymentStatus::Authorized => not_yet(before, payment),
        PaymentStatus::Canceled if asked == Some(Decimal::ZERO) => cancel(payment),
        PaymentStatus::Canceled | PaymentStatus::Expired | PaymentStatus::Failed => {
            if captured {
                Verdict::Unclear(CONTRADICTS)
            } else {
                Verdict::EndedOtherwise
            }
        }
        // What was refunded since was captured before.
        PaymentStatus::Succeeded => {
            let ends = |one: &SnapshotTransaction| {
                let asked = settlements
                    .iter()
                    .find(|end| Some(end.transaction_id) == one.transaction_id);
                match &one.status {
                    Some(Succeeded) => asked.is_some(),
                    Some(Reversed) => asked.is_some_and(|end| end.total.is_zero()),
                    _ => false,
                }
            };
            let mut mains = payment.of_role(Role::Main);
            // Barion's answer does not show how much each of several transactions contributed.
            let originals = checked::sum(payment.of_role(Role::Main).map(|one| one.original_total));
            let tells = settlements.len() == 1 || asked == originals;
            let taken = payment.taken().map(Decimal::from);
            if mains.all(ends) && tells && taken.is_some() && taken == asked {
                Verdict::CarriedOut
            } else {
                Verdict::Unclear("it was captured, but not visibly with the amount of this request")
            }
        }
        _ => Verdict::Unclear("the payment is not one that can be captured"),
    }
}

fn finish(
    settlements: &[Settlement],
    before: Option<&Baseline>,
    payment: &PaymentSnapshot,
) -> Verdict {
    match payment.status {
        PaymentStatus::Reserved | PaymentStatus::PartiallySucceeded | PaymentStatus::Succeeded => {}
        PaymentStatus::Expired | PaymentStatus::Canceled | PaymentStatus::Failed => {
            return ran_out(settlements, payment);
        }
        _ => return Verdict::Unclear("the payment is not one that can be finished"),
    }
    let mut open = 0;
    for settlement in settlements {
        let Some(transaction) = found(payment, settlement.transaction_id) else {
            return Verdict::Unclear("the payment has no such transaction");
        };
        match &transaction.status {
            Some(TransactionStatus::Reserved) => open += 1,
            Some(TransactionStatus::Succeeded)
                if kept(payment, transaction) == Some(settlement.total) => {}
            _ => {
                return Verdict::Unclear(
                    "a transaction has ended, but not visibly with the amount of this request",
                );
            }
        }
    }
    match open {
        0 if adds_up(payment) => Verdict::CarriedOut,
        0 => {
            Verdict::Unclear("the transactions have ended, but the payment's total does not agree")
        }
        open if open == settlements.len() => not_yet(before, payment),
        _ => Verdict::Unclear("only some of the transactions have ended"),
    }
}

/// A reservation that ran out, with which all of the money has gone back.
fn ran_out(settlements: &[Settlement], payment: &PaymentSnapshot) -> Verdict {
    let is_gone = |settlement: &Settlement| {
        let transaction = found(payment, settlement.transaction_id)?;
        let gone = transaction.is_void() || kept(payment, transaction)?.is_zero();
        Some(gone && !settlement.total.is_zero())
    };
    if settlements
        .iter()
        .all(|settlement| is_gone(settlement) == Some(true))
    {
        Verdict::EndedOtherwise
    } else {
        Verdict::Unclear(CONTRADICTS)
    }
}

/// Whether what the settled transactions of a reservation kept is what the payment as a whole has
/// taken.
fn adds_up(payment: &PaymentSnapshot) -> bool {
    let ended = payment
        .of_role(Role::Main)
        .filter(|one| one.status == Some(TransactionStatus::Succeeded));
    let kept = checked::sum(ended.map(|one| kept(payment, one)));
    kept.is_some() && kept == payment.taken().map(Decimal::from)
}

/// Settled amount of a transaction of a reservation: its original amount, less what Barion returned
/// by itself.
fn kept(payment: &PaymentSnapshot, transaction: &SnapshotTransaction) -> Option<Decimal> {
    // The shop's own refunds repeat its identifier of the transaction, those of the settlement
    // don't.
    let returned = payment
        .of_role(Role::Refund)
        .filter(|one| one.related_id == transaction.transaction_id)
        .filter(|one| one.pos_transaction_id.as_deref().unwrap_or("").is_empty())
        .map(|one| one.original_total.map(|total| -total));
    checked::sum(returned.chain([transaction.original_total]))
}

fn found(payment: &PaymentSnapshot, id: TransactionId) -> Option<&SnapshotTransaction> {
    let mut all = payment.transactions.iter();
    all.find(|one| one.transaction_id == Some(id))
}

fn refund(parts: &[Part], before: Option<&Baseline>, payment: &PaymentSnapshot) -> Verdict {
    let Some(before) = before else {
        return match not_yet(None, payment) {
            Verdict::NotYet => Verdict::NotYet,
            _ => Verdict::Unclear(
                "there are refunds, but the request was not built from the payment's state, so they may be older ones",
            ),
        };
    };
    let new = before.new_movements(payment);
    if new.is_empty() {
        // The total alone may be due to a refund, too.
        return not_yet(Some(before), payment);
    }
    if !before.has_same_mains(payment) {
        return Verdict::Unclear(MOVED);
    }
    let mut made: BTreeMap<(TransactionId, Decimal), usize> = BTreeMap::new();
    for movement in new {
        let (Role::Refund, Some(_), Some(related), Some(total)) = (
            movement.role(),
            movement.transaction_id,
            movement.related_id,
            movement.original_total,
        ) else {
            return Verdict::Unclear(
                "there is a movement that may be the refund: of a kind that this version does not know, or without \
                 saying which it is, out of what, or how much",
            );
        };
        if movement.status != Some(TransactionStatus::Succeeded) {
            return Verdict::Unclear(
                "a refund was made since, which has not got through, or not yet",
            );
        }
        *made.entry((related, total.normalize())).or_default() += 1;
    }
    let mut asked: BTreeMap<(TransactionId, Decimal), usize> = BTreeMap::new();
    for part in parts {
        let key = (part.transaction_id, part.amount.normalize());
        *asked.entry(key).or_default() += 1;
    }
    let asked_total = checked::sum(parts.iter().map(|part| Some(part.amount)));
    if made == asked && before.is_lower_by(asked_total, payment) {
        Verdict::CarriedOut
    } else {
        Verdict::Unclear(
            "what was refunded since is not exactly what this request asked for: other amounts, another transaction, \
             only a part of it, or more",
        )
    }
}

#[cfg(test)]
mod tests {
    use barion_generated::enums::Currency;

    use super::{UnconfirmedRequest, Verdict, judge};
    use crate::money::Money;
    use crate::operation::cancel::CancelAuthorization;
    use crate::operation::complete::CompletePayment;
    use crate::operation::refund::{Refund, TransactionToRefund};
    use crate::operation::start::StartPayment;
    use crate::operation::start::token::Token;
    use crate::operation::start::transaction::Transaction;
    use crate::payment::testing::{State, payment_id, state, transaction_id};

    fn verdict(request: &UnconfirmedRequest, state: &State) -> Verdict {
        // What is stored is judged alike.
        let stored = serde_json::to_string(request).unwrap();
        let request: UnconfirmedRequest = serde_json::from_str(&stored).unwrap();
        judge(&request, &state.read())
    }

    fn unclear(verdict: Verdict) -> &'static str {
        match verdict {
            Verdict::Unclear(why) => why,
            other => panic!("{other:?}"),
        }
    }

    fn paid(total: i64) -> State {
        state("Immediate", "Succeeded", total).main(1, "CardPayment", "Succeeded", 10_000)
    }

    #[test]
    fn a_refund_is_told_from_those_that_were_there() {
        let before = paid(9_500).refund(2, 1, 500);
        let refund = before.read().refund().amount(500).build().unwrap();
        let request = UnconfirmedRequest::from(&refund);
        assert_eq!(verdict(&request, &before), Verdict::NotYet);
        // A refund by another process, or this one booked in another way: they can't be
        // distinguished.
        for other in [
            before.clone().refund(3, 1, 700),
            before.clone().refund(3, 1, 499),
            before.clone().refund(3, 1, 300).refund(4, 1, 200),
            before.clone().refund(3, 7, 500),
            before
                .clone()
                .refund(3, 1, 500)
                .but("RelatedId", "not an id"),
            before.clone().refund(3, 1, 500).failure(4, Some(3), 500),
            before.clone().refund(3, 1, 500).but("Status", "Reversed"),
            before.clone().part(3, 1, "Succeeded", 500),
            before.clone().movement(3, "Teleport", None, 500),
            before.clone().with("Total", 9_000),
            before.clone().with("Total", serde_json::Value::Null),
            before.clone().with("Status", "Frozen"),
            before.clone().refund(3, 1, 500).refund(4, 1, 1),
        ] {
            unclear(verdict(&request, &other));
        }
        let now = before.clone().with("Total", 9_000);
        let made = now.clone().refund(3, 1, 500);
        assert_eq!(verdict(&request, &made), Verdict::CarriedOut);
        // With any digits that Barion prints.
        let digits = now.clone().refund(3, 1, 0).but("Total", 500.0);
        assert_eq!(verdict(&request, &digits), Verdict::CarriedOut);
        // Listed, and not visibly paid.
        for planned in [
            before.clone().refund(3, 1, 500),
            before.clone().with("Total", 7_500).refund(3, 1, 500),
            now.clone().refund(3, 1, 500).but("Status", "Prepared"),
            now.clone()
                .refund(3, 1, 500)
                .but("Status", "NeverSeenBefore"),
            made.clone().with("Status", "Canceled"),
            before.clone().movement(3, "UnderReview", Some(1), 500),
        ] {
            unclear(verdict(&request, &planned));
        }
        // Two that look alike: one of them is by another process, and perhaps it is the only one.
        let twice = made.clone().with("Total", 8_500).refund(4, 1, 500);
        assert!(unclear(verdict(&request, &twice)).contains("or more"));
        // Without the shop's identifier it is a refund all the same.
        let unnamed = now.clone().returned(3, 1, 500);
        assert_eq!(verdict(&request, &unnamed), Verdict::CarriedOut);
        // A new transaction type for refunds must not lead to a second refund.
        let strange = before.clone().movement(3, "RefundToWatch", Some(1), 500);
        assert!(unclear(verdict(&request, &strange)).contains("a kind that"));
        let nameless = before
            .refund(3, 1, 500)
            .but("TransactionId", "00000000-0000-0000-0000-000000000000");
        assert!(unclear(verdict(&request, &nameless)).contains("which it is"));
    }

    #[test]
    fn a_refund_by_ids_alone_proves_nothing_where_there_is_one_like_it() {
        let refund = Refund::builder(payment_id(), Currency::Huf)
            .transaction(TransactionToRefund::new(transaction_id(1), "t-1", 500))
            .build()
            .unwrap();
        let request = UnconfirmedRequest::from(&refund);
        assert_eq!(verdict(&request, &paid(10_000)), Verdict::NotYet);
        for refunded in [
            paid(9_500).refund(2, 1, 500),
            paid(9_700).refund(2, 1, 300),
            paid(9_500),
        ] {
            assert!(unclear(verdict(&request, &refunded)).contains("older ones"));
        }
    }

    #[test]
    fn half_a_refund_is_nothing_to_build_on() {
        let before = paid(20_000).main(2, "CardPayment", "Succeeded", 10_000);
        let payment = before.read();
        let refund = payment
            .refund()
            .transaction("t-1", 300)
            .transaction("t-2", 300);
        let request = UnconfirmedRequest::from(&refund.build().unwrap());
        assert_eq!(verdict(&request, &before), Verdict::NotYet);
        let half = before.clone().refund(3, 2, 300);
        assert!(unclear(verdict(&request, &half)).contains("only a part"));
        let whole = half.with("Total", 19_400).refund(4, 1, 300);
        assert_eq!(verdict(&request, &whole), Verdict::CarriedOut);
    }

    fn reserved(status: &str, one: &str, two: &str) -> State {
        state("Reservation", status, 15_000)
            .fee(9)
            .main(1, "CardPayment", one, 10_000)
            .main(2, "CardPayment", two, 5_000)
    }

    #[test]
    fn a_finish_is_read_off_what_came_back() {
        let open = reserved("Reserved", "Reserved", "Reserved");
        let payment = open.read();
        let less = payment.finish().transaction("t-1", 9_000).build().unwrap();
        let request = UnconfirmedRequest::from(&less);
        assert_eq!(verdict(&request, &open), Verdict::NotYet);
        let done = reserved("PartiallySucceeded", "Succeeded", "Reserved")
            .with("Total", 14_000)
            .returned(3, 1, 1_000);
        assert_eq!(verdict(&request, &done), Verdict::CarriedOut);
        // The shop's own refunds since don't count, the other transaction neither.
        let later = reserved("Succeeded", "Succeeded", "Succeeded")
            .with("Total", 7_000)
            .returned(3, 1, 1_000)
            .returned(4, 2, 5_000)
            .refund(5, 1, 2_000);
        assert_eq!(verdict(&request, &later), Verdict::CarriedOut);
        let full = reserved("PartiallySucceeded", "Succeeded", "Reserved");
        assert!(unclear(verdict(&request, &full)).contains("not visibly with the amount"));
        let expired = reserved("Expired", "Succeeded", "Succeeded").with("Total", 0);
        unclear(verdict(&request, &expired));
        let expired = expired.returned(3, 1, 10_000).returned(4, 2, 5_000);
        assert_eq!(verdict(&request, &expired), Verdict::EndedOtherwise);
        let expired = reserved("Expired", "Expired", "Expired");
        assert_eq!(verdict(&request, &expired), Verdict::EndedOtherwise);
        // In full, but the return is not of a known kind, or the total does not agree.
        let in_full =
            UnconfirmedRequest::from(&payment.finish().transaction("t-1", 10_000).build().unwrap());
        let one = || reserved("PartiallySucceeded", "Succeeded", "Reserved");
        assert_eq!(verdict(&in_full, &one()), Verdict::CarriedOut);
        for strange in [
            one().with("Total", 5_000),
            one()
                .with("Total", 5_000)
                .movement(3, "RefundToBankCard", None, 10_000),
            one()
                .with("Total", 5_000)
                .movement(3, "RefundToWatch", Some(1), 10_000),
            one()
                .with("Total", 5_000)
                .refund(3, 1, 10_000)
                .but("TransactionType", "StornoReserve"),
            reserved("PartiallySucceeded", "Reversed", "Reserved"),
            reserved("PartiallySucceeded", "NeverSeenBefore", "Reserved"),
        ] {
            unclear(verdict(&in_full, &strange));
        }

        let both = UnconfirmedRequest::from(&payment.finish().release_all().build().unwrap());
        let half = reserved("PartiallySucceeded", "Succeeded", "Reserved").returned(3, 1, 10_000);
        assert!(unclear(verdict(&both, &half)).starts_with("only some"));
        let nothing = reserved("Succeeded", "Succeeded", "Succeeded")
            .with("Total", 0)
            .returned(3, 1, 10_000)
            .returned(4, 2, 5_000);
        assert_eq!(verdict(&both, &nothing), Verdict::CarriedOut);
    }

    #[test]
    fn a_capture_is_read_off_the_total() {
        let held = state("DelayedCapture", "Authorized", 10_000).main(
            1,
            "CardPayment",
            "Authorized",
            10_000,
        );
        let payment = held.read();
        let captured = |total: i64| {
            state("DelayedCapture", "Succeeded", total).main(1, "CardPayment", "Succeeded", 10_000)
        };
        let canceled =
            state("DelayedCapture", "Canceled", 0).main(1, "CardPayment", "Reversed", 10_000);
        let less = payment.capture().transaction("t-1", 6_000).build().unwrap();
        let request = UnconfirmedRequest::from(&less);
        assert_eq!(verdict(&request, &held), Verdict::NotYet);
        assert_eq!(verdict(&request, &captured(6_000)), Verdict::CarriedOut);
        let refunded = captured(5_500).refund(2, 1, 500);
        assert_eq!(verdict(&request, &refunded), Verdict::CarriedOut);
        assert!(unclear(verdict(&request, &captured(10_000))).contains("not visibly"));
        assert_eq!(verdict(&request, &canceled), Verdict::EndedOtherwise);

        // Which of two contributed how much is unknown, unless both were captured in full.
        let two = |status: &str, one: &str, total: i64| {
            state("DelayedCapture", status, total)
                .main(1, "CardPayment", one, 10_000)
                .main(2, "CardPayment", one, 5_000)
        };
        let both = two("Authorized", "Authorized", 15_000).read();
        let build = |first: i64, second: i64| {
            let capture = both.capture().transaction("t-1", first);
            UnconfirmedRequest::from(&capture.transaction("t-2", second).build().unwrap())
        };
        let all = two("Succeeded", "Succeeded", 15_000);
        assert_eq!(verdict(&build(10_000, 5_000), &all), Verdict::CarriedOut);
        let less = two("Succeeded", "Succeeded", 9_000);
        assert!(unclear(verdict(&build(6_000, 3_000), &less)).contains("not visibly"));

        let nothing = payment.capture().release_others().build().unwrap();
        let nothing = UnconfirmedRequest::from(&nothing);
        assert_eq!(verdict(&nothing, &canceled), Verdict::CarriedOut);
        let cancel = UnconfirmedRequest::from(&CancelAuthorization::new(
            payment.cancel_authorization().unwrap(),
        ));
        assert_eq!(verdict(&cancel, &held), Verdict::NotYet);
        assert_eq!(verdict(&cancel, &canceled), Verdict::CarriedOut);
        assert_eq!(verdict(&cancel, &captured(1)), Verdict::EndedOtherwise);
        let by_payer = state("DelayedCapture", "Canceled", 0).main(1, "CardPayment", "Timeout", 9);
        assert!(unclear(verdict(&cancel, &by_payer)).contains("by the shop"));
    }

    #[test]
    fn a_charge_is_read_off_the_status() {
        let charge = StartPayment::immediate("o", Currency::Huf)
            .transaction(
                Transaction::new("t-1", "shop@example.com").total(Money::new(1, Currency::Huf)),
            )
            .charge_token(Token::one_click("payer-7"))
            .build()
            .unwrap();
        let charge = UnconfirmedRequest::from(&charge).of_payment(Some(payment_id()));
        assert_eq!(charge.payment_id(), Some(payment_id()));
        let complete = UnconfirmedRequest::from(&CompletePayment::new(payment_id()));
        let charged = |status: &str, total: i64| {
            let main = match status {
                "Prepared" => "Prepared",
                "Expired" => "Timeout",
                _ => "Succeeded",
            };
            state("Immediate", status, 1)
                .with("PaymentRequestId", "o")
                .main(1, "CardPayment", main, total)
        };
        for request in [charge.clone(), complete] {
            for (status, expected) in [
                ("Prepared", Verdict::NotYet),
                ("Succeeded", Verdict::CarriedOut),
                ("Reserved", Verdict::CarriedOut),
                ("Authorized", Verdict::CarriedOut),
                ("Expired", Verdict::EndedOtherwise),
            ] {
                assert_eq!(verdict(&request, &charged(status, 1)), expected, "{status}");
            }
            for status in ["InProgress", "Waiting", "Frozen"] {
                unclear(verdict(&request, &charged(status, 1)));
            }
        }
        // The two disagree about where the money is.
        for (status, main) in [
            ("Failed", "Succeeded"),
            ("Expired", "Reversed"),
            ("Canceled", "Authorized"),
            ("Succeeded", "Rejected"),
            ("Authorized", "Reversed"),
        ] {
            let state = charged(status, 1).but("Status", main);
            assert!(
                unclear(verdict(&charge, &state)).contains("contradict"),
                "{status} {main}"
            );
        }
        // The answer has named a payment that is another one.
        for other in [
            charged("Succeeded", 2),
            charged("Succeeded", 1).with("PaymentRequestId", "p"),
            charged("Succeeded", 1).with("Currency", "EUR"),
            charged("Succeeded", 1).main(2, "CardPayment", "Succeeded", 1),
        ] {
            assert!(unclear(verdict(&charge, &other)).contains("not the one"));
        }
        // Refunded since: it was charged all the same.
        let refunded = charged("Succeeded", 1).with("Total", 0).refund(2, 1, 1);
        assert_eq!(verdict(&charge, &refunded), Verdict::CarriedOut);
    }
}
