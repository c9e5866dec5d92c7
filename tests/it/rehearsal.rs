//! Rehearses what a maintainer will do: change the spec, and see what the tools say.

use std::path::{Path, PathBuf};

use xtask::changes;
use xtask::inventory::Inventory;
use xtask::problem::Problems;
use xtask::regen::{self, Files, Places};
use xtask::spec::Spec;

fn spec_text() -> String {
    std::fs::read_to_string(Places::of_workspace().spec).unwrap()
}

fn generate(text: &str) -> Result<Files, Problems> {
    regen::generate(&Spec::parse(Path::new("spec/barion.yaml"), text)?)
}

fn replace_once(text: &str, from: &str, to: &str) -> String {
    assert_eq!(
        text.matches(from).count(),
        1,
        "{from:?} stands in the spec exactly once"
    );
    text.replace(from, to)
}

/// Cuts out an operation: from its path to the line before the next path.
fn without_path(text: &str, path: &str) -> String {
    let start = text.find(&format!("  {path}:\n")).unwrap();
    let rest = &text[start + 2..];
    let end = rest.find("\n\n").unwrap();
    format!("{}{}", &text[..start], &rest[end + 2..])
}

struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("barion-tests-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn places(&self, spec: &str) -> Places {
        let file = self.0.join("barion.yaml");
        std::fs::write(&file, spec).unwrap();
        Places {
            spec: file,
            out: self.0.clone(),
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn said(before: &str, after: &str) -> Vec<String> {
    let inventory = |text: &str| Inventory::of(&generate(text).unwrap());
    changes::describe(&inventory(before), &inventory(after))
}

#[test]
fn regenerating_twice_gives_the_same_bytes_and_changes_nothing() {
    let scratch = Scratch::new("twice");
    let places = scratch.places(&spec_text());
    let first = regen::write(&places).unwrap();
    assert_eq!(first.stale.len(), 4, "all files are new");
    let second = regen::write(&places).unwrap();
    assert!(
        second.stale.is_empty() && second.changes.is_empty(),
        "{second:?}"
    );
    assert_eq!(
        generate(&spec_text()).unwrap(),
        generate(&spec_text()).unwrap()
    );
}

#[test]
fn a_renamed_property_fails_the_check_and_changes_one_card() {
    let scratch = Scratch::new("renamed");
    regen::write(&scratch.places(&spec_text())).unwrap();
    let before = regen::read(&scratch.0);
    let renamed = replace_once(
        &spec_text(),
        "        SuggestedLocale:\n",
        "        ProposedLocale:\n",
    );
    let renamed = renamed.replace("SuggestedLocale: hu-HU", "ProposedLocale: hu-HU");
    let outcome = regen::check(&scratch.places(&renamed)).unwrap();
    assert_eq!(outcome.stale, ["client.rs"]);
    assert_eq!(regen::read(&scratch.0), before, "a check writes nothing");

    // PaymentStateV4Response extends the model and so shares its fields.
    assert_eq!(
        outcome.changes,
        [
            "field PaymentStateResponse.ProposedLocale added",
            "field PaymentStateResponse.SuggestedLocale removed",
            "field PaymentStateV4Response.ProposedLocale added",
            "field PaymentStateV4Response.SuggestedLocale removed",
        ]
    );
    let (old, new) = (
        Inventory::of(&before),
        Inventory::of(&generate(&renamed).unwrap()),
    );
    let changed: Vec<&String> = old
        .models
        .keys()
        .filter(|name| old.model_card(name) != new.model_card(name))
        .collect();
    assert_eq!(changed, ["PaymentStateResponse", "PaymentStateV4Response"]);
}

#[test]
fn a_property_renamed_in_a_model_of_its_own_changes_that_card_only() {
    let renamed = replace_once(
        &spec_text(),
        "        ValidThruYear: { type",
        "        ExpiryYear: { type",
    );
    let (old, new) = (
        Inventory::of(&generate(&spec_text()).unwrap()),
        Inventory::of(&generate(&renamed).unwrap()),
    );
    let changed: Vec<&String> = old
        .models
        .keys()
        .filter(|name| old.model_card(name) != new.model_card(name))
        .collect();
    assert_eq!(changed, ["BankCard"]);
    let gone = old
        .model_card("BankCard")
        .unwrap()
        .replace("ValidThruYear: Sensitive, optional, nullable", "");
    assert_ne!(
        gone,
        old.model_card("BankCard").unwrap(),
        "the card named it"
    );
}

#[test]
fn a_removed_operation_is_reported_by_name() {
    let text = spec_text();
    let said = said(&text, &without_path(&text, "/v2/Payment/Capture"));
    assert!(
        said.contains(&"operation payment_capture_v2 removed".to_owned()),
        "{said:?}"
    );
}

#[test]
fn a_new_currency_a_tighter_limit_and_a_dropped_requirement_are_told() {
    let text = spec_text();
    let changed = replace_once(
        &text,
        "        - { value: PLN,",
        "        - { value: SEK, meaning: 'Swedish krona.', fractionDigits: 2 }\n        - { value: PLN,",
    );
    let changed = replace_once(
        &changed,
        "maxLength: 45\n          description: Name to prefill",
        "maxLength: 40\n          description: Name to prefill",
    );
    let changed = replace_once(
        &changed,
        "required: [TransactionId, POSTransactionId, AmountToRefund]",
        "required: [TransactionId, AmountToRefund]",
    );
    let said = said(&text, &changed);
    let expected = [
        "value Currency.SEK added",
        "field TransactionToRefund.POSTransactionId changed: String, required -> String, optional, nullable",
    ];
    for line in expected {
        assert!(said.contains(&line.to_owned()), "{line} in {said:#?}");
    }
    assert!(
        said.iter().any(
            |line| line.starts_with("limits of StartPaymentRequest.CardHolderNameHint changed")
        ),
        "{said:#?}"
    );
}

#[test]
fn broken_specs_are_told_with_file_and_pointer() {
    let text = spec_text();
    let cases = [
        (
            replace_once(
                &text,
                "operationId: payment_capture_v2",
                "operationId: PaymentCapture",
            ),
            "spec/barion.yaml#/paths/~1v2~1Payment~1Capture/post/operationId: must be a name in snake_case",
        ),
        (
            replace_once(
                &text,
                "        Quantity:\n          allOf: [{ $ref: '#/components/schemas/Decimal' }]\n          description: How many units; zero occurs.",
                "        Quantity:\n          type: number\n          description: How many units; zero occurs.",
            ),
            "spec/barion.yaml#/components/schemas/Item/properties/Quantity: is a bare number",
        ),
        (
            replace_once(
                &text,
                "        - $ref: '#/components/schemas/StartPaymentRequest'",
                "        - $ref: '#/components/schemas/StartRequest'",
            ),
            "spec/barion.yaml#/components/schemas/StartPaymentWithGoogleTokenRequest/allOf/0/$ref: points to",
        ),
        (
            text.replacen("openapi: 3.0.3", "openapi: 3.1.0", 1),
            "spec/barion.yaml#/openapi: is \"3.1.0\"",
        ),
        (
            replace_once(
                &text,
                "    Item:\n      type: object",
                "    Item:\n      type: objekt",
            ),
            "spec/barion.yaml#/components/schemas/Item",
        ),
        (
            replace_once(&text, "paths:\n", "paths: [\n"),
            "spec/barion.yaml: is not valid YAML",
        ),
        (
            "just a text".to_owned(),
            "spec/barion.yaml#: is not an OpenAPI document",
        ),
        (
            text.replacen(
                "      x-barion-confidence: confirmed\n      x-barion-key: shop\n",
                "      x-barion-key: shop\n",
                1,
            ),
            "spec/barion.yaml#/paths/~1v2~1Payment~1Start/post: has no x-barion-confidence",
        ),
    ];
    for (index, (broken, expected)) in cases.iter().enumerate() {
        let told = match generate(broken) {
            Err(problems) => problems.to_string(),
            Ok(_) => panic!("case {index} is refused: {expected}"),
        };
        assert!(
            told.lines().any(|line| line.starts_with(expected)),
            "case {index}: {expected}\n{told}"
        );
    }
}

#[test]
fn a_missing_spec_is_named() {
    let told = Spec::read(Path::new("nowhere/barion.yaml"))
        .unwrap_err()
        .to_string();
    assert!(
        told.starts_with("nowhere/barion.yaml: cannot be read"),
        "{told}"
    );
}
