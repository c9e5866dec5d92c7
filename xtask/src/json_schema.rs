//! Checks values against the document's schemas, with a validator that knows nothing of our generator.
//!
//! OpenAPI 3.0 has a dialect of its own, so its schemas are first turned into JSON Schema 2020-12. Formats are not
//! asserted: Barion's dates and addresses are looser than the formats say.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jsonschema::{Draft, Registry, Resource, ValidationError, Validator};
use serde_json::{Map, Value, json};

use crate::problem::{Problem, Problems};
use crate::spec::{Spec, escape, loops, make_ref};

const NAMED: &str = "#/components/schemas/";
/// The address that all named schemas are registered under; nothing is ever fetched from there.
const HOME: &str = "barion:/schemas";

/// Keywords that mean the same in both dialects and hold no schemas.
const PLAIN: [&str; 13] = [
    "type",
    "enum",
    "required",
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
];

/// The named schemas of a document, compiled.
pub struct JsonSchemas {
    /// All schemas in JSON Schema's dialect, for schemas that refer to them.
    registry: Registry<'static>,
    compiled: BTreeMap<String, Validator>,
}

impl fmt::Debug for JsonSchemas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.compiled.keys()).finish()
    }
}

/// One reason why a value does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The JSON pointer inside the value, `""` for the value itself.
    pub pointer: String,
    /// What does not fit.
    pub message: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.pointer, self.message)
    }
}

impl JsonSchemas {
    /// Converts and compiles every named schema, once.
    ///
    /// # Errors
    /// Every schema that is no schema, with its place in the document.
    pub fn of(spec: &Spec) -> Result<Self, Problems> {
        let broken = loops(spec);
        if !broken.is_empty() {
            let problem = |pointer| Problem::at(&spec.file, pointer, "refers to itself");
            return Err(Problems(broken.into_iter().map(problem).collect()));
        }
        let definitions: Map<String, Value> = spec
            .schemas()
            .into_iter()
            .flatten()
            .map(|(name, schema)| (name.clone(), convert(schema)))
            .collect();
        compile_all(&definitions).map_err(|wrong| {
            let problem =
                |(place, message): (String, String)| Problem::at(&spec.file, place, message);
            Problems(wrong.into_iter().map(problem).collect())
        })
    }

    /// Checks a value against a named schema; each message begins with the place, as in `"/Transactions/0/Total: …"`.
    #[must_use]
    pub fn validate(&self, schema_name: &str, instance: &Value) -> Vec<String> {
        self.validate_schema(&make_ref(schema_name), instance)
    }

    /// Checks a value against any schema of the document, such as that of a parameter.
    #[must_use]
    pub fn validate_schema(&self, schema: &Value, instance: &Value) -> Vec<String> {
        let found = self.mismatches(schema, instance);
        found.iter().map(ToString::to_string).collect()
    }

    /// The same as [`Self::validate_schema`], with places and messages apart.
    #[must_use]
    pub fn mismatches(&self, schema: &Value, instance: &Value) -> Vec<Mismatch> {
        if let Some(validator) = named(schema).and_then(|name| self.named(name)) {
            return check(validator, instance);
        }
        match self.compile(schema) {
            Ok(validator) => check(&validator, instance),
            Err(message) => vec![Mismatch {
                pointer: String::new(),
                message,
            }],
        }
    }

    fn named(&self, name: &str) -> Option<&Validator> {
        self.compiled.get(name)
    }

    fn compile(&self, schema: &Value) -> Result<Validator, String> {
        if let Some(name) = named(schema) {
            return Err(format!("there is no schema {name:?} in the document"));
        }
        build(&self.registry, &convert(schema))
            .map_err(|error| format!("the schema is no schema: {error}"))
    }
}

fn build<'a>(
    registry: &'a Registry<'a>,
    schema: &Value,
) -> Result<Validator, ValidationError<'static>> {
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(false)
        .with_registry(registry)
        .build(schema)
}

/// What is wrong, each with its place in our document.
type Wrong = BTreeSet<(String, String)>;

