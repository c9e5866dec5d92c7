//! The operations: from a parsed request, through the rules, to the answer.

mod apple;
mod pos;
mod qr;
mod wallet;

use std::sync::Arc;

use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::answer::error::{Code, Failure};
use crate::answer::json;
use crate::answer::processed::{Completed, Finished, GivenBack};
use crate::answer::start::{GoogleStarted, Started};
use crate::answer::state::State;
use crate::engine::{Engine, SHOP};
use crate::key::{self, query_value};
use crate::payment::kinds::RecurrenceResult;
use crate::payment::prepare::StartOrder;
use crate::payment::refund::RefundOrder;
use crate::payment::token::{Token, TokenCharge};
use crate::payment::{Payment, Refusal, Role, Transaction};
use crate::pos::Pos;
use crate::request::calls::{read_payment, read_refunds, read_settlements};
use crate::request::documented;
use crate::request::json::Object;
use crate::request::start::{read_google_start, read_start};
use crate::store::Store;
use crate::wire;

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

const FEES: Code = ("InsufficientFunds", "Too low balance");
const OWN: Code = (
    "TheSourceAndDestinationAccountsAreMatched",
    "Payer and payee are the same",
);

/// The title of errors about tokens.
const TOKEN_TITLE: &str = "The token cannot be charged";

/// What a path stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Start,
    GoogleStart,
    AppleStart,
    ValidateSession,
    /// Public: the link in `QRUrl` carries no key.
    QrCode,
    StateV2,
    StateV4(Uuid),
    Complete,
    FinishReservation,
    Capture,
    CancelAuthorization,
    Refund,
    /// Also with a key that is none: such a shop does not exist, but the route does.
    ReadPos(Option<Uuid>),
    CreatePos,
    Accounts,
    History,
    HistoryDetail,
    Withdraw,
    WithdrawV2,
    TransferEmail,
    Statement,
}

impl Operation {
    /// Finds the operation of a path; letters match in any case.
    pub(crate) fn of(path: &str) -> Option<Self> {
        let path = path.to_ascii_lowercase();
        let mut segments = path.strip_prefix('/')?.split('/');
        let (version, area) = (segments.next()?, segments.next()?);
        // One path has two segments only.
        let name = segments.next().unwrap_or_default();
        let rest: Vec<&str> = segments.collect();
        let found = match (version, area, name, rest.as_slice()) {
            ("v2", "payment", "start", []) => Self::Start,
            ("v2", "payment", "getpaymentstate", []) => Self::StateV2,
            ("v2", "payment", "complete", []) => Self::Complete,
            ("v2", "payment", "finishreservation", []) => Self::FinishReservation,
            ("v2", "payment", "capture", []) => Self::Capture,
            ("v2", "payment", "cancelauthorization", []) => Self::CancelAuthorization,
            ("v2", "payment", "refund", []) => Self::Refund,
            ("v3", "payment", "startpaymentwithgoogletoken", []) => Self::GoogleStart,
            // A dashed id does not route (measured). Assumed: neither does anything else that is no id.
            ("v4", "payment", id, ["paymentstate"]) if id.len() == 32 => {
                Self::StateV4(wire::read_id(id)?)
            }
            ("v2", "applepay", "startpaymentwithappletoken", []) => Self::AppleStart,
            ("v2", "applepay", "validatesession", []) => Self::ValidateSession,
            ("qr", "generate", "", []) => Self::QrCode,
            ("v1", "pos", "", []) => Self::CreatePos,
            ("v1", "pos", key, []) => Self::ReadPos(wire::read_id(key)),
            ("v2", "accounts", "get" | "", []) => Self::Accounts,
            ("v3", "withdraw", "banktransfer", []) => Self::Withdraw,
            ("v2", "withdraw", "banktransfer", []) => Self::WithdrawV2,
            ("v2", "transfer", "email", []) => Self::TransferEmail,
            ("v2", "statement", "download", []) => Self::Statement,
            ("v3", "userhistory", "gethistory", []) => Self::History,
            ("v3", "transactionhistory", "getdetail", []) => Self::HistoryDetail,
            _ => return None,
        };
        Some(found)
    }

