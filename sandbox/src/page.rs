//! The gateway page: plain HTML, no script.

use std::fmt::Write;

use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use url::Url;
use uuid::Uuid;

use crate::answer::start::redirect_url;
use crate::answer::{message, plain};
use crate::cards::{ProcessResult, TEST_CARDS};
use crate::engine::{ControlError, Engine, SHOP};
use crate::key::query_value;
use crate::payment::{Item, Payment};
use crate::wire;

const STYLE: &str = "body{font-family:system-ui,sans-serif;max-width:40rem;margin:2rem auto;\
padding:0 1rem;line-height:1.5}table{border-collapse:collapse;width:100%}th,td{text-align:left;\
padding:.25rem .5rem;border-bottom:1px solid #767676}td.n,th.n{text-align:right}button{font:inherit;\
padding:.5rem 1rem;margin:.25rem 0}input{font:inherit;padding:.4rem}.total{font-size:1.5rem}\
.notice{border:2px solid #a00000;padding:.5rem 1rem}";

/// Answers `GET /Pay?Id=` and `POST /Pay`.
pub(crate) fn answer(
    engine: &Engine,
    method: &Method,
    query: Option<&str>,
    body: &[u8],
) -> Response {
    if method == Method::GET {
        return show(engine, query_value(query, "Id").as_deref(), None);
    }
    if method != Method::POST {
        return message(
            StatusCode::METHOD_NOT_ALLOWED,
            "The gateway page takes GET and POST.",
        );
    }
    let form = String::from_utf8_lossy(body);
    let field = |name: &str| query_value(Some(&form), name);
    let id = field("Id");
    let known = id.clone().unwrap_or_default();
    let done = if field("Action").is_some_and(|action| action.eq_ignore_ascii_case("cancel")) {
        engine.cancel(&known)
    } else {
        engine.pay(&known, &field("CardNumber").unwrap_or_default())
    };
    match done {
        Ok(outcome) if outcome.status != "Started" => leave(engine, id.as_deref()),
        Ok(outcome) => {
            let why = outcome.process_result.unwrap_or_default();
            let notice = format!("The card was declined: {why}. You can try another card.");
            show(engine, id.as_deref(), Some(&notice))
        }
        Err(ControlError::NotACard) => {
            let notice = "That is not a card number. Nothing was charged.";
            show(engine, id.as_deref(), Some(notice))
        }
        // The page itself says what is the matter with the payment.
        Err(_) => show(engine, id.as_deref(), None),
    }
}

fn with_payment(
    engine: &Engine,
    id: Option<&str>,
    view: impl FnOnce(&Payment) -> Response,
) -> Response {
    let id: Option<Uuid> = id.and_then(wire::read_id);
    engine.run(|store, _| match id.and_then(|id| store.get(id)) {
        Some(payment) => view(payment),
        None => html(
            StatusCode::NOT_FOUND,
            "No such payment",
            "<p>This sandbox has no payment of that id. It keeps payments in memory only, so a \
             restart forgets them.</p>",
        ),
    })
}

fn show(engine: &Engine, id: Option<&str>, notice: Option<&str>) -> Response {
    with_payment(engine, id, |payment| {
        let body = if payment.is_open() {
            open_page(payment, notice)
        } else {
            closed_page(payment)
        };
        html(StatusCode::OK, "Pay", &body)
    })
}

/// Sends the payer back to the shop.
fn leave(engine: &Engine, id: Option<&str>) -> Response {
    with_payment(engine, id, |payment| {
        let mut response = html(StatusCode::OK, "Done", &closed_page(payment));
        if let Some(location) = location(payment) {
            *response.status_mut() = StatusCode::SEE_OTHER;
            response.headers_mut().insert(header::LOCATION, location);
        }
        response
    })
}

fn location(payment: &Payment) -> Option<HeaderValue> {
    let address = redirect_url(payment)?;
    // A header takes ASCII only; an address with other letters goes there percent-encoded.
    let address = if address.is_ascii() {
        address
    } else {
        Url::parse(&address).ok()?.to_string()
    };
    HeaderValue::from_str(&address).ok()
}

