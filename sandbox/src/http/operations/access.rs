//! Access to operations: which key opens which handler.

use std::sync::Arc;

use axum::http::HeaderMap;

use super::call::{Answer, Call};
use crate::domain::shop::Shop;
use crate::engine::Engine;
use crate::http::failure::Failure;
use crate::http::key;
use crate::values::id::format_id;
use crate::wire::json::Object;

type Handler = fn(&Call<'_>) -> Answer;
type ShopHandler = fn(&Call<'_>, &Arc<Shop>) -> Answer;

/// The key that an operation needs, and the handler that it opens.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Access {
    /// No key.
    Public(Handler),
    /// The wallet's API key.
    Wallet(Handler),
    /// A shop's secret key: in the header, the body or the query, in this order.
    Shop(ShopHandler),
    /// A shop's secret key, in the header only.
    ShopInHeader(ShopHandler),
}

/// A caller with the right key.
pub(crate) enum Admitted {
    Public(Handler),
    Wallet(Handler),
    Shop(ShopHandler, Arc<Shop>),
}

impl Access {
    /// Checks the key of a call.
    pub(crate) fn admit(
        self,
        engine: &Engine,
        headers: &HeaderMap,
        body: Option<&Object>,
        query: Option<&str>,
    ) -> Result<Admitted, Failure> {
        let (handler, header_only) = match self {
            Self::Public(handler) => return Ok(Admitted::Public(handler)),
            Self::Wallet(handler) => {
                let key = key::read(key::given_for_wallet(headers).as_deref());
                let opened = key.is_some_and(|key| key == engine.wallet_key);
                let admitted = opened.then_some(Admitted::Wallet(handler));
                return admitted.ok_or(Failure::Key);
            }
            Self::Shop(handler) => (handler, engine.setup.strict),
            Self::ShopInHeader(handler) => (handler, true),
        };
        let given = key::given(headers, body, query, header_only);
        let key = key::read(given.as_deref()).ok_or(Failure::Key)?;
        let shop = engine.run(|store, _| store.shop_of_key(key))?;
        shop.map(|shop| Admitted::Shop(handler, shop))
            .ok_or(Failure::Key)
    }
}

impl Admitted {
    /// The `AuthData` of errors.
    pub(crate) fn auth_data(&self) -> Option<String> {
        match self {
            Self::Shop(_, shop) => Some(format_id(shop.secret)),
            // As seen by a client that was tested against Barion's sandbox.
            Self::Wallet(_) => Some(String::new()),
            Self::Public(_) => None,
        }
    }

    pub(crate) fn perform(&self, call: &Call<'_>) -> Answer {
        match self {
            Self::Public(handler) | Self::Wallet(handler) => handler(call),
            Self::Shop(handler, shop) => handler(call, shop),
        }
    }
}