    /// The names of all operations, as the API's description calls them.
    pub(crate) const NAMES: [&str; 21] = [
        "create_pos_v1",
        "generate_qr_code",
        "get_accounts_v2",
        "get_history_v3",
        "get_payment_state_v2",
        "get_payment_state_v4",
        "get_pos_details_v1",
        "get_statement_download_v2",
        "get_transaction_history_detail_v3",
        "payment_cancel_authorization_v2",
        "payment_capture_v2",
        "payment_complete_v2",
        "payment_finish_reservation_v2",
        "payment_start_v2",
        "payment_start_with_google_token_v3",
        "refund_payment_v2",
        "start_payment_with_apple_token_v2",
        "transfer_email_v2",
        "validate_apple_pay_session_v2",
        "withdraw_bank_transfer_v2",
        "withdraw_bank_transfer_v3",
    ];

    /// Its name, one of [`Self::NAMES`].
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::AppleStart => "start_payment_with_apple_token_v2",
            Self::ValidateSession => "validate_apple_pay_session_v2",
            Self::QrCode => "generate_qr_code",
            Self::ReadPos(_) => "get_pos_details_v1",
            Self::CreatePos => "create_pos_v1",
            Self::Accounts => "get_accounts_v2",
            Self::History => "get_history_v3",
            Self::HistoryDetail => "get_transaction_history_detail_v3",
            Self::Withdraw => "withdraw_bank_transfer_v3",
            Self::WithdrawV2 => "withdraw_bank_transfer_v2",
            Self::TransferEmail => "transfer_email_v2",
            Self::Statement => "get_statement_download_v2",
            Self::Start => "payment_start_v2",
            Self::GoogleStart => "payment_start_with_google_token_v3",
            Self::StateV2 => "get_payment_state_v2",
            Self::StateV4(_) => "get_payment_state_v4",
            Self::Complete => "payment_complete_v2",
            Self::FinishReservation => "payment_finish_reservation_v2",
            Self::Capture => "payment_capture_v2",
            Self::CancelAuthorization => "payment_cancel_authorization_v2",
            Self::Refund => "refund_payment_v2",
        }
    }

    /// The one method that the operation takes.
    pub(crate) fn method(self) -> Method {
        match self {
            Self::StateV2
            | Self::StateV4(_)
            | Self::QrCode
            | Self::ReadPos(_)
            | Self::Accounts
            | Self::History
            | Self::HistoryDetail
            | Self::Statement => Method::GET,
            _ => Method::POST,
        }
    }

    /// Finds out who calls; `None` when the key does not open this operation.
    pub(crate) fn admit(
        self,
        engine: &Engine,
        headers: &HeaderMap,
        body: Option<&Object>,
        query: Option<&str>,
    ) -> Option<Caller> {
        if self == Self::QrCode {
            return Some(Caller::Anyone);
        }
        if self.is_of_wallet() {
            let given = key::given_for_wallet(headers);
            let opened = key::read(given.as_deref()).is_some_and(|key| key == engine.wallet_key);
            return opened.then_some(Caller::Wallet);
        }
        let header_only = engine.setup.strict || matches!(self, Self::StateV4(_));
        let given = key::given(headers, body, query, header_only);
        let key = key::read(given.as_deref())?;
        let shop = engine.run(|store, _| store.shop_of_key(key).cloned())?;
        Some(Caller::Shop(shop))
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
            Self::Accounts => Ok(wallet::accounts(engine)),
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
                if engine.setup.balance_rule {
                    check_refund(engine, shop, id, call.clone())?;
                }
                change(
                    engine,
                    shop,
                    id,
                    |one, now| one.refund(call, now),
                    |payment, made| json(StatusCode::OK, &GivenBack::of(payment, &made)),
                )
            }
            _ => Err(Failure::Key),
        }
    }
}