fn open_page(payment: &Payment, notice: Option<&str>) -> String {
    let id = wire::id(payment.id);
    let mut body = String::new();
    if let Some(notice) = notice {
        let _ = write!(
            body,
            "<p class=\"notice\" role=\"alert\">{}</p>",
            escape(notice)
        );
    }
    let _ = write!(
        body,
        "<p>To <strong>{}</strong></p><p class=\"total\">{} {}</p>",
        escape(SHOP.name),
        payment.total(),
        payment.currency.code
    );
    if let Some(order) = &payment.order_number {
        let _ = write!(body, "<p>Order {}</p>", escape(order));
    }
    body.push_str(&items_table(payment));
    body.push_str("<h2>Test cards</h2>");
    for (number, result) in TEST_CARDS {
        let _ = write!(
            body,
            "<form method=\"post\" action=\"/Pay\">{}<button name=\"CardNumber\" value=\"{number}\">\
             Card ending in {} ({})</button></form>",
            hidden_id(&id),
            &number[12..],
            describe(result)
        );
    }
    let _ = write!(
        body,
        "<h2>Another card</h2><form method=\"post\" action=\"/Pay\">{hidden}\
         <p><label for=\"card\">Card number</label> \
         <input id=\"card\" name=\"CardNumber\" inputmode=\"numeric\" autocomplete=\"off\" required> \
         <button>Pay</button></p></form>\
         <form method=\"post\" action=\"/Pay\">{hidden}\
         <button name=\"Action\" value=\"cancel\">Cancel the payment</button></form>",
        hidden = hidden_id(&id)
    );
    body
}

fn describe(result: ProcessResult) -> &'static str {
    match result {
        ProcessResult::Successful => "succeeds",
        ProcessResult::ScaSoftDeclined => "ScaSoftDeclined if no challenge was wanted",
        other => other.name(),
    }
}

fn hidden_id(id: &str) -> String {
    format!("<input type=\"hidden\" name=\"Id\" value=\"{id}\">")
}

fn items_table(payment: &Payment) -> String {
    let rows: String = payment
        .main()
        .flat_map(|one| one.items.iter())
        .map(item_row)
        .collect();
    if rows.is_empty() {
        return rows;
    }
    format!(
        "<table><caption>Items</caption><thead><tr><th scope=\"col\">Item</th>\
         <th scope=\"col\" class=\"n\">Quantity</th><th scope=\"col\" class=\"n\">Total</th></tr>\
         </thead><tbody>{rows}</tbody></table>"
    )
}

fn item_row(item: &Item) -> String {
    format!(
        "<tr><td>{}</td><td class=\"n\">{} {}</td><td class=\"n\">{}</td></tr>",
        escape(&item.name),
        item.quantity,
        escape(&item.unit),
        item.line_total
    )
}

fn closed_page(payment: &Payment) -> String {
    let mut body = format!(
        "<p role=\"status\">This payment is no longer open. Its status is <strong>{}</strong>.</p>",
        payment.status.name()
    );
    match redirect_url(payment) {
        Some(address) => {
            let _ = write!(
                body,
                "<p><a href=\"{}\">Back to {}</a></p>",
                escape(&address),
                escape(SHOP.name)
            );
        }
        None => body.push_str("<p>You can close this page.</p>"),
    }
    body
}

fn html(status: StatusCode, title: &str, body: &str) -> Response {
    let text = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title} - Barion sandbox</title><style>{STYLE}</style></head>\
         <body><main><h1>{title}</h1>{body}<p>This is a local sandbox. No money moves.</p></main>\
         </body></html>"
    );
    let mut response = plain(status, "text/html; charset=utf-8", text);
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'"),
    );
    response
}

/// Text as it may stand in HTML, also inside a quoted attribute.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_the_shops_text_is_markup() {
        assert_eq!(
            escape("<b a=\"x\" c='y'>&amp;"),
            "&lt;b a=&quot;x&quot; c=&#39;y&#39;&gt;&amp;amp;"
        );
    }
}
