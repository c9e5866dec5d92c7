//! Gateway page: paying, the issuer's challenge, and the way back to the shop.

use std::fmt::Write;

use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use url::Url;

use super::cards::card_buttons;
use super::html::{Document, escape, see_other, see_page};
use super::lookup::with_payment;
use super::means;
use super::money::{money, number};
use super::texts::{self, Texts};
use crate::domain::cards::{Card, ProcessResult};
use crate::domain::payment::{Item, Payment};
use crate::engine::{ControlError, Engine};
use crate::values::id::format_id;
use crate::wire::query::query_value;

/// Answers `GET /Pay?Id=`.
pub(super) fn show_of(engine: &Engine, query: Option<&str>) -> Response {
    show(engine, query_value(query, "Id").as_deref(), false)
}

/// Answers `POST /Pay`.
pub(super) fn act(engine: &Engine, form: &str) -> Response {
    let field = |name: &str| query_value(Some(form), name);
    let given = field("Id");
    let id = given.clone().unwrap_or_default();
    let action = field("Action").unwrap_or_default().to_ascii_lowercase();
    let done = means::act(engine, &id, field).unwrap_or_else(|| match action.as_str() {
        "cancel" => engine.cancel(&id),
        "approve" => engine.answer_challenge(&id, true),
        "fail" => engine.answer_challenge(&id, false),
        _ => engine.offer(&id, &field("CardNumber").unwrap_or_default()),
    });
    match done {
        Ok(_) => with_payment(engine, given.as_deref(), onward),
        Err(ControlError::NotACard) => show(engine, given.as_deref(), true),
        // The page itself says what is the matter with the payment.
        Err(_) => show(engine, given.as_deref(), false),
    }
}

/// Back to the shop when there is nothing more to do here, otherwise to this page once more.
fn onward(payment: &Payment) -> Response {
    match location(payment) {
        Some(address) if !payment.is_open() => see_other(address),
        _ => see_page(&format!("/Pay?Id={}", format_id(payment.id))),
    }
}

fn location(payment: &Payment) -> Option<HeaderValue> {
    let address = payment.redirect_address()?;
    // A header takes ASCII only; an address with other letters goes there percent-encoded.
    let address = if address.is_ascii() {
        address
    } else {
        Url::parse(&address).ok()?.to_string()
    };
    HeaderValue::from_str(&address).ok()
}

fn show(engine: &Engine, id: Option<&str>, no_card: bool) -> Response {
    with_payment(engine, id, |payment| {
        let texts = texts::of(&payment.locale);
        let (title, body) = match &payment.challenged {
            _ if !payment.is_open() => (texts.payment, closed_page(payment, texts)),
            Some(card) if !no_card => (texts.challenge, challenge_page(payment, card, texts)),
            _ => (texts.payment, open_page(engine, payment, texts, no_card)),
        };
        Document {
            lang: texts.lang,
            title,
            note: texts.note,
            wide: false,
            body: &body,
        }
        .answer(StatusCode::OK)
    })
}

fn open_page(engine: &Engine, payment: &Payment, texts: &Texts, no_card: bool) -> String {
    let id = hidden_id(payment);
    let amount = money(payment.total(), payment.currency, &payment.locale);
    let mut body = notice(payment, texts, no_card);
    // Shops' tests look for the amount, and need not know how it is written in which locale.
    let _ = write!(
        body,
        "<section><h2>{}</h2><p class=\"total\"><data value=\"{} \
         {}\">{amount}</data></p><dl><dt>{}</dt><dd>{}</dd>",
        texts.total,
        payment.total(),
        payment.currency.code,
        texts.to,
        escape(&payment.shop.name),
    );
    if let Some(order) = &payment.order_number {
        let _ = write!(body, "<dt>{}</dt><dd>{}</dd>", texts.order, escape(order));
    }
    let _ = write!(body, "</dl></section>{}", items_table(payment, texts));
    if !engine.setup.strict || payment.require_cards().is_ok() {
        body.push_str(&card_sections(payment, &id, &amount, texts, no_card));
    }
    let others = means::buttons(engine, payment, "/Pay", &id, texts);
    if !others.is_empty() {
        let _ = write!(
            body,
            "<section><h2>{}</h2>{others}</section>",
            texts.other_means
        );
    }
    body.push_str(&cancel_form(&id, texts));
    body
}

