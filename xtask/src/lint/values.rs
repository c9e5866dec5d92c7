//! Rules about the values that schemas take.

use std::collections::BTreeSet;

use serde_json::Value;

use super::report::{Document, Report, says_something};
use crate::spec::Kind;

pub(super) fn closed_list(document: &Document<'_>, report: &mut Report) {
    for place in document.schemas() {
        if place.value.get("enum").is_some() {
            let message = "is a closed list: Barion's lists grow, write x-barion-values";
            report.add(&place.pointer, message);
        }
    }
}

pub(super) fn bare_number(document: &Document<'_>, report: &mut Report) {
    for place in document.schemas() {
        if place.value["type"] == "number" && place.pointer != "/components/schemas/Decimal" {
            let message = "is a bare number: refer to Decimal, which is exact";
            report.add(&place.pointer, message);
        }
    }
}

pub(super) fn open_values(document: &Document<'_>, report: &mut Report) {
    for place in document.places(&[Kind::NamedSchema]) {
        if let Some(values) = place.value.get("x-barion-values") {
            let pointer = format!("{}/x-barion-values", place.pointer);
            match values.as_array().filter(|values| !values.is_empty()) {
                Some(values) => each_value(report, values, &pointer),
                None => report.add(pointer, "must be a list of values"),
            }
        }
    }
}

fn each_value(report: &mut Report, values: &[Value], pointer: &str) {
    let mut seen = BTreeSet::new();
    for (index, entry) in values.iter().enumerate() {
        let pointer = format!("{pointer}/{index}");
        if !says_something(&entry["value"]) || !says_something(&entry["meaning"]) {
            report.add(&pointer, "needs a value and a meaning");
        }
        let also = entry["also"].as_array().into_iter().flatten();
        for spelling in also.chain(entry.get("value")).filter_map(Value::as_str) {
            if !seen.insert(spelling.to_ascii_lowercase()) {
                report.add(
                    &pointer,
                    format!("{spelling:?} stands here twice (letter case does not count)"),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::lint::testing::{POST, SCHEMAS, breaks, passes};

    #[test]
    fn closed_lists_are_refused_wherever_they_stand() {
        for (place, list) in [
            (format!("{SCHEMAS}/Currency"), json!(["HUF"])),
            (
                format!("{SCHEMAS}/PayResponse/properties/Note"),
                json!(["a"]),
            ),
            (
                format!("{SCHEMAS}/ErrorList/items"),
                json!([{ "Title": "Refused" }]),
            ),
            ("/components/parameters/Page/schema".to_owned(), json!([1])),
            (format!("{POST}/parameters/0/schema"), json!(["ab"])),
        ] {
            breaks(
                "closed-list",
                &[(&format!("{place}/enum"), list)],
                &[&place],
            );
        }
        // A property may have that name.
        passes(&[(
            &format!("{SCHEMAS}/PayResponse/properties/enum"),
            json!({ "type": "string", "description": "A name." }),
        )]);
    }

    #[test]
    fn bare_numbers_are_refused() {
        let limited = json!({ "type": "number", "minimum": 0, "description": "How much." });
        let free = json!({ "type": "number" });
        for (place, number) in [
            (format!("{SCHEMAS}/Line/properties/Share"), limited),
            ("/components/parameters/Page/schema".to_owned(), free),
        ] {
            breaks("bare-number", &[(&place, number)], &[&place]);
        }
        passes(&[(&format!("{SCHEMAS}/Decimal/minimum"), json!(0))]);
    }

    #[test]
    fn values_are_explained_and_stand_once() {
        let values = format!("{SCHEMAS}/Currency/x-barion-values");
        let second = format!("{values}/1");
        for entry in [
            json!({ "value": "EUR" }),
            json!({ "meaning": "Euro." }),
            json!("EUR"),
            json!({ "value": "huf", "meaning": "Again." }),
            json!({ "value": "EUR", "meaning": "Euro.", "also": ["FT"] }),
        ] {
            breaks("open-values", &[(&second, entry)], &[&second]);
        }
        for other in [json!([]), json!({}), json!("EUR")] {
            breaks("open-values", &[(&values, other)], &[&values]);
        }
        passes(&[(
            &second,
            json!({ "value": "EUR", "meaning": "Euro.", "also": ["Euro"] }),
        )]);
    }
}
