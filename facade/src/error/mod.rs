//! Errors of calls, and delivery: whether the request may have arrived.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub(crate) mod api_error;
pub(crate) mod display;
pub(crate) mod hint;
mod kind;
pub(crate) mod redact;

pub use api_error::ApiError;
pub use kind::{Delivery, ErrorKind};

use crate::id::PaymentId;
use crate::unconfirmed::UnconfirmedRequest;
use crate::validation::violation::{self, Rule, Violation};
use api_error::MOST_KEPT;
use redact::Snippet;

/// Error of a call or of a request that can't be built.
///
/// [`kind`](Self::kind) says what happened, [`delivery`](Self::delivery) whether the request may
/// have taken effect.
///
/// Its texts are fit for logs: `Display`, `Debug` and the sources show nothing of an answer but
/// what is known to be safe. Of Barion's texts they show only words that are on a list; of a body
/// that can't be read they show its shape and length ([`snippet`](Self::snippet)). The text is one
/// line of bounded length, and ends with the likely cause ([`hint`](Self::hint)). Methods that
/// return the original have a name that says so, such as
/// [`body_unredacted`](Self::body_unredacted).
///
/// Cheap to clone: concurrent readers of one payment may get the same error.
///
/// ```
/// # use barion::{Delivery, Error};
/// # fn advise(error: &Error) -> &'static str {
/// match error.delivery() {
///     Delivery::NotSent => "nothing left this machine: correct the request, or send it again",
///     Delivery::Unknown => "it may have been carried out: reconcile it before anything else",
///     Delivery::Rejected => "Barion refused it: show error.api_errors()",
///     _ => "ask a person",
/// }
/// # }
/// # let error = barion::StartPayment::immediate("", barion::Currency::Huf).build().unwrap_err();
/// # assert!(advise(&error).starts_with("nothing left"));
/// ```
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    delivery: Delivery,
    operation: Option<&'static str>,
    message: String,
    status: Option<u16>,
    content_type: Option<ContentType>,
    retry_after: Option<Duration>,
    snippet: Option<Snippet>,
    api_errors: Vec<ApiError>,
    violations: Vec<Violation>,
    payment_id: Option<PaymentId>,
    attempts: u32,
    contradiction: Option<String>,
    unconfirmed: Option<UnconfirmedRequest>,
    earlier: Option<UnconfirmedRequest>,
    recorded: Option<UnconfirmedRequest>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

/// Content type of an answer.
#[derive(Clone)]
struct ContentType {
    given: String,
    shown: String,
}

