//! Tracing: a span for each attempt of a call, with the names that OpenTelemetry has for HTTP
//! clients, and events. They contain no bodies, keys, queries or texts of answers. Without the
//! feature `tracing` there are none.

use url::Url;

use crate::error::Error;
use crate::id::PaymentId;

/// Server that calls go to.
#[derive(Debug, Clone)]
#[cfg_attr(
    not(feature = "tracing"),
    allow(dead_code, reason = "only for tracing")
)]
pub(crate) struct Server {
    pub(crate) scheme: String,
    pub(crate) address: String,
    pub(crate) port: u16,
}

impl Server {
    /// Server of a URL that was checked before.
    pub(crate) fn of(base: &str) -> Result<Self, Error> {
        let url = Url::parse(base)
            .map_err(|_| Error::configuration("the address can't be used".to_owned()))?;
        Ok(Self {
            scheme: url.scheme().to_owned(),
            address: url.host_str().unwrap_or_default().to_owned(),
            port: url.port_or_known_default().unwrap_or_default(),
        })
    }
}

impl Server {
    /// Whether it is on this machine.
    pub(crate) fn is_local(&self) -> bool {
        let address = self.address.trim_matches(['[', ']']);
        address == "localhost"
            || address
                .parse::<std::net::IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    }
}

/// One attempt of a call.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(
    not(feature = "tracing"),
    allow(dead_code, reason = "only for tracing")
)]
pub(crate) struct Attempt {
    pub(crate) operation: &'static str,
    /// Counted from 1.
    pub(crate) number: u32,
    pub(crate) payment: Option<PaymentId>,
}

#[cfg(feature = "tracing")]
mod spans {
    use std::borrow::Cow;
    use std::time::Duration;

    use barion_generated::tables::Operation;
    use tokio::time::Instant;
    use tracing::field::{Empty, display};
    use tracing::{Instrument, Span};

    use super::{Attempt, Server};
    use crate::error::{Delivery, Error, ErrorKind};
    use crate::id::PaymentId;
    use crate::validation::violation::{Rule, Violation};

    /// Span of one attempt.
    pub(crate) struct CallSpan {
        span: Span,
        began: Instant,
    }

    impl CallSpan {
        pub(crate) fn new(one: Attempt, server: &Server) -> Self {
            let operation = Operation::by_id(one.operation);
            let method = operation.map_or("_OTHER", |operation| operation.method);
            let template = operation.map_or("", |operation| operation.path);
            let span = tracing::info_span!(
                "barion.call",
                otel.name = format_args!("{method} {template}"),
                otel.kind = "client",
                otel.status_code = Empty,
                http.request.method = method,
                http.request.resend_count = (one.number > 1).then(|| one.number.saturating_sub(1)),
                http.response.status_code = Empty,
                server.address = server.address.as_str(),
                server.port = server.port,
                url.scheme = server.scheme.as_str(),
                url.template = template,
                error.r#type = Empty,
                barion.operation = one.operation,
                barion.attempt = one.number,
                barion.payment_id = one.payment.map(display),
            );
            let began = Instant::now();
            Self { span, began }
        }

        pub(crate) async fn during<T>(&self, work: impl Future<Output = T>) -> T {
            work.instrument(self.span.clone()).await
        }

        pub(crate) fn end<V>(
            &self,
            outcome: &Result<V, Error>,
            status: Option<u16>,
            payment: Option<PaymentId>,
        ) {
            let span = &self.span;
            let duration_ms = milliseconds(self.began.elapsed());
            if let Some(status) = status {
                span.record("http.response.status_code", status);
            }
            let named = outcome.as_ref().err().and_then(Error::payment_id);
            if let Some(payment) = payment.or(named) {
                span.record("barion.payment_id", display(payment));
            }
            let Err(error) = outcome else {
                span.in_scope(|| tracing::debug!(duration_ms, "answered"));
                return;
            };
            span.record("otel.status_code", "ERROR");
            span.record("error.type", error_type(error).as_ref());
            span.in_scope(|| {
                tracing::warn!(
                    duration_ms,
                    barion.delivery = delivery(error),
                    barion.error_code = error_code(error),
                    "failed"
                );
            });
        }
    }

