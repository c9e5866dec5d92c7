//! What really happened, known to neither side, and what the callers were told; and whether both
//! agree.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

use crate::reach::{Kind, Reach};

/// What somebody wants to happen once: a refund, a charge.
pub type Wish = usize;
/// One call of the client on behalf of a wish.
pub type UnconfirmedRequest = usize;
/// One request on the wire.
pub type Call = usize;

/// What breaks an invariant: which one, and what was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The invariant.
    pub invariant: Invariant,
    /// What was seen, in a sentence.
    pub what: String,
}

/// The longest description of a violation, in characters.
const LONGEST: usize = 400;

/// What must hold after every step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Invariant {
    /// No movement that nobody asked for, and none twice.
    Once,
    /// What was reported as done was done.
    DoneIsDone,
    /// What was reported as not done was not done, and never will be.
    NotDoneIsNotDone,
    /// What was reported as not sent was not received.
    NotSentIsNotReceived,
    /// No request is received in two requests of the client.
    SentOnce,
    /// What a shop records before it is sent is not received unrecorded.
    WrittenFirst,
    /// An answer is about what was asked.
    AnswerFits,
    /// No secret in any log or error.
    NoSecret,
    /// Reads stay within Barion's rate.
    Rate,
    /// What is visible is found soon.
    FoundSoon,
    /// Every caller comes to an end.
    Ends,
    /// Each paid order is shipped once, and no other one.
    ShippedOnce,
    /// An order is told as paid once, and further payments of it as such.
    PaidOnce,
    /// The handler runs again only in the documented cases.
    HandledOnce,
    /// A repeated update has the same changes, and says that it is repeated.
    Frozen,
    /// One handler at a time for each order, and one lease.
    OneAtATime,
    /// No order is told as unpaid that is paid, or may still be.
    NotCancelled,
    /// What has changed is handled, within a stated time.
    Handled,
    /// Ids that nobody has tracked cost no more than stated.
    Invented,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.invariant, self.what)
    }
}

#[derive(Debug, Default)]
struct RequestTruth {
    wish: Wish,
    /// The request was told to have come to nothing, and by what.
    not_done: Option<String>,
    not_sent: bool,
    /// The request that reached Barion.
    received: Option<Call>,
    /// Whether it is recorded before it is sent; and whether that was done.
    to_be_written: bool,
    written: bool,
    /// When it took effect.
    moved: Option<Instant>,
}

#[derive(Debug)]
struct WishTruth {
    what: String,
    /// What the payment looks like when it came true, where that is all that counts: finishing
    /// twice in the same way is one effect.
    effects: Vec<String>,
    moved: Vec<Call>,
}

#[derive(Debug)]
struct CallTruth {
    request: Option<UnconfirmedRequest>,
    operation: String,
}

/// The truth, and the lines of what happened.
#[derive(Debug)]
pub struct Ledger {
    began: Instant,
    wishes: Vec<WishTruth>,
    requests: Vec<RequestTruth>,
    calls: Vec<CallTruth>,
    effects: BTreeSet<String>,
    reads: BTreeMap<(usize, String), Vec<Instant>>,
    lines: Vec<String>,
    violation: Option<Violation>,
    reach: Reach,
}

impl Ledger {
    /// An empty one.
    #[must_use]
    pub fn new(began: Instant) -> Self {
        Self {
            began,
            wishes: Vec::new(),
            requests: Vec::new(),
            calls: Vec::new(),
            effects: BTreeSet::new(),
            reads: BTreeMap::new(),
            lines: Vec::new(),
            violation: None,
            reach: Reach::default(),
        }
    }

    /// Something of this kind happens.
    pub fn reached(&mut self, kind: Kind) {
        self.reach.add(kind);
    }

    /// How often each kind of thing has happened.
    #[must_use]
    pub fn reach(&self) -> &Reach {
        &self.reach
    }

    /// Notes what happens, with its time.
    pub fn line(&mut self, line: impl fmt::Display) {
        let at = self.began.elapsed().as_secs_f64();
        self.lines.push(format!("{at:>10.3} {line}"));
    }

    /// All lines so far.
    #[must_use]
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// The first violation.
    #[must_use]
    pub fn violation(&self) -> Option<&Violation> {
        self.violation.as_ref()
    }

    /// An invariant does not hold.
    pub fn violated(&mut self, invariant: Invariant, what: impl Into<String>) {
        let what: String = what.into();
        let violation = Violation {
            invariant,
            what: what.chars().take(LONGEST).collect(),
        };
        self.line(format_args!("VIOLATION {violation}"));
        self.violation.get_or_insert(violation);
    }

    /// Somebody wants something once.
    pub fn wish(&mut self, what: impl Into<String>, effects: Vec<String>) -> Wish {
        let what = what.into();
        self.line(format_args!("wish {}: {what}", self.wishes.len()));
        self.wishes.push(WishTruth {
            what,
            effects,
            moved: Vec::new(),
        });
        self.wishes.len() - 1
    }