impl Error {
    /// Error kind: what happened, coarsely.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Delivery: whether the request may have taken effect.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        self.0.delivery
    }

    /// Operation of Barion's API that failed, by its name in the spec, such as `payment_start_v2`.
    #[must_use]
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// HTTP status, if an answer began to arrive.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// Content type of the answer, in lower case, with its character set and no other parameter;
    /// `(hidden)` where it is none of the usual ones.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.0.content_type.as_ref().map(|one| one.shown.as_str())
    }

    /// Original content type of the answer. Not for logs: it may be any text.
    #[must_use]
    pub fn content_type_unredacted(&self) -> Option<&str> {
        self.0.content_type.as_ref().map(|one| one.given.as_str())
    }

    /// `Retry-After`: how long the server asks to wait before the next call.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Snippet of a body that could not be read: its shape, its length, and what is known to be
    /// safe of its contents (names of Barion's properties, fixed texts of the platform, titles of
    /// pages that stand in front of services): `HTML of 431 bytes, titled "502 Bad Gateway"`.
    /// `None` for an empty body.
    #[must_use]
    pub fn snippet(&self) -> Option<&str> {
        self.0.snippet.as_ref().map(Snippet::shown)
    }

    /// Original body that could not be read, up to its first 64 KiB. Not for logs: payers' data and
    /// keys may be in it.
    #[must_use]
    pub fn body_unredacted(&self) -> Option<&[u8]> {
        self.0.snippet.as_ref().map(Snippet::unredacted)
    }

    /// API errors that Barion listed, at most the first fifty.
    #[must_use]
    pub fn api_errors(&self) -> &[ApiError] {
        &self.0.api_errors
    }

    /// Whether Barion listed an error with this code; letter case is ignored.
    #[must_use]
    pub fn has_code(&self, code: &str) -> bool {
        self.api_errors().iter().any(|error| error.is(code))
    }

    /// Violations: the rules that the request breaks.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        &self.0.violations
    }

    /// Identifier of the payment that the answer named, even though the call failed.
    #[must_use]
    pub fn payment_id(&self) -> Option<PaymentId> {
        self.0.payment_id
    }

    /// Unconfirmed request, when a call that moves money ended in [`Delivery::Unknown`]: for
    /// [`Client::reconcile`](crate::Client::reconcile). `None` otherwise.
    #[must_use]
    #[doc(alias = "attempt")]
    pub fn unconfirmed(&self) -> Option<&UnconfirmedRequest> {
        self.0.unconfirmed.as_ref()
    }

    /// Unconfirmed request as it was handed to [`Client::recording`](crate::Client::recording), to
    /// find its record again. It is there for every call that moves money and came that far, with
    /// any outcome. Being what is in the record, it lacks what a broken answer has said since;
    /// [`unconfirmed`](Self::unconfirmed) has it.
    #[must_use]
    #[doc(alias = "recorded_attempt")]
    pub fn recorded(&self) -> Option<&UnconfirmedRequest> {
        self.0.recorded.as_ref()
    }

    /// Earlier unconfirmed request that conflicts with this one, for [`ErrorKind::Unsettled`]:
    /// reconcile it, and decide again what to do about what was not sent now. `None` while its call
    /// is under way, and when it is settled already.
    #[must_use]
    #[doc(alias = "earlier_attempt")]
    pub fn earlier(&self) -> Option<&UnconfirmedRequest> {
        self.0.earlier.as_ref()
    }

    /// Contradiction: what the successful part of an answer says that was done, beside the errors
    /// that it lists; for [`ErrorKind::Contradiction`].
    #[must_use]
    pub fn contradiction(&self) -> Option<&str> {
        self.0.contradiction.as_deref()
    }

    /// Number of attempts of the call; 0 when it was given up before the first one.
    ///
    /// More than 1 only for what may be sent again, see [`RetryPolicy`](crate::RetryPolicy).
    /// Everything else in this error is about the last attempt.
    #[must_use]
    #[doc(alias = "tries")]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    pub(crate) fn new(kind: ErrorKind, delivery: Delivery, message: impl Into<String>) -> Self {
        Self(Arc::new(Inner {
            kind,
            delivery,
            operation: None,
            message: message.into(),
            status: None,
            content_type: None,
            retry_after: None,
            snippet: None,
            api_errors: Vec::new(),
            violations: Vec::new(),
            payment_id: None,
            attempts: 0,
            contradiction: None,
            unconfirmed: None,
            earlier: None,
            recorded: None,
            source: None,
        }))
    }

    pub(crate) fn configuration(message: String) -> Self {
        Self::new(ErrorKind::Configuration, Delivery::NotSent, message)
    }

    pub(crate) fn validation(violations: Vec<Violation>) -> Self {
        let list = violation::listed(&violations);
        let message = format!("not sent: {list}");
        let mut error = Self::new(ErrorKind::Validation, Delivery::NotSent, message);
        error.inner().violations = violations;
        error
    }

    /// Error of an answer of status 200 that lacks something essential, such as the requested id.
    pub(crate) fn unreadable(problem: &str) -> Self {
        let message = format!("the answer can't be used: {problem}");
        Self::new(ErrorKind::UnreadableAnswer, Delivery::Unknown, message)
    }

    pub(crate) fn of_operation(mut self, operation: &'static str) -> Self {
        self.inner().operation = Some(operation);
        self
    }

    pub(crate) fn with_head(
        mut self,
        status: u16,
        content_type: Option<String>,
        retry_after: Option<Duration>,
    ) -> Self {
        self.inner().status = Some(status);
        self.inner().content_type = content_type.map(|given| ContentType {
            shown: redact::content_type(&given),
            given,
        });
        self.inner().retry_after = retry_after;
        self
    }

    pub(crate) fn with_snippet(mut self, snippet: Option<Snippet>) -> Self {
        self.inner().snippet = snippet;
        self
    }

    pub(crate) fn with_api_errors(mut self, mut errors: Vec<ApiError>) -> Self {
        errors.truncate(MOST_KEPT);
        let inner = self.inner();
        inner.payment_id = inner
            .payment_id
            .or_else(|| errors.iter().find_map(|error| error.payment_id));
        inner.api_errors = errors;
        self
    }

    pub(crate) fn with_attempts(mut self, attempts: u32) -> Self {
        self.inner().attempts = attempts;
        self
    }

    /// Error of an answer that says both that it was done and that it was refused.
    pub(crate) fn contradicting(what: String) -> Self {
        let message =
            format!("the answer contradicts itself: {what}, beside what says that it was not done");
        let mut error = Self::new(ErrorKind::Contradiction, Delivery::Unknown, message);
        error.inner().contradiction = Some(what);
        error
    }

    /// Error of an answer about another payment. No id of it is kept.
    pub(crate) fn about_another_payment() -> Self {
        let message = "the answer is about another payment than the one that was asked about; a cache or proxy in \
                       between is set up wrongly";
        Self::new(ErrorKind::OtherPayment, Delivery::Unknown, message)
    }

    /// Keeps the request that was handed to be written down.
    pub(crate) fn with_recorded(mut self, request: UnconfirmedRequest) -> Self {
        self.inner().recorded = Some(request);
        self
    }

    /// Keeps the earlier request that conflicts.
    pub(crate) fn with_earlier(mut self, request: UnconfirmedRequest) -> Self {
        self.inner().earlier = Some(request);
        self
    }

    /// Keeps the unconfirmed request.
    pub(crate) fn with_unconfirmed(mut self, request: UnconfirmedRequest) -> Self {
        self.inner().unconfirmed = Some(request);
        self
    }

    /// For changes; an error is not shared while it is built.
    fn inner(&mut self) -> &mut Inner {
        Arc::make_mut(&mut self.0)
    }

    pub(crate) fn with_payment_id(mut self, id: Option<PaymentId>) -> Self {
        let inner = self.inner();
        inner.payment_id = id.or(inner.payment_id);
        self
    }

    pub(crate) fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.inner().source = Some(Arc::new(source));
        self
    }
}

/// Whether a request that breaks these rules may be built. Without validation only rules of this
/// crate count, not Barion's.
pub(crate) fn refuse(mut violations: Vec<Violation>, validated: bool) -> Result<(), Error> {
    if !validated {
        violations.retain(|one| matches!(one.rule, Rule::Currency | Rule::Exactness));
    }
    if violations.is_empty() {
        Ok(())
    } else {
        Err(Error::validation(violations))
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("delivery", &self.0.delivery)
            .field("message", &self.to_string())
            .field("payment_id", &self.0.payment_id)
            .field("source", &self.0.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}
