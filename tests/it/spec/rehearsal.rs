//! Rehearses what a maintainer will do: change the spec, and see what the tools say.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use xtask::diff;
use xtask::inventory::{self, Inventory};
use xtask::problem::Problems;
use xtask::regen::{self, Files, Places};
use xtask::spec::Spec;

use crate::spec::generated::cards;

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

#[test]
fn regenerating_twice_gives_the_same_bytes_and_changes_nothing() {
    let scratch = Scratch::new("twice");
    let places = scratch.places(&spec_text());
    let first = regen::write(&places).unwrap();
    assert_eq!(first.stale, regen::FILES, "all files are new");
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

/// A change of the spec, and what the tools must say of it.
struct Rehearsal {
    name: &'static str,
    /// Texts that stand in the spec once, and what replaces them.
    edits: &'static [(&'static str, &'static str)],
    /// The verdict of `spec diff`, whole.
    verdict: &'static [&'static str],
    /// The lines of cards that change, whole: `folder/name -old` and `+new`.
    cards: &'static [&'static str],
    /// What `regen --check` says, whole.
    check: &'static [&'static str],
    /// The files that `regen --check` calls stale.
    stale: &'static [&'static str],
}

const REHEARSALS: [Rehearsal; 5] = [
    Rehearsal {
        name: "a currency more",
        edits: &[(
            "        - { value: PLN,",
            "        - { value: SEK, meaning: 'Swedish krona.', fractionDigits: 2 }\n        - { value: PLN,",
        )],
        verdict: &[
            "added   value Currency.SEK [not breaking: it was read as unrecognized before]",
            "1 change, 0 of them breaking",
        ],
        cards: &["enums/Currency +SEK"],
        check: &["value Currency.SEK added"],
        stale: &["enums.rs"],
    },
    Rehearsal {
        name: "a property renamed",
        edits: &[("        ValidThruYear: {", "        ExpiryYear: {")],
        verdict: &[
            "added   field BankCard.ExpiryYear: string, optional [not breaking: answers may say more at any time]",
            "! removed field BankCard.ValidThruYear: string, optional [BREAKING: code that uses it no longer compiles]",
            "2 changes, 1 of them breaking",
        ],
        cards: &[
            "models/BankCard +ExpiryYear: Sensitive, optional, nullable",
            "models/BankCard -ValidThruYear: Sensitive, optional, nullable",
        ],
        check: &[
            "field BankCard.ExpiryYear added",
            "field BankCard.ValidThruYear removed",
        ],
        stale: &["client.rs"],
    },
    Rehearsal {
        name: "a required field dropped",
        edits: &[(
            "required: [TransactionId, POSTransactionId, AmountToRefund]",
            "required: [TransactionId, AmountToRefund]",
        )],
        verdict: &[
            "changed field TransactionToRefund.POSTransactionId: required -> optional [not breaking: requests send it as before]",
            "1 change, 0 of them breaking",
        ],
        cards: &[
            "models/TransactionToRefund -POSTransactionId: String, required",
            "models/TransactionToRefund +POSTransactionId: String, optional, nullable",
        ],
        check: &[
            "field TransactionToRefund.POSTransactionId changed: String, required -> String, optional, nullable",
        ],
        stale: &["client.rs", "limits.rs"],
    },
    Rehearsal {
        name: "a limit tightened",
        edits: &[(
            "maxLength: 45\n          description: Name to prefill",
            "maxLength: 40\n          description: Name to prefill",
        )],
        verdict: &[
            "! changed limit StartPaymentRequest.CardHolderNameHint.maxLength: tightened: 45 -> 40 (and so of StartPaymentWithGoogleTokenRequest) [BREAKING: what was accepted before is refused now]",
            "1 change, 1 of them breaking",
        ],
        cards: &[
            "limits/StartPaymentRequest -CardHolderNameHint: min_length 2, max_length 45, sensitive",
            "limits/StartPaymentRequest +CardHolderNameHint: min_length 2, max_length 40, sensitive",
            "limits/StartPaymentWithGoogleTokenRequest -CardHolderNameHint: min_length 2, max_length 45, sensitive",
            "limits/StartPaymentWithGoogleTokenRequest +CardHolderNameHint: min_length 2, max_length 40, sensitive",
        ],
        check: &[
            "limits of StartPaymentRequest.CardHolderNameHint changed: min_length 2, max_length 45, sensitive -> min_length 2, max_length 40, sensitive",
            "limits of StartPaymentWithGoogleTokenRequest.CardHolderNameHint changed: min_length 2, max_length 45, sensitive -> min_length 2, max_length 40, sensitive",
        ],
        stale: &["limits.rs"],
    },
    Rehearsal {
        name: "an operation more",
        edits: &[("  /v2/Payment/GetPaymentState:\n", NEW_OPERATION)],
        verdict: &[
            "added   operation payment_ping_v2: GET /v2/Payment/Ping [not breaking]",
            "1 change, 0 of them breaking",
        ],
        cards: &[
            "operations/payment_ping_v2 +GET /v2/Payment/Ping",
            "operations/payment_ping_v2 +key: shop, moves no money",
            "operations/payment_ping_v2 +answers ErrorResponse",
            "operations/payment_ping_v2 +statuses 200",
        ],
        check: &["operation payment_ping_v2 added"],
        stale: &["client.rs", "operations.rs"],
    },
];

