//! What callers are told, by kinds.

use barion::{Error, ErrorKind, Reconciliation};

use crate::reach::Kind;

/// The kind of an error; `None` for what never happens in these worlds.
#[must_use]
pub fn kind_of(error: &Error) -> Option<Kind> {
    match error.kind() {
        ErrorKind::Connection => Some(Kind::NoConnection),
        ErrorKind::Timeout => Some(Kind::Timeout),
        ErrorKind::Interrupted => Some(Kind::Interrupted),
        ErrorKind::Http => Some(Kind::Http),
        ErrorKind::UnreadableAnswer => Some(Kind::Unreadable),
        ErrorKind::OtherPayment => Some(Kind::OtherPayment),
        ErrorKind::Contradiction => Some(Kind::Contradiction),
        ErrorKind::Unrecorded => Some(Kind::Unrecorded),
        ErrorKind::Unsettled if error.earlier().is_some() => Some(Kind::GuardUnknown),
        ErrorKind::Unsettled if error.to_string().contains("under way") => {
            Some(Kind::GuardUnderWay)
        }
        ErrorKind::Unsettled if error.to_string().contains("read the state again") => {
            Some(Kind::GuardStale)
        }
        ErrorKind::Unsettled => Some(Kind::KeyTaken),
        _ => None,
    }
}

/// Words out of the reasons for which an outcome stays open.
const REASONS: [(&str, Kind); 9] = [
    ("was only planned", Kind::OpenPlanned),
    ("has moved otherwise", Kind::OpenMoved),
    ("of a kind that this version", Kind::OpenStrange),
    ("not exactly what this request", Kind::OpenInexact),
    ("was not built from", Kind::OpenNoBaseline),
    ("not visibly with the amount", Kind::OpenEndedUnlike),
    ("that the answer named", Kind::OpenOtherCharge),
    ("has no such payment", Kind::OpenNoCharge),
    ("not prove that", Kind::OpenNoCharge),
];

/// What reconciling has come to.
#[must_use]
pub fn outcome(outcome: &Reconciliation) -> Kind {
    match outcome {
        Reconciliation::CarriedOut(_) => Kind::DoneByReconcile,
        Reconciliation::NotCarriedOut(_) => Kind::NotDoneByReconcile,
        Reconciliation::EndedOtherwise(_) => Kind::EndedOtherwise,
        Reconciliation::Inconclusive(undecided) => {
            let mut reasons = REASONS.iter();
            let reason = reasons.find(|(words, _)| undecided.reason.contains(words));
            reason.map_or(Kind::OpenOther, |(_, kind)| *kind)
        }
        _ => Kind::OpenOther,
    }
}

/// Why it stays open, in a line.
#[must_use]
pub fn reason(outcome: &Reconciliation) -> String {
    match outcome {
        Reconciliation::Inconclusive(undecided) => undecided.reason.clone(),
        other => format!("{other:?}").chars().take(40).collect(),
    }
}
