//! What the generated crate offers: operations, models, fields, values and limits.

use std::collections::BTreeMap;
use std::fmt;

use quote::ToTokens;
use syn::visit::Visit;
use syn::{Expr, ImplItem, ItemImpl, ItemStatic, ItemStruct, Type};

use super::limits;
use crate::emit::Files;
use crate::source::{serde_keys, string, wire_name};

/// What the generated crate offers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inventory {
    /// Each operation, `METHOD path` and the rest of its row, by its id.
    pub operations: BTreeMap<String, String>,
    /// Each model, its fields by their wire names.
    pub models: BTreeMap<String, BTreeMap<String, Field>>,
    /// Each enumeration, the wire spellings of its values.
    pub enums: BTreeMap<String, Vec<String>>,
    /// Other spellings that an enumeration reads, each with the value that it stands for.
    pub also: BTreeMap<String, Vec<String>>,
    /// What each property of a request is held to, in words, by model and wire name.
    pub limits: BTreeMap<(String, String), String>,
}

/// A field of a generated model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The Rust type, without paths and without the `Option` of an optional field.
    pub rust_type: String,
    /// Whether the value must be there.
    pub required: bool,
    /// Whether `null` is read.
    pub nullable: bool,
    /// Other names under which it is read.
    pub also: Vec<String>,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let required = if self.required {
            "required"
        } else {
            "optional"
        };
        write!(
            f,
            "{}, {required}{}",
            self.rust_type,
            if self.nullable { ", nullable" } else { "" }
        )?;
        if self.also.is_empty() {
            Ok(())
        } else {
            write!(f, ", also {}", self.also.join(", "))
        }
    }
}

impl Inventory {
    /// Reads the texts of the generated files. A text that does not parse counts as empty, so that
    /// a damaged file shows as a change and not as a failure.
    #[must_use]
    pub fn of(files: &Files) -> Self {
        let mut inventory = Self::default();
        for text in files.values() {
            if let Ok(file) = syn::parse_file(text) {
                inventory.visit_file(&file);
            }
        }
        inventory
    }

    /// One card for each model: a line for each field.
    #[must_use]
    pub fn model_card(&self, model: &str) -> Option<String> {
        let fields = self.models.get(model)?.iter();
        let lines = fields.map(|(name, field)| format!("{name}: {field}"));
        Some(lines.collect::<Vec<_>>().join("\n"))
    }

    /// One card for each model of a request: what each of its properties is held to.
    #[must_use]
    pub fn limits_card(&self, model: &str) -> Option<String> {
        let rows = self.limits.iter();
        let rows = rows.filter(|((name, _), limits)| name == model && !limits.is_empty());
        let lines: Vec<String> = rows
            .map(|((_, property), limits)| format!("{property}: {limits}"))
            .collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    pub(super) fn has_field(&self, model: &str, field: &str) -> bool {
        let fields = self.models.get(model);
        fields.is_some_and(|fields| fields.contains_key(field))
    }
}

impl<'ast> Visit<'ast> for Inventory {
    /// A model.
    fn visit_item_struct(&mut self, model: &'ast ItemStruct) {
        if model.ident != "Client" && matches!(model.fields, syn::Fields::Named(_)) {
            let fields = model.fields.iter().map(field).collect();
            self.models.insert(model.ident.to_string(), fields);
        }
    }

    /// An enumeration, with its tables of spellings.
    fn visit_item_impl(&mut self, block: &'ast ItemImpl) {
        let name = block.self_ty.to_token_stream().to_string();
        for entry in &block.items {
            if let ImplItem::Const(table) = entry {
                let rows = entries(&table.expr)
                    .into_iter()
                    .filter_map(|row| match row {
                        Expr::Tuple(pair) => {
                            Some((string(pair.elems.first()?)?, pair.elems.last()?))
                        }
                        _ => None,
                    });
                if table.ident == "KNOWN" {
                    let values = rows.map(|(value, _)| value).collect();
                    self.enums.insert(name.clone(), values);
                } else if table.ident == "ALSO" {
                    let also = rows.map(|(spelling, value)| {
                        format!(
                            "{spelling} is read as {}",
                            tokens(value).replace("Self::", "")
                        )
                    });
                    self.also.insert(name.clone(), also.collect());
                }
            }
        }
    }

