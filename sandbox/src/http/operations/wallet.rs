//! Operations of the wallet.

use axum::http::StatusCode;
use uuid::Uuid;

use super::call::{Answer, Call};
use crate::domain::wallet::order::WalletRefusal;
use crate::http::failure::Failure;
use crate::http::reply::{file, json};
use crate::store::wallet::OrderError;
use crate::wire::answer::error::Code;
use crate::wire::answer::statement::{TABLE_TYPE, document, table};
use crate::wire::answer::wallet::{Accounts, Detail, History, PaidOut, PaidOutV2, Transferred};
use crate::wire::request::wallet::{
    Withdrawal, read_history, read_item, read_statement, read_transfer, read_withdrawal,
    read_withdrawal_v2,
};

// Assumed: Barion's general list of errors has this code, for other calls; what this one answers is
// not documented.
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

pub(super) fn accounts(call: &Call<'_>) -> Answer {
    call.engine.run(|store, _| {
        let accounts = store.wallet().accounts()?;
        Ok(json(
            StatusCode::OK,
            &Accounts::of(&accounts, &call.engine.owner),
        ))
    })
}

pub(super) fn history(call: &Call<'_>) -> Answer {
    let wanted = read_history(&call.fields()).map_err(Failure::Model)?;
    call.engine.run(|store, _| {
        // Assumed: a cursor that is no item is a fault of the model.
        let page = store.wallet().history(&wanted)?.ok_or_else(|| {
            Failure::Model(vec!["The field LastVisibleItemId is no item.".to_owned()])
        })?;
        Ok(json(StatusCode::OK, &History::of(&page)))
    })
}

pub(super) fn detail(call: &Call<'_>) -> Answer {
    let id = read_item(&call.fields()).map_err(Failure::Model)?;
    call.engine.run(|store, _| {
        let item = store.wallet().item(id)?;
        let item =
            item.ok_or_else(|| Failure::coded(UNKNOWN_ITEM, format!("There is no item {id}.")))?;
        let payment = match item.payment {
            Some(id) => store.get(id)?,
            None => None,
        };
        Ok(json(StatusCode::OK, &Detail::of(&item, payment.as_deref())))
    })
}

pub(super) fn withdraw(call: &Call<'_>) -> Answer {
    let order = read_withdrawal(call.body).map_err(Failure::Model)?;
    let id = pay_out(call, &order)?;
    Ok(json(StatusCode::OK, &PaidOut::of(id, &order)))
}

pub(super) fn withdraw_v2(call: &Call<'_>) -> Answer {
    let order = read_withdrawal_v2(call.body).map_err(Failure::Model)?;
    let id = pay_out(call, &order)?;
    Ok(json(StatusCode::OK, &PaidOutV2::of(id, &order)))
}

fn pay_out(call: &Call<'_>, order: &Withdrawal) -> Result<Uuid, Failure> {
    let texts = [Some(&order.recipient), order.money.comment.as_ref()];
    for text in texts.into_iter().flatten() {
        if let Some(odd) = text.chars().find(|c| !is_for_banks(*c)) {
            let text = format!("The character {odd:?} cannot be sent to a bank.");
            return Err(Failure::coded(CHARACTER, text));
        }
    }
    call.engine
        .run(|store, now| {
            let wallet = store.wallet_to_change();
            wallet.withdraw(&order.money, &order.recipient, now)
        })
        .map_err(refused)
}

/// Assumed: letters, digits and the signs that bank transfers take in Europe; the list is not
/// published.
fn is_for_banks(c: char) -> bool {
    c.is_alphanumeric() || " -.,:;/?()'+&_".contains(c)
}

fn refused(error: OrderError) -> Failure {
    let refusal = match error {
        OrderError::Refused(refusal) => refusal,
        OrderError::Store(error) => return Failure::Store(error),
    };
    let (code, text) = match refusal {
        WalletRefusal::NoAccount => (ACCOUNT, "The wallet has no such account."),
        WalletRefusal::OtherCurrency => (CURRENCY, "The account is in another currency."),
        WalletRefusal::TooLittle => (TOO_LITTLE, "The account does not hold that much."),
        WalletRefusal::OwnAccount => (SAME, "The address is that of the wallet itself."),
    };
    Failure::coded(code, text)
}

pub(super) fn transfer(call: &Call<'_>) -> Answer {
    let order = read_transfer(call.body).map_err(Failure::Model)?;
    let email = order.email.as_str();
    let has_wallet = call
        .engine
        .setup
        .payees_without_wallet(std::iter::once(email))
        .is_empty();
    let done = call.engine.run(|store, now| {
        let wallet = store.wallet_to_change();
        wallet.transfer(&order, has_wallet, now)
    });
    let successful = match done {
        Ok(()) => true,
        // Assumed: this is what the answer's flag is for.
        Err(OrderError::Refused(WalletRefusal::TooLittle)) => false,
        Err(other) => return Err(refused(other)),
    };
    Ok(json(StatusCode::OK, &Transferred::new(successful)))
}

pub(super) fn statement(call: &Call<'_>) -> Answer {
    let wanted = read_statement(&call.fields()).map_err(Failure::Model)?;
    call.engine.run(|store, now| {
        if store.wallet().account(wanted.currency)?.is_none() {
            let text = format!("The wallet has no account in {}.", wanted.currency.code);
            return Err(Failure::coded(CURRENCY, text));
        }
        let statement = store.wallet().statement(wanted, now)?.ok_or_else(|| {
            let text = "There is no statement of that time.".to_owned();
            Failure::Coded(NO_STATEMENT, StatusCode::NOT_FOUND, text)
        })?;
        Ok(if wanted.daily {
            file(TABLE_TYPE, table(&statement))
        } else {
            file("application/pdf", document(&statement))
        })
    })
}
