//! Apple Pay: starting a payment with a token, and the session that the browser wants first.

use std::sync::Arc;

use axum::http::StatusCode;
use url::Url;

use super::call::{Answer, Call};
use super::checks::{check_fees, check_payees, check_request_id};
use crate::domain::ids::new_id;
use crate::domain::payment::Payment;
use crate::domain::shop::Shop;
use crate::http::failure::Failure;
use crate::http::reply::json;
use crate::values::id::format_id;
use crate::wire::answer::error::Code;
use crate::wire::answer::start::{AppleSession, AppleStarted};
use crate::wire::request::start::{read_apple_start, read_session};

const TOKEN: Code = ("InvalidApplePayToken", "The Apple Pay token is not valid");
const NOT_ALLOWED: Code = ("ApplePayNotAllowed", "Apple Pay is not possible here");
const SHOP_URL: Code = ("InvalidShopUrl", "The address of the shop is not valid");

pub(super) fn start(call: &Call<'_>, shop: &Arc<Shop>) -> Answer {
    let engine = call.engine;
    let apple = read_apple_start(call.body, call.is_strict()).map_err(Failure::Model)?;
    if apple.order.recurrence_id.is_some() || apple.order.initiates_recurrence {
        let text = "Apple Pay is not for token payments.";
        return Err(Failure::coded(NOT_ALLOWED, text));
    }
    // Assumed: a token without its encrypted part is the one that can be told to be wrong.
    if !apple.has_token {
        return Err(Failure::coded(TOKEN, "The token holds no PaymentData."));
    }
    check_payees(engine, &apple.order)?;
    engine.run(|store, now| {
        check_request_id(engine, store, shop, &apple.order)?;
        let mut payment = Payment::prepare(apple.order, Arc::clone(shop), &engine.owner, now);
        check_fees(engine, store, &payment)?;
        payment.pay_by_apple(apple.payer.as_deref(), now);
        let answer = json(StatusCode::OK, &AppleStarted::of(&payment));
        store.add(payment)?;
        Ok(answer)
    })
}

/// Answers a session of Apple's shape. Nobody is called: the sandbox needs no internet.
pub(super) fn validate_session(call: &Call<'_>, shop: &Arc<Shop>) -> Answer {
    let address = read_session(call.body).map_err(Failure::Model)?;
    let host = Url::parse(&address)
        .ok()
        .filter(|url| url.scheme() == "https")
        .and_then(|url| url.host_str().map(str::to_owned));
    // Apple takes shops behind https only; that Barion judges it the same way is assumed.
    let Some(host) = host else {
        return Err(Failure::coded(SHOP_URL, "The ShopUrl is no https address."));
    };
    let now = call.engine.clock.now().timestamp_millis();
    let session = serde_json::json!({
        "epochTimestamp": now,
        "expiresAt": now + 300_000,
        "merchantSessionIdentifier": format_id(new_id()),
        "nonce": format_id(new_id()),
        "merchantIdentifier": format_id(shop.public),
        "domainName": host,
        "displayName": shop.name,
        "signature": "",
    });
    let answer = AppleSession {
        apple_pay_session_response: session.to_string(),
        errors: [],
    };
    Ok(json(StatusCode::OK, &answer))
}
