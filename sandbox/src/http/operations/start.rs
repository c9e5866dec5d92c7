//! Starting a payment, by the payer on the gateway page or with a token.

use std::sync::Arc;

use axum::http::StatusCode;

use super::call::{Answer, Call};
use super::checks::{check_fees, check_payees, check_request_id};
use crate::domain::payment::Payment;
use crate::domain::payment::kinds::RecurrenceResult;
use crate::domain::payment::start_order::StartOrder;
use crate::domain::payment::token::Token;
use crate::domain::payment::token_charge::TokenChargeOutcome;
use crate::domain::shop::Shop;
use crate::http::failure::Failure;
use crate::http::reply::json;
use crate::store::Store;
use crate::wire::answer::start::Started;
use crate::wire::request::start::read_start;

/// The title of errors about tokens.
const TOKEN_TITLE: &str = "The token cannot be charged";

pub(super) fn start(call: &Call<'_>, shop: &Arc<Shop>) -> Answer {
    let engine = call.engine;
    let order = read_start(call.body, call.is_strict()).map_err(Failure::Model)?;
    check_payees(engine, &order)?;
    engine.run(|store, now| {
        check_request_id(engine, store, shop, &order)?;
        let token = match order.charges_token() {
            Some(id) => Some(charge(store, shop, &order, id)?),
            None => None,
        };
        let challenge = order.challenge;
        let mut payment = Payment::prepare(order, Arc::clone(shop), &engine.owner, now);
        check_fees(engine, store, &payment)?;
        match token {
            Some(Some((token, wanted))) => payment.charge_token(token, challenge, wanted, now),
            Some(None) if engine.setup.strict => {
                let text = "No successful payment has registered this RecurrenceId.";
                return Err(Failure::coded(("InvalidRecurrenceId", TOKEN_TITLE), text));
            }
            // Assumed: of the two documented ways to report an unknown token this is the milder
            // one.
            Some(None) => payment.recurrence.result = RecurrenceResult::NotFound,
            None => {}
        }
        let answer = json(StatusCode::OK, &Started::of(&payment, &engine.setup.base));
        store.add(payment)?;
        Ok(answer)
    })
}

/// Judges a charge of a token; `None` when the token is not known.
fn charge(
    store: &mut Store,
    shop: &Shop,
    order: &StartOrder,
    id: &str,
) -> Result<Option<(Token, TokenChargeOutcome)>, Failure> {
    let Some(token) = store.token(shop.public, id)? else {
        if store.token_failed(shop.public, id)? {
            let text = "The payment that was to register the token was not paid.";
            return Err(Failure::coded(
                ("OriginalPaymentWasntSuccessful", TOKEN_TITLE),
                text,
            ));
        }
        return Ok(None);
    };
    if !order.fits_trace(&token) {
        return Err(Failure::Trace);
    }
    // Assumed: no code is documented for this rule, so it is a fault of the model.
    if !order.fits_amount(&token) {
        let text = "A RecurringPayment may not come to more than the first one did.";
        return Err(Failure::Model(vec![text.to_owned()]));
    }
    let wanted = store.take_charge(shop.public, id)?;
    match wanted.error() {
        Some(code) => {
            let text = "The sandbox was told to refuse this charge.";
            Err(Failure::coded((code, TOKEN_TITLE), text))
        }
        None => Ok(Some((token, wanted))),
    }
}
