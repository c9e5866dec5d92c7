//! The JSON schemas that `schemars` derives from the Rust types agree with those of the spec: an
//! independent look at what the generator made of it.

use std::collections::{BTreeMap, BTreeSet};

use barion_generated::types;
use serde_json::Value;
use xtask::regen::Places;
use xtask::spec::{Spec, ref_name};

macro_rules! schemas {
    ($($model:ident),+ $(,)?) => {
        BTreeMap::from([$((stringify!($model), schemars::schema_for!(types::$model).to_value())),+])
    };
}

fn derived() -> BTreeMap<&'static str, Value> {
    schemas!(
        Account,
        AccountBalance,
        AccountInfo,
        AccountsResponse,
        ApiError,
        ApplePayContact,
        ApplePayHeader,
        ApplePayPaymentData,
        ApplePayPostalAddress,
        ApplePayToken,
        BankAccountDetails,
        BankAccountEcho,
        BankCard,
        BankDetails,
        BankEcho,
        BankTransferRequest,
        BankTransferResponse,
        Beneficiary,
        BillingAddress,
        CancelAuthorizationRequest,
        CapturePaymentRequest,
        CompletePaymentRequest,
        CompletePaymentResponse,
        Contact,
        ContactDetails,
        CreatePosRequest,
        DetailedItem,
        DetailedPaymentTransaction,
        ErrorResponse,
        FinishReservationRequest,
        FundingInformation,
        GiftCardPurchase,
        HistoryDetail,
        HistoryDetailResponse,
        HistoryResponse,
        Item,
        MessageResponse,
        Money,
        NameInformation,
        PayeeTransaction,
        PayeeTransactionToFinish,
        PayerAccountInformation,
        PaymentOperationResponse,
        PaymentStateResponse,
        PaymentStateV4Response,
        PaymentTransaction,
        PosDetailsResponse,
        ProcessedTransaction,
        PurchaseInformation,
        RecipientAddress,
        RecipientAddressEcho,
        RecipientDetails,
        RecipientEcho,
        RefundPaymentRequest,
        RefundPaymentResponse,
        RefundedTransaction,
        ShippingAddress,
        StartPaymentRequest,
        StartPaymentResponse,
        StartPaymentWithAppleTokenRequest,
        StartPaymentWithAppleTokenResponse,
        StartPaymentWithGoogleTokenRequest,
        StartPaymentWithGoogleTokenResponse,
        TransactionToFinish,
        TransactionToRefund,
        TransferEmailRequest,
        TransferEmailResponse,
        UserHistoryItem,
        UserHistoryParticipant,
        UserInformation,
        ValidateApplePaySessionRequest,
        ValidateApplePaySessionResponse,
    )
}

/// A property as both sides can tell it.
#[derive(Debug, PartialEq, Eq)]
struct Property {
    kind: String,
    required: bool,
    nullable: bool,
}

fn of_rust(schema: &Value) -> BTreeMap<String, Property> {
    let required = names(&schema["required"]);
    let properties = schema["properties"].as_object().into_iter().flatten();
    properties
        .map(|(name, property)| {
            let (kind, nullable) = rust_kind(property);
            (
                name.clone(),
                Property {
                    kind,
                    required: required.contains(name),
                    nullable,
                },
            )
        })
        .collect()
}

fn rust_kind(property: &Value) -> (String, bool) {
    if let Some(name) = property["$ref"].as_str() {
        return (name.trim_start_matches("#/$defs/").to_owned(), false);
    }
    if let Some(choices) = property["anyOf"].as_array() {
        let nullable = choices.iter().any(|choice| choice["type"] == "null");
        let other = choices
            .iter()
            .find(|choice| choice["type"] != "null")
            .unwrap();
        return (rust_kind(other).0, nullable);
    }
    let types: Vec<&str> = match &property["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        other => panic!("a type: {other} in {property}"),
    };
    let kind = match types.iter().find(|one| **one != "null") {
        Some(&"array") => format!("list of {}", rust_kind(&property["items"]).0),
        Some(one) => (*one).to_owned(),
        None => "null".to_owned(),
    };
    (kind, types.contains(&"null"))
}

fn of_spec(spec: &Spec, model: &str, answer: bool) -> BTreeMap<String, Property> {
    let (properties, required) = spec.properties(&spec.root["components"]["schemas"][model]);
    properties
        .into_iter()
        .map(|(name, property)| {
            let required = required.contains(&name);
            let kind = spec_kind(spec, &property);
            let list = kind.starts_with("list of");
            // What may be missing reads null as well. Lists of requests are left out when they are
            // empty.
            let nullable = property["nullable"] == true || (!required && (answer || !list));
            (
                name,
                Property {
                    kind,
                    required,
                    nullable,
                },
            )
        })
        .collect()
}

fn spec_kind(spec: &Spec, property: &Value) -> String {
    if property.get("x-barion-sensitive").is_some() {
        return "Sensitive".to_owned();
    }
    if let Some(name) = ref_name(property) {
        let named = &spec.root["components"]["schemas"][name];
        return if named["type"] == "array" {
            spec_kind(spec, named)
        } else {
            name.to_owned()
        };
    }
    match property["type"].as_str() {
        Some("array") => format!("list of {}", spec_kind(spec, &property["items"])),
        other => other.unwrap_or("?").to_owned(),
    }
}

fn names(list: &Value) -> BTreeSet<String> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

#[test]
fn rust_types_and_spec_agree_on_every_model() {
    let spec = Spec::read(&Places::of_workspace().spec).unwrap();
    let derived = derived();
    let answers = spec.answer_schemas();
    let models: BTreeSet<&str> = spec
        .schemas()
        .unwrap()
        .keys()
        .map(String::as_str)
        .filter(|name| spec.is_model(name))
        .collect();
    let listed: BTreeSet<&str> = derived.keys().copied().collect();
    assert_eq!(listed, models, "every model of the spec is compared");

    let mut problems = Vec::new();
    let mut count = 0;
    for (model, schema) in &derived {
        let (rust, document) = (
            of_rust(schema),
            of_spec(&spec, model, answers.contains(*model)),
        );
        for name in rust.keys().chain(document.keys()).collect::<BTreeSet<_>>() {
            count += 1;
            if rust.get(name) != document.get(name) {
                problems.push(format!(
                    "{model}.{name}: {:?} in Rust, {:?} in the spec",
                    rust.get(name),
                    document.get(name)
                ));
            }
        }
    }
    println!("{} models, {count} properties agree", derived.len());
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(count > 400, "{count}");
}

/// The comparison can say no.
#[test]
fn a_difference_is_told_with_its_path() {
    let spec = Spec::read(&Places::of_workspace().spec).unwrap();
    let mut changed = spec.clone();
    changed.root["components"]["schemas"]["Money"]["required"] = serde_json::json!(["Value"]);
    changed.root["components"]["schemas"]["Money"]["properties"]["Value"] =
        serde_json::json!({ "type": "string" });
    let (rust, document) = (
        of_rust(&derived()["Money"]),
        of_spec(&changed, "Money", false),
    );
    assert_ne!(rust["Currency"], document["Currency"]);
    assert_ne!(rust["Value"], document["Value"]);
    assert_eq!(rust, of_spec(&spec, "Money", false));
}
