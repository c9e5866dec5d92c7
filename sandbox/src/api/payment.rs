//! Payments that exist already: their states, and the rules' changes on them.

use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::answer::error::{Code, Failure};
use crate::answer::json;
use crate::answer::processed::Finished;
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
        owned(store, shop, id)?;
        if let Some(most) = engine.setup.rate_limit
            && store.change(id, |payment| payment.admit_poll(most, now)) == Some(false)
        {
            return Err(Failure::TooManyRequests);
        }
        let payment = store.get(id).ok_or(Failure::UnknownPayment(id))?;
        let state = State::of(payment, SHOP, with_method);
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
            })
            .unwrap_or(Err(Failure::UnknownPayment(id)))
    })
}

/// Tries the refund on a copy, so that everything else is judged before the balance.
pub(super) fn check_refund(
    engine: &Engine,
    shop: &Pos,
    id: Uuid,
    call: Vec<RefundOrder>,
) -> Result<(), Failure> {
    engine.run(|store, now| {
        let payment = owned(store, shop, id)?;
        let made = payment.clone().refund(call, now);
        let made = made.map_err(|refusals| Failure::Refused(id, refusals))?;
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
        let asked = store.wallet.spends(&made);
        if asked > store.wallet.available(payment.currency) {
            return Err(Failure::Refused(id, vec![Refusal::LowBalance]));
        }
        Ok(())
    })
}

/// Refuses the payments of other shops as if there were none.
fn owned<'a>(store: &'a Store, shop: &Pos, id: Uuid) -> Result<&'a Payment, Failure> {
    store
        .get(id)
        .filter(|payment| payment.shop.public == shop.public)
        .ok_or(Failure::UnknownPayment(id))
}

pub(super) fn finished(payment: &Payment, (): ()) -> Response {
    json(StatusCode::OK, &Finished::of(payment))
}
