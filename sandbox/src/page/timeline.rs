//! What happened to a payment, in the order of the sandbox's time.

use chrono::{DateTime, Utc};

use super::html::escape;
use super::list::status;
use super::money::money;
use super::texts::ENGLISH;
use crate::callback::CallbackAttempt;
use crate::payment::Payment;
use crate::payment::history::Event;
use crate::payment::kinds::PaymentStatus;
use crate::wire;

/// One line. Of one millisecond the cause is put before the effect: what was asked, what the payer did,
/// what changed, which money moved, who was told.
struct Entry {
    at: DateTime<Utc>,
    rank: u8,
    kind: &'static str,
    /// Markup.
    what: String,
}

/// The table of everything that is known. `log` holds this payment's callbacks only.
pub(super) fn table(payment: &Payment, log: &[CallbackAttempt]) -> String {
    let mut entries = happened(payment);
    entries.extend(moved(payment));
    entries.extend(told(payment, log));
    entries.sort_by_key(|entry| (entry.at, entry.rank));
    let rows: String = entries.iter().map(row).collect();
    format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"timeline\"><table>\
         <caption id=\"timeline\">Timeline</caption><thead><tr><th scope=\"col\">Time (UTC)</th>\
         <th scope=\"col\">Kind</th><th scope=\"col\">What</th></tr></thead><tbody>{rows}</tbody></table></div>"
    )
}

fn row(entry: &Entry) -> String {
    format!(
        "<tr><td><time datetime=\"{}\">{}</time></td><td>{}</td><td>{}</td></tr>",
        wire::zoned(entry.at),
        entry.at.format("%Y-%m-%d %H:%M:%S%.3f"),
        entry.kind,
        entry.what
    )
}

fn happened(payment: &Payment) -> Vec<Entry> {
    let mut entries = vec![Entry {
        at: payment.created_at,
        rank: 2,
        kind: "Status",
        what: format!("{} (started by the shop)", status(PaymentStatus::Prepared)),
    }];
    for (at, event) in &payment.history {
        let (rank, kind, what) = match event {
            Event::Request { operation, answer } => {
                let what = format!("{} &rarr; {}", escape(operation), escape(answer));
                (0, "API request", what)
            }
            Event::Payer(what) => (1, "Payer", escape(what)),
            Event::Change {
                what,
                status: after,
            } => {
                let what = format!("{} ({})", status(*after), escape(what));
                (2, "Status", what)
            }
        };
        entries.push(Entry {
            at: *at,
            rank,
            kind,
            what,
        });
    }
    entries
}

fn moved(payment: &Payment) -> Vec<Entry> {
    let entry = |one: &crate::payment::Transaction| {
        let name = one.pos_id.as_deref().unwrap_or("without POSTransactionId");
        Entry {
            at: one.time,
            rank: 3,
            kind: "Transaction",
            what: format!(
                "{:?}, {}, {}, now {}",
                one.kind,
                money(one.total, payment.currency, ENGLISH.lang),
                escape(name),
                one.status.name()
            ),
        }
    };
    payment.transactions.iter().map(entry).collect()
}

fn told(payment: &Payment, log: &[CallbackAttempt]) -> Vec<Entry> {
    let times = attempt_times(payment, log);
    log.iter()
        .zip(times)
        .map(|(attempt, at)| {
            let result = match &attempt.result {
                Ok(status) => format!("HTTP {status}"),
                Err(error) => error.clone(),
            };
            Entry {
                at,
                rank: 4,
                kind: "Callback",
                what: format!("{} &rarr; {}", escape(&attempt.url), escape(&result)),
            }
        })
        .collect()
}

/// When the attempts were made. They bear no time of their own yet, but there is one for each change that
/// the shop is told of, in order, and it is made right after that.
fn attempt_times(payment: &Payment, log: &[CallbackAttempt]) -> Vec<DateTime<Utc>> {
    let changes = payment
        .history
        .iter()
        .filter(|(_, event)| matches!(event, Event::Change { .. }));
    let mut times: Vec<DateTime<Utc>> = changes.map(|(at, _)| *at).collect();
    let last = times.last().copied().unwrap_or(payment.created_at);
    times.resize(log.len().max(times.len()), last);
    times
}
