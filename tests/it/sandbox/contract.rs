//! What goes over the wire fits the spec, in the eyes of a validator that knows nothing of our
//! code.

use std::ops::Deref;
use std::sync::LazyLock;

use barion_generated::operations::OPERATIONS;
use barion_generated::tables::Operation;
use barion_sandbox::{RecordedRequest, Sandbox};
use serde_json::Value;
use xtask::json_schema::JsonSchemas;
use xtask::regen::Places;
use xtask::spec::Spec;

use crate::support::fixtures;
use crate::support::stub::{Reply, Stub};

struct Contract {
    spec: Spec,
    schemas: JsonSchemas,
}

static CONTRACT: LazyLock<Contract> = LazyLock::new(|| {
    let spec = Spec::read(&Places::of_workspace().spec).unwrap();
    let schemas = JsonSchemas::of(&spec).unwrap();
    Contract { spec, schemas }
});

/// Fails unless a request body fits its model.
pub(crate) fn request_fits(operation: &str, body: &str) {
    let model = Operation::by_id(operation).unwrap().request.unwrap();
    fits(model, body, operation);
}

/// Fails unless the spec knows the status, and the body fits its schema.
pub(crate) fn answer_fits(operation: &str, status: u16, body: &str) {
    let Contract { spec, schemas } = &*CONTRACT;
    let operations = spec.operations();
    let operation = operations.iter().find(|one| one.id() == operation).unwrap();
    let response = spec.resolve(&operation.value["responses"][status.to_string()]);
    assert!(
        response.is_object(),
        "{} answers {status}, which the spec does not know",
        operation.id()
    );
    if let Some(schema) = response.pointer("/content/application~1json/schema") {
        let value: Value = serde_json::from_str(body).unwrap();
        let problems = schemas.validate_schema(schema, &value);
        assert!(
            problems.is_empty(),
            "{} {status}: {problems:#?}\n{body}",
            operation.id()
        );
    }
}

fn fits(model: &str, body: &str, what: &str) {
    let value: Value = serde_json::from_str(body).unwrap();
    let problems = CONTRACT.schemas.validate(model, &value);
    assert!(
        problems.is_empty(),
        "{what} does not fit {model}: {problems:#?}\n{body}"
    );
}

/// The operation that a path belongs to.
fn operation_of(request: &RecordedRequest) -> Option<&'static Operation> {
    let path = request.path.to_lowercase();
    let segments: Vec<&str> = path.split('/').collect();
    OPERATIONS.iter().find(|operation| {
        let template = operation.path.to_lowercase();
        let template: Vec<&str> = template.split('/').collect();
        let same = |(a, b): (&&str, &&str)| b.starts_with('{') || a == b;
        operation.method == request.method
            && template.len() == segments.len()
            && segments.iter().zip(&template).all(same)
    })
}

/// A sandbox all of whose answers must fit the spec, and all of whose requests that the facade
/// sent.
pub(crate) struct Checked(Sandbox);

pub(crate) async fn sandbox() -> Checked {
    checked(Sandbox::builder()).await
}

pub(crate) async fn checked(sandbox: barion_sandbox::Builder) -> Checked {
    Checked(sandbox.start().await.unwrap())
}

impl Deref for Checked {
    type Target = Sandbox;

    fn deref(&self) -> &Sandbox {
        &self.0
    }
}

impl Drop for Checked {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let requests = self.0.requests();
        for request in &requests {
            let operation = operation_of(request)
                .unwrap_or_else(|| panic!("an operation for {}", request.path))
                .id;
            answer_fits(operation, request.status, &request.answer);
            let by_facade = request
                .header("user-agent")
                .is_some_and(|agent| agent.starts_with("barion-rust/"));
            if by_facade && !request.body.is_empty() {
                request_fits(operation, &request.body);
            }
        }
        println!("{} answers of the sandbox fit the spec", requests.len());
    }
}

#[test]
fn every_known_body_fits_the_spec() {
    let mut count = 0;
    let answers = fixtures::all("answer")
        .into_iter()
        .filter(|one| one.file.contains(".json"));
    for fixture in answers {
        let body = String::from_utf8(fixture.body()).unwrap();
        match fixture.expect.as_str() {
            "ok" => answer_fits(&fixture.operation, 200, &body),
            "api-error" => fits("ErrorResponse", &body, &fixture.file),
            "http-error" => fits("MessageResponse", &body, &fixture.file),
            _ => continue,
        }
        count += 1;
    }
    let requests = fixtures::all("request")
        .into_iter()
        .filter(|one| one.file.starts_with("examples/"));
    for fixture in requests {
        request_fits(
            &fixture.operation,
            &String::from_utf8(fixture.body()).unwrap(),
        );
        count += 1;
    }
    println!("{count} known bodies fit the spec");
    assert!(count > 90, "{count}");
}

