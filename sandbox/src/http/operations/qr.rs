//! QR code: the picture behind `QRUrl`.

use axum::http::StatusCode;
use qrcode::QrCode;
use qrcode::render::svg::Color;

use super::call::{Answer, Call};
use crate::http::failure::Failure;
use crate::http::reply::plain;
use crate::values::address::gateway_url;
use crate::wire::answer::error::Code;
use crate::wire::request::choices;
use crate::wire::request::reader::{Problems, Reader};

// Assumed: the code is that of other calls, the status that of what does not exist.
const UNKNOWN: Code = ("NotExistingPaymentId", "The payment id is not known");

/// Draws the address of the payment's gateway page, as SVG: Barion's format is not documented.
pub(super) fn draw(call: &Call<'_>) -> Answer {
    let engine = call.engine;
    let problems = Problems::default();
    let fields = call.fields();
    let reader = Reader::new(&fields, &problems);
    let id = reader.required_id("paymentId");
    // Assumed: how large each is, and which one is meant when none is named.
    let side = match reader.choice("size", choices::QR_SIZE) {
        Some("Small") => 150,
        Some("Large") => 450,
        _ => 300,
    };
    problems.settle(()).map_err(Failure::Model)?;
    if !engine.knows(id)? {
        let text = format!("There is no payment {id}.");
        return Err(Failure::Coded(UNKNOWN, StatusCode::NOT_FOUND, text));
    }
    let code = QrCode::new(gateway_url(&engine.setup.base, id));
    // An address of this length always fits.
    let code = code.map_err(|error| Failure::Model(vec![error.to_string()]))?;
    let picture = code
        .render::<Color<'_>>()
        .min_dimensions(side, side)
        .build();
    Ok(plain(StatusCode::OK, "image/svg+xml", picture))
}
