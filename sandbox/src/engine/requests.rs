//! Log of requests: what the API received, and what was answered.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The log of requests holds this many; older ones are dropped.
const KEPT: usize = 1_000;

/// Request that the API received, with its answer, as both were on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The HTTP method in capital letters.
    pub method: String,
    /// The path as it was sent.
    pub path: String,
    /// What followed the `?`, undecoded.
    pub query: Option<String>,
    /// The headers in the order of their arrival, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body; bytes that are not UTF-8 are replaced. Empty when it was too large to be read.
    pub body: String,
    /// The HTTP status of the answer; 0 when the connection was cut by a fault.
    pub status: u16,
    /// The body of the answer; empty when the connection was cut.
    pub answer: String,
}

impl RecordedRequest {
    /// The first header of this name, in any letter case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// The requests that were recorded last, oldest first.
#[derive(Debug, Default)]
pub(crate) struct RequestLog(Mutex<VecDeque<RecordedRequest>>);

impl RequestLog {
    pub(crate) fn add(&self, request: RecordedRequest) {
        let mut log = self.all();
        if log.len() == KEPT {
            log.pop_front();
        }
        log.push_back(request);
    }

    pub(crate) fn list(&self) -> Vec<RecordedRequest> {
        self.all().iter().cloned().collect()
    }

    fn all(&self) -> MutexGuard<'_, VecDeque<RecordedRequest>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
