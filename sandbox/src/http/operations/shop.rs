//! Operations about shops.

use axum::http::StatusCode;

use super::call::{Answer, Call};
use crate::http::failure::Failure;
use crate::http::reply::json;
use crate::values::id::read_id;
use crate::wire::answer::error::Code;
use crate::wire::answer::shop::Details;
use crate::wire::request::shop::read_shop;

// Assumed: the status is known from a client's tests, the body is not.
const UNKNOWN: Code = ("ShopNotFound", "The shop is not known");

pub(super) fn details(call: &Call<'_>) -> Answer {
    call.engine.run(|store, _| {
        // Also with a key that is none: such a shop does not exist, but the route does.
        let shop = match read_id(call.parameter) {
            Some(public) => store.shop(public)?,
            None => None,
        };
        let shop = shop.ok_or_else(|| {
            let text = "The wallet has no shop with this public key.".to_owned();
            Failure::Coded(UNKNOWN, StatusCode::NOT_FOUND, text)
        })?;
        Ok(json(StatusCode::OK, &Details::of(&shop)))
    })
}

pub(super) fn create(call: &Call<'_>) -> Answer {
    let shop = read_shop(call.body).map_err(Failure::Model)?;
    call.engine.run(|store, _| {
        if store.has_shop_named(&shop.name)? {
            let text = "The field Name is that of another shop.".to_owned();
            return Err(Failure::Model(vec![text]));
        }
        let answer = json(StatusCode::OK, &Details::of(&shop));
        store.add_shop(&shop)?;
        Ok(answer)
    })
}
