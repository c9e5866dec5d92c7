//! Request that creates a shop.

use rust_decimal::Decimal;

use super::choices;
use super::reader::{Problems, Reader, find_choice};
use crate::domain::ids::new_id;
use crate::domain::shop::{Contact, Shop};
use crate::wire::json::{Json, Object};

/// Reads the request of Pos-Create-v1; the shop comes with keys of its own.
pub(crate) fn read_shop(object: &Object) -> Result<Shop, Vec<String>> {
    let problems = Problems::default();
    let reader = Reader::new(object, &problems);
    check_rest(reader);
    let shop = Shop {
        public: new_id(),
        secret: new_id(),
        name: reader.required_text("Name", 200),
        description: required_text(reader, "Description", 20, 200),
        business: read_contact(reader, "BusinessContact"),
        technical: read_contact(reader, "TechnicalContact"),
        service: read_contact(reader, "CustomerServiceContact"),
        callback_url: required_address(reader, "CallBackUrl"),
        // Assumed: as long as other ids of the caller.
        reference: reader.text("ReferenceId", 1, 100),
        template: reader.text("CustomTemplate", 1, usize::MAX),
        css: reader.text("CustomCss", 1, usize::MAX),
    };
    problems.settle(shop)
}

/// What the sandbox judges and does not keep.
fn check_rest(reader: Reader<'_>) {
    let address = required_address(reader, "Url");
    if address.is_some_and(|url| !url.to_ascii_lowercase().starts_with("https://")) {
        reader.problem("The field Url must begin with https.".to_owned());
    }
    let logo = reader.required_text("Logo", usize::MAX);
    let base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    if !logo.chars().all(base64) {
        reader.problem("The field Logo is not base64.".to_owned());
    }
    check_categories(reader);
    reader.required_choice("PrimaryCurrency", choices::SHOP_CURRENCY);
    if reader.is_missing("ExpectedTurnover") {
        reader.problem("The ExpectedTurnover field is required.".to_owned());
    }
    reader.count("ExpectedTurnover", 1, 6);
    reader.count("AverageBasketValue", 1, u32::MAX);
    for name in ["PercentageOfB2BCustomers", "PercentageOfNonEuCards"] {
        let share = reader.decimal(name);
        if share.is_some_and(|share| share < Decimal::ZERO || share > Decimal::ONE_HUNDRED) {
            reader.problem(format!("The field {name} must be from 0 to 100."));
        }
    }
    for name in ["FullPixelImplemented", "UseForEInvoicing"] {
        if reader.is_missing(name) {
            reader.problem(format!("The {name} field is required."));
        }
        reader.boolean(name);
    }
    reader.text("NoteForApproval", 1, usize::MAX);
}

fn check_categories(reader: Reader<'_>) {
    let Some(list) = reader.list("Category").filter(|list| !list.is_empty()) else {
        reader.problem("The Category field is required.".to_owned());
        return;
    };
    let known = |one: &Json| match one {
        Json::Text(word) => find_choice(word, choices::SHOP_CATEGORY).is_some(),
        _ => false,
    };
    if !list.iter().all(known) {
        reader.problem("The field Category holds an unknown entry.".to_owned());
    }
}

fn required_text(reader: Reader<'_>, name: &str, least: usize, most: usize) -> String {
    if reader.is_missing(name) {
        reader.problem(format!("The {name} field is required."));
    }
    reader.text(name, least, most).unwrap_or_default()
}

fn required_address(reader: Reader<'_>, name: &str) -> Option<String> {
    if reader.is_missing(name) {
        reader.problem(format!("The {name} field is required."));
    }
    reader.address(name)
}

fn read_contact(reader: Reader<'_>, name: &str) -> Contact {
    let Some(one) = reader.required_object(name) else {
        return Contact::default();
    };
    Contact {
        // Assumed: as long as the shop's name.
        name: one.required_text("Name", 200),
        phone: one.required_text("PhoneNumber", 30),
        email: one.required_email("Email"),
    }
}
