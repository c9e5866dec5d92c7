//! The rules that our own document keeps, beyond being valid OpenAPI.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::problem::{Problem, Problems};
use crate::spec::{Operation, Spec, ref_name, walk};

/// The grades that `x-barion-confidence` may have; `spec/README.md` tells what they mean.
pub const CONFIDENCES: [&str; 4] = ["confirmed", "documented", "reported", "conflicting"];

/// Checks all rules.
///
/// # Errors
/// Every broken rule, with its place.
pub fn lint(spec: &Spec) -> Result<(), Problems> {
    let mut report = Report {
        spec,
        problems: Vec::new(),
    };
    report.document();
    report.references();
    report.operations();
    report.schemas();
    report.directions();
    if report.problems.is_empty() {
        Ok(())
    } else {
        Err(Problems(report.problems))
    }
}

struct Report<'a> {
    spec: &'a Spec,
    problems: Vec<Problem>,
}

impl Report<'_> {
    fn add(&mut self, pointer: impl Into<String>, message: impl Into<String>) {
        self.problems
            .push(Problem::at(&self.spec.file, pointer, message));
    }

    fn document(&mut self) {
        let version = self.spec.root["openapi"].as_str().unwrap_or_default();
        if !version.starts_with("3.0.") {
            self.add(
                "/openapi",
                format!("is {version:?}: the generator reads OpenAPI 3.0.x only"),
            );
        }
        for (pointer, what) in [("/paths", "operations"), ("/components/schemas", "schemas")] {
            if !self
                .spec
                .root
                .pointer(pointer)
                .is_some_and(Value::is_object)
            {
                self.add(pointer, format!("is missing: the {what} are expected here"));
            }
        }
    }

    fn references(&mut self) {
        let mut broken = Vec::new();
        walk(&self.spec.root, "", &mut |value, pointer| {
            if let Some(target) = value.get("$ref").and_then(Value::as_str) {
                let found = target
                    .strip_prefix('#')
                    .and_then(|target| self.spec.root.pointer(target));
                if found.is_none() {
                    broken.push((
                        format!("{pointer}/$ref"),
                        format!("points to {target:?}, which does not exist"),
                    ));
                }
            }
        });
        for (pointer, message) in broken {
            self.add(pointer, message);
        }
    }

    fn operations(&mut self) {
        let mut seen: BTreeMap<&str, String> = BTreeMap::new();
        for operation in self.spec.operations() {
            let pointer = operation.pointer();
            let id = operation.id();
            if id.is_empty()
                || !id
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
            {
                self.add(
                    format!("{pointer}/operationId"),
                    "must be a name in snake_case: it becomes the method's name",
                );
            } else if let Some(other) = seen.insert(id, pointer.clone()) {
                self.add(
                    format!("{pointer}/operationId"),
                    format!("{id:?} is already the name of {other}"),
                );
            }
            self.provenance(operation.value, &pointer);
            if !matches!(
                operation.value["x-barion-key"].as_str(),
                Some("shop" | "wallet" | "none")
            ) {
                self.add(
                    format!("{pointer}/x-barion-key"),
                    "must be shop, wallet or none",
                );
            }
            if !operation.value["x-barion-moves-money"].is_boolean() {
                self.add(
                    format!("{pointer}/x-barion-moves-money"),
                    "must say true or false: it decides whether a call may be repeated",
                );
            }
            self.examples(&operation);
        }
    }

    fn examples(&mut self, operation: &Operation<'_>) {
        let pointer = operation.pointer();
        if operation.value.get("requestBody").is_some() {
            let body = self.spec.resolve(&operation.value["requestBody"]);
            if !has_example(body) {
                self.add(format!("{pointer}/requestBody"), "has no example");
            }
        } else {
            let parameters = operation.value["parameters"]
                .as_array()
                .into_iter()
                .flatten();
            for (index, parameter) in parameters.enumerate() {
                if self.spec.resolve(parameter).get("example").is_none() {
                    self.add(format!("{pointer}/parameters/{index}"), "has no example");
                }
            }
        }
        if self.spec.answer_schema(operation).is_none() {
            self.add(format!("{pointer}/responses/200"), "has no JSON schema");
        } else if !has_example(self.spec.resolve(&operation.value["responses"]["200"])) {
            self.add(format!("{pointer}/responses/200"), "has no example");
        }
    }

    fn schemas(&mut self) {
        for (name, schema) in self.spec.schemas().into_iter().flatten() {
            let pointer = format!("/components/schemas/{name}");
            self.provenance(schema, &pointer);
            if schema["description"]
                .as_str()
                .unwrap_or_default()
                .is_empty()
            {
                self.add(&pointer, "has no description");
            }
            self.open_values(schema, &pointer);
            let mut found = Vec::new();
            walk(schema, &pointer, &mut |value, pointer| {
                if value.get("type").and_then(Value::as_str) == Some("number") && name != "Decimal"
                {
                    found.push((
                        pointer.to_owned(),
                        "is a bare number: refer to Decimal, which is exact".to_owned(),
                    ));
                }
                if value.get("enum").is_some_and(Value::is_array) {
                    found.push((
                        pointer.to_owned(),
                        "is a closed list: Barion's lists grow, write x-barion-values".to_owned(),
                    ));
                }
            });
            for (pointer, message) in found {
                self.add(pointer, message);
            }
        }
    }

    fn open_values(&mut self, schema: &Value, pointer: &str) {
        let Some(values) = schema.get("x-barion-values") else {
            return;
        };
        let pointer = format!("{pointer}/x-barion-values");
        let mut seen = BTreeSet::new();
        for (index, entry) in values.as_array().into_iter().flatten().enumerate() {
            let value = entry["value"].as_str().unwrap_or_default();
            if value.is_empty() || entry["meaning"].as_str().unwrap_or_default().is_empty() {
                self.add(format!("{pointer}/{index}"), "needs a value and a meaning");
            }
            let also = entry["also"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str);
            for spelling in also.chain([value]) {
                if !seen.insert(spelling.to_ascii_lowercase()) {
                    self.add(
                        format!("{pointer}/{index}"),
                        format!("{spelling:?} stands here twice (letter case does not count)"),
                    );
                }
            }
        }
        if seen.is_empty() {
            self.add(pointer, "must be a list of values");
        }
    }

    fn provenance(&mut self, value: &Value, pointer: &str) {
        if value["x-barion-source"]
            .as_array()
            .is_none_or(Vec::is_empty)
        {
            self.add(
                pointer,
                "has no x-barion-source: say where this is known from",
            );
        }
        let confidence = value["x-barion-confidence"].as_str().unwrap_or_default();
        if !CONFIDENCES.contains(&confidence) {
            self.add(
                pointer,
                format!(
                    "has no x-barion-confidence, or an unknown one: {}",
                    CONFIDENCES.join(", ")
                ),
            );
        }
    }

    /// Answers are read leniently and requests are checked strictly, so a model serves one direction.
    fn directions(&mut self) {
        let requests = self.spec.request_schemas();
        for name in self.spec.answer_schemas() {
            if requests.contains(&name) && self.spec.is_model(&name) {
                self.add(
                    format!("/components/schemas/{name}"),
                    "is used by requests and answers: write two models",
                );
            }
            self.lenient_answer(&name);
        }
    }

    fn lenient_answer(&mut self, name: &str) {
        let pointer = format!("/components/schemas/{name}");
        let schema = &self.spec.root["components"]["schemas"][name];
        let parts = schema["allOf"].as_array().into_iter().flatten();
        if parts
            .chain([schema])
            .any(|part| ref_name(part).is_none() && part.get("required").is_some())
        {
            self.add(pointer, "requires properties in an answer: a missing one would make the whole answer unreadable");
        }
    }
}

fn has_example(body: &Value) -> bool {
    let content = &body["content"]["application/json"];
    content.get("example").is_some()
        || content["examples"]
            .as_object()
            .is_some_and(|examples| !examples.is_empty())
}
