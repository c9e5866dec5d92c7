//! Everything that Barion is known to answer is read, and nothing of it is lost.

use std::collections::BTreeMap;

use barion::{Client, Error, ErrorKind};
use barion_generated::tables::Operation;
use barion_generated::types;
use barion_generated::wire::{Decimal, Guid, TimeSpan};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use xtask::inventory::Inventory;
use xtask::regen::{self, Places};

use crate::requests::wire::{Asked, send_for};
use crate::support::fixtures::{self, Fixture};
use crate::support::stub::{Reply, Stub};

/// Reads a body as the model and writes it again.
fn again(model: &str, body: &[u8]) -> Result<String, String> {
    fn through<T: DeserializeOwned + Serialize>(body: &[u8]) -> Result<String, String> {
        let value: T = serde_json::from_slice(body).map_err(|error| error.to_string())?;
        serde_json::to_string(&value).map_err(|error| error.to_string())
    }
    match model {
        "AccountsResponse" => through::<types::AccountsResponse>(body),
        "BankTransferRequest" => through::<types::BankTransferRequest>(body),
        "BankTransferResponse" => through::<types::BankTransferResponse>(body),
        "CreatePosRequest" => through::<types::CreatePosRequest>(body),
        "HistoryDetailResponse" => through::<types::HistoryDetailResponse>(body),
        "HistoryResponse" => through::<types::HistoryResponse>(body),
        "PosDetailsResponse" => through::<types::PosDetailsResponse>(body),
        "StartPaymentWithAppleTokenRequest" => {
            through::<types::StartPaymentWithAppleTokenRequest>(body)
        }
        "StartPaymentWithAppleTokenResponse" => {
            through::<types::StartPaymentWithAppleTokenResponse>(body)
        }
        "TransferEmailRequest" => through::<types::TransferEmailRequest>(body),
        "TransferEmailResponse" => through::<types::TransferEmailResponse>(body),
        "ValidateApplePaySessionRequest" => through::<types::ValidateApplePaySessionRequest>(body),
        "ValidateApplePaySessionResponse" => {
            through::<types::ValidateApplePaySessionResponse>(body)
        }
        "CancelAuthorizationRequest" => through::<types::CancelAuthorizationRequest>(body),
        "CapturePaymentRequest" => through::<types::CapturePaymentRequest>(body),
        "CompletePaymentRequest" => through::<types::CompletePaymentRequest>(body),
        "CompletePaymentResponse" => through::<types::CompletePaymentResponse>(body),
        "ErrorResponse" => through::<types::ErrorResponse>(body),
        "FinishReservationRequest" => through::<types::FinishReservationRequest>(body),
        "MessageResponse" => through::<types::MessageResponse>(body),
        "PaymentOperationResponse" => through::<types::PaymentOperationResponse>(body),
        "PaymentStateResponse" => through::<types::PaymentStateResponse>(body),
        "PaymentStateV4Response" => through::<types::PaymentStateV4Response>(body),
        "RefundPaymentRequest" => through::<types::RefundPaymentRequest>(body),
        "RefundPaymentResponse" => through::<types::RefundPaymentResponse>(body),
        "StartPaymentRequest" => through::<types::StartPaymentRequest>(body),
        "StartPaymentResponse" => through::<types::StartPaymentResponse>(body),
        "StartPaymentWithGoogleTokenRequest" => {
            through::<types::StartPaymentWithGoogleTokenRequest>(body)
        }
        "StartPaymentWithGoogleTokenResponse" => {
            through::<types::StartPaymentWithGoogleTokenResponse>(body)
        }
        other => panic!("no model {other}"),
    }
}

/// The model that a fixture's body has.
fn model_of(fixture: &Fixture) -> &'static str {
    let operation = Operation::by_id(fixture.operation()).unwrap();
    match (fixture.direction.as_str(), fixture.expect.as_str()) {
        ("request", _) => operation.request.unwrap(),
        (_, "ok" | "any") => operation.answer.unwrap(),
        (_, "api-error") => "ErrorResponse",
        _ => "MessageResponse",
    }
}

/// Fails unless every known field of `before` is in `after` with the same meaning.
struct Comparison {
    inventory: Inventory,
    compared: usize,
}

impl Comparison {
    fn new() -> Self {
        Self {
            inventory: Inventory::of(&regen::read(&Places::of_workspace().out)),
            compared: 0,
        }
    }

