//! Page of one payment: its facts, its timeline, and buttons for what a test may want to happen.

use std::fmt::Write;
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::Response;

use super::cards::card_buttons;
use super::html::{Document, escape, see_page};
use super::list::{ordered, status, time};
use super::lookup::with_payment;
use super::money::money;
use super::texts::ENGLISH;
use super::{means, timeline};
use crate::callback::CallbackAttempt;
use crate::domain::payment::Payment;
use crate::domain::payment::kinds::PaymentStatus;
use crate::engine::{ControlError, Engine};
use crate::values::id::{format_id, read_id};
use crate::wire::query::query_value;

/// What the clock can be advanced by: seconds, as the forms send them, and what the buttons say.
const STEPS: [(u64, &str); 4] = [
    (60, "1 minute"),
    (1_800, "30 minutes"),
    (86_400, "1 day"),
    (604_800, "7 days"),
];

/// Answers `GET /payments/{id}`.
pub(super) fn show(engine: &Engine, id: &str, problem: Option<&str>) -> Response {
    // Read before the store is locked; a log that is a moment older does no harm.
    let log = engine.callbacks.log();
    with_payment(engine, Some(id), |payment| {
        let name = format_id(payment.id);
        let log: Vec<CallbackAttempt> = log
            .into_iter()
            .filter(|attempt| attempt.payment_id == name)
            .collect();
        let mut body = "<nav aria-label=\"Site\"><a href=\"/\">All payments</a></nav>".to_owned();
        if let Some(problem) = problem {
            let _ = write!(
                body,
                "<p class=\"notice\" role=\"alert\">{}</p>",
                escape(problem)
            );
        }
        let _ = write!(
            body,
            "<section><h2>Facts</h2>{}</section>{}<section>{}</section>",
            facts(payment, time(engine.clock.now())),
            buttons(engine, payment, &format!("/payments/{name}")),
            timeline::table(payment, &log)
        );
        Document {
            lang: ENGLISH.lang,
            title: &format!("Payment {}", payment.request_id),
            note: ENGLISH.note,
            wide: true,
            body: &body,
        }
        .answer(if problem.is_some() {
            StatusCode::CONFLICT
        } else {
            StatusCode::OK
        })
    })
}

/// Answers `POST /payments/{id}`.
pub(super) async fn act(engine: &Engine, id: &str, form: &str) -> Response {
    let known = read_id(id).is_some_and(|id| engine.knows(id).unwrap_or_default());
    if !known {
        return show(engine, id, None);
    }
    let field = |name: &str| query_value(Some(form), name);
    let wants = |what| field("Action").is_some_and(|action| action.eq_ignore_ascii_case(what));
    let done = if let Some(done) = means::act(engine, id, field) {
        done.map(drop)
    } else if let Some(card) = field("CardNumber") {
        engine.pay(id, &card).map(drop)
    } else if let Some(seconds) = field("Advance") {
        let step = STEPS.iter().find(|(step, _)| seconds.parse() == Ok(*step));
        let Some((step, _)) = step else {
            return show(engine, id, Some("The clock has no such step."));
        };
        let done = engine.advance(Duration::from_secs(*step)).await;
        done.map(drop).map_err(ControlError::from)
    } else if wants("cancel") {
        engine.cancel(id).map(drop)
    } else if wants("card-pending") {
        engine.ask_bank(id).map(drop)
    } else if wants("callback") {
        engine.send_callback(id).map(drop)
    } else {
        return show(
            engine,
            id,
            Some("The form asked for nothing that is known here."),
        );
    };
    match done {
        Ok(()) => see_page(&format!("/payments/{id}")),
        Err(error) => show(engine, id, Some(&error.to_string())),
    }
}

fn facts(payment: &Payment, now: String) -> String {
    let id = format_id(payment.id);
    let amount = |amount| money(amount, payment.currency, ENGLISH.lang);
    let text = |text: &Option<String>| escape(text.as_deref().unwrap_or("none"));
    let mut facts = vec![
        ("Status", status(payment.status)),
        ("Type", format!("{:?}", payment.kind)),
        ("Ordered", amount(ordered(payment))),
        ("Total now", amount(payment.total())),
        ("PaymentId", id.clone()),
        ("PaymentRequestId", escape(&payment.request_id)),
        ("Order number", text(&payment.order_number)),
        ("Locale", escape(&payment.locale)),
        ("RedirectUrl", text(&payment.redirect_url)),
        ("CallbackUrl", text(&payment.callback_url)),
        ("Created", time(payment.created_at)),
    ];
    if let Some(attempt) = &payment.attempt {
        let last = format!(
            "ending in {}: {}",
            attempt.card.masked(),
            attempt.result.name()
        );
        facts.push(("Last card", last));
    }
    let open = payment.is_open().then_some(payment.valid_until);
    for (name, at) in [
        ("Open until", open),
        ("Reserved until", payment.reserved_until),
        ("Capture until", payment.capture_until),
        ("Completed", payment.completed_at),
    ] {
        if let Some(at) = at {
            facts.push((name, time(at)));
        }
    }
    facts.push(("Sandbox's time", now));
    let page = format!("<a href=\"/Pay?Id={id}\">the payer's view</a>");
    facts.push(("Gateway page", page));
    let mut list = String::new();
    for (name, value) in facts {
        let _ = write!(list, "<dt>{name}</dt><dd>{value}</dd>");
    }
    format!("<dl>{list}</dl>")
}

fn buttons(engine: &Engine, payment: &Payment, action: &str) -> String {
    let mut sections = String::new();
    if payment.is_open() {
        let _ = write!(
            sections,
            "<section><h2>Pay in the payer's place</h2><p class=\"quiet\">Without a challenge; \
             that is on the gateway page.</p>{}{}<form class=\"row\" method=\"post\" \
             action=\"{action}\">\
             <button name=\"Action\" value=\"card-pending\">Offer a card and let the bank take \
             its time</button>\
             <button class=\"stop\" name=\"Action\" value=\"cancel\">Cancel the \
             payment</button></form>\
             </section>",
            card_buttons(action, "", &ENGLISH, |_| false),
            means::buttons(engine, payment, action, "", &ENGLISH)
        );
    }
    let answers = match payment.status {
        PaymentStatus::InProgress => card_buttons(action, "", &ENGLISH, |_| false),
        PaymentStatus::Waiting => means::answers(action, &ENGLISH),
        _ => String::new(),
    };
    if !answers.is_empty() {
        let _ = write!(
            sections,
            "<section><h2>Answer in the bank's place</h2>{answers}</section>"
        );
    }
    let mut steps = String::new();
    for (seconds, name) in STEPS {
        let _ = write!(
            steps,
            "<button name=\"Advance\" value=\"{seconds}\">{name}</button>"
        );
    }
    let _ = write!(
        sections,
        "<section><h2>Advance the clock</h2><form class=\"row\" method=\"post\" \
         action=\"{action}\">{steps}\
         </form></section>{}",
        callback_button(payment, action)
    );
    sections
}

/// Form that sends a callback again.
fn callback_button(payment: &Payment, action: &str) -> String {
    if payment.callback_url.is_none() {
        return String::new();
    }
    format!(
        "<section><h2>Callback</h2><form method=\"post\" action=\"{action}\">\
         <button name=\"Action\" value=\"callback\">Send the callback \
         again</button></form></section>"
    )
}
