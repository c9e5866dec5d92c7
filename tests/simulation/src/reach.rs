//! How often each kind of thing has happened: a simulation that reaches nothing proves nothing.

use std::collections::BTreeMap;
use std::fmt;

macro_rules! kinds {
    ($($(#[$about:meta])* $name:ident => $text:literal,)+) => {
        /// What can happen in a world.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(#[$about])* #[doc = $text] $name,)+
        }

        impl Kind {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// In words.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }
        }
    };
}

kinds! {
    // What callers wanted.
    Refund => "wish: refund",
    RefundByIds => "wish: refund by ids alone",
    Finish => "wish: finish",
    Capture => "wish: capture",
    Cancel => "wish: cancel",
    TokenCharge => "wish: charge of a token",
    GooglePay => "wish: Google Pay",
    Clicks => "wish: clicked twice",
    BackOffice => "beside: refund in the back office",
    OtherCharge => "beside: a charge that looks alike",
    // What the callers were told.
    DoneByAnswer => "told: done, by the answer",
    DoneByReconcile => "told: done, by reconcile",
    NotDoneByReconcile => "told: not done, by reconcile",
    EndedOtherwise => "told: ended otherwise",
    RefusedByAnswer => "told: refused, by the answer",
    RefusedByError => "told: refused, by an error",
    OpenByAnswer => "told: open, by the answer",
    NotSent => "told: not sent",
    KeyTaken => "told: key taken in the database",
    // Kinds of errors.
    NoConnection => "error: no connection",
    Timeout => "error: timeout",
    Interrupted => "error: interrupted",
    Http => "error: HTTP",
    Unreadable => "error: unreadable answer",
    OtherPayment => "error: another payment",
    Contradiction => "error: contradiction",
    Unrecorded => "error: unrecorded",
    GuardUnderWay => "error: unsettled, under way",
    GuardUnknown => "error: unsettled, outcome unknown",
    GuardStale => "error: unsettled, old snapshot",
    // Why it stays open.
    OpenMoved => "open: moved otherwise",
    OpenStrange => "open: movement of an unknown kind",
    OpenInexact => "open: refund that is not exact",
    OpenNoBaseline => "open: no baseline",
    OpenEndedUnlike => "open: ended with another amount",
    OpenPlanned => "open: only planned",
    OpenNoCharge => "open: charge not found",
    OpenOtherCharge => "open: another charge was named",
    OpenOther => "open: for another reason",
    // How refunds are booked.
    ShapeExact => "shape: exact",
    ShapeForeign => "shape: relation to nobody",
    ShapeUnrelated => "shape: no relation",
    ShapeSplit => "shape: split",
    ShapeLess => "shape: one unit less",
    ShapeUnknown => "shape: unknown type",
    ShapeTotal => "shape: only the total",
    ShapeNameless => "shape: no id",
    // How answers lie.
    LieOtherState => "lie: another payment's state",
    LieEmpty => "lie: empty body",
    LieHalf => "lie: half of the body",
    LiePage => "lie: page of a proxy",
    LieGateway => "lie: HTTP 502",
    LieServer => "lie: HTTP 500",
    LieNull => "lie: null",
    LieErrors => "lie: errors beside success",
    LieOtherPayment => "lie: another payment's id",
    LieMissing => "lie: outcome missing",
    LieUnknown => "lie: an unknown status",
    LieSaysNo => "lie: says no, shows yes",
    LieSaysYes => "lie: says yes, shows no",
    LieNothing => "lie: an empty list of refunds",
    // What the network and the hosts do.
    Duplicate => "network: request arrives twice",
    Lost => "network: request lost",
    AnswerLost => "network: answer lost",
    SlowConnection => "network: slow to connect",
    SlowRead => "network: read that fails or is slow",
    DatabaseSlow => "host: database slower than 10 s",
    DatabaseDown => "host: database fails",
    ClockWrong => "host: clock wrong",
    ClockJump => "host: clock jumps",
    Hang => "host: hangs between planning and sending",
    StoodStill => "host: stands still in the middle of a call",
    GivenUp => "host: caller gives up, process lives",
    Death => "host: processes die",
    RecoveredPlanned => "recovered: planned",
    RecoveredHorizon => "recovered: planned, with a horizon",
    RecoveredMarked => "recovered: marked",
    LookedMeanwhile => "watched: call under way in the same process",
    Watched => "watched: record of a living process",
    Overtaken => "watched: record changed meanwhile",
    // Worlds of orders: what payers and the shop do.
    Paid => "order: paid",
    PaidTwice => "order: paid in two windows",
    Declined => "order: declined, then paid",
    Cancelled => "order: cancelled by the payer",
    Expired => "order: window expired",
    Reserved => "order: reserved",
    Lapsed => "order: reservation lapsed",
    FinishedByShop => "order: reservation finished",
    RefundStep => "order: money given back, in steps",
    NotTracked => "order: process died before it tracked",
    PayerBack => "order: payer came back",
    // Who is there.
    PlainHandler => "shop: plain handler",
    Transactional => "shop: transactional handler",
    Sweeper => "shop: instance that sweeps",
    InstanceDied => "shop: instance died",
    InstanceShutDown => "shop: instance shut down",
    InstanceClock => "shop: clock of an instance jumps",
    // What becomes of callbacks.
    CallbackKnown => "callback: known",
    CallbackUnknown => "callback: unknown",
    CallbackRefused => "callback: refused",
    CallbackFull => "callback: no room",
    CallbackClosed => "callback: closed",
    CallbackLost => "callback: lost",
    CallbackTwice => "callback: twice",
    CallbackToNobody => "callback: nobody there",
    InventedId => "callback: invented id",
    // What the store does.
    StoreSlow => "store: slow",
    StoreGone => "store: gone for a while",
    StoreFailsBefore => "store: fails before it has done it",
    StoreFailsAfter => "store: fails after it has done it",
    // What the handler is told, and does.
    OrderPaid => "handler: order paid",
    PaidAgain => "handler: paid again",
    HeldAgain => "handler: held again",
    LapsesSoon => "handler: lapses soon",
    OtherChange => "handler: another change",
    ToldUnpaid => "handler: order unpaid",
    HandledAgain => "handler: run again",
    HandlerFailed => "handler: failed or dropped",
    HandlerPanicked => "handler: panicked",
}

/// Counters of what has happened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach(BTreeMap<Kind, u64>);

impl Reach {
    /// It has happened once more.
    pub fn add(&mut self, kind: Kind) {
        *self.0.entry(kind).or_default() += 1;
    }

    /// Adds what has happened elsewhere.
    pub fn merge(&mut self, other: &Self) {
        for (kind, times) in &other.0 {
            *self.0.entry(*kind).or_default() += times;
        }
    }

    /// How often it has happened.
    #[must_use]
    pub fn times(&self, kind: Kind) -> u64 {
        self.0.get(&kind).copied().unwrap_or_default()
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, kind) in Kind::ALL.iter().enumerate() {
            let end = if place % 2 == 1 { "\n" } else { "" };
            let width = if place % 2 == 0 { 44 } else { 0 };
            write!(f, "{:>8}  {:<width$}{end}", self.times(*kind), kind.text())?;
        }
        Ok(())
    }
}
