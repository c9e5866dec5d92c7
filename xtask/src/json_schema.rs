//! JSON Schema validation of values against the document's schemas, independent of our generator.
//!
//! OpenAPI 3.0 has a dialect of its own, so its schemas are first turned into JSON Schema 2020-12.
//! Formats are not asserted: Barion's dates and addresses are looser than the formats say.

use std::collections::BTreeMap;
use std::fmt;

use jsonschema::{Draft, Registry, RegistryBuilder, Resource, ValidationError, Validator};
use serde_json::{Map, Value, json};

use crate::problem::{Problem, Problems};
use crate::spec::{Spec, escape, loops, make_ref};

const NAMED: &str = "/components/schemas/";
/// The address under which all named schemas are registered; nothing is ever fetched from there.
const HOME: &str = "barion:/schemas";

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
        let problem = |place, message: &str| Problem::at(&spec.file, place, message);
        let schemas = spec.schemas().into_iter().flatten();
        let schemas: Map<String, Value> = schemas
            .map(|(name, schema)| (name.clone(), convert(schema)))
            .collect();
        let mut problems: Vec<Problem> = loops(spec)
            .into_iter()
            .map(|place| problem(place, "refers to itself"))
            .collect();
        let meta = jsonschema::draft202012::meta::validator();
        for (name, schema) in &schemas {
            problems.extend(meta.iter_errors(schema).map(|error| {
                let place = place_of(name, error.instance_path().as_str());
                problem(place, &error.to_string())
            }));
        }
        if !problems.is_empty() {
            return Err(Problems(problems));
        }
        let home = json!({ "components": { "schemas": schemas } });
        let registry = Registry::new()
            .draft(Draft::Draft202012)
            .add(HOME, Resource::from_contents(home))
            .and_then(RegistryBuilder::prepare)
            .map_err(|error| problem(String::new(), &error.to_string()))?;
        let mut compiled = BTreeMap::new();
        for name in schemas.keys() {
            // What only compiling finds: a bad pattern, say.
            match build(&registry, &make_ref(name)) {
                Ok(validator) => drop(compiled.insert(name.clone(), validator)),
                Err(error) => {
                    let place = error.schema_path().as_str();
                    let place = match place.strip_prefix(NAMED) {
                        Some(below) => {
                            let (name, below) =
                                below.split_at(below.find('/').unwrap_or(below.len()));
                            place_of(name, below)
                        }
                        None => place_of(name, place),
                    };
                    problems.push(problem(place, &error.to_string()));
                }
            }
        }
        problems.dedup();
        if problems.is_empty() {
            Ok(Self { registry, compiled })
        } else {
            Err(Problems(problems))
        }
    }

    /// Checks a value against a named schema; each message begins with the place, as in
    /// `"/Transactions/0/Total: …"`.
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
        let only = schema.as_object().is_some_and(|keys| keys.len() == 1);
        let name = schema["$ref"].as_str().filter(|_| only);
        let name = name.and_then(|target| target.strip_prefix('#')?.strip_prefix(NAMED));
        if let Some(validator) = name.and_then(|name| self.compiled.get(name)) {
            return check(validator, instance);
        }
        let message = match (name, build(&self.registry, schema)) {
            (Some(name), _) => format!("there is no schema {name:?} in the document"),
            (None, Ok(validator)) => return check(&validator, instance),
            (None, Err(error)) => format!("the schema is no schema: {error}"),
        };
        vec![Mismatch {
            pointer: String::new(),
            message,
        }]
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
        .build(&convert(schema))
}

fn check(validator: &Validator, instance: &Value) -> Vec<Mismatch> {
    let errors = validator.iter_errors(instance);
    errors
        .map(|error| Mismatch {
            pointer: error.instance_path().to_string(),
            message: error.to_string(),
        })
        .collect()
}

/// A schema of OpenAPI 3.0 in the dialect of JSON Schema 2020-12, without what says nothing about
/// values there: examples, formats and our own fields.
fn convert(schema: &Value) -> Value {
    let Some(keywords) = schema.as_object() else {
        return schema.clone();
    };
    let is_set = |key: &str| keywords.get(key) == Some(&Value::Bool(true));
    let mut converted = Map::new();
    for (key, value) in keywords {
        let value = match (key.as_str(), value) {
            ("$ref", Value::String(target)) if target.starts_with('#') => {
                Value::String(format!("{HOME}{target}"))
            }
            ("properties", Value::Object(map)) => {
                let properties = map.iter();
                let properties = properties.map(|(name, schema)| (name.clone(), convert(schema)));
                Value::Object(properties.collect())
            }
            ("allOf" | "anyOf" | "oneOf", Value::Array(list)) => list.iter().map(convert).collect(),
            ("items" | "not" | "additionalProperties", schema) => convert(schema),
            // In OpenAPI 3.0 these are flags beside the bounds, in JSON Schema they are the bounds.
            ("exclusiveMinimum" | "exclusiveMaximum", _) => continue,
            ("minimum", bound) if is_set("exclusiveMinimum") => {
                converted.insert("exclusiveMinimum".to_owned(), bound.clone());
                continue;
            }
            ("maximum", bound) if is_set("exclusiveMaximum") => {
                converted.insert("exclusiveMaximum".to_owned(), bound.clone());
                continue;
            }
            ("nullable" | "example" | "format" | "default" | "description" | "title", _) => {
                continue;
            }
            (key, _) if key.starts_with("x-") => continue,
            (_, value) => value.clone(),
        };
        converted.insert(key.clone(), value);
    }
    if is_set("nullable") {
        // Holds beside types, lists of values and references alike, and keeps the places of errors.
        return json!({ "if": { "type": "null" }, "else": converted });
    }
    Value::Object(converted)
}

/// The place in our document of a place in a converted schema: without the `else` of what may be
/// null.
fn place_of(name: &str, path: &str) -> String {
    let mut place = format!("{NAMED}{}", escape(name));
    let mut before = "";
    for segment in path.split('/').skip(1) {
        if segment != "else" || before == "properties" {
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
