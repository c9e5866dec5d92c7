//! The pages for people: the payer's gateway page, and what the developer of a shop looks at. Plain HTML,
//! no script.

mod detail;
mod html;
mod list;
mod means;
mod money;
mod pay;
mod texts;
mod timeline;

use std::fmt::Write;

use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use uuid::Uuid;

use crate::answer::{message, not_kept};
use crate::cards::{Card, ProcessResult, TEST_CARDS};
use crate::engine::Engine;
use crate::payment::Payment;
use crate::wire;
use html::{Document, escape};
use texts::Texts;

/// What a path for people stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    List,
    Payment(String),
    Pay,
}

impl Page {
    /// Finds the page of a path; letters match in any case.
    pub(crate) fn of(path: &str) -> Option<Self> {
        let path = path.to_ascii_lowercase();
        match path.trim_end_matches('/') {
            "" => Some(Self::List),
            "/pay" => Some(Self::Pay),
            other => match other.strip_prefix("/payments/") {
                Some(id) if !id.contains('/') => Some(Self::Payment(id.to_owned())),
                _ => None,
            },
        }
    }

    /// Shows the page, or does what a form of it asked for.
    pub(crate) async fn answer(
        &self,
        engine: &Engine,
        method: &Method,
        query: Option<&str>,
        body: &[u8],
    ) -> Response {
        let form = String::from_utf8_lossy(body);
        let posted = (method == Method::POST).then_some(form.as_ref());
        match (self, posted) {
            (Self::List, None) if method == Method::GET => list::show(engine, query),
            (Self::Payment(id), None) if method == Method::GET => detail::show(engine, id, None),
            (Self::Payment(id), Some(form)) => detail::act(engine, id, form).await,
            (Self::Pay, None) if method == Method::GET => pay::show_of(engine, query),
            (Self::Pay, Some(form)) => pay::act(engine, form),
            _ => self.refuse(),
        }
    }

    fn refuse(&self) -> Response {
        let (text, allowed) = match self {
            Self::List => ("This page takes GET only.", "GET"),
            Self::Payment(_) | Self::Pay => ("This page takes GET and POST.", "GET, POST"),
        };
        let mut response = message(StatusCode::METHOD_NOT_ALLOWED, text);
        let allowed = HeaderValue::from_static(allowed);
        response.headers_mut().insert(header::ALLOW, allowed);
        response
    }
}

/// Shows something of a payment, or that there is none.
fn with_payment(
    engine: &Engine,
    id: Option<&str>,
    view: impl FnOnce(&Payment) -> Response,
) -> Response {
    let id: Option<Uuid> = id.and_then(wire::read_id);
    let payment = match id {
        Some(id) => engine.run(|store, _| store.with_history(id)),
        None => Ok(None),
    };
    match payment {
        Ok(Some(payment)) => view(&payment),
        Ok(None) => Document {
            lang: texts::ENGLISH.lang,
            title: "No such payment",
            note: texts::ENGLISH.note,
            wide: false,
            body: "<p>This sandbox has no payment of that id. Without <code>--db</code> it keeps payments in memory only, \
                   so a restart forgets them.</p><p><a href=\"/\">All payments</a></p>",
        }
        .answer(StatusCode::NOT_FOUND),
        Err(_) => not_kept(),
    }
}

/// The test cards as a form of buttons, with what a charge on each ends in.
fn card_buttons(
    action: &str,
    hidden: &str,
    texts: &Texts,
    challenges: impl Fn(&Card) -> bool,
) -> String {
    let mut buttons = String::new();
    for (number, result) in TEST_CARDS {
        let asks = Card::read(number).is_some_and(|card| challenges(&card));
        let (text, tone) = match result {
            ProcessResult::Successful if asks => (texts.asks, "good"),
            ProcessResult::Successful => (texts.succeeds, "good"),
            ProcessResult::ScaSoftDeclined => (texts.soft_declined, "bad"),
            _ => (texts.declined, "bad"),
        };
        let _ = write!(
            buttons,
            "<button name=\"CardNumber\" value=\"{number}\"><span class=\"number\">{} {} {} {}</span> \
             <span class=\"result {tone}\">{}</span></button>",
            &number[..4],
            &number[4..8],
            &number[8..12],
            &number[12..],
            escape(&text.replace("{why}", result.name()))
        );
    }
    format!(
        "<form method=\"post\" action=\"{action}\">{hidden}<div class=\"cards\">{buttons}</div></form>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_found_in_any_case() {
        for (path, page) in [
            ("/", Some(Page::List)),
            ("/PAY", Some(Page::Pay)),
            ("/Pay/", Some(Page::Pay)),
            ("/Payments/AB", Some(Page::Payment("ab".to_owned()))),
            ("/payments", None),
            ("/payments/a/b", None),
            ("/v2/Payment/Start", None),
        ] {
            assert_eq!(Page::of(path), page, "{path}");
        }
    }
}
