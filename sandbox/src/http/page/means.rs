//! Buttons to pay by wallet or bank transfer, and what they do.

use std::fmt::Write;

use super::texts::Texts;
use crate::domain::payment::Payment;
use crate::domain::payment::bank_transfer::BankTransfer;
use crate::engine::{ControlError, Engine, Outcome};

/// Whether a payer is offered a bank transfer: one that no answer would refuse.
fn offers_transfers(engine: &Engine, payment: &Payment) -> bool {
    payment.takes_bank_transfers()
        && payment.asks_for_bank_transfers()
        && (!engine.setup.strict || payment.require_bank_transfers().is_ok())
}

/// The form with a button for each way that the payment allows; empty when there is none.
pub(super) fn buttons(
    engine: &Engine,
    payment: &Payment,
    action: &str,
    hidden: &str,
    texts: &Texts,
) -> String {
    let mut buttons = String::new();
    if payment.takes_wallets() {
        add(
            &mut buttons,
            ("Action", "wallet"),
            texts.wallet,
            (texts.succeeds, "good"),
        );
    }
    if offers_transfers(engine, payment) {
        for (outcome, result) in [
            ("Succeeded", (texts.succeeds, "good")),
            ("Waiting", (texts.waits, "quiet")),
            ("Failed", (texts.fails, "bad")),
        ] {
            add(&mut buttons, ("Transfer", outcome), texts.transfer, result);
        }
    }
    form(action, hidden, &buttons)
}

/// The form in which the bank answers about a transfer.
pub(super) fn answers(action: &str, texts: &Texts) -> String {
    let mut buttons = String::new();
    for (outcome, result) in [
        ("Succeeded", (texts.succeeds, "good")),
        ("Failed", (texts.fails, "bad")),
    ] {
        add(&mut buttons, ("Transfer", outcome), texts.transfer, result);
    }
    form(action, "", &buttons)
}

fn add(buttons: &mut String, field: (&str, &str), name: &str, result: (&str, &str)) {
    let ((field, value), (text, tone)) = (field, result);
    let _ = write!(
        buttons,
        "<button name=\"{field}\" value=\"{value}\"><span class=\"number\">{name}</span> \
         <span class=\"result {tone}\">{text}</span></button>"
    );
}

fn form(action: &str, hidden: &str, buttons: &str) -> String {
    if buttons.is_empty() {
        return String::new();
    }
    format!(
        "<form method=\"post\" action=\"{action}\">{hidden}<div \
         class=\"cards\">{buttons}</div></form>"
    )
}

/// Does what one of the buttons asked for; `None` when it was none of them.
pub(super) fn act(
    engine: &Engine,
    id: &str,
    field: impl Fn(&str) -> Option<String>,
) -> Option<Result<Outcome, ControlError>> {
    if let Some(outcome) = field("Transfer") {
        return Some(engine.bank_transfer(id, BankTransfer::read(&outcome)?));
    }
    let wallet = field("Action")?.eq_ignore_ascii_case("wallet");
    wallet.then(|| engine.pay_by_wallet(id))
}