    /// The table of operations, or the table of the properties of a model.
    fn visit_item_static(&mut self, table: &'ast ItemStatic) {
        for row in entries(&table.expr) {
            let row = fields_of(row);
            let text = |key: &str| row.get(key).map(|value| tokens(value)).unwrap_or_default();
            if table.ident == "OPERATIONS" {
                let named = ["id", "method", "path"];
                let rest = row.keys().filter(|key| !named.contains(&key.as_str()));
                let rest: Vec<String> = rest.map(|key| format!("{key}: {}", text(key))).collect();
                let rest = format!("{} {} ({})", text("method"), text("path"), rest.join(", "));
                self.operations.insert(text("id"), rest);
            } else if let Some(limits) = row.get("limits") {
                let key = (model_of(table), text("name"));
                self.limits.insert(key, limits::in_words(limits));
            }
        }
    }
}

/// The model whose properties a table holds: its documentation says `` The properties of `Item`. ``
fn model_of(table: &ItemStatic) -> String {
    let docs = table
        .attrs
        .iter()
        .filter_map(|attribute| match &attribute.meta {
            syn::Meta::NameValue(doc) => string(&doc.value),
            _ => None,
        });
    let docs: String = docs.collect();
    docs.split('`').nth(1).unwrap_or_default().to_owned()
}

fn field(field: &syn::Field) -> (String, Field) {
    let keys = serde_keys(field);
    let full = short(&field.ty);
    let inner = full
        .strip_prefix("Option<")
        .and_then(|rest| rest.strip_suffix('>'));
    let nullable = inner.is_some();
    let also = keys.iter().filter(|(key, _)| key == "alias");
    let read = Field {
        rust_type: inner.unwrap_or(&full).to_owned(),
        // An Option may be missing without a word; everything else says `default` where it may.
        required: !nullable && keys.iter().all(|(key, _)| key != "default"),
        nullable,
        also: also.filter_map(|(_, name)| name.clone()).collect(),
    };
    (wire_name(field).unwrap_or_default(), read)
}

/// A type without the paths before its names: `Option<Vec<Item>>`.
fn short(ty: &Type) -> String {
    let full = ty.to_token_stream().to_string().replace(' ', "");
    let mut out = String::new();
    let mut word = String::new();
    for c in full.chars() {
        if c.is_alphanumeric() || c == '_' {
            word.push(c);
        } else if c == ':' {
            word.clear();
        } else {
            out.push_str(&word);
            word.clear();
            out.push(c);
        }
    }
    // A type that was broken over lines ends its arguments with a comma.
    (out + &word).replace(",>", ">")
}

/// The entries of a list, or of a reference to one.
fn entries(expr: &Expr) -> Vec<&Expr> {
    match expr {
        Expr::Reference(reference) => entries(&reference.expr),
        Expr::Array(array) => array.elems.iter().collect(),
        _ => Vec::new(),
    }
}

/// The fields of a struct expression.
pub(super) fn fields_of(expr: &Expr) -> BTreeMap<String, &Expr> {
    let Expr::Struct(row) = expr else {
        return BTreeMap::new();
    };
    let fields = row.fields.iter();
    fields
        .map(|field| (field.member.to_token_stream().to_string(), &field.expr))
        .collect()
}

/// The value of a text, or the expression as it stands.
fn tokens(expr: &Expr) -> String {
    string(expr).unwrap_or_else(|| expr.to_token_stream().to_string().replace(" :: ", "::"))
}
