//! Reachability: which named schemas are used, and references that go in circles.

use std::collections::BTreeSet;

use serde_json::Value;

use super::document::Spec;
use super::places::places;
use super::reference::walk;

impl Spec {
    /// The names of all schemas that a value refers to, directly or through other references.
    #[must_use]
    pub fn reachable(&self, from: &Value) -> BTreeSet<String> {
        reachable(self, [from])
    }

    /// The names of all schemas that some operation uses, be it in a body, an answer or a
    /// parameter.
    #[must_use]
    pub fn used_schemas(&self) -> BTreeSet<String> {
        self.reachable(&self.root["paths"])
    }

    /// The names of all schemas that are part of some answer, errors included.
    #[must_use]
    pub fn answer_schemas(&self) -> BTreeSet<String> {
        let operations = self.operations().into_iter();
        reachable(
            self,
            operations.map(|operation| &operation.value["responses"]),
        )
    }

    /// The names of all schemas that are part of some request body.
    #[must_use]
    pub fn request_schemas(&self) -> BTreeSet<String> {
        let operations = self.operations().into_iter();
        reachable(
            self,
            operations.map(|operation| &operation.value["requestBody"]),
        )
    }
}

/// The names of all schemas that some values refer to, directly or through other references.
fn reachable<'a>(spec: &'a Spec, from: impl IntoIterator<Item = &'a Value>) -> BTreeSet<String> {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<&Value> = from.into_iter().collect();
    while let Some(value) = open.pop() {
        walk(value, "", &mut |value, _| {
            if let Some(target) = value.get("$ref").and_then(Value::as_str)
                && seen.insert(target)
            {
                open.push(spec.resolve(value));
            }
        });
    }
    let names = seen
        .iter()
        .filter_map(|target| target.strip_prefix("#/components/schemas/"));
    names.map(str::to_owned).collect()
}
/// The places of schemas that contain themselves: not by a property, which is fine, but as a whole.
/// Following such references never ends.
#[must_use]
pub fn loops(spec: &Spec) -> Vec<String> {
    let mut done = BTreeSet::new();
    let mut schemas = places(spec);
    schemas.retain(|place| {
        place.kind.is_schema() && goes_in_circles(spec, place.value, &mut Vec::new(), &mut done)
    });
    schemas.into_iter().map(|place| place.pointer).collect()
}

/// Values are compared by their place in memory, so that equal ones at two places stay two.
fn goes_in_circles(
    spec: &Spec,
    schema: &Value,
    above: &mut Vec<*const Value>,
    done: &mut BTreeSet<*const Value>,
) -> bool {
    let here = std::ptr::from_ref(schema);
    if above.contains(&here) {
        return true;
    }
    if done.contains(&here) {
        return false;
    }
    above.push(here);
    let parts = ["allOf", "anyOf", "oneOf"]
        .iter()
        .flat_map(|key| schema[*key].as_array().into_iter().flatten());
    let target = schema["$ref"]
        .as_str()
        .filter(|target| target.starts_with('#'))
        .map(|_| spec.resolve(schema));
    let circular = parts
        .chain(schema.get("not"))
        .chain(target)
        .any(|next| goes_in_circles(spec, next, above, done));
    above.pop();
    if !circular {
        done.insert(here);
    }
    circular
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::spec::{Spec, loops};

    fn spec(text: &str) -> Spec {
        Spec::parse(Path::new("test.yaml"), text).unwrap()
    }

    #[test]
    fn a_schema_that_extends_itself_is_a_loop_and_one_that_holds_its_like_is_not() {
        let spec = spec(
            "
components:
  schemas:
    Snake: { allOf: [{ $ref: '#/components/schemas/Tail' }] }
    Tail: { anyOf: [{ $ref: '#/components/schemas/Snake' }] }
    Itself: { $ref: '#/components/schemas/Itself' }
    Tree: { properties: { Child: { $ref: '#/components/schemas/Tree' } } }
",
        );
        assert_eq!(
            loops(&spec),
            [
                "/components/schemas/Itself",
                "/components/schemas/Snake",
                "/components/schemas/Snake/allOf/0",
                "/components/schemas/Tail",
                "/components/schemas/Tail/anyOf/0",
            ]
        );
    }

    #[test]
    fn references_are_followed_through_properties_lists_and_wrappers() {
        let spec = spec(
            "
paths:
  /a:
    get: { responses: { '200': { $ref: '#/components/responses/Yes' } } }
components:
  responses:
    Yes: { content: { application/json: { schema: { $ref: '#/components/schemas/A' } } } }
  schemas:
    A: { properties: { B: { allOf: [{ $ref: '#/components/schemas/B' }] } } }
    B: { properties: { C: { type: array, items: { $ref: '#/components/schemas/C' } } } }
    C: { type: string }
    D: { type: string }
",
        );
        let names: Vec<String> = spec.used_schemas().into_iter().collect();
        assert_eq!(names, ["A", "B", "C"]);
        // The rules about directions build on this.
        let names: Vec<String> = spec.answer_schemas().into_iter().collect();
        assert_eq!(names, ["A", "B", "C"]);
    }
}
