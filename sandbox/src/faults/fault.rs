//! Faults: what can go wrong with a call of the API or with a callback.

use std::time::Duration;

/// Stands for every operation.
pub(crate) const EVERY: &str = "*";

/// Fault of a call of the API.
///
/// Each kind says whether the operation is carried out; the shop has to find that out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OperationFault {
    /// Latency: the answer comes this much later in real time, 60 seconds at most. The operation is
    /// carried out at once, also when the client does not wait for the answer.
    Latency(Duration),
    /// Cut connection: it is closed without an answer. The operation is not carried out.
    CutBefore,
    /// Cut connection: it is closed without an answer. The operation is carried out.
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
    /// Unknown values: statuses, types, currencies and the like are an invented word. The operation
    /// is carried out.
    UnknownValues,
    /// Unknown properties in the answer and in each of its transactions. The operation is carried
    /// out.
    ExtraFields,
    /// No `Errors` in the answer. The operation is carried out.
    MissingErrors,
}

/// Fault of a callback.
#[doc(alias = "webhook")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallbackFault {
    /// The callback is sent twice. The second copy is not retried when it fails.
    Duplicate,
    /// The callback is sent this much later by the sandbox's clock, ten years at most.
    Late(Duration),
    /// The callback is held back until the one about the next change of the same payment has been
    /// sent. Without a next change it is never sent.
    Reordered,
    /// The callback is never sent, and not retried. The log has an attempt that says so.
    Lost,
}

/// Fault that happens to the next calls or callbacks, a number of times.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
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
    /// Fault of the next call of an operation. `name` is its `operationId` in the API's
    /// description, such as `payment_start_v2`, or `*` for any operation.
    #[must_use]
    pub fn operation(name: &str, fault: OperationFault) -> Self {
        Self {
            target: Target::Operation(name.to_owned(), fault),
            count: 1,
        }
    }

    /// Fault of the next callback.
    #[doc(alias = "webhook")]
    #[must_use]
    pub fn callback(fault: CallbackFault) -> Self {
        Self {
            target: Target::Callback(fault),
            count: 1,
        }
    }

    /// Sets how many times the fault happens; once by default.
    #[must_use]
    pub fn times(mut self, count: u32) -> Self {
        self.count = count;
        self
    }
}