const NEW_OPERATION: &str = "  /v2/Payment/Ping:
    get:
      operationId: payment_ping_v2
      summary: Answers
      description: Answers.
      x-barion-source: [a rehearsal]
      x-barion-confidence: reported
      x-barion-key: shop
      x-barion-moves-money: false
      responses:
        '200':
          description: It answers.
          content:
            application/json:
              schema: { $ref: '#/components/schemas/ErrorResponse' }
              example: { Errors: [] }

  /v2/Payment/GetPaymentState:
";

/// The lines in which the cards of two specs differ.
fn changed_cards(before: &Spec, after: &Spec) -> Vec<String> {
    let (before, after) = (cards(before), cards(after));
    let mut changed = Vec::new();
    for (folder, after) in &after {
        let before = &before[folder];
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for name in names {
            let lines = |cards: &BTreeMap<String, String>| -> Vec<String> {
                cards
                    .get(name)
                    .map(|card| card.lines().map(str::to_owned).collect())
                    .unwrap_or_default()
            };
            let (old, new) = (lines(before), lines(after));
            let gone = old
                .iter()
                .filter(|line| !new.contains(line))
                .map(|line| format!("{folder}/{name} -{line}"));
            let come = new
                .iter()
                .filter(|line| !old.contains(line))
                .map(|line| format!("{folder}/{name} +{line}"));
            changed.extend(gone.chain(come));
        }
    }
    changed
}

#[test]
fn five_changes_and_what_the_tools_say() {
    let text = spec_text();
    let spec = |text: &str| Spec::parse(Path::new("spec/barion.yaml"), text).unwrap();
    let mut wrong = Vec::new();
    for rehearsal in &REHEARSALS {
        let changed = rehearsal
            .edits
            .iter()
            .fold(text.clone(), |text, (from, to)| {
                replace_once(&text, from, to)
            });
        let (old, new) = (spec(&text), spec(&changed));

        let scratch = Scratch::new("rehearsal");
        regen::write(&scratch.places(&text)).unwrap();
        let before = regen::read(&scratch.0);
        let check = regen::check(&scratch.places(&changed)).unwrap();
        assert_eq!(regen::read(&scratch.0), before, "a check writes nothing");

        let verdict = diff::text(&diff::diff(&old, &new));
        let verdict: Vec<&str> = verdict.lines().map(str::trim).collect();
        let cards = changed_cards(&old, &new);
        let mut compare = |what: &str, is: Vec<&str>, expected: &[&str]| {
            let (is_set, expected_set): (BTreeSet<_>, BTreeSet<_>) =
                (is.iter().collect(), expected.iter().collect());
            if is_set != expected_set {
                wrong.push(format!("{}, {what}: {is:#?}", rehearsal.name));
            }
        };
        compare("verdict", verdict, rehearsal.verdict);
        compare(
            "cards",
            cards.iter().map(String::as_str).collect(),
            rehearsal.cards,
        );
        compare(
            "check",
            check.changes.iter().map(String::as_str).collect(),
            rehearsal.check,
        );
        compare("stale files", check.stale.clone(), rehearsal.stale);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_removed_operation_is_reported_by_name() {
    let text = spec_text();
    // With its operation the model would be left unused, which the lint refuses.
    let start = text.find("    CapturePaymentRequest:\n").unwrap();
    let end = text.find("    CancelAuthorizationRequest:\n").unwrap();
    let changed = without_path(
        &format!("{}{}", &text[..start], &text[end..]),
        "/v2/Payment/Capture",
    );
    let inventory = |text: &str| Inventory::of(&generate(text).unwrap());
    let said = inventory::changes(&inventory(&text), &inventory(&changed));
    assert_eq!(
        said,
        [
            "operation payment_capture_v2 removed",
            "model CapturePaymentRequest removed"
        ]
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
                "        Quantity:\n          allOf: [{ $ref: '#/components/schemas/Decimal' }]\n          x-barion-unit: quantity\n          description: How many units; zero occurs.",
                "        Quantity:\n          type: number\n          x-barion-unit: quantity\n          description: How many units; zero occurs.",
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
