//! Refunds.

use std::sync::Arc;

use axum::http::StatusCode;

use super::call::{Answer, Call};
use super::owned::owned;
use crate::domain::payment::{Payment, Refusal, Transaction};
use crate::domain::shop::Shop;
use crate::engine::Engine;
use crate::http::failure::Failure;
use crate::http::reply::json;
use crate::store::Store;
use crate::wire::answer::error::Code;
use crate::wire::answer::processed::GivenBack;
use crate::wire::request::payment::read_refunds;

const OWN: Code = (
    "TheSourceAndDestinationAccountsAreMatched",
    "Payer and payee are the same",
);

/// Refunds. Whether the wallet can is judged last, on a copy, of what everything else allows.
pub(super) fn refund(call: &Call<'_>, shop: &Arc<Shop>) -> Answer {
    let engine = call.engine;
    let (id, orders) = read_refunds(call.body).map_err(Failure::Model)?;
    engine.run(|store, now| {
        let payment = owned(store, shop, id)?;
        if engine.setup.balance_rule {
            let mut tried = Payment::clone(&payment);
            let made = tried.refund(orders.clone(), now);
            let made = made.map_err(|refusals| Failure::Refused(id, refusals))?;
            check_refunds(engine, store, &tried, &made)?;
        }
        let done = store.change(id, |payment| {
            let made = payment.refund(orders, now);
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
        let payer = one.payer.as_ref();
        payer.is_some_and(|payer| payer.is_same(&one.payee))
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
