//! The operations about shops.

use axum::http::StatusCode;
use axum::response::Response;
use uuid::Uuid;

use crate::answer::error::{Code, Failure};
use crate::answer::json;
use crate::answer::pos::Details;
use crate::engine::Engine;
use crate::request::json::Object;
use crate::request::pos::read_pos;

// Assumed: the status is known from a client's tests, the body is not.
const UNKNOWN: Code = ("ShopNotFound", "The shop is not known");

pub(super) fn read(engine: &Engine, public: Option<Uuid>) -> Result<Response, Failure> {
    engine.run(|store, _| {
        let shop = match public {
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

pub(super) fn create(engine: &Engine, body: &Object) -> Result<Response, Failure> {
    let shop = read_pos(body).map_err(Failure::Model)?;
    engine.run(|store, _| {
        if store.has_shop_named(&shop.name)? {
            let text = "The field Name is that of another shop.".to_owned();
            return Err(Failure::Model(vec![text]));
        }
        let answer = json(StatusCode::OK, &Details::of(&shop));
        store.add_shop(&shop)?;
        Ok(answer)
    })
}
