//! The rule that everything is explained.

use super::{Report, says_something};
use crate::places::{self, Place};
use crate::spec::{Spec, escape};

pub(super) fn description(report: &mut Report<'_>) {
    for (pointer, value) in explained(report.spec) {
        if !says_something(&value["description"]) {
            report.add(pointer, "has no description");
        }
    }
}

/// Everything that must be explained. A property that is a reference and nothing else is explained by its target.
fn explained(spec: &Spec) -> Vec<Place<'_>> {
    let operations = spec.operations().into_iter();
    let mut found: Vec<Place<'_>> = operations
        .map(|operation| (operation.pointer(), operation.value))
        .collect();
    found.extend(places::parameters(spec));
    for (name, schema) in spec.schemas().into_iter().flatten() {
        found.push((format!("/components/schemas/{}", escape(name)), schema));
    }
    for (pointer, schema) in places::schemas(spec) {
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let bare = property.get("$ref").is_some()
                && property.as_object().is_some_and(|keys| keys.len() == 1);
            if !bare {
                found.push((format!("{pointer}/properties/{}", escape(name)), property));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::lint::testing::{GET, POST, SCHEMAS, breaks, passes};

    #[test]
    fn everything_is_described() {
        for place in [
            GET.to_owned(),
            format!("{POST}/parameters/0"),
            "/components/parameters/Page".to_owned(),
            format!("{SCHEMAS}/Guid"),
            format!("{SCHEMAS}/Line/properties/Gift"),
        ] {
            let description = format!("{place}/description");
            for other in [json!(null), json!("\n"), json!(["A list."])] {
                breaks("description", &[(&description, other)], &[&place]);
            }
            passes(&[(&description, json!("Something else."))]);
        }
    }

    #[test]
    fn a_summary_does_not_replace_a_description_and_a_bare_reference_needs_none() {
        breaks(
            "description",
            &[
                (&format!("{GET}/description"), json!(null)),
                (&format!("{GET}/summary"), json!("Prints.")),
            ],
            &[GET],
        );
        let inside = "/components/responses/Refused/content/application~1json/schema/properties";
        let errors = format!("{inside}/Errors");
        passes(&[(&errors, json!({ "$ref": "#/components/schemas/ErrorList" }))]);
        let wrapped = json!({ "allOf": [{ "$ref": "#/components/schemas/ErrorList" }] });
        breaks("description", &[(&errors, wrapped)], &[&errors]);
    }
}