    /// Runs in the caller's span, on whichever thread.
    #[cfg(feature = "blocking")]
    pub(crate) fn from_here<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
        use tracing::instrument::WithSubscriber;
        work.in_current_span().with_current_subscriber()
    }

    /// Event: a call that failed is about to be sent again.
    pub(crate) fn again(operation: &'static str, made: u32, pause: Duration) {
        tracing::info!(
            barion.operation = operation,
            barion.attempt = made,
            pause_ms = milliseconds(pause),
            "will be sent again"
        );
    }

    /// Event: a payment is about to be sent in spite of its warnings.
    pub(crate) fn warned(operation: &'static str, warnings: &[Violation]) {
        for warning in warnings {
            tracing::warn!(
                barion.operation = operation,
                barion.field = warning.field.as_str(),
                barion.rule = rule(warning.rule),
                "sent in spite of a warning"
            );
        }
    }

    fn rule(rule: Rule) -> &'static str {
        match rule {
            Rule::Required => "required",
            Rule::Length => "length",
            Rule::Form => "form",
            Rule::Range => "range",
            Rule::Period => "period",
            Rule::Digits => "digits",
            Rule::Exactness => "exactness",
            Rule::Currency => "currency",
            Rule::Unique => "unique",
            Rule::Sum => "sum",
            Rule::Combination => "combination",
            Rule::State => "state",
        }
    }

    /// HTTP status where it says that the call failed, otherwise the kind of error.
    fn error_type(error: &Error) -> Cow<'static, str> {
        if let Some(status @ 400..) = error.status() {
            return Cow::Owned(status.to_string());
        }
        Cow::Borrowed(match error.kind() {
            ErrorKind::Validation => "validation",
            ErrorKind::Configuration => "configuration",
            ErrorKind::Connection => "connection",
            ErrorKind::Timeout => "timeout",
            ErrorKind::Interrupted => "interrupted",
            ErrorKind::Api => "api",
            ErrorKind::Http => "http",
            ErrorKind::UnreadableAnswer => "unreadable_answer",
            ErrorKind::Redirected => "redirected",
            ErrorKind::OtherPayment => "other_payment",
            ErrorKind::Contradiction => "contradiction",
            ErrorKind::Unsettled => "unsettled",
            ErrorKind::Unrecorded => "unrecorded",
        })
    }

    fn delivery(error: &Error) -> &'static str {
        match error.delivery() {
            Delivery::NotSent => "not_sent",
            Delivery::Unknown => "unknown",
            Delivery::Rejected => "rejected",
        }
    }

    /// Barion's error code; hidden if it does not look like one.
    fn error_code(error: &Error) -> Option<&str> {
        let code = error.api_errors().first()?.code.as_str();
        (!code.is_empty()).then_some(code)
    }

    fn milliseconds(time: Duration) -> u64 {
        u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(not(feature = "tracing"))]
mod spans {
    use std::time::Duration;

    use super::{Attempt, Server};
    use crate::error::Error;
    use crate::id::PaymentId;
    use crate::validation::violation::Violation;

    pub(crate) struct CallSpan;

    #[allow(
        clippy::unused_self,
        clippy::unused_async,
        reason = "stands for the one that traces"
    )]
    impl CallSpan {
        pub(crate) fn new(_: Attempt, _: &Server) -> Self {
            Self
        }

        pub(crate) async fn during<T>(&self, work: impl Future<Output = T>) -> T {
            work.await
        }

        pub(crate) fn end<V>(&self, _: &Result<V, Error>, _: Option<u16>, _: Option<PaymentId>) {}
    }

    #[cfg(feature = "blocking")]
    pub(crate) fn from_here<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
        work
    }

    pub(crate) fn again(_: &'static str, _: u32, _: Duration) {}

    pub(crate) fn warned(_: &'static str, _: &[Violation]) {}
}

#[cfg(feature = "blocking")]
pub(crate) use spans::from_here;
pub(crate) use spans::{CallSpan, again, warned};
