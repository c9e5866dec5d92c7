//! Looks at everything that is told to `tracing`.

use std::cell::RefCell;
use std::fmt::{Debug, Write as _};

use barion_sandbox::{PAYEE, POS_KEY, WALLET_KEY};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// Keys, and what is the payer's.
const SECRETS: [&str; 4] = [
    POS_KEY,
    "11111111111111111111111111111111",
    WALLET_KEY,
    PAYER,
];

/// The payer's e-mail address.
pub(crate) const PAYER: &str = "anna@example.com";

thread_local! {
    static LEAKED: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// The secret that the text of an error, or a line of a log, names.
#[must_use]
pub fn leak(text: &str) -> Option<&'static str> {
    leak_of_request(text).or_else(|| text.contains(PAYEE).then_some(PAYEE))
}

/// The secret that the `Debug` of a request names. Whom it pays is in there: the shop itself.
#[must_use]
pub fn leak_of_request(text: &str) -> Option<&'static str> {
    SECRETS.into_iter().find(|secret| text.contains(secret))
}

/// The line that has told a secret on this thread since the last time.
#[must_use]
pub fn leaked() -> Option<String> {
    LEAKED.with(|leaked| leaked.borrow_mut().take())
}

/// Listens to spans and events.
#[derive(Debug)]
pub struct Watch;

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}

fn look(record: impl FnOnce(&mut Line)) {
    let mut line = Line(String::new());
    record(&mut line);
    if leak(&line.0).is_some() {
        LEAKED.with(|leaked| *leaked.borrow_mut() = Some(line.0));
    }
}

impl<S: Subscriber> Layer<S> for Watch {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        look(|line| attributes.record(line));
    }

    fn on_record(&self, _: &Id, values: &Record<'_>, _: Context<'_, S>) {
        look(|line| values.record(line));
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        look(|line| event.record(line));
    }
}
