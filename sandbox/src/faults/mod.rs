//! Faults on purpose: what a shop has to cope with and never sees on a good day.

pub(crate) mod control;
pub(crate) mod line;
mod read;
mod shape;
pub(crate) mod wire;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::api::Operation;

/// Stands for every operation.
pub(crate) const EVERY: &str = "*";

/// The longest latency: longer than any client waits.
const LONGEST_LATENCY: Duration = Duration::from_secs(60);

/// The latest callback.
const LATEST: Duration = Duration::from_secs(315_360_000);

/// What goes wrong with a call of the API.
///
/// Whether the operation was carried out is a part of each kind: the shop has to find that out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OperationFault {
    /// The answer comes this much later in real time, 60 seconds at most. The operation is carried
    /// out at once, also when the client does not wait for the answer.
    Latency(Duration),
    /// The connection is closed without an answer. The operation is not carried out.
    CutBefore,
    /// The connection is closed without an answer. The operation is carried out.
    CutAfter,
    /// HTTP 429. The operation is not carried out.
    TooManyRequests {
        /// The seconds in the `Retry-After` header, if there is to be one.
        retry_after: Option<u32>,
        /// A page in HTML instead of an empty body.
        html: bool,
    },
    /// HTTP 500 with a `Message` and no `Errors`. The operation is not carried out.
    ServerError,
    /// HTTP 502 with a page in HTML. The operation is not carried out.
    BadGateway,
    /// HTTP 200 with a page in HTML that asks whether the client is human. The operation is not
    /// carried out.
    Captcha,
    /// HTTP 200 with an empty body. The operation is carried out.
    EmptyBody,
    /// The first half of the answer, with a `Content-Length` that says that this is all. The
    /// operation is carried out.
    TruncatedJson,
    /// Statuses, types, currencies and the like are a word that nobody knows. The operation is
    /// carried out.
    UnknownValues,
    /// Unknown properties in the answer and in each of its transactions. The operation is carried
    /// out.
    ExtraFields,
    /// No `Errors` in the answer. The operation is carried out.
    MissingErrors,
}

/// What goes wrong with telling the shop of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallbackFault {
    /// The shop is called twice. The second call is not repeated when it fails.
    Duplicate,
    /// The shop is called this much later by the sandbox's clock, ten years at most.
    Late(Duration),
    /// Held back until the shop was called about the next change of the same payment. Without a next
    /// one it is never sent.
    Reordered,
    /// Never sent, and not repeated either. The log has an attempt that says so.
    Lost,
}

/// A fault that is to happen to the next calls, a number of times.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use barion_sandbox::{CallbackFault, Fault, OperationFault, Sandbox};
///
/// let sandbox = Sandbox::start().await?;
/// sandbox.inject(Fault::operation("payment_start_v2", OperationFault::CutAfter))?;
/// sandbox.inject(Fault::operation("*", OperationFault::ServerError).times(2))?;
/// sandbox.inject(Fault::callback(CallbackFault::Duplicate))?;
/// sandbox.clear_faults();
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    target: Target,
    count: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Target {
    Operation(String, OperationFault),
    Callback(CallbackFault),
}

impl Fault {
    /// A fault of the next call of an operation, named as in the API's description, such as
    /// `payment_start_v2`; `*` is the next call of any.
    #[must_use]
    pub fn operation(name: &str, fault: OperationFault) -> Self {
        Self {
            target: Target::Operation(name.to_owned(), fault),
            count: 1,
        }
    }

    /// A fault of the next callback.
    #[must_use]
    pub fn callback(fault: CallbackFault) -> Self {
        Self {
            target: Target::Callback(fault),
            count: 1,
        }
    }

    /// Lets it happen this many times.
    #[must_use]
    pub fn times(mut self, count: u32) -> Self {
        self.count = count;
        self
    }
}

/// Why a fault was not armed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FaultError {
    /// There is no operation of this name.
    #[error("there is no operation {0:?}; there are *, {names}", names = Operation::NAMES.join(", "))]
    UnknownOperation(String),
    /// A latency above 60 seconds, or a callback later than ten years.
    #[error("that is too long: a latency has at most 60 seconds, a late callback ten years")]
    TooLong,
}

