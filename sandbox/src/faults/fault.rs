//! Faults: what goes wrong with a call of the API or with a callback.

use std::time::Duration;

/// Stands for every operation.
pub(crate) const EVERY: &str = "*";

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
    pub(crate) target: Target,
    pub(crate) count: u32,
}

/// What a fault happens to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
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
