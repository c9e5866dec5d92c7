//! The nine operations: from a parsed request, through the rules, to the answer.

use axum::http::{Method, StatusCode};
use axum::response::Response;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::answer::error::Failure;
use crate::answer::json;
use crate::answer::processed::{Completed, Finished, GivenBack};
use crate::answer::start::{GoogleStarted, Started};
use crate::answer::state::State;
use crate::engine::{Engine, SHOP};
use crate::key::query_value;
use crate::payment::kinds::RecurrenceResult;
use crate::payment::prepare::StartOrder;
use crate::payment::{Payment, Refusal};
use crate::request::calls::{read_payment, read_refunds, read_settlements};
use crate::request::json::Object;
use crate::request::start::{read_google_start, read_start};
use crate::wire;

/// What a path stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Start,
    GoogleStart,
    StateV2,
    StateV4(Uuid),
    Complete,
    FinishReservation,
    Capture,
    CancelAuthorization,
    Refund,
}

impl Operation {
    /// Finds the operation of a path; letters match in any case.
    pub(crate) fn of(path: &str) -> Option<Self> {
        let path = path.to_ascii_lowercase();
        let mut segments = path.strip_prefix('/')?.split('/');
        let (version, area, name) = (segments.next()?, segments.next()?, segments.next()?);
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
            _ => return None,
        };
        Some(found)
    }

    /// The names of all operations, as the API's description calls them.
    pub(crate) const NAMES: [&str; 9] = [
        "get_payment_state_v2",
        "get_payment_state_v4",
        "payment_cancel_authorization_v2",
        "payment_capture_v2",
        "payment_complete_v2",
        "payment_finish_reservation_v2",
        "payment_start_v2",
        "payment_start_with_google_token_v3",
        "refund_payment_v2",
    ];

    /// Its name, one of [`Self::NAMES`].
    pub(crate) fn name(self) -> &'static str {
        match self {
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
            Self::StateV2 | Self::StateV4(_) => Method::GET,
            _ => Method::POST,
        }
    }

    /// Whether the key has to be in the header.
    pub(crate) fn wants_header(self) -> bool {
        matches!(self, Self::StateV4(_))
    }

    /// Does it. The key has been checked.
    pub(crate) fn perform(
        self,
        engine: &Engine,
        body: &Object,
        query: Option<&str>,
    ) -> Result<Response, Failure> {
        match self {
            Self::Start => start(engine, body),
            Self::GoogleStart => google_start(engine, body),
            Self::StateV2 => state(engine, payment_of_query(query)?, false),
            Self::StateV4(id) => state(engine, id, true),
            Self::Complete => {
                let id = read_payment(body).map_err(Failure::Model)?;
                change(engine, id, Payment::complete, |payment, ()| {
                    json(StatusCode::OK, &Completed::of(payment))
                })
            }
            Self::CancelAuthorization => {
                let id = read_payment(body).map_err(Failure::Model)?;
                change(engine, id, Payment::cancel_authorization, finished)
            }
            Self::FinishReservation => {
                let (id, call) = read_settlements(body).map_err(Failure::Model)?;
                change(engine, id, |one, now| one.finish(call, now), finished)
            }
            Self::Capture => {
                let (id, call) = read_settlements(body).map_err(Failure::Model)?;
                change(engine, id, |one, now| one.capture(call, now), finished)
            }
            Self::Refund => {
                let (id, call) = read_refunds(body).map_err(Failure::Model)?;
                change(
                    engine,
                    id,
                    |one, now| one.refund(call, now),
                    |payment, made| json(StatusCode::OK, &GivenBack::of(payment, &made)),
                )
            }
        }
    }
}

fn start(engine: &Engine, body: &Object) -> Result<Response, Failure> {
    let order = read_start(body).map_err(Failure::Model)?;
    check_payees(engine, &order)?;
    engine.run(|store, now| {
        let wanted = order.charges_token().map(str::to_owned);
        let token = wanted.as_deref().and_then(|id| store.token(id)).cloned();
        if token.as_ref().is_some_and(|token| !order.fits_trace(token)) {
            return Err(Failure::Trace);
        }
        let challenge = order.challenge;
        let mut payment = Payment::prepare(order, &engine.owner, now);
        match token {
            Some(token) => payment.charge_token(token, challenge, now),
            // Assumed: of the two documented ways to report an unknown token this is the milder one.
            None if wanted.is_some() => payment.recurrence.result = RecurrenceResult::NotFound,
            None => {}
        }
        let answer = json(StatusCode::OK, &Started::of(&payment, &engine.setup.base));
        store.add(payment);
        Ok(answer)
    })
}

fn google_start(engine: &Engine, body: &Object) -> Result<Response, Failure> {
    let (order, payer) = read_google_start(body).map_err(Failure::Model)?;
    check_payees(engine, &order)?;
    engine.run(|store, now| {
        let mut payment = Payment::prepare(order, &engine.owner, now);
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

fn payment_of_query(query: Option<&str>) -> Result<Uuid, Failure> {
    let problem = |text: &str| Failure::Model(vec![text.to_owned()]);
    let given = query_value(query, "PaymentId").filter(|text| !text.is_empty());
    let given = given.ok_or_else(|| problem("The PaymentId field is required."))?;
    wire::read_id(&given).ok_or_else(|| problem("The field PaymentId is not a valid GUID."))
}

fn state(engine: &Engine, id: Uuid, with_method: bool) -> Result<Response, Failure> {
    engine.run(|store, now| {
        if engine.setup.rate_limit
            && store.change(id, |payment| payment.admit_poll(now)) == Some(false)
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
    id: Uuid,
    change: impl FnOnce(&mut Payment, DateTime<Utc>) -> Result<T, Vec<Refusal>>,
    answer: impl FnOnce(&Payment, T) -> Response,
) -> Result<Response, Failure> {
    engine.run(|store, now| {
        store
            .change(id, |payment| {
                change(payment, now)
                    .map(|made| answer(payment, made))
                    .map_err(|refusals| Failure::Refused(id, refusals))
            })
            .unwrap_or(Err(Failure::UnknownPayment(id)))
    })
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
