//! What is generated: one card for each model, one for each enumeration, one list of operations,
//! and the nine methods.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;

use barion_generated::operations::OPERATIONS;
use barion_generated::{Client, types};
use serde_json::Value;
use xtask::inventory::Inventory;
use xtask::regen::{self, Places};
use xtask::spec::{Operation, Spec, ref_name};

// The cards come from the spec and not from the code on disk, so that a change of the spec shows in
// them at once, even while the facade does not compile against it yet; that both agree is a test of
// its own.

/// The cards of what a spec yields: models, enumerations, operations and limits, by folder and
/// name.
pub(crate) fn cards(spec: &Spec) -> BTreeMap<&'static str, BTreeMap<String, String>> {
    let inventory = Inventory::of(&regen::generate(spec).unwrap());
    let models = inventory.models.keys();
    let enums = inventory.enums.iter().map(|(name, values)| {
        let lines = values.iter().chain(&inventory.also[name]);
        (
            name.clone(),
            lines.map(String::as_str).collect::<Vec<_>>().join("\n"),
        )
    });
    BTreeMap::from([
        (
            "models",
            models
                .clone()
                .map(|name| (name.clone(), inventory.model_card(name).unwrap()))
                .collect(),
        ),
        ("enums", enums.collect()),
        ("operations", operation_cards(spec)),
        (
            "limits",
            models
                .filter_map(|name| Some((name.clone(), inventory.limits_card(name)?)))
                .collect(),
        ),
    ])
}

fn operation_cards(spec: &Spec) -> BTreeMap<String, String> {
    let model = |schema: Option<&Value>| schema.and_then(ref_name).map(str::to_owned);
    let card = |operation: &Operation<'_>| {
        let value = operation.value;
        let money = if value["x-barion-moves-money"] == true {
            "moves money"
        } else {
            "moves no money"
        };
        let mut lines = vec![
            format!("{} {}", operation.method.to_uppercase(), operation.path),
            format!("key: {}, {money}", value["x-barion-key"].as_str().unwrap()),
        ];
        for parameter in value["parameters"].as_array().into_iter().flatten() {
            let schema = &parameter["schema"];
            let kind = ref_name(schema).or(schema["type"].as_str()).unwrap();
            let required = if parameter["required"] == true {
                "required"
            } else {
                "optional"
            };
            let (place, name) = (
                parameter["in"].as_str().unwrap(),
                parameter["name"].as_str().unwrap(),
            );
            lines.push(format!("{place} {name}: {kind}, {required}"));
        }
        lines.extend(
            model(spec.request_schema(operation)).map(|request| format!("takes {request}")),
        );
        let answer = model(spec.answer_schema(operation)).unwrap_or_else(|| {
            let content = spec.resolve(&value["responses"]["200"])["content"]
                .as_object()
                .unwrap();
            content.keys().cloned().collect::<Vec<_>>().join(", ")
        });
        lines.push(format!("answers {answer}"));
        let statuses: Vec<&str> = value["responses"]
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        lines.push(format!("statuses {}", statuses.join(" ")));
        lines.join("\n")
    };
    spec.operations()
        .iter()
        .map(|operation| (operation.id().to_owned(), card(operation)))
        .collect()
}

/// Each card against its snapshot. All that differ are told, and no card of what is gone may stay.
#[test]
fn the_cards() {
    let mut different = Vec::new();
    for (folder, cards) in cards(&spec()) {
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(format!("snapshots/{folder}"));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        for (name, card) in &cards {
            let compare =
                || settings.bind(|| insta::assert_snapshot!(name.as_str(), card.as_str()));
            if std::panic::catch_unwind(AssertUnwindSafe(compare)).is_err() {
                different.push(format!("{folder}/{name} differs"));
            }
        }
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("it/spec/snapshots")
            .join(folder);
        for file in std::fs::read_dir(path).unwrap() {
            let file = file.unwrap().file_name().into_string().unwrap();
            let name = file.trim_end_matches(".new").trim_end_matches(".snap");
            if !cards.contains_key(name) {
                different.push(format!(
                    "{folder}/{file} belongs to nothing that is there: remove it"
                ));
            }
        }
        println!("{} {folder}", cards.len());
    }
    assert!(different.is_empty(), "{different:#?}");
}

fn spec() -> Spec {
    Spec::read(&Places::of_workspace().spec).unwrap()
}

#[test]
fn the_generated_code_is_fresh() {
    let outcome = regen::check(&Places::of_workspace()).unwrap();
    assert!(
        outcome.stale.is_empty(),
        "{:?} is stale: run `cargo xtask regen` and commit the result",
        outcome.stale
    );
}

/// Each of the nine methods by its name, with what it takes and gives. It compiles or it does not.
#[test]
fn the_nine_methods_exist() {
    #[allow(
        clippy::too_many_arguments,
        reason = "nine methods, each with its request"
    )]
    async fn each(
        client: &Client,
        id: &barion_generated::wire::Guid,
        start: &types::StartPaymentRequest,
        google: &types::StartPaymentWithGoogleTokenRequest,
        finish: &types::FinishReservationRequest,
        capture: &types::CapturePaymentRequest,
        cancel: &types::CancelAuthorizationRequest,
        complete: &types::CompletePaymentRequest,
        refund: &types::RefundPaymentRequest,
    ) -> Result<(), barion_generated::Error<()>> {
        let _: types::PaymentStateResponse = client.get_payment_state_v2(id).await?.into_inner();
        let _: types::PaymentStateV4Response = client.get_payment_state_v4(id).await?.into_inner();
        let _: types::PaymentOperationResponse = client
            .payment_cancel_authorization_v2(cancel)
            .await?
            .into_inner();
        let _: types::PaymentOperationResponse =
            client.payment_capture_v2(capture).await?.into_inner();
        let _: types::CompletePaymentResponse =
            client.payment_complete_v2(complete).await?.into_inner();
        let _: types::PaymentOperationResponse = client
            .payment_finish_reservation_v2(finish)
            .await?
            .into_inner();
        let _: types::StartPaymentResponse = client.payment_start_v2(start).await?.into_inner();
        let _: types::StartPaymentWithGoogleTokenResponse = client
            .payment_start_with_google_token_v3(google)
            .await?
            .into_inner();
        let _: types::RefundPaymentResponse = client.refund_payment_v2(refund).await?.into_inner();
        Ok(())
    }
    let _ = each;
    for name in crate::requests::wire::OPERATIONS {
        assert!(
            OPERATIONS.iter().any(|operation| operation.id == name),
            "{name} is in the table"
        );
    }
}
