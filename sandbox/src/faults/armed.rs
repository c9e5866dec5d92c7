//! Armed faults: those that have not happened yet.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::fault::{CallbackFault, EVERY, Fault, OperationFault, Target};

/// The faults that have not happened yet.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    /// Adds a fault. Whether it can happen has been checked.
    pub(crate) fn add(&self, fault: Fault) {
        if fault.count > 0 {
            self.armed().push(fault);
        }
    }

    pub(crate) fn clear(&self) {
        self.armed().clear();
    }

    pub(crate) fn list(&self) -> Vec<Fault> {
        self.armed().clone()
    }

    /// What is to go wrong with this call. Of several faults the one armed first happens.
    pub(crate) fn of_operation(&self, operation: &str) -> Option<OperationFault> {
        self.take(|target| match target {
            Target::Operation(name, fault) if name == EVERY || name == operation => {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_happens_as_often_as_asked_for_and_the_first_first() {
        let faults = Faults::default();
        let arm = |fault| faults.add(fault);
        arm(Fault::callback(CallbackFault::Lost));
        arm(Fault::operation("payment_start_v2", OperationFault::CutBefore).times(2));
        arm(Fault::operation(EVERY, OperationFault::Captcha));
        arm(Fault::operation(EVERY, OperationFault::CutAfter).times(0));
        let of = |operation| faults.of_operation(operation);
        assert_eq!(of("refund_payment_v2"), Some(OperationFault::Captcha));
        assert_eq!(of("refund_payment_v2"), None);
        assert_eq!(of("payment_start_v2"), Some(OperationFault::CutBefore));
        assert_eq!(of("payment_start_v2"), Some(OperationFault::CutBefore));
        assert_eq!(of("payment_start_v2"), None);
        assert_eq!(faults.of_callback(), Some(CallbackFault::Lost));
        assert_eq!(faults.of_callback(), None);
    }
}
