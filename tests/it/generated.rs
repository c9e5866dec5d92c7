//! What is generated: one card for each model, one for each enumeration, one list of operations, and the nine methods.

use barion_generated::operations::OPERATIONS;
use barion_generated::{Client, types};
use xtask::inventory::Inventory;
use xtask::regen::{self, Places};
use xtask::spec::Spec;

/// What the spec yields today. The cards come from here and not from the code on disk, so that a change of the spec
/// shows in them at once, even while the facade does not compile against it yet; that both agree is a test of its own.
fn inventory() -> Inventory {
    let spec = Spec::read(&Places::of_workspace().spec).unwrap();
    Inventory::of(&regen::generate(&spec).unwrap())
}

#[test]
fn each_model_has_its_card() {
    let inventory = inventory();
    assert!(
        inventory.models.len() >= 30,
        "the models are found: {}",
        inventory.models.len()
    );
    insta::with_settings!({ snapshot_path => "snapshots/models", prepend_module_to_snapshot => false, omit_expression => true }, {
        for model in inventory.models.keys() {
            insta::assert_snapshot!(model.as_str(), inventory.model_card(model).unwrap());
        }
    });
}

/// A removed model must not leave its card behind.
#[test]
fn no_card_is_left_behind() {
    let inventory = inventory();
    let cards = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("it/snapshots/models");
    for card in std::fs::read_dir(cards).unwrap() {
        let name = card.unwrap().file_name().into_string().unwrap();
        let model = name.strip_suffix(".snap").unwrap_or(&name);
        assert!(
            inventory.models.contains_key(model),
            "{name} belongs to no model: remove it"
        );
    }
}

#[test]
fn the_values_of_the_enumerations() {
    let enums = inventory().enums;
    let lines: Vec<String> = enums
        .iter()
        .map(|(name, values)| format!("{name}: {}", values.join(" ")))
        .collect();
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(lines.join("\n")) });
}

#[test]
fn the_operations() {
    let lines: Vec<String> = OPERATIONS
        .iter()
        .map(|operation| {
            let money = if operation.moves_money {
                "moves money"
            } else {
                "reads"
            };
            format!(
                "{}: {} {} ({money}, {:?})",
                operation.id, operation.method, operation.path, operation.statuses
            )
        })
        .collect();
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(lines.join("\n")) });
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
    let mut names: Vec<&str> = OPERATIONS.iter().map(|operation| operation.id).collect();
    names.sort_unstable();
    let nine = [
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
    assert_eq!(names, nine);
}
