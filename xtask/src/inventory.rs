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

    /// One card for each model of a request: what each of its properties is held to.
    #[must_use]
    pub fn limits_card(&self, model: &str) -> Option<String> {
        let rows = self
            .limits
            .iter()
            .filter(|((name, _), limits)| name == model && !limits.is_empty());
        let lines: Vec<String> = rows
            .map(|((_, property), limits)| format!("{property}: {limits}"))
            .collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
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
            let name = name.to_token_stream().to_string();
            for entry in &block.items {
                let syn::ImplItem::Const(table) = entry else {
                    continue;
                };
                let rows = list(&table.expr).into_iter().filter_map(|row| match row {
                    Expr::Tuple(pair) => {
                        Some((text(pair.elems.first()?), text(pair.elems.last()?)))
                    }
                    _ => None,
                });
                if table.ident == "KNOWN" {
                    self.enums
                        .insert(name.clone(), rows.map(|(value, _)| value).collect());
                } else if table.ident == "ALSO" {
                    let rows = rows.map(|(value, variant)| {
                        format!("{value} is read as {}", variant.replace("Self::", ""))
                    });
                    self.also.insert(name.clone(), rows.collect());
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
            let table_of = model.fields.last().map(|field| text(&field.expr));
            let table_of = table_of.unwrap_or_default();
            for row in table(items, table_of.trim_start_matches(['&', ' '])) {
                let mut fields = struct_fields(row);
                let limits = limits_of(row);
                if let (Some(property), Some(limits)) = (fields.remove("name"), limits) {
                    self.limits.insert((name.clone(), property), limits);
                }
            }
        }
    }
}

/// The name on the wire of a field of a generated model.
#[must_use]
pub fn wire_name(field: &syn::Field) -> Option<String> {
    let mut name = field.ident.as_ref().map(ToString::to_string);
    each_serde_key(field, |key, value| {
        if let (true, Some(value)) = (key.is_ident("rename"), value) {
            name = Some(text(value));
        }
    });
    name
}

fn read_field(field: &syn::Field) -> (String, Field) {
    let mut required = true;
    let mut also = Vec::new();
    each_serde_key(field, |key, value| {
        required &= !key.is_ident("default");
        if let (true, Some(value)) = (key.is_ident("alias"), value) {
            also.push(text(value));
        }
    });
    let full = short(&field.ty);
    let inner = full
        .strip_prefix("Option<")
        .and_then(|rest| rest.strip_suffix('>'));
    let nullable = inner.is_some();
    // An Option may be missing without a word; everything else says `default` where it may.
    required &= !nullable;
    let rust_type = inner.unwrap_or(&full).to_owned();
    let name = wire_name(field).unwrap_or_default();
    (
        name,
        Field {
            rust_type,
            required,
            nullable,
            also,
        },
    )
}

/// Calls `visit` for each key in the serde attributes of a field, with its value if it has one.
fn each_serde_key(field: &syn::Field, mut visit: impl FnMut(&syn::Path, Option<&Expr>)) {
    for attribute in field
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("serde"))
    {
        // The generator's attributes are well-formed; one that is not would be no key of ours.
        let _ = attribute.parse_nested_meta(|meta| {
            let value = if meta.input.peek(syn::Token![=]) {
                Some(meta.value()?.parse::<Expr>()?)
            } else {
                None
            };
            visit(&meta.path, value.as_ref());
            Ok(())
        });
    }
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

/// The limits in a row of the table, in words; empty where there are none.
fn limits_of(row: &Expr) -> Option<String> {
    let Expr::Struct(row) = row else { return None };
    let limits = row
        .fields
        .iter()
        .find(|field| field.member.to_token_stream().to_string() == "limits")?;
    let Expr::Struct(limits) = &limits.expr else {
        return Some(String::new());
    };
    let words = limits.fields.iter().map(|field| {
        let name = field.member.to_token_stream().to_string();
        format!("{name} {}", plain(&field.expr))
            .trim_end_matches(" true")
            .to_owned()
    });
    Some(words.collect::<Vec<_>>().join(", "))
}

/// A value of the table as a person writes it: `Some(50usize)` is 50, a bound is its number.
fn plain(expr: &Expr) -> String {
    match expr {
        Expr::Call(call) => match call.args.iter().collect::<Vec<_>>()[..] {
            [inner] => plain(inner),
            // Decimal::from_parts: the digits, two zeros, the sign and the scale.
            [digits, _, _, negative, scale] => {
                let digits = plain(digits);
                let scale: usize = plain(scale).parse().unwrap_or_default();
                let digits = format!("{digits:0>width$}", width = scale + 1);
                let (whole, fraction) = digits.split_at(digits.len() - scale);
                let sign = if plain(negative) == "true" { "-" } else { "" };
                let point = if fraction.is_empty() { "" } else { "." };
                format!("{sign}{whole}{point}{fraction}")
            }
            _ => text(expr),
        },
        Expr::Macro(pattern) => {
            let pattern = pattern.mac.parse_body::<syn::LitStr>();
            pattern.map_or_else(|_| text(expr), |pattern| pattern.value())
        }
        Expr::Struct(bound) => {
            let mut parts = bound.fields.iter().map(|field| plain(&field.expr));
            let value = parts.next().unwrap_or_default();
            let exclusive = parts.next().as_deref() == Some("true");
            format!("{value}{}", if exclusive { " (not itself)" } else { "" })
        }
        Expr::Lit(syn::ExprLit {
            lit: syn::Lit::Int(number),
            ..
        }) => number.base10_digits().to_owned(),
        other => text(other),
    }
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
