//! Arming faults, after a check that they can happen.

use std::time::Duration;

use crate::faults::{CallbackFault, EVERY, Fault, Faults, OperationFault, Target};
use crate::http::operations::IDS;

/// The longest latency: longer than any client waits.
const LONGEST_LATENCY: Duration = Duration::from_secs(60);

/// The latest callback.
pub(super) const LATEST: Duration = Duration::from_secs(315_360_000);

/// Error of arming a fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FaultError {
    /// There is no operation of this name.
    #[error("there is no operation {0:?}; there are *, {ids}", ids = IDS.join(", "))]
    UnknownOperation(String),
    /// A latency above 60 seconds, or a callback later than ten years.
    #[error("that is too long: a latency has at most 60 seconds, a late callback ten years")]
    TooLong,
}

/// Arms a fault that can happen.
pub(crate) fn arm(faults: &Faults, fault: Fault) -> Result<(), FaultError> {
    check(&fault.target)?;
    faults.add(fault);
    Ok(())
}

fn check(target: &Target) -> Result<(), FaultError> {
    match target {
        Target::Operation(name, _) if name != EVERY && !IDS.contains(&&**name) => {
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
    fn what_cannot_happen_is_not_armed() {
        let faults = Faults::default();
        let unknown = arm(&faults, Fault::operation("start", OperationFault::CutAfter));
        let text = unknown.unwrap_err().to_string();
        assert!(text.contains("\"start\"") && text.contains("payment_start_v2"));
        let second = Duration::from_secs(1);
        let slow = |time| Fault::operation(EVERY, OperationFault::Latency(time));
        assert_eq!(
            arm(&faults, slow(LONGEST_LATENCY + second)),
            Err(FaultError::TooLong)
        );
        assert_eq!(arm(&faults, slow(LONGEST_LATENCY)), Ok(()));
        let late = |time| Fault::callback(CallbackFault::Late(time));
        assert_eq!(arm(&faults, late(Duration::MAX)), Err(FaultError::TooLong));
        assert_eq!(faults.list().len(), 1);
    }
}
