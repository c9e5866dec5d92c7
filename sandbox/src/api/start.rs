//! Starting a payment, by the payer on the gateway page, with a token or with Google's.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use rust_decimal::Decimal;

use crate::answer::error::{Code, Failure};
use crate::answer::json;
use crate::answer::start::{GoogleStarted, Started};
use crate::engine::Engine;
use crate::payment::kinds::RecurrenceResult;
use crate::payment::prepare::StartOrder;
use crate::payment::token::{Token, TokenCharge};
use crate::payment::{Payment, Role};
use crate::pos::Pos;
use crate::request::json::Object;
use crate::request::start::{read_google_start, read_start};
use crate::store::Store;

const FEES: Code = ("InsufficientFunds", "Too low balance");

/// The title of errors about tokens.
const TOKEN_TITLE: &str = "The token cannot be charged";

pub(super) fn start(engine: &Engine, shop: &Arc<Pos>, body: &Object) -> Result<Response, Failure> {
    let order = read_start(body, engine.setup.strict).map_err(Failure::Model)?;
    check_payees(engine, &order)?;
    engine.run(|store, now| {
        check_request_id(engine, store, shop, &order)?;
        let token = match order.charges_token() {
            Some(id) => Some(charge(store, shop, &order, id)?),
            None => None,
        };
        let challenge = order.challenge;
        let mut payment = Payment::prepare(order, Arc::clone(shop), &engine.owner, now);
        check_fees(engine, store, &payment)?;
        match token {
            Some(Some((token, wanted))) => payment.charge_token(token, challenge, wanted, now),
            Some(None) if engine.setup.strict => {
                let text = "No successful payment has registered this RecurrenceId.";
                return Err(Failure::coded(("InvalidRecurrenceId", TOKEN_TITLE), text));
            }
            // Assumed: of the two documented ways to report an unknown token this is the milder one.
            Some(None) => payment.recurrence.result = RecurrenceResult::NotFound,
            None => {}
        }
        let answer = json(StatusCode::OK, &Started::of(&payment, &engine.setup.base));
        store.add(payment)?;
        Ok(answer)
    })
}

/// Judges a charge of a token; `None` when the token is not known.
fn charge(
    store: &mut Store,
    shop: &Pos,
    order: &StartOrder,
    id: &str,
) -> Result<Option<(Token, TokenCharge)>, Failure> {
    let Some(token) = store.token(shop.public, id)? else {
        if store.token_failed(shop.public, id)? {
            let text = "The payment that was to register the token was not paid.";
            return Err(Failure::coded(
                ("OriginalPaymentWasntSuccessful", TOKEN_TITLE),
                text,
            ));
        }
        return Ok(None);
    };
    if !order.fits_trace(&token) {
        return Err(Failure::Trace);
    }
    // Assumed: no code is documented for this rule, so it is a fault of the model.
    if !order.fits_amount(&token) {
        let text = "A RecurringPayment may not come to more than the first one did.";
        return Err(Failure::Model(vec![text.to_owned()]));
    }
    let wanted = store.take_charge(shop.public, id)?;
    match wanted.error() {
        Some(code) => {
            let text = "The sandbox was told to refuse this charge.";
            Err(Failure::coded((code, TOKEN_TITLE), text))
        }
        None => Ok(Some((token, wanted))),
    }
}

pub(super) fn google_start(
    engine: &Engine,
    shop: &Arc<Pos>,
    body: &Object,
) -> Result<Response, Failure> {
    let strict = engine.setup.strict;
    let (order, payer) = read_google_start(body, strict).map_err(Failure::Model)?;
    check_payees(engine, &order)?;
    engine.run(|store, now| {
        check_request_id(engine, store, shop, &order)?;
        let mut payment = Payment::prepare(order, Arc::clone(shop), &engine.owner, now);
        check_fees(engine, store, &payment)?;
        payment.pay_by_google(&payer, now);
        let answer = json(StatusCode::OK, &GoogleStarted::of(&payment));
        store.add(payment)?;
        Ok(answer)
    })
}

pub(super) fn check_payees(engine: &Engine, order: &StartOrder) -> Result<(), Failure> {
    let strangers = engine.strangers(order.payees());
    if strangers.is_empty() {
        Ok(())
    } else {
        Err(Failure::Payees(strangers))
    }
}

/// Whether the shop has used the `PaymentRequestId` before matters only in a strict sandbox: nobody has seen it checked.
pub(super) fn check_request_id(
    engine: &Engine,
    store: &Store,
    shop: &Pos,
    order: &StartOrder,
) -> Result<(), Failure> {
    if engine.setup.strict && store.has_request_id(shop.public, &order.request_id)? {
        let text = "The PaymentRequestId was used before.";
        return Err(Failure::Model(vec![text.to_owned()]));
    }
    Ok(())
}

/// A reservation's fees are blocked at its start; that the wallet has to hold them is documented, the code is not.
pub(super) fn check_fees(engine: &Engine, store: &Store, payment: &Payment) -> Result<(), Failure> {
    let fees = payment
        .transactions
        .iter()
        .filter(|one| one.role == Role::Fee);
    let fees: Decimal = fees.map(|one| one.total).sum();
    if !engine.setup.strict || fees <= store.wallet().available(payment.currency)? {
        return Ok(());
    }
    let text = "The wallet does not hold enough for the fees of the reservation.";
    Err(Failure::coded(FEES, text))
}
