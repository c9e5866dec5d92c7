//! Answers that are not what they should be: broken, contradictory, partial, about another payment;
//! and refunds that are booked in another shape than they were asked for.

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};

use crate::dice::Dice;
use crate::network::Packet;
use crate::reach::Kind;
use crate::world::World;

/// How a refund shows in the state of its payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// As it was asked for.
    Exact,
    /// It names a transaction that nobody knows.
    ForeignRelation,
    /// It names none.
    NoRelation,
    /// As two movements.
    Split,
    /// With one unit less.
    Less,
    /// By a word that nobody knows.
    UnknownType,
    /// Not at all: only the payment's total has moved.
    OnlyTotal,
    /// Without an id.
    NoId,
}

impl Shape {
    /// As which kind of thing it counts.
    pub(crate) fn kind(self) -> Kind {
        match self {
            Self::Exact => Kind::ShapeExact,
            Self::ForeignRelation => Kind::ShapeForeign,
            Self::NoRelation => Kind::ShapeUnrelated,
            Self::Split => Kind::ShapeSplit,
            Self::Less => Kind::ShapeLess,
            Self::UnknownType => Kind::ShapeUnknown,
            Self::OnlyTotal => Kind::ShapeTotal,
            Self::NoId => Kind::ShapeNameless,
        }
    }
}

const SHAPES: [Shape; 7] = [
    Shape::ForeignRelation,
    Shape::NoRelation,
    Shape::Split,
    Shape::Less,
    Shape::UnknownType,
    Shape::OnlyTotal,
    Shape::NoId,
];

const ZERO_ID: &str = "00000000000000000000000000000000";

/// What reaches the client in place of the truth.
pub async fn told(
    world: &World,
    packet: &Packet,
    truth: http::Response<Bytes>,
) -> http::Response<Bytes> {
    let read = packet.method == http::Method::GET;
    let lies = world.dice().chance(if read { 8 } else { 30 });
    let parsed = serde_json::from_slice::<Value>(truth.body()).ok();
    let Some(mut body) = parsed else { return truth };
    if read && lies {
        world.disturb();
    }
    if packet.read_payment().is_some() {
        let of_another = lies && world.dice().chance(50);
        if of_another && let Some(other) = other_state(world, packet).await {
            world.reached(Kind::LieOtherState);
            return other;
        }
        if !shaped(world, &mut body) {
            world.disturb();
        }
        let truth = with_body(truth, body.to_string());
        return if lies { broken(world, truth) } else { truth };
    }
    if !lies {
        return truth;
    }
    if read || world.dice().chance(40) {
        return broken(world, truth);
    }
    let lie = if truth.status() == StatusCode::OK {
        let mut dice = world.dice();
        // What a charge is about, nobody knows beforehand.
        let lie = match asked_payment(packet) {
            None if dice.chance(60) => dice.pick(&[1, 2, 4]).unwrap_or_default(),
            _ => dice.roll(5),
        };
        drop(dice);
        of_success(world, lie, &mut body)
    } else {
        of_refusal(packet, &mut body)
    };
    let Some(kind) = lie else {
        return broken(world, truth);
    };
    world.reached(kind);
    let mut answer = with_body(truth, body.to_string());
    *answer.status_mut() = StatusCode::OK;
    answer
}

/// Makes of an answer that it was done one that says something else beside, or no longer says so.
fn of_success(world: &World, lie: u64, body: &mut Value) -> Option<Kind> {
    match lie {
        0 => {
            body["Errors"] = json!([{
                "ErrorCode": "CardError",
                "Title": "The bank said no",
                "Description": format!("{} of {} may not", barion_sandbox::PAYEE, barion_sandbox::POS_KEY),
                "EndPoint": format!("https://api.test.barion.com/x?POSKey={}", barion_sandbox::POS_KEY),
                "AuthData": barion_sandbox::POS_KEY.replace('-', ""),
                "HappenedAt": "2026-11-01T00:00:00.000Z",
            }]);
            Some(Kind::LieErrors)
        }
        1 => {
            let other = other_id(world, body["PaymentId"].as_str())?;
            body["PaymentId"] = json!(other);
            for name in ["Status", "PaymentStatus"] {
                if body.get(name).is_some() && world.dice().chance(70) {
                    // So that it can't be used, and the other payment is looked at.
                    body[name] = Value::Null;
                }
            }
            Some(Kind::LieOtherPayment)
        }
        2 if world.dice().chance(50) => {
            for name in ["Status", "PaymentStatus"] {
                if body.get(name).is_some() {
                    body[name] = json!("Frozen");
                }
            }
            if body.get("IsSuccessful").is_some() {
                body["IsSuccessful"] = Value::Null;
            }
            Some(Kind::LieUnknown)
        }
        2 => {
            for name in [
                "IsSuccessful",
                "Status",
                "PaymentStatus",
                "RefundedTransactions",
            ] {
                if body.get(name).is_some() {
                    body[name] = Value::Null;
                }
            }
            Some(Kind::LieMissing)
        }
        3 => {
            body["Errors"] = json!([{ "ErrorCode": "PaymentStatusNotValid" }]);
            if body.get("IsSuccessful").is_some() {
                body["IsSuccessful"] = json!(true);
            }
            Some(Kind::LieErrors)
        }
        _ if body["IsSuccessful"] == json!(true) => {
            body["IsSuccessful"] = json!(false);
            Some(Kind::LieSaysNo)
        }
        _ if body["RecurrenceResult"] == json!("Successful") => {
            body["RecurrenceResult"] = json!("Failed");
            Some(Kind::LieSaysNo)
        }
        _ => None,
    }
}

