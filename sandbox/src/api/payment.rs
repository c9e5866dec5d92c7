//! Payments that exist already: their states, and the rules' changes on them.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::answer::error::{Code, Failure};
use crate::answer::json;
use crate::answer::processed::{Finished, GivenBack};
use crate::answer::state::State;
use crate::engine::{Engine, SHOP};
use crate::key::query_value;
use crate::payment::refund::RefundOrder;
use crate::payment::{Payment, Refusal, Transaction};
use crate::pos::Pos;
use crate::store::Store;
use crate::wire;

const OWN: Code = (
    "TheSourceAndDestinationAccountsAreMatched",
    "Payer and payee are the same",
);

pub(super) fn payment_of_query(query: Option<&str>) -> Result<Uuid, Failure> {
    let problem = |text: &str| Failure::Model(vec![text.to_owned()]);
    let given = query_value(query, "PaymentId").filter(|text| !text.is_empty());
    let given = given.ok_or_else(|| problem("The PaymentId field is required."))?;
    wire::read_id(&given).ok_or_else(|| problem("The field PaymentId is not a valid GUID."))
}

pub(super) fn state(
    engine: &Engine,
    shop: &Pos,
    id: Uuid,
    with_method: bool,
) -> Result<Response, Failure> {
    engine.run(|store, now| {
        let payment = owned(store, shop, id)?;
        if let Some(most) = engine.setup.rate_limit
            && store.change(id, |payment| payment.admit_poll(most, now))? == Some(false)
        {
            return Err(Failure::TooManyRequests);
        }
        let state = State::of(&payment, SHOP, with_method);
        Ok(json(StatusCode::OK, &state))
    })
}

pub(super) fn change<T>(
    engine: &Engine,
    shop: &Pos,
    id: Uuid,
    change: impl FnOnce(&mut Payment, DateTime<Utc>) -> Result<T, Vec<Refusal>>,
    answer: impl FnOnce(&Payment, T) -> Response,
) -> Result<Response, Failure> {
    engine.run(|store, now| {
        owned(store, shop, id)?;
        store
            .change(id, |payment| {
                change(payment, now)
                    .map(|made| answer(payment, made))
                    .map_err(|refusals| Failure::Refused(id, refusals))
            })?
            .unwrap_or(Err(Failure::UnknownPayment(id)))
    })
}

/// Refunds. Whether the wallet can is judged last, on a copy, of what everything else allows.
pub(super) fn refund(
    engine: &Engine,
    shop: &Pos,
    id: Uuid,
    call: Vec<RefundOrder>,
) -> Result<Response, Failure> {
    engine.run(|store, now| {
        let payment = owned(store, shop, id)?;
        if engine.setup.balance_rule {
            let mut tried = Payment::clone(&payment);
            let made = tried.refund(call.clone(), now);
            let made = made.map_err(|refusals| Failure::Refused(id, refusals))?;
            check_refunds(engine, store, &tried, &made)?;
        }
        let done = store.change(id, |payment| {
            let made = payment.refund(call, now);
            made.map(|made| json(StatusCode::OK, &GivenBack::of(payment, &made)))
                .map_err(|refusals| Failure::Refused(id, refusals))
        })?;
        done.unwrap_or(Err(Failure::UnknownPayment(id)))
    })
}

fn check_refunds(
    engine: &Engine,
    store: &Store,
    payment: &Payment,
    made: &[Transaction],
) -> Result<(), Failure> {
    let own = |one: &Transaction| {
        let from = one.payer.as_ref().and_then(|payer| payer.email.as_deref());
        let to = one.payee.email.as_deref();
        from.zip(to)
            .is_some_and(|(from, to)| from.eq_ignore_ascii_case(to))
    };
    if engine.setup.strict && made.iter().any(own) {
        let text = "The shop's owner paid; that cannot be refunded.";
        return Err(Failure::coded(OWN, text));
    }
    let wallet = store.wallet();
    if wallet.spends(made) > wallet.available(payment.currency)? {
        return Err(Failure::Refused(payment.id, vec![Refusal::LowBalance]));
    }
    Ok(())
}

/// Refuses the payments of other shops as if there were none.
fn owned(store: &mut Store, shop: &Pos, id: Uuid) -> Result<Arc<Payment>, Failure> {
    store
        .get(id)?
        .filter(|payment| payment.shop.public == shop.public)
        .ok_or(Failure::UnknownPayment(id))
}

pub(super) fn finished(payment: &Payment, (): ()) -> Response {
    json(StatusCode::OK, &Finished::of(payment))
}
