//! Payments that exist already: their states, and the rules' changes on them.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use uuid::Uuid;

use super::call::{Answer, Call};
use super::owned::{change, owned};
use crate::domain::payment::Payment;
use crate::domain::shop::Shop;
use crate::engine::Engine;
use crate::http::failure::Failure;
use crate::http::reply::json;
use crate::values::id::read_id;
use crate::wire::answer::processed::{Completed, Finished};
use crate::wire::answer::state::State;
use crate::wire::query::query_value;
use crate::wire::request::payment::{read_payment, read_settlements};

pub(super) fn state_v2(call: &Call<'_>, shop: &Arc<Shop>) -> Answer {
    state(call.engine, shop, payment_of_query(call.query)?, false)
}

pub(super) fn state_v4(call: &Call<'_>, shop: &Arc<Shop>) -> Answer {
    // The route has seen that it is an id.
    let id = read_id(call.parameter).unwrap_or_default();
    state(call.engine, shop, id, true)
}

pub(super) fn complete(call: &Call<'_>, shop: &Arc<Shop>) -> Answer {
    let id = read_payment(call.body).map_err(Failure::Model)?;
    change(call.engine, shop, id, Payment::complete, |payment, ()| {
        json(StatusCode::OK, &Completed::of(payment))
    })
}

pub(super) fn cancel_authorization(call: &Call<'_>, shop: &Arc<Shop>) -> Answer {
    let id = read_payment(call.body).map_err(Failure::Model)?;
    let rule = Payment::cancel_authorization;
    change(call.engine, shop, id, rule, finished)
}

pub(super) fn finish_reservation(call: &Call<'_>, shop: &Arc<Shop>) -> Answer {
    let read = read_settlements(call.body, call.is_strict());
    let (id, order) = read.map_err(Failure::Model)?;
    let rule = |one: &mut Payment, now| one.finish(order, now);
    change(call.engine, shop, id, rule, finished)
}

pub(super) fn capture(call: &Call<'_>, shop: &Arc<Shop>) -> Answer {
    let read = read_settlements(call.body, call.is_strict());
    let (id, order) = read.map_err(Failure::Model)?;
    let rule = |one: &mut Payment, now| one.capture(order, now);
    change(call.engine, shop, id, rule, finished)
}

fn payment_of_query(query: Option<&str>) -> Result<Uuid, Failure> {
    let problem = |text: &str| Failure::Model(vec![text.to_owned()]);
    let given = query_value(query, "PaymentId").filter(|text| !text.is_empty());
    let given = given.ok_or_else(|| problem("The PaymentId field is required."))?;
    read_id(&given).ok_or_else(|| problem("The field PaymentId is not a valid GUID."))
}

fn state(engine: &Engine, shop: &Shop, id: Uuid, with_method: bool) -> Answer {
    engine.run(|store, now| {
        let payment = owned(store, shop, id)?;
        if let Some(most) = engine.setup.rate_limit
            && store.change(id, |payment| payment.admit_poll(most, now))? == Some(false)
        {
            return Err(Failure::TooManyRequests);
        }
        let state = State::of(&payment, with_method);
        Ok(json(StatusCode::OK, &state))
    })
}

fn finished(payment: &Payment, (): ()) -> Response {
    json(StatusCode::OK, &Finished::of(payment))
}
