//! Apple Pay: starting a payment with a token, and the session that the browser wants first.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use url::Url;

use super::start::{check_fees, check_payees, check_request_id};
use crate::answer::error::{Code, Failure};
use crate::answer::json;
use crate::answer::start::{AppleSession, AppleStarted};
use crate::engine::Engine;
use crate::ids::new_id;
use crate::payment::Payment;
use crate::pos::Pos;
use crate::request::json::Object;
use crate::request::start::{read_apple_start, read_session};
use crate::wire;

const TOKEN: Code = ("InvalidApplePayToken", "The Apple Pay token is not valid");
const NOT_ALLOWED: Code = ("ApplePayNotAllowed", "Apple Pay is not possible here");
const SHOP_URL: Code = ("InvalidShopUrl", "The address of the shop is not valid");

pub(super) fn start(engine: &Engine, shop: &Arc<Pos>, body: &Object) -> Result<Response, Failure> {
    let apple = read_apple_start(body, engine.setup.strict).map_err(Failure::Model)?;
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
pub(super) fn validate_session(
    engine: &Engine,
    shop: &Pos,
    body: &Object,
) -> Result<Response, Failure> {
    let address = read_session(body).map_err(Failure::Model)?;
    let host = Url::parse(&address)
        .ok()
        .filter(|url| url.scheme() == "https")
        .and_then(|url| url.host_str().map(str::to_owned));
    // Apple takes shops behind https only; that Barion judges it the same way is assumed.
    let Some(host) = host else {
        return Err(Failure::coded(SHOP_URL, "The ShopUrl is no https address."));
    };
    let now = engine.clock.now().timestamp_millis();
    let session = serde_json::json!({
        "epochTimestamp": now,
        "expiresAt": now + 300_000,
        "merchantSessionIdentifier": wire::id(new_id()),
        "nonce": wire::id(new_id()),
        "merchantIdentifier": wire::id(shop.public),
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
