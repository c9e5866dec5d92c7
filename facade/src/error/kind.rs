//! Error kinds, and whether the request may have taken effect.

/// What happened, coarsely.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request breaks rules of Barion; see [`Error::violations`](crate::Error::violations). Nothing was sent.
    Validation,
    /// The client can't be set up this way. Nothing was sent.
    Configuration,
    /// No connection came about. Nothing was sent.
    Connection,
    /// No answer came in time.
    Timeout,
    /// The connection broke before the whole answer was there.
    Interrupted,
    /// Barion answered with errors, see [`Error::api_errors`](crate::Error::api_errors); whatever the HTTP status, 200 included.
    Api,
    /// The HTTP status is one of failure, and the body lists no errors: a page of the edge in front of Barion, an
    /// empty body, a path that does not route. See [`Error::status`](crate::Error::status) and [`Error::snippet`](crate::Error::snippet).
    Http,
    /// The HTTP status is one of success, but the body is not the answer that was asked for: a captcha page, a
    /// truncated body, an answer without an id.
    UnreadableAnswer,
    /// The answer came from another address than the one that was asked: an HTTP client of your own has followed a
    /// redirect, see [`ClientBuilder::http_client`](crate::ClientBuilder::http_client). The shop key may have gone there.
    Redirected,
    /// The answer is about another payment than the one that was asked about: a cache or proxy in between is set up
    /// wrongly. Nothing in it was taken over.
    OtherPayment,
    /// The answer says both that it was done and that it was refused. See [`Error::contradiction`](crate::Error::contradiction) and
    /// [`Error::api_errors`](crate::Error::api_errors) for each part.
    Contradiction,
    /// An earlier call for the same is under way, nobody knows what came of it
    /// ([`Error::earlier`](crate::Error::earlier)), or it was carried out and this one does not know of it. Nothing was sent.
    Unsettled,
    /// The attempt could not be written down, see [`Client::recording`](crate::Client::recording). Nothing was sent.
    Unrecorded,
}

/// Whether a request that failed may have taken effect. The question that matters where money moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Delivery {
    /// Nothing left this machine. Sending again is safe.
    NotSent,
    /// It may have arrived and been carried out, or not. Find out before sending anything again: read the payment's
    /// state. Timeouts, broken connections, 5xx and unreadable answers end here.
    Unknown,
    /// Barion answered and refused it.
    Rejected,
}
