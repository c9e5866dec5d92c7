//! The wallet's operations.

use axum::http::StatusCode;
use axum::response::Response;
use uuid::Uuid;

use crate::answer::error::{Code, Failure};
use crate::answer::wallet::{Accounts, Detail, History, PaidOut, PaidOutV2, Transferred};
use crate::answer::{file, json};
use crate::engine::Engine;
use crate::request::json::Object;
use crate::request::wallet::{
    Withdrawal, read_history, read_item, read_statement, read_transfer, read_withdrawal,
    read_withdrawal_v2,
};
use crate::wallet::HistoryItem;
use crate::wallet::orders::WalletRefusal;
use crate::wallet::statement::{Statement, TABLE_TYPE};

// Assumed: Barion's general list of errors has this code, for other calls; what this one answers is not
// documented.
const UNKNOWN_ITEM: Code = ("NotExistingTransactionId", "The item is not known");
const CHARACTER: Code = ("InvalidCharacter", "A character cannot be used");
// Assumed: the only documented code of payouts that is about amounts.
const TOO_LITTLE: Code = (
    "MinimumWithdrawAmountNotReached",
    "The payout is not possible",
);
const ACCOUNT: Code = ("InvalidAccount", "The account is not known");
const CURRENCY: Code = ("InvalidCurrency", "There is no account in the currency");
const SAME: Code = (
    "TheSourceAndDestinationAccountsAreMatched",
    "The money would not move",
);
const NO_STATEMENT: Code = ("StatementNotFound", "Statement not found");

pub(super) fn accounts(engine: &Engine) -> Response {
    engine.run(|store, _| json(StatusCode::OK, &Accounts::of(&store.wallet)))
}

pub(super) fn history(engine: &Engine, query: Option<&str>) -> Result<Response, Failure> {
    let wanted = read_history(&Object::of_query(query)).map_err(Failure::Model)?;
    engine.run(|store, _| {
        let items = store.wallet.items();
        let end = match wanted.before {
            // Assumed: a cursor that is no item is a fault of the model.
            Some(id) => store.wallet.place(id).ok_or_else(|| {
                Failure::Model(vec!["The field LastVisibleItemId is no item.".to_owned()])
            })?,
            None => items.len(),
        };
        let page: Vec<&HistoryItem> = items[..end]
            .iter()
            .rev()
            .filter(|item| wanted.since.is_none_or(|since| item.at >= since))
            .filter(|item| wanted.currency.is_none_or(|only| item.currency == only))
            .take(wanted.limit)
            .collect();
        Ok(json(StatusCode::OK, &History::of(&page)))
    })
}

pub(super) fn detail(engine: &Engine, query: Option<&str>) -> Result<Response, Failure> {
    let id = read_item(&Object::of_query(query)).map_err(Failure::Model)?;
    engine.run(|store, _| {
        let place = store.wallet.place(id);
        let item = place.and_then(|place| store.wallet.items().get(place));
        let item =
            item.ok_or_else(|| Failure::coded(UNKNOWN_ITEM, format!("There is no item {id}.")))?;
        let payment = item.payment.and_then(|id| store.get(id));
        Ok(json(StatusCode::OK, &Detail::of(item, payment)))
    })
}

pub(super) fn withdraw(engine: &Engine, body: &Object) -> Result<Response, Failure> {
    let order = read_withdrawal(body).map_err(Failure::Model)?;
    let id = pay_out(engine, &order)?;
    Ok(json(StatusCode::OK, &PaidOut::of(id, &order)))
}

pub(super) fn withdraw_v2(engine: &Engine, body: &Object) -> Result<Response, Failure> {
    let order = read_withdrawal_v2(body).map_err(Failure::Model)?;
    let id = pay_out(engine, &order)?;
    Ok(json(StatusCode::OK, &PaidOutV2::of(id, &order)))
}

fn pay_out(engine: &Engine, order: &Withdrawal) -> Result<Uuid, Failure> {
    let texts = [Some(&order.recipient), order.money.comment.as_ref()];
    for text in texts.into_iter().flatten() {
        if let Some(odd) = text.chars().find(|c| !is_for_banks(*c)) {
            let text = format!("The character {odd:?} cannot be sent to a bank.");
            return Err(Failure::coded(CHARACTER, text));
        }
    }
    engine
        .run(|store, now| store.wallet.withdraw(&order.money, &order.recipient, now))
        .map_err(refused)
}

/// Assumed: letters, digits and the signs that bank transfers take in Europe; the list is not published.
fn is_for_banks(c: char) -> bool {
    c.is_alphanumeric() || " -.,:;/?()'+&_".contains(c)
}

fn refused(refusal: WalletRefusal) -> Failure {
    let (code, text) = match refusal {
        WalletRefusal::NoAccount => (ACCOUNT, "The wallet has no such account."),
        WalletRefusal::OtherCurrency => (CURRENCY, "The account is in another currency."),
        WalletRefusal::TooLittle => (TOO_LITTLE, "The account does not hold that much."),
        WalletRefusal::OwnAccount => (SAME, "The address is that of the wallet itself."),
    };
    Failure::coded(code, text)
}

pub(super) fn transfer(engine: &Engine, body: &Object) -> Result<Response, Failure> {
    let order = read_transfer(body).map_err(Failure::Model)?;
    let email = order.email.as_str();
    let has_wallet = engine.strangers(std::iter::once(email)).is_empty();
    let done = engine.run(|store, now| {
        store
            .wallet
            .transfer(order.account, &order.money, email, has_wallet, now)
    });
    let successful = match done {
        Ok(()) => true,
        // Assumed: this is what the answer's flag is for.
        Err(WalletRefusal::TooLittle) => false,
        Err(other) => return Err(refused(other)),
    };
    Ok(json(StatusCode::OK, &Transferred::new(successful)))
}

pub(super) fn statement(engine: &Engine, query: Option<&str>) -> Result<Response, Failure> {
    let wanted = read_statement(&Object::of_query(query)).map_err(Failure::Model)?;
    engine.run(|store, now| {
        if store.wallet.account(wanted.currency).is_none() {
            let text = format!("The wallet has no account in {}.", wanted.currency.code);
            return Err(Failure::coded(CURRENCY, text));
        }
        let statement = Statement::of(&store.wallet, wanted, now).ok_or_else(|| {
            let text = "There is no statement of that time.".to_owned();
            Failure::Coded(NO_STATEMENT, StatusCode::NOT_FOUND, text)
        })?;
        Ok(if wanted.daily {
            file(TABLE_TYPE, statement.table())
        } else {
            file("application/pdf", statement.document())
        })
    })
}
