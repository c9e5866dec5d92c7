//! Google Pay: starting a payment with Google's token.

use std::sync::Arc;

use axum::http::StatusCode;

use super::call::{Answer, Call};
use super::checks::{check_fees, check_payees, check_request_id};
use crate::domain::payment::Payment;
use crate::domain::shop::Shop;
use crate::http::failure::Failure;
use crate::http::reply::json;
use crate::wire::answer::start::GoogleStarted;
use crate::wire::request::start::read_google_start;

pub(super) fn start(call: &Call<'_>, shop: &Arc<Shop>) -> Answer {
    let engine = call.engine;
    let (order, payer) = read_google_start(call.body, call.is_strict()).map_err(Failure::Model)?;
    check_payees(engine, &order)?;
    engine.run(|store, now| {
        check_request_id(engine, store, shop, &order)?;
        let mut payment = Payment::prepare(order, Arc::clone(shop), &engine.owner, now);
        check_fees(engine, store, &payment)?;
        payment.pay_by_google(&payer, now);
        let answer = json(StatusCode::OK, &GoogleStarted::of(&payment));
        store.add(payment)?;
        Ok(answer)
    })
}
