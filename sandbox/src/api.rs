//! The operations: from a parsed request, through the rules, to the answer.

mod apple;
mod caller;
mod operation;
mod payment;
mod pos;
mod qr;
mod start;
mod wallet;

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use axum::response::Response;

use crate::answer::error::Failure;
use crate::answer::json;
use crate::answer::processed::Completed;
use crate::engine::Engine;
use crate::payment::Payment;
use crate::pos::Pos;
use crate::request::calls::{read_payment, read_refunds, read_settlements};
use crate::request::documented;
use crate::request::json::Object;

pub(crate) use caller::Caller;
pub(crate) use operation::Operation;
use payment::{change, finished, payment_of_query, refund, state};
use start::{google_start, start};

impl Operation {
    /// Does it. The key has been checked.
    pub(crate) fn perform(
        self,
        engine: &Engine,
        caller: &Caller,
        body: &Object,
        query: Option<&str>,
    ) -> Result<Response, Failure> {
        if engine.setup.strict {
            self.check_names(body, query)?;
        }
        match caller {
            Caller::Anyone => qr::draw(engine, query),
            Caller::Wallet => self.perform_for_wallet(engine, body, query),
            Caller::Shop(shop) => self.perform_for_shop(engine, shop, body, query),
        }
    }

    fn check_names(self, body: &Object, query: Option<&str>) -> Result<(), Failure> {
        let problems = if self.method() == Method::GET {
            documented::problems(self.name(), &Object::of_query(query))
        } else {
            documented::problems(self.name(), body)
        };
        if problems.is_empty() {
            return Ok(());
        }
        Err(Failure::Model(problems))
    }

    fn perform_for_wallet(
        self,
        engine: &Engine,
        body: &Object,
        query: Option<&str>,
    ) -> Result<Response, Failure> {
        match self {
            Self::ReadPos(key) => pos::read(engine, key),
            Self::CreatePos => pos::create(engine, body),
            Self::Accounts => wallet::accounts(engine),
            Self::History => wallet::history(engine, query),
            Self::HistoryDetail => wallet::detail(engine, query),
            Self::Withdraw => wallet::withdraw(engine, body),
            Self::WithdrawV2 => wallet::withdraw_v2(engine, body),
            Self::TransferEmail => wallet::transfer(engine, body),
            Self::Statement => wallet::statement(engine, query),
            _ => Err(Failure::Key),
        }
    }

    fn perform_for_shop(
        self,
        engine: &Engine,
        shop: &Arc<Pos>,
        body: &Object,
        query: Option<&str>,
    ) -> Result<Response, Failure> {
        match self {
            Self::Start => start(engine, shop, body),
            Self::GoogleStart => google_start(engine, shop, body),
            Self::AppleStart => apple::start(engine, shop, body),
            Self::ValidateSession => apple::validate_session(engine, shop, body),
            Self::StateV2 => state(engine, shop, payment_of_query(query)?, false),
            Self::StateV4(id) => state(engine, shop, id, true),
            Self::Complete => {
                let id = read_payment(body).map_err(Failure::Model)?;
                change(engine, shop, id, Payment::complete, |payment, ()| {
                    json(StatusCode::OK, &Completed::of(payment))
                })
            }
            Self::CancelAuthorization => {
                let id = read_payment(body).map_err(Failure::Model)?;
                change(engine, shop, id, Payment::cancel_authorization, finished)
            }
            Self::FinishReservation => {
                let strict = engine.setup.strict;
                let (id, call) = read_settlements(body, strict).map_err(Failure::Model)?;
                change(engine, shop, id, |one, now| one.finish(call, now), finished)
            }
            Self::Capture => {
                let strict = engine.setup.strict;
                let (id, call) = read_settlements(body, strict).map_err(Failure::Model)?;
                change(
                    engine,
                    shop,
                    id,
                    |one, now| one.capture(call, now),
                    finished,
                )
            }
            Self::Refund => {
                let (id, call) = read_refunds(body).map_err(Failure::Model)?;
                refund(engine, shop, id, call)
            }
            _ => Err(Failure::Key),
        }
    }
}