fn start(engine: &Engine, shop: &Arc<Pos>, body: &Object) -> Result<Response, Failure> {
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
        store.add(payment);
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
    let Some(token) = store.token(shop.public, id).cloned() else {
        if store.token_failed(shop.public, id) {
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
    let wanted = store.take_charge(shop.public, id);
    match wanted.error() {
        Some(code) => {
            let text = "The sandbox was told to refuse this charge.";
            Err(Failure::coded((code, TOKEN_TITLE), text))
        }
        None => Ok(Some((token, wanted))),
    }
}

fn google_start(engine: &Engine, shop: &Arc<Pos>, body: &Object) -> Result<Response, Failure> {
    let strict = engine.setup.strict;
    let (order, payer) = read_google_start(body, strict).map_err(Failure::Model)?;
    check_payees(engine, &order)?;
    engine.run(|store, now| {
        check_request_id(engine, store, shop, &order)?;
        let mut payment = Payment::prepare(order, Arc::clone(shop), &engine.owner, now);
        check_fees(engine, store, &payment)?;
        payment.pay_by_google(&payer, now);
        let answer = json(StatusCode::OK, &GoogleStarted::of(&payment));
        store.add(payment);
        Ok(answer)
    })
}

fn check_payees(engine: &Engine, order: &StartOrder) -> Result<(), Failure> {
    let strangers = engine.strangers(order.payees());
    if strangers.is_empty() {
        Ok(())
    } else {
        Err(Failure::Payees(strangers))
    }
}

/// Whether the shop has used the `PaymentRequestId` before matters only in a strict sandbox: nobody has seen it checked.
fn check_request_id(
    engine: &Engine,
    store: &Store,
    shop: &Pos,
    order: &StartOrder,
) -> Result<(), Failure> {
    let same = |payment: &Payment| {
        payment.request_id == order.request_id && payment.shop.public == shop.public
    };
    if engine.setup.strict && store.newest().into_iter().any(same) {
        let text = "The PaymentRequestId was used before.";
        return Err(Failure::Model(vec![text.to_owned()]));
    }
    Ok(())
}

/// A reservation's fees are blocked at its start; that the wallet has to hold them is documented, the code is not.
fn check_fees(engine: &Engine, store: &Store, payment: &Payment) -> Result<(), Failure> {
    let fees = payment
        .transactions
        .iter()
        .filter(|one| one.role == Role::Fee);
    let fees: Decimal = fees.map(|one| one.total).sum();
    if !engine.setup.strict || fees <= store.wallet.available(payment.currency) {
        return Ok(());
    }
    let text = "The wallet does not hold enough for the fees of the reservation.";
    Err(Failure::coded(FEES, text))
}

fn payment_of_query(query: Option<&str>) -> Result<Uuid, Failure> {
    let problem = |text: &str| Failure::Model(vec![text.to_owned()]);
    let given = query_value(query, "PaymentId").filter(|text| !text.is_empty());
    let given = given.ok_or_else(|| problem("The PaymentId field is required."))?;
    wire::read_id(&given).ok_or_else(|| problem("The field PaymentId is not a valid GUID."))
}

fn state(engine: &Engine, shop: &Pos, id: Uuid, with_method: bool) -> Result<Response, Failure> {
    engine.run(|store, now| {
        owned(store, shop, id)?;
        if let Some(most) = engine.setup.rate_limit
            && store.change(id, |payment| payment.admit_poll(most, now)) == Some(false)
        {
            return Err(Failure::TooManyRequests);
        }
        let payment = store.get(id).ok_or(Failure::UnknownPayment(id))?;
        let state = State::of(payment, SHOP, with_method);
        Ok(json(StatusCode::OK, &state))
    })
}

fn change<T>(
    engine: &Engine,
    shop: &Pos,
    id: Uuid,
    change: impl FnOnce(&mut Payment, DateTime<Utc>) -> Result<T, Vec<Refusal>>,
    answer: impl FnOnce(&Payment, T) -> Response,
) -> Result<Response, Failure> {
    engine.run(|store, now| {
        owned(store, shop, id)?;
        store
            .change(id, |payment| {
                change(payment, now)
                    .map(|made| answer(payment, made))
                    .map_err(|refusals| Failure::Refused(id, refusals))
            })
            .unwrap_or(Err(Failure::UnknownPayment(id)))
    })
}

/// Tries the refund on a copy, so that everything else is judged before the balance.
fn check_refund(
    engine: &Engine,
    shop: &Pos,
    id: Uuid,
    call: Vec<RefundOrder>,
) -> Result<(), Failure> {
    engine.run(|store, now| {
        let payment = owned(store, shop, id)?;
        let made = payment.clone().refund(call, now);
        let made = made.map_err(|refusals| Failure::Refused(id, refusals))?;
        let own = |one: &Transaction| {
            let from = one.payer.as_ref().and_then(|payer| payer.email.as_deref());
            let to = one.payee.email.as_deref();
            from.zip(to)
                .is_some_and(|(from, to)| from.eq_ignore_ascii_case(to))
        };
        if engine.setup.strict && made.iter().any(own) {
            let text = "The shop's owner paid; that cannot be refunded.";
            return Err(Failure::coded(OWN, text));
        }
        let asked = store.wallet.spends(&made);
        if asked > store.wallet.available(payment.currency) {
            return Err(Failure::Refused(id, vec![Refusal::LowBalance]));
        }
        Ok(())
    })
}

/// Refuses the payments of other shops as if there were none.
fn owned<'a>(store: &'a Store, shop: &Pos, id: Uuid) -> Result<&'a Payment, Failure> {
    store
        .get(id)
        .filter(|payment| payment.shop.public == shop.public)
        .ok_or(Failure::UnknownPayment(id))
}

