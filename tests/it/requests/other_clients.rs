//! What other clients send is taken by the sandbox as the service takes it.

use barion_sandbox::Sandbox;

use crate::sandbox::contract;
use crate::support::fixtures::{self, Fixture};

async fn post(sandbox: &Sandbox, fixture: &Fixture) -> (u16, serde_json::Value) {
    let path = match fixture.operation.as_str() {
        "payment_start_v2" => "v2/Payment/Start",
        "payment_start_with_google_token_v3" => "v3/Payment/StartPaymentWithGoogleToken",
        "payment_complete_v2" => "v2/Payment/Complete",
        "payment_finish_reservation_v2" => "v2/Payment/FinishReservation",
        "payment_capture_v2" => "v2/Payment/Capture",
        "payment_cancel_authorization_v2" => "v2/Payment/CancelAuthorization",
        "refund_payment_v2" => "v2/Payment/Refund",
        other => panic!("no path for {other}"),
    };
    // The key is in the body only, as these clients send it; the examples carry it there as well.
    let request = reqwest::Client::new().post(sandbox.url().join(path).unwrap());
    let answer = request
        .header("content-type", "application/json")
        .body(fixture.body())
        .send()
        .await
        .unwrap();
    let status = answer.status().as_u16();
    (
        status,
        serde_json::from_str(&answer.text().await.unwrap()).unwrap(),
    )
}

fn codes(answer: &serde_json::Value) -> Vec<&str> {
    answer["Errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["ErrorCode"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn every_known_request_is_taken_or_refused_as_it_must_be() {
    let sandbox = contract::sandbox().await;
    let mut count = 0;
    for fixture in fixtures::all("request") {
        // The callback goes to the shop; requests with the wallet's key are sent in `raw`.
        if !crate::requests::wire::OPERATIONS.contains(&fixture.operation.as_str()) {
            continue;
        }
        let (status, answer) = post(&sandbox, &fixture).await;
        let file = &fixture.file;
        let is_start = fixture.operation.starts_with("payment_start");
        match fixture.expect.as_str() {
            // A later payment needs a token that nobody registered here; the model is what is
            // looked at.
            "ok" if is_start => {
                assert_eq!((status, codes(&answer)), (200, vec![]), "{file}: {answer}");
            }
            // The payment is of another day: the key and the model have passed when it is missed.
            "ok" => assert_eq!(
                (status, codes(&answer)),
                (400, vec!["NotExistingPaymentId"]),
                "{file}: {answer}"
            ),
            "invalid" => {
                assert_eq!(status, 400, "{file}");
                assert!(
                    codes(&answer)
                        .iter()
                        .all(|code| *code == "ModelValidationError"),
                    "{file}: {answer}"
                );
                assert!(!codes(&answer).is_empty(), "{file}");
            }
            _ => assert!(status < 500, "{file}: {status} {answer}"),
        }
        count += 1;
    }
    assert!(count > 20, "{count}");
}
