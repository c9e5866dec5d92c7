//! Error kinds, and delivery: whether the request may have taken effect.

/// Error kind: what happened, coarsely.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Validation: the request breaks rules of Barion; see
    /// [`Error::violations`](crate::Error::violations). Nothing was sent.
    Validation,
    /// Configuration: the client can't be set up this way. Nothing was sent.
    Configuration,
    /// Connection: none was established. Nothing was sent.
    Connection,
    /// Timeout: no answer in time.
    Timeout,
    /// Interrupted: the connection broke before the answer was complete.
    Interrupted,
    /// API error: Barion answered with errors, see [`Error::api_errors`](crate::Error::api_errors);
    /// with any HTTP status, 200 included.
    Api,
    /// HTTP status of failure, with a body that lists no errors: a page of the edge in front of
    /// Barion, an empty body, a path that does not route. See
    /// [`Error::status`](crate::Error::status) and [`Error::snippet`](crate::Error::snippet).
    Http,
    /// Unreadable answer: the HTTP status is one of success, but the body is not the expected
    /// answer: a captcha page, a truncated body, an answer without an id.
    UnreadableAnswer,
    /// Redirect: the answer came from another address than the requested one. An HTTP client of
    /// your own has followed a redirect, see
    /// [`ClientBuilder::http_client`](crate::ClientBuilder::http_client). The shop key may have
    /// gone there.
    Redirected,
    /// Answer about another payment than the requested one: a cache or proxy in between is
    /// misconfigured. Nothing of the answer was used.
    OtherPayment,
    /// Contradictory answer: it says both that the request was carried out and that it was refused.
    /// See [`Error::contradiction`](crate::Error::contradiction) and
    /// [`Error::api_errors`](crate::Error::api_errors) for each part.
    Contradiction,
    /// Unsettled: an earlier call for the same is under way, its outcome is unknown
    /// ([`Error::earlier`](crate::Error::earlier)), or it was carried out and this request does not
    /// know of it. Nothing was sent.
    Unsettled,
    /// Unrecorded: the request could not be written down, see
    /// [`Client::recording`](crate::Client::recording). Nothing was sent.
    Unrecorded,
}

/// Delivery: whether a request that failed may have taken effect. The question that matters where
/// money moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Delivery {
    /// Not sent: nothing left this machine. Sending again is safe.
    NotSent,
    /// Unknown: the request may have arrived and been carried out, or not. Find out before you send
    /// anything again: [`reconcile`](crate::Client::reconcile), or read the payment's state.
    /// Timeouts, broken connections, 5xx and unreadable answers end here.
    Unknown,
    /// Rejected: Barion answered and refused the request.
    #[doc(alias = "Answered")]
    Rejected,
}
