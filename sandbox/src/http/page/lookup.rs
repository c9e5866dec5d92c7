//! Looking up the payment that a page is about.

use axum::http::StatusCode;
use axum::response::Response;
use uuid::Uuid;

use super::html::Document;
use super::texts;
use crate::domain::payment::Payment;
use crate::engine::Engine;
use crate::http::reply::not_kept;
use crate::values::id::read_id;

/// Shows something of a payment, or that there is none.
pub(super) fn with_payment(
    engine: &Engine,
    id: Option<&str>,
    view: impl FnOnce(&Payment) -> Response,
) -> Response {
    let id: Option<Uuid> = id.and_then(read_id);
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
            body: "<p>This sandbox has no payment of that id. Without <code>--db</code> it keeps \
                   payments in memory only, so a restart forgets them.</p><p><a href=\"/\">All \
                   payments</a></p>",
        }
        .answer(StatusCode::NOT_FOUND),
        Err(_) => not_kept(),
    }
}