    /// Somebody is about to ask for it.
    pub fn attempt(&mut self, wish: Wish) -> UnconfirmedRequest {
        let request = self.requests.len();
        self.line(format_args!("request {request} of wish {wish}"));
        self.requests.push(RequestTruth {
            wish,
            ..RequestTruth::default()
        });
        request
    }

    /// A request enters the network.
    pub fn call(&mut self, request: Option<UnconfirmedRequest>, operation: &str) -> Call {
        self.calls.push(CallTruth {
            request,
            operation: operation.to_owned(),
        });
        self.calls.len() - 1
    }

    /// A request has reached Barion.
    pub fn received(&mut self, call: Call) {
        let Some(request) = self.calls.get(call).and_then(|call| call.request) else {
            return;
        };
        let Some(truth) = self.requests.get_mut(request) else {
            return;
        };
        let first = *truth.received.get_or_insert(call);
        let (not_sent, unwritten) = (truth.not_sent, truth.to_be_written && !truth.written);
        if not_sent {
            let what = format!("request {request} was reported as not sent, and was received");
            self.violated(Invariant::NotSentIsNotReceived, what);
        }
        if first != call {
            let what = format!("request {request} was received by call {first} and call {call}");
            self.violated(Invariant::SentOnce, what);
        }
        if unwritten {
            let what = format!("request {request} was received, and was not recorded before");
            self.violated(Invariant::WrittenFirst, what);
        }
    }

    /// A request is to be recorded before it is sent.
    pub fn to_be_written(&mut self, request: UnconfirmedRequest) {
        self.requests[request].to_be_written = true;
    }

    /// A request is recorded as being sent.
    pub fn written(&mut self, request: UnconfirmedRequest) {
        self.requests[request].written = true;
    }

    /// A request has moved money.
    pub fn moved(&mut self, call: Call) {
        let (operation, request) = match self.calls.get(call) {
            Some(call) => (call.operation.clone(), call.request),
            None => return,
        };
        let Some(request) = request else {
            self.violated(
                Invariant::Once,
                format!("{operation} moved money and nobody had asked for it"),
            );
            return;
        };
        self.line(format_args!("call {call} of request {request} took effect"));
        let truth = &mut self.requests[request];
        truth.moved.get_or_insert_with(Instant::now);
        let (wish, not_done) = (truth.wish, truth.not_done.clone());
        let wish_truth = &mut self.wishes[wish];
        // What the network sent twice is nobody's fault, but has to be borne.
        if !wish_truth.moved.contains(&call) {
            wish_truth.moved.push(call);
        }
        let (times, what) = (wish_truth.moved.len(), wish_truth.what.clone());
        self.effects.extend(wish_truth.effects.iter().cloned());
        if times > 1 {
            let what = format!("wish {wish} ({what}) came true {times} times");
            self.violated(Invariant::Once, what);
        }
        if let Some(told) = not_done {
            let what = format!("request {request} ({what}) was called not done by {told}");
            self.violated(Invariant::NotDoneIsNotDone, what);
        }
    }

    /// The caller was told that it was done.
    pub fn claim_done(&mut self, request: UnconfirmedRequest, by: &str) {
        self.line(format_args!("request {request} done, says {by}"));
        let truth = &self.requests[request];
        let wish = &self.wishes[truth.wish];
        let same_effect =
            !wish.effects.is_empty() && wish.effects.iter().all(|one| self.effects.contains(one));
        if truth.moved.is_none() && !same_effect {
            let what = format!("request {request} ({}) was called done by {by}", wish.what);
            self.violated(Invariant::DoneIsDone, what);
        }
    }

    /// The caller was told that it was not done, and never will be.
    pub fn claim_not_done(&mut self, request: UnconfirmedRequest, by: &str) {
        self.line(format_args!("request {request} not done, says {by}"));
        let truth = &mut self.requests[request];
        truth.not_done.get_or_insert_with(|| by.to_owned());
        if truth.moved.is_some() {
            let what = format!("request {request} was called not done by {by}");
            self.violated(Invariant::NotDoneIsNotDone, what);
        }
    }

    /// The caller was told that nothing left.
    pub fn claim_not_sent(&mut self, request: UnconfirmedRequest) {
        self.line(format_args!("request {request} not sent"));
        self.requests[request].not_sent = true;
        if self.requests[request].received.is_some() {
            let what = format!("request {request} was reported as not sent, and was received");
            self.violated(Invariant::NotSentIsNotReceived, what);
        }
    }

    /// When a request took effect.
    #[must_use]
    pub fn moved_at(&self, request: UnconfirmedRequest) -> Option<Instant> {
        self.requests.get(request)?.moved
    }

    /// A state call of a process about a payment reached Barion.
    pub fn read(&mut self, process: usize, payment: &str) {
        let reads = self.reads.entry((process, payment.to_owned())).or_default();
        let now = Instant::now();
        reads.retain(|at| now.duration_since(*at) < Duration::from_secs(5));
        reads.push(now);
        if reads.len() > 2 {
            let what = format!("process {process} read {payment} 3 times in 5 seconds");
            self.violated(Invariant::Rate, what);
        }
    }
}
