//! The rule that numbers say what they count.

use super::{Report, says_something};
use crate::places;
use crate::spec::{escape, ref_name};

pub(super) fn unit(report: &mut Report<'_>) {
    for (pointer, schema) in places::schemas(report.spec) {
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let counts = ref_name(property) == Some("Decimal") || property["type"] == "integer";
            if counts && !says_something(&property["x-barion-unit"]) {
                report.add(
                    format!("{pointer}/properties/{}", escape(name)),
                    "has no x-barion-unit: say what it counts, such as money, quantity or days",
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::lint::testing::{SCHEMAS, breaks, passes};

    #[test]
    fn decimals_and_integers_of_requests_and_answers_have_units() {
        for place in [
            "PayRequest/properties/Total",
            "PayResponse/properties/Total",
            "Line/properties/Count",
        ] {
            let place = format!("{SCHEMAS}/{place}");
            let unit = format!("{place}/x-barion-unit");
            for other in [json!(null), json!(""), json!(1)] {
                breaks("unit", &[(&unit, other)], &[&place]);
            }
            passes(&[(&unit, json!("percent"))]);
        }
    }
}
