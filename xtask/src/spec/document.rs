//! The OpenAPI document: its operations, schemas and models.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::reference::{escape, ref_name};
use crate::problem::{Problem, Problems};

/// The document: where it came from, and its content.
#[derive(Debug, Clone)]
pub struct Spec {
    /// The file's name, for messages.
    pub file: PathBuf,
    /// The content.
    pub root: Value,
}

/// One operation of the document.
#[derive(Debug, Clone, Copy)]
pub struct Operation<'a> {
    /// The path template, such as `/v2/Payment/Start`.
    pub path: &'a str,
    /// The method in lower case, as the document writes it.
    pub method: &'a str,
    /// The operation object.
    pub value: &'a Value,
}

impl<'a> Operation<'a> {
    /// The JSON pointer of the operation.
    #[must_use]
    pub fn pointer(&self) -> String {
        format!("/paths/{}/{}", escape(self.path), self.method)
    }

    /// The operationId, empty where there is none (which the lint refuses).
    #[must_use]
    pub fn id(&self) -> &'a str {
        self.value["operationId"].as_str().unwrap_or_default()
    }
}

const METHODS: [&str; 7] = ["get", "put", "post", "delete", "options", "head", "patch"];

impl Spec {
    /// Reads a YAML document from a file.
    ///
    /// # Errors
    /// When the file can't be read or is not YAML.
    pub fn read(file: &Path) -> Result<Self, Problems> {
        let text = std::fs::read_to_string(file)
            .map_err(|error| Problem::of_file(file, format!("cannot be read: {error}")))?;
        Self::parse(file, &text)
    }

    /// Reads a YAML document from a text; `file` is its name in messages.
    ///
    /// # Errors
    /// When the text is not YAML, or not a mapping.
    pub fn parse(file: &Path, text: &str) -> Result<Self, Problems> {
        let root: Value = serde_saphyr::from_str(text)
            .map_err(|error| Problem::of_file(file, format!("is not valid YAML: {error}")))?;
        if !root.is_object() {
            return Err(Problem::at(
                file,
                "",
                "is not an OpenAPI document: a mapping is expected",
            )
            .into());
        }
        Ok(Self {
            file: file.to_owned(),
            root,
        })
    }

    /// The named schemas.
    #[must_use]
    pub fn schemas(&self) -> Option<&Map<String, Value>> {
        self.root
            .pointer("/components/schemas")
            .and_then(Value::as_object)
    }

    /// The named schema; null where there is none of that name.
    #[must_use]
    pub fn schema(&self, name: &str) -> &Value {
        &self.root["components"]["schemas"][name]
    }

    /// The named schemas that are models.
    pub fn models(&self) -> impl Iterator<Item = &String> {
        let schemas = self.schemas().into_iter().flat_map(Map::keys);
        schemas.filter(|name| self.is_model(name))
    }

    /// All operations, in the order of their paths.
    #[must_use]
    pub fn operations(&self) -> Vec<Operation<'_>> {
        let paths = self.root["paths"].as_object().into_iter().flatten();
        paths
            .flat_map(|(path, item)| {
                METHODS.iter().filter_map(move |method| {
                    item.get(method).map(|value| Operation {
                        path,
                        method,
                        value,
                    })
                })
            })
            .collect()
    }

    /// Follows a `$ref` of this document; other values are returned as they are.
    #[must_use]
    pub fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"]
            .as_str()
            .and_then(|target| target.strip_prefix('#'))
        {
            Some(pointer) => self.root.pointer(pointer).unwrap_or(&Value::Null),
            None => value,
        }
    }

    /// The schemas of the JSON body that an operation takes.
    #[must_use]
    pub fn request_schema<'a>(&'a self, operation: &Operation<'a>) -> Option<&'a Value> {
        json_schema(self.resolve(&operation.value["requestBody"]))
    }

    /// The schema of the JSON body that an operation answers with on success.
    #[must_use]
    pub fn answer_schema<'a>(&'a self, operation: &Operation<'a>) -> Option<&'a Value> {
        json_schema(self.resolve(&operation.value["responses"]["200"]))
    }

    /// Whether a named schema has properties, itself or by what it extends.
    #[must_use]
    pub fn is_model(&self, name: &str) -> bool {
        let schema = self.schema(name);
        let mut parts = schema["allOf"].as_array().into_iter().flatten();
        schema.get("properties").is_some()
            || parts.any(|part| {
                part.get("properties").is_some()
                    || ref_name(part).is_some_and(|name| self.is_model(name))
            })
    }

    /// The properties of a model with their schemas, those it inherits first, and the names of the
    /// required ones.
    #[must_use]
    pub fn properties(&self, schema: &Value) -> (Map<String, Value>, BTreeSet<String>) {
        let mut properties = Map::new();
        let mut required = BTreeSet::new();
        for part in schema["allOf"].as_array().into_iter().flatten() {
            let (inherited, needed) = self.properties(self.resolve(part));
            properties.extend(inherited);
            required.extend(needed);
        }
        properties.extend(
            schema["properties"]
                .as_object()
                .cloned()
                .unwrap_or_default(),
        );
        let names = schema["required"].as_array().into_iter().flatten();
        required.extend(names.filter_map(Value::as_str).map(str::to_owned));
        (properties, required)
    }
}

fn json_schema(body: &Value) -> Option<&Value> {
    body.pointer("/content/application~1json/schema")
}
