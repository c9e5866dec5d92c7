//! Timeline of a payment, by the sandbox's clock.

use super::html::escape;
use super::list::{stacking_table, status};
use super::money::money;
use super::texts::ENGLISH;
use crate::callback::CallbackAttempt;
use crate::domain::payment::history::{Event, Moment};
use crate::domain::payment::kinds::PaymentStatus;
use crate::domain::payment::{Payment, Transaction};
use crate::values::time;

struct Entry {
    moment: Moment,
    kind: &'static str,
    /// Markup.
    what: String,
}

/// The table of everything that is known. `log` holds this payment's callbacks only.
pub(super) fn table(payment: &Payment, log: &[CallbackAttempt]) -> String {
    let mut entries = happened(payment);
    entries.extend(told(payment, log));
    // A stable sort: what belongs to one moment stays in the order in which it was put there.
    entries.sort_by_key(|entry| entry.moment);
    let rows: String = entries.iter().map(row).collect();
    stacking_table("Timeline", &["Time (UTC)", "Kind", "What"], &rows)
}

fn row(entry: &Entry) -> String {
    format!(
        "<tr role=\"row\"><td role=\"cell\"><time datetime=\"{}\">{}</time></td>\
         <td role=\"cell\" class=\"one-line\">{}</td><td role=\"cell\">{}</td></tr>",
        time::zoned(entry.moment.at),
        entry.moment.at.format("%Y-%m-%d %H:%M:%S%.3f"),
        entry.kind,
        entry.what
    )
}

/// What was noted, and the transactions that came with each change.
fn happened(payment: &Payment) -> Vec<Entry> {
    let prepared = format!("{} (started by the shop)", status(PaymentStatus::Prepared));
    let mut entries = vec![Entry {
        moment: payment.started,
        kind: "Status",
        what: prepared,
    }];
    let mut shown = payment.made_at_start;
    for one in payment.transactions.iter().take(shown) {
        entries.push(moved(payment, one, payment.started));
    }
    for (moment, event) in &payment.history {
        let moment = *moment;
        let (kind, what) = match event {
            Event::Request { operation, answer } => (
                "API request",
                format!("{} &rarr; {}", escape(operation), escape(answer)),
            ),
            Event::Payer(what) => ("Payer", escape(what)),
            Event::Change {
                what,
                status: after,
                ..
            } => ("Status", format!("{} ({})", status(*after), escape(what))),
        };
        entries.push(Entry { moment, kind, what });
        if let Event::Change { transactions, .. } = event {
            let made = payment.transactions.iter().take(*transactions).skip(shown);
            entries.extend(made.map(|one| moved(payment, one, moment)));
            shown = shown.max(*transactions);
        }
    }
    entries
}

fn moved(payment: &Payment, one: &Transaction, moment: Moment) -> Entry {
    let name = one.pos_id.as_deref().unwrap_or("without POSTransactionId");
    Entry {
        moment,
        kind: "Transaction",
        what: format!(
            "{:?}, {}, {}, now {}",
            one.kind,
            money(one.total, payment.currency, ENGLISH.lang),
            escape(name),
            one.status.name()
        ),
    }
}

fn told(payment: &Payment, log: &[CallbackAttempt]) -> Vec<Entry> {
    let moments = moments_of(payment, log);
    log.iter()
        .zip(moments)
        .map(|(attempt, moment)| {
            let result = match &attempt.result {
                Ok(status) => format!("HTTP {status}"),
                Err(error) => error.clone(),
            };
            Entry {
                moment,
                kind: "Callback",
                what: format!("{} &rarr; {}", escape(&attempt.url), escape(&result)),
            }
        })
        .collect()
}

/// When the attempts were made. A first attempt stands behind its change; a retry, and one
/// asked for by hand, behind everything of its time.
fn moments_of(payment: &Payment, log: &[CallbackAttempt]) -> Vec<Moment> {
    let changes = payment
        .history
        .iter()
        .filter(|(_, event)| matches!(event, Event::Change { .. }));
    let mut changes = changes.map(|(moment, _)| *moment).peekable();
    log.iter()
        .map(|attempt| {
            let at = attempt.at;
            let first = attempt.number == 1;
            let told = first.then(|| changes.next_if(|change| change.at <= at));
            let last = Moment {
                at,
                place: u64::MAX,
            };
            told.flatten()
                .filter(|change| change.at == at)
                .unwrap_or(last)
        })
        .collect()
}
