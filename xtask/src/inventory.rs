//! Reads generated code back, as a maintainer would: which operations, models, fields and values are there.
//!
//! It looks at the Rust text and not at the document, so that it says what the crate really offers.

use std::collections::BTreeMap;
use std::fmt;

use quote::ToTokens;
use syn::{Expr, Fields, Item, Type};

use crate::regen::Files;

/// What the generated crate offers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inventory {
    /// Each operation, `METHOD path` and the rest of its row, by its id.
    pub operations: BTreeMap<String, String>,
    /// Each model, its fields by their wire names.
    pub models: BTreeMap<String, BTreeMap<String, Field>>,
    /// Each enumeration, the wire spellings of its values.
    pub enums: BTreeMap<String, Vec<String>>,
    /// Each limit, by model and wire name.
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
        )
    }
}

impl Inventory {
    /// Reads the texts of the generated files. A text that does not parse counts as empty, so that a damaged
    /// file shows as a change and not as a failure.
    #[must_use]
    pub fn of(files: &Files) -> Self {
        let mut inventory = Self::default();
        let parse = |name: &str| files.get(name).and_then(|text| syn::parse_file(text).ok());
        if let Some(file) = parse("client.rs") {
            inventory.read_models(&file.items);
        }
        if let Some(file) = parse("enums.rs") {
            inventory.read_enums(&file.items);
        }
        if let Some(file) = parse("operations.rs") {
            inventory.read_operations(&file.items);
        }
        if let Some(file) = parse("limits.rs") {
            inventory.read_limits(&file.items);
        }
        inventory
    }

    /// One card for each model: a line for each field.
    #[must_use]
    pub fn model_card(&self, model: &str) -> Option<String> {
        let fields = self.models.get(model)?;
        let lines = fields
            .iter()
            .map(|(name, field)| format!("{name}: {field}"));
        Some(lines.collect::<Vec<_>>().join("\n"))
    }

    fn read_models(&mut self, items: &[Item]) {
        for item in items {
            match item {
                Item::Mod(module) if module.ident == "types" => {
                    self.read_models(
                        module
                            .content
                            .as_ref()
                            .map(|(_, items)| items.as_slice())
                            .unwrap_or_default(),
                    );
                }
                Item::Struct(model) => {
                    if let Fields::Named(fields) = &model.fields
                        && model.ident != "Client"
                    {
                        let fields = fields.named.iter().map(read_field).collect();
                        self.models.insert(model.ident.to_string(), fields);
                    }
                }
                _ => {}
            }
        }
    }

    fn read_enums(&mut self, items: &[Item]) {
        for item in items {
            let Item::Impl(block) = item else { continue };
            let Type::Path(name) = &*block.self_ty else {
                continue;
            };
            for entry in &block.items {
                if let syn::ImplItem::Const(known) = entry
                    && known.ident == "KNOWN"
                {
                    let values = list(&known.expr)
                        .into_iter()
                        .filter_map(|value| match value {
                            Expr::Tuple(pair) => pair.elems.first().map(text),
                            _ => None,
                        });
                    self.enums
                        .insert(name.to_token_stream().to_string(), values.collect());
                }
            }
        }
    }

    fn read_operations(&mut self, items: &[Item]) {
        for row in table(items, "OPERATIONS") {
            let mut fields = struct_fields(row);
            let id = fields.remove("id").unwrap_or_default();
            let method = fields.remove("method").unwrap_or_default();
            let path = fields.remove("path").unwrap_or_default();
            let rest: Vec<String> = fields
                .iter()
                .map(|(name, value)| format!("{name}: {value}"))
                .collect();
            self.operations
                .insert(id, format!("{method} {path} ({})", rest.join(", ")));
        }
    }

    fn read_limits(&mut self, items: &[Item]) {
        for model in table(items, "MODELS") {
            let Expr::Struct(model) = model else { continue };
            let name = model
                .fields
                .first()
                .map(|field| text(&field.expr))
                .unwrap_or_default();
            let rows = model
                .fields
                .last()
                .map(|field| list(&field.expr))
                .unwrap_or_default();
            for row in rows {
                let mut fields = struct_fields(row);
                if let (Some(property), Some(limits)) =
                    (fields.remove("name"), fields.remove("limits"))
                {
                    self.limits.insert((name.clone(), property), limits);
                }
            }
        }
    }
}

fn read_field(field: &syn::Field) -> (String, Field) {
    let mut wire_name = field
        .ident
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    let mut required = true;
    for attribute in field
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("serde"))
    {
        // Unknown keys carry values that this closure must step over.
        let _ = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("rename") {
                wire_name = meta.value()?.parse::<syn::LitStr>()?.value();
            } else {
                required &= !meta.path.is_ident("default");
                if meta.input.peek(syn::Token![=]) {
                    meta.value()?.parse::<Expr>()?;
                }
            }
            Ok(())
        });
    }
    let full = short(&field.ty);
    let inner = full
        .strip_prefix("Option<")
        .and_then(|rest| rest.strip_suffix('>'));
    let nullable = inner.is_some();
    // An Option may be missing without a word; everything else says `default` where it may.
    required &= !nullable;
    let rust_type = inner.unwrap_or(&full).to_owned();
    (
        wire_name,
        Field {
            rust_type,
            required,
            nullable,
        },
    )
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

fn table<'a>(items: &'a [Item], name: &str) -> Vec<&'a Expr> {
    items
        .iter()
        .find_map(|item| match item {
            Item::Static(table) if table.ident == name => Some(list(&table.expr)),
            _ => None,
        })
        .unwrap_or_default()
}

fn list(expr: &Expr) -> Vec<&Expr> {
    match expr {
        Expr::Reference(reference) => list(&reference.expr),
        Expr::Array(array) => array.elems.iter().collect(),
        _ => Vec::new(),
    }
}

fn struct_fields(row: &Expr) -> BTreeMap<String, String> {
    let Expr::Struct(row) = row else {
        return BTreeMap::new();
    };
    row.fields
        .iter()
        .map(|field| {
            (
                field.member.to_token_stream().to_string(),
                text(&field.expr),
            )
        })
        .collect()
}

/// The value of a text, or the expression as it stands.
fn text(expr: &Expr) -> String {
    match expr {
        Expr::Lit(syn::ExprLit {
            lit: syn::Lit::Str(text),
            ..
        }) => text.value(),
        other => other.to_token_stream().to_string().replace(" :: ", "::"),
    }
}
