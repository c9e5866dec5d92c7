//! Bodies of control calls.

use crate::wire::json::{self, Json, Object};

/// The text of this name.
pub(super) fn word(body: &[u8], name: &str) -> Option<String> {
    match object(body)?.get(name) {
        Json::Text(text) => Some(text.clone()),
        _ => None,
    }
}

pub(super) fn wants_wallet(body: &[u8]) -> bool {
    object(body).is_some_and(|object| *object.get("Wallet") == Json::Bool(true))
}

pub(super) fn card_of(body: &[u8]) -> Option<String> {
    match object(body)?.get("CardNumber") {
        Json::Text(text) | Json::Number(text) => Some(text.clone()),
        _ => None,
    }
}

pub(super) fn object(body: &[u8]) -> Option<Object> {
    match json::parse(body) {
        Ok(Json::Object(object)) => Some(object),
        _ => None,
    }
}
