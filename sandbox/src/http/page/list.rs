//! Page that lists all payments, the newest first.

use std::fmt::Write;

use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};

use super::html::{Document, escape};
use super::money::money;
use super::texts::ENGLISH;
use crate::domain::payment::Payment;
use crate::domain::payment::kinds::PaymentStatus;
use crate::engine::Engine;
use crate::http::reply::not_kept;
use crate::store::StoreError;
use crate::values::id::format_id;
use crate::values::time;
use crate::wire::query::query_value;

const ON_A_PAGE: i64 = 50;

/// Answers `GET /?page=`.
pub(super) fn show(engine: &Engine, query: Option<&str>) -> Response {
    let asked = query_value(query, "page").and_then(|text| text.parse::<i64>().ok());
    let body = engine.run(|store, now| {
        let count = store.count()?;
        if count == 0 {
            return Ok(nothing_yet(engine, now));
        }
        let pages = (count + ON_A_PAGE - 1) / ON_A_PAGE;
        // A page that is not there is answered with the nearest one.
        let page = asked.unwrap_or(1).clamp(1, pages);
        let shown = store.newest((page - 1) * ON_A_PAGE, ON_A_PAGE)?;
        let rows: String = shown.iter().map(row).collect();
        Ok::<_, StoreError>(format!(
            "<p class=\"quiet\">The sandbox's time is {}.</p><section>{}</section>{}",
            time(now),
            table(&rows),
            pager(page, pages, count)
        ))
    });
    let Ok(body) = body else {
        return not_kept();
    };
    Document {
        lang: ENGLISH.lang,
        title: "Payments",
        note: ENGLISH.note,
        wide: true,
        body: &body,
    }
    .answer(StatusCode::OK)
}

fn nothing_yet(engine: &Engine, now: DateTime<Utc>) -> String {
    format!(
        "<section><h2>There are no payments yet</h2>\
         <p>Set your shop's API address to <code>{base}</code>, give it the shop key that the \
         sandbox was started with, and let it call <code>POST {base}v2/Payment/Start</code>. The \
         payment is then listed here.</p><p>The sandbox's time is {}.</p></section>",
        time(now),
        base = escape(engine.setup.base.as_str()),
    )
}

fn table(rows: &str) -> String {
    let heads = [
        "PaymentRequestId",
        "Status",
        "Amount",
        "Order number",
        "Created",
    ];
    stacking_table("Newest first", &heads, rows)
}

/// A table whose rows become blocks on a narrow screen. Styled so it is no table to some browsers,
/// hence the roles.
pub(super) fn stacking_table(caption: &str, heads: &[&str], rows: &str) -> String {
    let mut head = String::new();
    for name in heads {
        let _ = write!(head, "<th scope=\"col\" role=\"columnheader\">{name}</th>");
    }
    format!(
        "<table class=\"stack\" role=\"table\"><caption>{caption}</caption><thead \
         role=\"rowgroup\">\
         <tr role=\"row\">{head}</tr></thead><tbody role=\"rowgroup\">{rows}</tbody></table>"
    )
}

fn row(payment: &Payment) -> String {
    let name = match payment.request_id.trim() {
        "" => format_id(payment.id),
        name => name.to_owned(),
    };
    format!(
        "<tr role=\"row\"><th scope=\"row\" role=\"rowheader\"><a href=\"/payments/{}\">{}</a></th>\
         <td role=\"cell\">{}</td><td role=\"cell\" class=\"one-line\">{}</td>\
         <td role=\"cell\" data-label=\"Order number\">{}</td>\
         <td role=\"cell\" data-label=\"Created\">{}</td></tr>",
        format_id(payment.id),
        escape(&name),
        status(payment.status),
        money(ordered(payment), payment.currency, ENGLISH.lang),
        escape(payment.order_number.as_deref().unwrap_or_default()),
        time(payment.created_at)
    )
}

fn pager(page: i64, pages: i64, count: i64) -> String {
    let mut links = String::new();
    if page > 1 {
        let _ = write!(
            links,
            "<a rel=\"prev\" href=\"/?page={}\">Newer payments</a> ",
            page - 1
        );
    }
    let _ = write!(
        links,
        "<span>Page {page} of {pages}, {count} {}</span>",
        if count == 1 { "payment" } else { "payments" }
    );
    if page < pages {
        let _ = write!(
            links,
            " <a rel=\"next\" href=\"/?page={}\">Older payments</a>",
            page + 1
        );
    }
    format!("<nav aria-label=\"Pages\">{links}</nav>")
}

/// What the shop asked for. Unlike the total it stays when a payment is cancelled or expires, and
/// so tells one payment from another.
pub(super) fn ordered(payment: &Payment) -> rust_decimal::Decimal {
    payment.main().map(|one| one.total).sum()
}

/// A status, coloured; the word alone says it too.
pub(super) fn status(status: PaymentStatus) -> String {
    let tone = match status {
        PaymentStatus::Succeeded | PaymentStatus::Reserved | PaymentStatus::Authorized => " good",
        PaymentStatus::Canceled | PaymentStatus::Expired | PaymentStatus::Failed => " bad",
        _ => "",
    };
    format!("<span class=\"status{tone}\">{}</span>", status.name())
}

/// A time to the second for people, to the millisecond for machines.
pub(super) fn time(at: DateTime<Utc>) -> String {
    format!(
        "<time datetime=\"{}\">{}</time>",
        time::zoned(at),
        at.format("%Y-%m-%d %H:%M:%S UTC")
    )
}