    fn model(&mut self, model: &str, before: &RawValue, after: &RawValue, path: &str) {
        let read = |json: &RawValue| {
            serde_json::from_str::<BTreeMap<String, Box<RawValue>>>(json.get()).unwrap()
        };
        let (before, after) = (read(before), read(after));
        let fields = self.inventory.models[model].clone();
        for (name, value) in before {
            let path = format!("{path}.{name}");
            let Some(field) = fields.get(&name) else {
                continue;
            };
            match after.get(&name) {
                Some(again) => self.value(&field.rust_type, &value, again, &path),
                None => assert!(
                    matches!(value.get(), "null" | "[]"),
                    "{path} was lost: {}",
                    value.get()
                ),
            }
        }
    }

    fn value(&mut self, rust_type: &str, before: &RawValue, after: &RawValue, path: &str) {
        if let Some(items) = rust_type
            .strip_prefix("Vec<")
            .and_then(|rest| rest.strip_suffix('>'))
        {
            let read =
                |json: &RawValue| serde_json::from_str::<Vec<Box<RawValue>>>(json.get()).unwrap();
            let (before, after) = (read(before), read(after));
            assert_eq!(before.len(), after.len(), "{path}");
            for (index, (before, after)) in before.iter().zip(&after).enumerate() {
                self.value(items, before, after, &format!("{path}[{index}]"));
            }
        } else if self.inventory.models.contains_key(rust_type) {
            self.model(rust_type, before, after, path);
        } else {
            self.compared += 1;
            let same = match rust_type {
                "Decimal" => parse::<Decimal>(before) == parse::<Decimal>(after),
                "Guid" | "RelatedId" if parse::<Guid>(before).is_some() => {
                    parse::<Guid>(before) == parse::<Guid>(after)
                }
                "TimeSpan" => parse::<TimeSpan>(before) == parse::<TimeSpan>(after),
                _ => parse::<serde_json::Value>(before) == parse::<serde_json::Value>(after),
            };
            assert!(same, "{path}: {} became {}", before.get(), after.get());
        }
    }
}

fn parse<T: DeserializeOwned>(json: &RawValue) -> Option<T> {
    serde_json::from_str(json.get()).ok()
}

#[test]
fn every_known_body_survives_a_round_trip() {
    let mut comparison = Comparison::new();
    let mut count = 0;
    let requests = fixtures::all("request")
        .into_iter()
        .filter(|one| one.file.starts_with("examples/"));
    let answers = fixtures::all("answer")
        .into_iter()
        .filter(|one| one.expect != "any" && one.file.contains(".json"));
    for fixture in requests.chain(answers) {
        let body = fixture.body();
        let model = model_of(&fixture);
        let written =
            again(model, &body).unwrap_or_else(|error| panic!("{} is read: {error}", fixture.file));
        let before: Box<RawValue> = serde_json::from_slice(&body).unwrap();
        let after: Box<RawValue> = serde_json::from_str(&written).unwrap();
        comparison.model(model, &before, &after, &fixture.file);
        count += 1;
    }
    println!("{count} bodies, {} values", comparison.compared);
    assert!(
        count > 80 && comparison.compared > 1_000,
        "{count} bodies, {} values",
        comparison.compared
    );
}

/// Through the facade, over HTTP: what the index says becomes of each body.
#[tokio::test]
async fn every_known_answer_becomes_what_it_must() {
    let mut count = 0;
    let answers = fixtures::all("answer").into_iter();
    for fixture in
        answers.filter(|one| crate::requests::wire::OPERATIONS.contains(&one.operation()))
    {
        let status = fixture.status.unwrap();
        let reply = if fixture.file.contains(".txt") {
            Reply::html(status, &String::from_utf8(fixture.body()).unwrap())
        } else {
            Reply::json(status, fixture.body())
        };
        let stub = Stub::start(reply).await;
        let asked = Asked::of_answer(&fixture.body());
        let outcome = send_for(&stub.client(), fixture.operation(), asked).await;
        judge(&fixture, status, outcome);
        count += 1;
    }
    assert!(count > 70, "{count}");
}