/// The payment that a request names.
fn asked_payment(packet: &Packet) -> Option<Value> {
    let asked = serde_json::from_slice::<Value>(&packet.body).ok()?;
    asked.get("PaymentId").cloned()
}

/// Makes of a refusal an answer without errors, which still shows that nothing was done.
fn of_refusal(packet: &Packet, body: &mut Value) -> Option<Kind> {
    let id = asked_payment(packet)?;
    let path = packet.url.path().to_ascii_lowercase();
    let (answer, kind) = if path.contains("refund") {
        let nothing = json!({ "PaymentId": id, "RefundedTransactions": [], "Errors": [] });
        (nothing, Kind::LieNothing)
    } else {
        let status = if path.contains("finish") {
            "Reserved"
        } else {
            "Authorized"
        };
        let yes = json!({
            "PaymentId": id,
            "IsSuccessful": true,
            "Status": status,
            "Transactions": [],
            "Errors": [],
        });
        (yes, Kind::LieSaysYes)
    };
    *body = answer;
    Some(kind)
}

fn with_body(answer: http::Response<Bytes>, body: String) -> http::Response<Bytes> {
    let (mut head, _) = answer.into_parts();
    head.headers.remove(http::header::CONTENT_LENGTH);
    http::Response::from_parts(head, Bytes::from(body))
}

fn broken(world: &World, answer: http::Response<Bytes>) -> http::Response<Bytes> {
    let (mut head, body) = answer.into_parts();
    head.headers.remove(http::header::CONTENT_LENGTH);
    let lie = world.dice().roll(6);
    let (body, kind) = match lie {
        0 => (Bytes::new(), Kind::LieEmpty),
        1 => (body.slice(..body.len() / 2), Kind::LieHalf),
        2 => {
            let page = format!(
                "<html><title>Just a moment, {}</title> {}",
                barion_sandbox::PAYEE,
                barion_sandbox::POS_KEY,
            );
            (Bytes::from(page), Kind::LiePage)
        }
        3 => {
            head.status = StatusCode::BAD_GATEWAY;
            let page = Bytes::from_static(b"<html>502 Bad Gateway</html>");
            (page, Kind::LieGateway)
        }
        4 => {
            head.status = StatusCode::INTERNAL_SERVER_ERROR;
            let message = Bytes::from_static(b"{\"Message\":\"An error has occurred.\"}");
            (message, Kind::LieServer)
        }
        _ => (Bytes::from_static(b"null"), Kind::LieNull),
    };
    world.reached(kind);
    http::Response::from_parts(head, body)
}

fn other_id(world: &World, own: Option<&str>) -> Option<String> {
    let payments = world.payments();
    payments.into_iter().find(|one| Some(one.as_str()) != own)
}

/// The state of another payment, as a cache that is set up wrongly gives it.
async fn other_state(world: &World, packet: &Packet) -> Option<http::Response<Bytes>> {
    let own = packet.read_payment()?;
    let other = other_id(world, Some(&own))?;
    let mut packet = packet.clone();
    packet
        .url
        .set_path(&format!("/v4/Payment/{other}/PaymentState"));
    Some(world.perform(None, &packet).await)
}

/// The state, with each refund in the shape that it was given when it was first seen.
/// Whether all are as they were asked for.
fn shaped(world: &World, state: &mut Value) -> bool {
    let Some(list) = state["Transactions"].as_array() else {
        return true;
    };
    let mut exact = true;
    let mut shown = Vec::new();
    for one in list {
        let kind = one["TransactionType"].as_str().unwrap_or_default();
        let own = one["POSTransactionId"].as_str().unwrap_or_default();
        let id = one["TransactionId"].as_str().unwrap_or_default();
        if !kind.starts_with("Refund") || own.is_empty() {
            shown.push(one.clone());
            continue;
        }
        let shape = world.shape(id);
        exact &= shape == Shape::Exact;
        shown.extend(refund(one, shape));
    }
    state["Transactions"] = Value::Array(shown);
    exact
}

/// Draws the shape of a refund.
pub fn shape(dice: &mut Dice) -> Shape {
    if dice.chance(60) {
        return Shape::Exact;
    }
    dice.pick(&SHAPES).unwrap_or(Shape::Exact)
}

fn refund(truth: &Value, shape: Shape) -> Vec<Value> {
    let mut one = truth.clone();
    match shape {
        Shape::Exact => {}
        Shape::ForeignRelation => {
            one["RelatedId"] = json!("deadbeefdeadbeefdeadbeefdeadbeef");
        }
        Shape::NoRelation => one["RelatedId"] = Value::Null,
        Shape::Less => one["Total"] = json!(whole(&truth["Total"]) - 1),
        Shape::UnknownType => one["TransactionType"] = json!("RefundToWatch"),
        Shape::OnlyTotal => return Vec::new(),
        Shape::NoId => one["TransactionId"] = json!(ZERO_ID),
        Shape::Split => {
            let total = whole(&truth["Total"]);
            let part = total * 3 / 5;
            let mut other = one.clone();
            one["Total"] = json!(part);
            other["Total"] = json!(total - part);
            let id = truth["TransactionId"].as_str().unwrap_or_default();
            // The same id, but for its last digit.
            let last = if id.ends_with('0') { '1' } else { '0' };
            let begin = id.get(..31).unwrap_or_default();
            other["TransactionId"] = json!(format!("{begin}{last}"));
            return vec![one, other];
        }
    }
    vec![one]
}

/// Amounts of the simulation are whole.
fn whole(number: &Value) -> i64 {
    let text = number.to_string();
    let whole = text.split('.').next().unwrap_or_default();
    whole.parse().unwrap_or_default()
}