/// Finds everything that is wrong with the schemas as such, then what only compiling finds (a bad pattern, say).
fn compile_all(definitions: &Map<String, Value>) -> Result<JsonSchemas, Wrong> {
    let root = json!({ "$defs": definitions });
    let mut wrong: Wrong = jsonschema::draft202012::meta::validator()
        .iter_errors(&root)
        .map(|error| (place_of(error.instance_path().as_str()), error.to_string()))
        .collect();
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let registry = Registry::new()
        .draft(Draft::Draft202012)
        .add(HOME, Resource::from_contents(root))
        .and_then(jsonschema::RegistryBuilder::prepare)
        .map_err(|error| Wrong::from([(String::new(), error.to_string())]))?;
    let mut compiled = BTreeMap::new();
    for name in definitions.keys() {
        match build(&registry, &convert(&make_ref(name))) {
            Ok(validator) => {
                compiled.insert(name.clone(), validator);
            }
            Err(error) => {
                let place = match error.schema_path().as_str() {
                    "" => format!("/components/schemas/{}", escape(name)),
                    path => place_of(path),
                };
                wrong.insert((place, error.to_string()));
            }
        }
    }
    if wrong.is_empty() {
        Ok(JsonSchemas { registry, compiled })
    } else {
        Err(wrong)
    }
}

fn check(validator: &Validator, instance: &Value) -> Vec<Mismatch> {
    validator
        .iter_errors(instance)
        .map(|error| Mismatch {
            pointer: error.instance_path().to_string(),
            message: error.to_string(),
        })
        .collect()
}

/// The name in a schema that is a reference and nothing else.
fn named(schema: &Value) -> Option<&str> {
    let only = schema.as_object().is_some_and(|keys| keys.len() == 1);
    schema["$ref"]
        .as_str()
        .filter(|_| only)
        .and_then(|target| target.strip_prefix(NAMED))
}

/// A schema of OpenAPI 3.0 in the dialect of JSON Schema 2020-12.
///
/// Whatever says nothing about values is left out: texts, examples, formats and our own fields.
fn convert(schema: &Value) -> Value {
    let Some(keywords) = schema.as_object() else {
        return schema.clone();
    };
    let mut converted = Map::new();
    for (key, value) in keywords {
        if let Some(value) = convert_keyword(key, value) {
            converted.insert(key.clone(), value);
        }
    }
    bound(keywords, &mut converted, "minimum", "exclusiveMinimum");
    bound(keywords, &mut converted, "maximum", "exclusiveMaximum");
    if keywords.get("nullable") == Some(&Value::Bool(true)) {
        // Holds beside types, lists of values and references alike, and keeps the places of errors below.
        return json!({ "if": { "type": "null" }, "else": converted });
    }
    Value::Object(converted)
}

fn convert_keyword(key: &str, value: &Value) -> Option<Value> {
    match key {
        "$ref" => Some(match value.as_str() {
            Some(target) => Value::String(match target.strip_prefix(NAMED) {
                Some(name) => format!("{HOME}#/$defs/{name}"),
                None => target.to_owned(),
            }),
            None => value.clone(),
        }),
        "properties" => Some(convert_map(value)),
        "allOf" | "anyOf" | "oneOf" => Some(convert_list(value)),
        "items" | "not" | "additionalProperties" => Some(convert(value)),
        "maxProperties" => Some(value.clone()),
        _ => PLAIN.contains(&key).then(|| value.clone()),
    }
}

fn convert_map(value: &Value) -> Value {
    match value.as_object() {
        Some(map) => map
            .iter()
            .map(|(name, schema)| (name.clone(), convert(schema)))
            .collect::<Map<_, _>>()
            .into(),
        None => value.clone(),
    }
}

fn convert_list(value: &Value) -> Value {
    match value.as_array() {
        Some(list) => list.iter().map(convert).collect(),
        None => value.clone(),
    }
}

/// In OpenAPI 3.0 `exclusiveMinimum` is a flag beside `minimum`, in JSON Schema it is the bound.
fn bound(keywords: &Map<String, Value>, converted: &mut Map<String, Value>, key: &str, flag: &str) {
    if keywords.get(flag) == Some(&Value::Bool(true))
        && let Some(value) = converted.remove(key)
    {
        converted.insert(flag.to_owned(), value);
    }
}