fn judge(fixture: &Fixture, status: u16, outcome: Result<(), Error>) {
    let file = &fixture.file;
    match (fixture.expect.as_str(), outcome) {
        ("ok", Ok(())) | ("any", _) => {}
        ("api-error", Err(error)) => {
            assert_eq!(error.kind(), ErrorKind::Api, "{file}: {error}");
            assert_eq!(error.status(), Some(status), "{file}");
            let body: serde_json::Value = serde_json::from_slice(&fixture.body()).unwrap();
            let codes: Vec<&str> = error
                .api_errors()
                .iter()
                .map(barion::ApiError::code_unredacted)
                .collect();
            let errors = body["Errors"].as_array().unwrap();
            let expected: Vec<&str> = errors
                .iter()
                .map(|error| error["ErrorCode"].as_str().unwrap_or(""))
                .collect();
            assert_eq!(codes, expected, "{file}");
        }
        ("http-error", Err(error)) => {
            let kind = if status == 200 {
                ErrorKind::UnreadableAnswer
            } else {
                ErrorKind::Http
            };
            assert_eq!(
                (error.kind(), error.status()),
                (kind, Some(status)),
                "{file}: {error}"
            );
        }
        (expected, outcome) => panic!("{file} must become {expected}, and became {outcome:?}"),
    }
}

/// Each property of each answer as null, one at a time and all at once.
#[test]
fn a_null_in_every_place_is_read() {
    let full = |file: &str| std::fs::read(fixtures::folder().join("examples").join(file)).unwrap();
    let cases = [
        (
            "StartPaymentResponse",
            full("01-start-token-next-charged.response.json"),
        ),
        (
            "PaymentStateResponse",
            full("02-state-v2-prepared.response.json"),
        ),
        (
            "PaymentStateV4Response",
            full("03-state-v4-refunded.response.json"),
        ),
        ("CompletePaymentResponse", full("04-complete.response.json")),
        (
            "PaymentOperationResponse",
            full("05-finish-reservation.response.json"),
        ),
        ("RefundPaymentResponse", full("08-refund.response.json")),
        (
            "StartPaymentWithGoogleTokenResponse",
            full("09-google-token.response.json"),
        ),
        (
            "StartPaymentWithAppleTokenResponse",
            full("10-apple-token.response.json"),
        ),
        (
            "ValidateApplePaySessionResponse",
            full("11-apple-validate-session.response.json"),
        ),
        ("PosDetailsResponse", full("12-pos-get.response.json")),
        ("AccountsResponse", full("14-accounts.response.json")),
        ("HistoryResponse", full("15-history.response.json")),
        (
            "HistoryDetailResponse",
            full("16-history-detail.response.json"),
        ),
        ("BankTransferResponse", full("17-withdraw-v3.response.json")),
        (
            "TransferEmailResponse",
            full("20-transfer-email.response.json"),
        ),
        ("ErrorResponse", full("90-error-model-validation-400.json")),
        ("MessageResponse", full("91-server-error-500.json")),
    ];
    let mut count = 0;
    for (model, body) in cases {
        let tree: serde_json::Value = serde_json::from_slice(&body).unwrap();
        for pointer in places(&tree, "") {
            for change in [Change::Null, Change::Missing, Change::Extra] {
                let mut changed = tree.clone();
                change.apply(&mut changed, &pointer);
                let text = serde_json::to_vec(&changed).unwrap();
                again(model, &text)
                    .unwrap_or_else(|error| panic!("{model}{pointer}, {change:?}: {error}"));
                count += 1;
            }
        }
    }
    assert!(count > 500, "{count}");
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Change {
    Null,
    Missing,
    Extra,
}

impl Change {
    pub(crate) fn apply(self, tree: &mut serde_json::Value, pointer: &str) {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let parent = tree.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        match self {
            Self::Null => drop(parent.insert(key.to_owned(), serde_json::Value::Null)),
            Self::Missing => drop(parent.remove(key)),
            Self::Extra => {
                drop(parent.insert(format!("{key}New"), serde_json::json!({ "a": [1, "b"] })));
            }
        }
    }
}

/// The pointers of all properties, those of the first entry of each list included.
pub(crate) fn places(value: &serde_json::Value, pointer: &str) -> Vec<String> {
    match value {
        serde_json::Value::Object(map) => map
            .iter()
            .flat_map(|(key, child)| {
                let pointer = format!("{pointer}/{key}");
                let mut found = places(child, &pointer);
                found.push(pointer);
                found
            })
            .collect(),
        serde_json::Value::Array(list) => list
            .first()
            .map(|first| places(first, &format!("{pointer}/0")))
            .unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// A client is shared between tasks, and its futures move between threads.
#[test]
fn client_and_error_are_send_and_sync() {
    fn check<T: Send + Sync>() {}
    fn check_send<T: Send>(_: T) {}
    check::<Client>();
    check::<Error>();
    let client = Client::new(
        barion::Environment::Test,
        barion::PosKey::new(crate::support::stub::KEY).unwrap(),
    )
    .unwrap();
    check_send(client.payment_state(crate::requests::wire::PAYMENT.parse().unwrap()));
}