/// The form for a card's number, and the test cards.
fn card_sections(
    payment: &Payment,
    id: &str,
    amount: &str,
    texts: &Texts,
    no_card: bool,
) -> String {
    let form = format!(
        "<section><h2>{card}</h2><form method=\"post\" action=\"/Pay\">{id}\
         <p><label for=\"card\">{number}</label>\
         <input id=\"card\" name=\"CardNumber\" inputmode=\"numeric\" autocomplete=\"off\" \
         required{invalid}></p>\
         <p><button class=\"main\">{pay}</button></p></form></section>",
        card = texts.card,
        number = texts.card_number,
        invalid = if no_card {
            " aria-invalid=\"true\" aria-describedby=\"notice\""
        } else {
            ""
        },
        pay = texts.pay.replace("{amount}", amount),
    );
    let buttons = card_buttons("/Pay", id, texts, |card| {
        payment.challenge_required || card.wants_challenge()
    });
    let heading = texts.test_cards;
    format!("{form}<section><h2>{heading}</h2>{buttons}</section>")
}

/// What is to be said before anything else.
fn notice(payment: &Payment, texts: &Texts, no_card: bool) -> String {
    let text = if no_card {
        texts.no_card.to_owned()
    } else if let Some(attempt) = &payment.attempt {
        let text = match attempt.result {
            ProcessResult::FailedDuringAuthentication => texts.not_authenticated,
            _ => texts.was_declined,
        };
        text.replace("{card}", attempt.card.masked())
            .replace("{why}", attempt.result.name())
    } else {
        return String::new();
    };
    format!(
        "<p class=\"notice\" id=\"notice\" role=\"alert\">{}</p>",
        escape(&text)
    )
}

fn challenge_page(payment: &Payment, card: &Card, texts: &Texts) -> String {
    let id = hidden_id(payment);
    let amount = money(payment.total(), payment.currency, &payment.locale);
    let question = texts
        .question
        .replace("{amount}", &amount)
        .replace("{shop}", &payment.shop.name)
        .replace("{card}", card.masked());
    format!(
        "<section><p>{}</p><form class=\"row\" method=\"post\" action=\"/Pay\">{id}\
         <button class=\"main\" name=\"Action\" value=\"approve\">{}</button>\
         <button class=\"stop\" name=\"Action\" value=\"fail\">{}</button></form></section>{}",
        escape(&question),
        texts.approve,
        texts.fail,
        cancel_form(&id, texts)
    )
}

fn cancel_form(id: &str, texts: &Texts) -> String {
    format!(
        "<form method=\"post\" action=\"/Pay\">{id}\
         <button class=\"stop\" name=\"Action\" value=\"cancel\">{}</button></form>",
        texts.cancel
    )
}

fn hidden_id(payment: &Payment) -> String {
    let id = format_id(payment.id);
    format!("<input type=\"hidden\" name=\"Id\" value=\"{id}\">")
}

fn items_table(payment: &Payment, texts: &Texts) -> String {
    let rows: String = payment
        .main()
        .flat_map(|one| one.items.iter())
        .map(|item| item_row(payment, item, texts))
        .collect();
    if rows.is_empty() {
        return rows;
    }
    format!(
        "<section><table><caption>{}</caption><thead><tr><th scope=\"col\">{}</th>\
         <th scope=\"col\" class=\"n\">{}</th></tr></thead>\
         <tbody>{rows}</tbody></table></section>",
        texts.items, texts.item, texts.total
    )
}

/// The quantity stands below the name, as a third column leaves a telephone too little room for
/// names.
fn item_row(payment: &Payment, item: &Item, texts: &Texts) -> String {
    format!(
        "<tr><th scope=\"row\">{} <span class=\"below quiet\">{}: {} {}</span></th>\
         <td class=\"n\">{}</td></tr>",
        escape(&item.name),
        texts.quantity,
        number(item.quantity, 0, &payment.locale),
        escape(&item.unit),
        money(item.line_total, payment.currency, &payment.locale)
    )
}

fn closed_page(payment: &Payment, texts: &Texts) -> String {
    let mut body = format!(
        "<section><p role=\"status\">{} <strong>{}</strong>.</p>",
        texts.closed,
        payment.status.name()
    );
    match payment.redirect_address() {
        Some(address) => {
            let _ = write!(
                body,
                "<p><a href=\"{}\">{}</a></p>",
                escape(&address),
                escape(&texts.back.replace("{shop}", &payment.shop.name))
            );
        }
        None => {
            let _ = write!(body, "<p>{}</p>", texts.close);
        }
    }
    body.push_str("</section>");
    body
}
