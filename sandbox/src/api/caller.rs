//! Who calls, by the key that came with a call.

use std::sync::Arc;

use axum::http::HeaderMap;

use super::Operation;
use crate::answer::error::Failure;
use crate::engine::Engine;
use crate::pos::Pos;
use crate::request::json::Object;
use crate::{key, wire};

/// Whose key came with a call.
#[derive(Debug)]
pub(crate) enum Caller {
    Shop(Arc<Pos>),
    Wallet,
    Anyone,
}

impl Caller {
    /// What errors tell of the caller.
    pub(crate) fn auth_data(&self) -> Option<String> {
        match self {
            Self::Shop(shop) => Some(wire::id(shop.secret)),
            // As seen by a client that was tested against Barion's sandbox.
            Self::Wallet => Some(String::new()),
            Self::Anyone => None,
        }
    }
}

impl Operation {
    /// Finds out who calls, if the key opens this operation.
    pub(crate) fn admit(
        self,
        engine: &Engine,
        headers: &HeaderMap,
        body: Option<&Object>,
        query: Option<&str>,
    ) -> Result<Caller, Failure> {
        if self == Self::QrCode {
            return Ok(Caller::Anyone);
        }
        if self.is_of_wallet() {
            let given = key::given_for_wallet(headers);
            let opened = key::read(given.as_deref()).is_some_and(|key| key == engine.wallet_key);
            return opened.then_some(Caller::Wallet).ok_or(Failure::Key);
        }
        let header_only = engine.setup.strict || matches!(self, Self::StateV4(_));
        let given = key::given(headers, body, query, header_only);
        let key = key::read(given.as_deref()).ok_or(Failure::Key)?;
        let shop = engine.run(|store, _| store.shop_of_key(key))?;
        shop.map(Caller::Shop).ok_or(Failure::Key)
    }

    fn is_of_wallet(self) -> bool {
        matches!(
            self,
            Self::ReadPos(_)
                | Self::CreatePos
                | Self::Accounts
                | Self::History
                | Self::HistoryDetail
                | Self::Withdraw
                | Self::WithdrawV2
                | Self::TransferEmail
                | Self::Statement
        )
    }
}