fn finished(payment: &Payment, (): ()) -> Response {
    json(StatusCode::OK, &Finished::of(payment))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_has_a_name_of_its_own() {
        let all = [
            Operation::Start,
            Operation::GoogleStart,
            Operation::StateV2,
            Operation::StateV4(Uuid::nil()),
            Operation::Complete,
            Operation::FinishReservation,
            Operation::Capture,
            Operation::CancelAuthorization,
            Operation::Refund,
            Operation::AppleStart,
            Operation::ValidateSession,
            Operation::QrCode,
            Operation::ReadPos(None),
            Operation::CreatePos,
            Operation::Accounts,
            Operation::History,
            Operation::HistoryDetail,
            Operation::Withdraw,
            Operation::WithdrawV2,
            Operation::TransferEmail,
            Operation::Statement,
        ];
        let mut names = all.map(Operation::name);
        names.sort_unstable();
        assert_eq!(names, Operation::NAMES);
    }

    #[test]
    fn paths_match_in_any_case_and_v4_only_without_dashes() {
        for (path, operation) in [
            ("/v2/Payment/Start", Operation::Start),
            ("/V2/PAYMENT/START", Operation::Start),
            ("/v2/payment/getpaymentstate", Operation::StateV2),
            (
                "/v3/payment/startpaymentwithgoogletoken",
                Operation::GoogleStart,
            ),
            (
                "/v2/Payment/CancelAuthorization",
                Operation::CancelAuthorization,
            ),
        ] {
            assert_eq!(Operation::of(path), Some(operation));
        }
        let v4 = |id: &str| Operation::of(&format!("/v4/payment/{id}/PAYMENTSTATE"));
        assert!(v4("9293B38D35d2aea21dccd6b7ee9a59e8").is_some());
        for wrong in [
            "9293b38d-35d2-aea2-1dcc-d6b7ee9a59e8",
            "x",
            "zz93b38d35d2aea21dccd6b7ee9a59e8",
        ] {
            assert_eq!(v4(wrong), None, "{wrong}");
        }
        for wrong in [
            "",
            "/",
            "/v2/Payment",
            "/v2/Payment/Start/x",
            "/v3/Payment/Start",
            "//v2/Payment/Start",
        ] {
            assert_eq!(Operation::of(wrong), None, "{wrong}");
        }
    }
}