#[tokio::test]
async fn every_body_that_the_facade_sends_fits_the_spec() {
    let mut count = 0;
    for operation in crate::requests::wire::OPERATIONS {
        let stub = Stub::start(Reply::json(500, "{}")).await;
        crate::requests::wire::send(&stub.client(), operation)
            .await
            .unwrap_err();
        let request = stub.only();
        if !request.body.is_empty() {
            request_fits(operation, &request.body);
            count += 1;
        }
    }
    println!("{count} bodies of the facade fit the spec");
    assert_eq!(count, 7);
}

/// The validator can say no.
#[test]
fn a_body_that_does_not_fit_is_told() {
    let schemas = &CONTRACT.schemas;
    let start = |change: &str, value: Value| {
        let fixture =
            std::fs::read(fixtures::folder().join("examples/01-start-immediate.request.json"))
                .unwrap();
        let mut body: Value = serde_json::from_slice(&fixture).unwrap();
        *body.pointer_mut(change).unwrap() = value;
        schemas.validate("StartPaymentRequest", &body).join("\n")
    };
    let long = Value::from("x".repeat(101));
    assert!(start("/PaymentRequestId", long).starts_with("/PaymentRequestId"));
    assert!(start("/Transactions/0/Total", Value::from(0)).starts_with("/Transactions/0/Total"));
    assert!(start("/Transactions/0/Total", Value::from("84")).starts_with("/Transactions/0/Total"));
    assert!(start("/Transactions", Value::Array(Vec::new())).starts_with("/Transactions"));
    assert!(start("/Locale", Value::Null).starts_with("/Locale"));
}

/// Name, method, path, parameters, statuses.
type Listed = (
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [u16],
);

/// The method list of the Smart Gateway's API as other generators print it: names, methods, paths,
/// parameters, and the statuses that it declares.
const SMART_GATEWAY: [Listed; 9] = [
    (
        "get_payment_state_v2",
        "GET",
        "/v2/Payment/GetPaymentState",
        &["PaymentId"],
        &[200, 400, 401, 429],
    ),
    (
        "get_payment_state_v4",
        "GET",
        "/v4/Payment/{PaymentId}/PaymentState",
        &["PaymentId"],
        &[200, 400, 401, 429],
    ),
    (
        "payment_cancel_authorization_v2",
        "POST",
        "/v2/Payment/CancelAuthorization",
        &[],
        &[200, 400, 401],
    ),
    (
        "payment_capture_v2",
        "POST",
        "/v2/Payment/Capture",
        &[],
        &[200, 400, 401],
    ),
    (
        "payment_complete_v2",
        "POST",
        "/v2/Payment/Complete",
        &[],
        &[200, 400, 401],
    ),
    (
        "payment_finish_reservation_v2",
        "POST",
        "/v2/Payment/FinishReservation",
        &[],
        &[200, 400, 401],
    ),
    (
        "payment_start_v2",
        "POST",
        "/v2/Payment/Start",
        &[],
        &[200, 400, 401],
    ),
    (
        "payment_start_with_google_token_v3",
        "POST",
        "/v3/Payment/StartPaymentWithGoogleToken",
        &[],
        &[200, 400, 401],
    ),
    (
        "refund_payment_v2",
        "POST",
        "/v2/Payment/Refund",
        &[],
        &[200, 400, 401],
    ),
];

#[test]
fn the_smart_gateway_is_as_others_list_it() {
    let operations = CONTRACT.spec.operations();
    for (id, method, path, parameters, statuses) in SMART_GATEWAY {
        let operation = operations
            .iter()
            .find(|one| one.id() == id)
            .unwrap_or_else(|| panic!("{id} is in the spec"));
        assert_eq!(
            (operation.method.to_uppercase().as_str(), operation.path),
            (method, path),
            "{id}"
        );
        let names: Vec<&str> = operation.value["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        assert_eq!(names, parameters, "{id}");
        assert_eq!(
            operation.value.get("requestBody").is_some(),
            method == "POST",
            "{id}"
        );
        for status in statuses {
            let known = operation.value["responses"].get(status.to_string());
            assert!(known.is_some(), "{id} knows {status}");
        }
        assert_eq!(operation.value["x-barion-key"], "shop", "{id}");
    }
}