/// The faults that have not happened yet.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    pub(crate) fn arm(&self, fault: Fault) -> Result<(), FaultError> {
        check(&fault.target)?;
        if fault.count > 0 {
            self.armed().push(fault);
        }
        Ok(())
    }

    pub(crate) fn clear(&self) {
        self.armed().clear();
    }

    pub(crate) fn list(&self) -> Vec<Fault> {
        self.armed().clone()
    }

    /// What is to go wrong with this call. Of several faults the one armed first happens.
    pub(crate) fn of_operation(&self, operation: Operation) -> Option<OperationFault> {
        self.take(|target| match target {
            Target::Operation(name, fault) if name == EVERY || name == operation.name() => {
                Some(fault.clone())
            }
            _ => None,
        })
    }

    /// What is to go wrong with this callback.
    pub(crate) fn of_callback(&self) -> Option<CallbackFault> {
        self.take(|target| match target {
            Target::Callback(fault) => Some(*fault),
            Target::Operation(..) => None,
        })
    }

    fn take<T>(&self, fits: impl Fn(&Target) -> Option<T>) -> Option<T> {
        let mut armed = self.armed();
        let (place, found) = armed
            .iter()
            .enumerate()
            .find_map(|(place, one)| Some((place, fits(&one.target)?)))?;
        armed[place].count -= 1;
        if armed[place].count == 0 {
            armed.remove(place);
        }
        Some(found)
    }

    fn armed(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn check(target: &Target) -> Result<(), FaultError> {
    match target {
        Target::Operation(name, _) if name != EVERY && !Operation::NAMES.contains(&&**name) => {
            Err(FaultError::UnknownOperation(name.clone()))
        }
        Target::Operation(_, OperationFault::Latency(time)) if *time > LONGEST_LATENCY => {
            Err(FaultError::TooLong)
        }
        Target::Callback(CallbackFault::Late(time)) if *time > LATEST => Err(FaultError::TooLong),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_happens_as_often_as_asked_for_and_the_first_first() {
        let faults = Faults::default();
        let arm = |fault| faults.arm(fault).unwrap();
        arm(Fault::callback(CallbackFault::Lost));
        arm(Fault::operation("payment_start_v2", OperationFault::CutBefore).times(2));
        arm(Fault::operation(EVERY, OperationFault::Captcha));
        arm(Fault::operation(EVERY, OperationFault::CutAfter).times(0));
        let of = |operation| faults.of_operation(operation);
        assert_eq!(of(Operation::Refund), Some(OperationFault::Captcha));
        assert_eq!(of(Operation::Refund), None);
        assert_eq!(of(Operation::Start), Some(OperationFault::CutBefore));
        assert_eq!(of(Operation::Start), Some(OperationFault::CutBefore));
        assert_eq!(of(Operation::Start), None);
        assert_eq!(faults.of_callback(), Some(CallbackFault::Lost));
        assert_eq!(faults.of_callback(), None);
    }

    #[test]
    fn what_cannot_happen_is_not_armed() {
        let faults = Faults::default();
        let unknown = faults.arm(Fault::operation("start", OperationFault::CutAfter));
        let text = unknown.unwrap_err().to_string();
        assert!(text.contains("\"start\"") && text.contains("payment_start_v2"));
        let second = Duration::from_secs(1);
        let slow = |time| Fault::operation(EVERY, OperationFault::Latency(time));
        assert_eq!(
            faults.arm(slow(LONGEST_LATENCY + second)),
            Err(FaultError::TooLong)
        );
        assert_eq!(faults.arm(slow(LONGEST_LATENCY)), Ok(()));
        let late = |time| Fault::callback(CallbackFault::Late(time));
        assert_eq!(faults.arm(late(Duration::MAX)), Err(FaultError::TooLong));
        assert_eq!(faults.list().len(), 1);
    }
}