/// The place in our document of a place in the converted one.
fn place_of(path: &str) -> String {
    let mut place = String::new();
    let mut before = "";
    for segment in path.split('/').skip(1) {
        if segment == "$defs" && place.is_empty() {
            place.push_str("/components/schemas");
        } else if segment != "else" || before == "properties" {
            place.push('/');
            place.push_str(segment);
        }
        before = segment;
    }
    place
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::JsonSchemas;
    use crate::spec::Spec;

    const SCHEMAS: &str = "
components:
  schemas:
    Amount: { type: number, format: double, example: 'no number', x-anything: 1 }
    Colour: { type: string, enum: [Red], nullable: true }
    Line:
      type: object
      required: [Total]
      properties:
        Total: { allOf: [{ $ref: '#/components/schemas/Amount' }], minimum: 0, exclusiveMinimum: true }
        Share: { $ref: '#/components/schemas/Amount', nullable: true, maximum: 5, exclusiveMaximum: false }
        When: { type: string, format: date-time }
        else: { type: string }
    Bill:
      type: object
      properties:
        Colour: { allOf: [{ $ref: '#/components/schemas/Colour' }] }
        First: { allOf: [{ $ref: '#/components/schemas/Line' }], nullable: true }
        Lines: { type: array, items: { $ref: '#/components/schemas/Line' } }
        Before: { $ref: '#/components/schemas/Bill' }
";

    fn spec(text: &str) -> Spec {
        Spec::parse(Path::new("test.yaml"), text).unwrap()
    }

    #[test]
    fn null_fits_beside_types_lists_of_values_and_references() {
        let schemas = JsonSchemas::of(&spec(SCHEMAS)).unwrap();
        let bill = json!({
            "Colour": null, "First": null, "Lines": [{ "Total": 1, "Share": null, "When": "soon" }],
            "Before": { "Lines": [] },
        });
        assert_eq!(schemas.validate("Bill", &bill), Vec::<String>::new());
        assert_eq!(schemas.validate("Colour", &json!("Blue")).len(), 1);
    }

    #[test]
    fn a_message_names_the_place_also_behind_something_that_may_be_null() {
        let schemas = JsonSchemas::of(&spec(SCHEMAS)).unwrap();
        let bill =
            json!({ "First": { "Total": "1" }, "Before": { "Lines": [{ "Total": 0 }, {}] } });
        assert_eq!(
            schemas.validate("Bill", &bill),
            [
                "/Before/Lines/0/Total: 0 is less than or equal to the minimum of 0",
                "/Before/Lines/1: \"Total\" is a required property",
                "/First/Total: \"1\" is not of type \"number\"",
            ]
        );
        let line = json!({ "Total": 5, "Share": 5 });
        assert!(schemas.validate("Line", &line).is_empty(), "not exclusive");
    }

    #[test]
    fn any_schema_of_the_document_can_be_asked() {
        let schemas = JsonSchemas::of(&spec(SCHEMAS)).unwrap();
        let list = json!({ "type": "array", "items": { "$ref": "#/components/schemas/Amount" } });
        assert!(schemas.validate_schema(&list, &json!([1, 2.5])).is_empty());
        assert_eq!(
            schemas.validate_schema(&list, &json!([1, "2"])),
            ["/1: \"2\" is not of type \"number\""]
        );
        assert_eq!(
            schemas.validate("Nothing", &json!(1)),
            [": there is no schema \"Nothing\" in the document"]
        );
        let broken = json!({ "type": "objekt" });
        assert!(schemas.validate_schema(&broken, &json!(1))[0].contains("no schema"));
    }

    #[test]
    fn a_schema_that_is_none_is_told_with_its_place() {
        for (line, expected) in [
            (
                "    A: { type: objekt }",
                "test.yaml#/components/schemas/A/type: ",
            ),
            (
                "    A: { type: object, properties: { else: { nullable: true, maxLength: '3' } } }",
                "test.yaml#/components/schemas/A/properties/else/maxLength: ",
            ),
            (
                "    A: { properties: { B: { type: string, pattern: '(' } } }",
                "test.yaml#/components/schemas/A/properties/B/pattern: ",
            ),
            (
                "    A: { allOf: [{ $ref: '#/components/schemas/A' }] }",
                "test.yaml#/components/schemas/A: refers to itself",
            ),
            (
                "    A: { $ref: '#/components/schemas/B' }",
                "test.yaml#/components/schemas/A: ",
            ),
            (
                "    A: { properties: { X: { $ref: '#/components/schemas/B' } } }\n    B: { type: string, pattern: '(' }",
                "test.yaml#/components/schemas/B/pattern: ",
            ),
        ] {
            let told = JsonSchemas::of(&spec(&format!("components:\n  schemas:\n{line}\n")));
            let told = told.expect_err(line).to_string();
            assert!(told.starts_with(expected), "{expected}: {told}");
        }
    }

    #[test]
    fn a_document_without_schemas_has_none() {
        let schemas = JsonSchemas::of(&spec("paths: {}")).unwrap();
        assert_eq!(format!("{schemas:?}"), "[]");
    }
}
