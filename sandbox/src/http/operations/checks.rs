//! Checks that all starts have in common: payees, request id, fees.

use rust_decimal::Decimal;

use crate::domain::payment::start_order::StartOrder;
use crate::domain::payment::{Payment, Role};
use crate::domain::shop::Shop;
use crate::engine::Engine;
use crate::http::failure::Failure;
use crate::store::Store;
use crate::wire::answer::error::Code;

const FEES: Code = ("InsufficientFunds", "Too low balance");

pub(super) fn check_payees(engine: &Engine, order: &StartOrder) -> Result<(), Failure> {
    let strangers = engine.setup.payees_without_wallet(order.payees());
    if strangers.is_empty() {
        Ok(())
    } else {
        Err(Failure::Payees(strangers))
    }
}

/// Whether the shop has used the `PaymentRequestId` before matters only in a strict sandbox: nobody
/// has seen it checked.
pub(super) fn check_request_id(
    engine: &Engine,
    store: &Store,
    shop: &Shop,
    order: &StartOrder,
) -> Result<(), Failure> {
    if engine.setup.strict && store.has_request_id(shop.public, &order.request_id)? {
        let text = "The PaymentRequestId was used before.";
        return Err(Failure::Model(vec![text.to_owned()]));
    }
    Ok(())
}

/// A reservation's fees are blocked at its start; that the wallet has to hold them is documented,
/// the code is not.
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
