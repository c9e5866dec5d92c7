//! Access to a shop's own payments, to read or to change one.

use std::sync::Arc;

use axum::response::Response;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::call::Answer;
use crate::domain::payment::{Payment, Refusal};
use crate::domain::shop::Shop;
use crate::engine::Engine;
use crate::http::failure::Failure;
use crate::store::Store;

/// Refuses the payments of other shops as if there were none.
pub(super) fn owned(store: &mut Store, shop: &Shop, id: Uuid) -> Result<Arc<Payment>, Failure> {
    store
        .get(id)?
        .filter(|payment| payment.shop.public == shop.public)
        .ok_or(Failure::UnknownPayment(id))
}

/// Changes a payment by a rule, and answers with what became of it.
pub(super) fn change<T>(
    engine: &Engine,
    shop: &Shop,
    id: Uuid,
    change: impl FnOnce(&mut Payment, DateTime<Utc>) -> Result<T, Vec<Refusal>>,
    answer: impl FnOnce(&Payment, T) -> Response,
) -> Answer {
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
