//! Emits `client.rs`: the types and the client, by progenitor from the lowered document.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use openapiv3::OpenAPI;
use proc_macro2::TokenStream;
use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TypeImpl};
use quote::quote;
use serde_json::{Map, Value};
use syn::{ImplItem, Item, ItemStruct, parse_quote};

use super::lower::{self, SENSITIVE, WIRE_TYPES};
use super::{extension, print};
use crate::problem::{Problem, Problems};
use crate::source::wire_name;
use crate::spec::{Spec, escape, make_ref};

/// The text of `client.rs`: the types and the client.
///
/// # Errors
/// When the document is not OpenAPI 3.0, or holds something that the generator can't do.
pub(super) fn emit(spec: &Spec) -> Result<String, Problems> {
    let lowered = lower::lower(spec);
    let document = read_document(spec, &lowered)?;
    let tokens = match generate(spec, &document) {
        Ok(tokens) => tokens,
        Err(message) => return Err(find_culprit(spec, &document, &message).into()),
    };
    let tokens = finish(spec, tokens).map_err(|error| Problem::of_file(&spec.file, error))?;
    print::pretty(tokens).map_err(|error| Problem::of_file(&spec.file, error).into())
}

/// What the generator can't be asked to do.
fn finish(spec: &Spec, tokens: TokenStream) -> Result<TokenStream, String> {
    let mut file: syn::File = syn::parse2(tokens)
        .map_err(|error| format!("the generated code does not parse: {error}"))?;
    let (also, answers) = (other_names(spec), spec.answer_schemas());
    for item in &mut file.items {
        match item {
            Item::Mod(module) => {
                let Some((_, items)) = &mut module.content else {
                    continue;
                };
                for item in &mut *items {
                    if let Item::Struct(model) = item {
                        replaced(spec, model)?;
                        finish_model(model, &also, &answers);
                    }
                }
                extension::add(spec, items);
            }
            // The generator's own `Client::new` unwraps; `new_with_client` does all that is needed.
            Item::Impl(block) if block.trait_.is_none() => block.items.retain(
                |entry| !matches!(entry, ImplItem::Fn(method) if method.sig.ident == "new"),
            ),
            _ => {}
        }
    }
    Ok(quote!(#file))
}

/// The generator respells some names (`QRCode` becomes `QrCode`), and then does not find what
/// stands for them.
fn replaced(spec: &Spec, model: &ItemStruct) -> Result<(), String> {
    let ours = lower::open_enums(spec).into_iter();
    let mut ours = ours.chain(WIRE_TYPES.map(str::to_owned));
    let model = model.ident.to_string();
    match ours.find(|name| name.eq_ignore_ascii_case(&model)) {
        Some(name) => Err(format!(
            "/components/schemas/{name} must be spelt {model}, as the generator does"
        )),
        None => Ok(()),
    }
}

/// The other names that answers may use for a property (`x-barion-also`), by model and property.
fn other_names(spec: &Spec) -> BTreeMap<(String, String), Vec<String>> {
    let mut names = BTreeMap::new();
    for model in spec.models() {
        for (property, schema) in spec.properties(spec.schema(model)).0 {
            let also = schema["x-barion-also"].as_array().into_iter().flatten();
            let also: Vec<String> = also.filter_map(Value::as_str).map(str::to_owned).collect();
            names.insert((model.clone(), property), also);
        }
    }
    names
}

/// Adds attributes to a model: its JSON schema as a feature, so that independent eyes can compare
/// it with the document; its other names; and in answers numbers that read as not set where they
/// are odd.
fn finish_model(
    model: &mut ItemStruct,
    also: &BTreeMap<(String, String), Vec<String>>,
    answers: &BTreeSet<String>,
) {
    let name = model.ident.to_string();
    model
        .attrs
        .push(parse_quote!(#[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]));
    let decimal: syn::Type = parse_quote!(::std::option::Option<crate::wire::Decimal>);
    for field in &mut model.fields {
        let key = (name.clone(), wire_name(field).unwrap_or_default());
        for other in also.get(&key).into_iter().flatten() {
            field.attrs.push(parse_quote!(#[serde(alias = #other)]));
        }
        if answers.contains(&name) && field.ty == decimal {
            field.attrs.push(
                parse_quote!(#[serde(default, deserialize_with = "crate::wire::exact_or_not_set")]),
            );
        }
    }
}

fn read_document(spec: &Spec, lowered: &Value) -> Result<OpenAPI, Problems> {
    serde_path_to_error::deserialize(lowered).map_err(|error| {
        let pointer = error
            .path()
            .iter()
            .fold(String::new(), |pointer, segment| match segment {
                serde_path_to_error::Segment::Seq { index } => format!("{pointer}/{index}"),
                serde_path_to_error::Segment::Map { key } => format!("{pointer}/{}", escape(key)),
                _ => pointer,
            });
        Problem::at(
            &spec.file,
            pointer,
            format!("is not OpenAPI 3.0: {}", error.inner()),
        )
        .into()
    })
}

/// The generator panics on some documents; to the maintainer that is an error like any other.
fn generate(spec: &Spec, document: &OpenAPI) -> Result<TokenStream, String> {
    let generate = || Generator::new(&settings(spec)).generate_tokens(document);
    match catch_unwind(AssertUnwindSafe(generate)) {
        Ok(tokens) => tokens.map_err(|error| error.to_string()),
        Err(panic) => Err(panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string))
            .unwrap_or_else(|| "the generator gave up without a reason".to_owned())),
    }
}

fn settings(spec: &Spec) -> GenerationSettings {
    let mut settings = GenerationSettings::default();
    settings
        .with_interface(InterfaceStyle::Positional)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote!(crate::hooks::Hooks));
    let wire = WIRE_TYPES.into_iter().chain([SENSITIVE]);
    let wire = wire.map(|name| (name.to_owned(), "wire"));
    let enums = lower::open_enums(spec)
        .into_iter()
        .map(|name| (name, "enums"));
    for (name, module) in wire.chain(enums) {
        let path = format!("crate::{module}::{name}");
        settings.with_replacement(&name, path, [TypeImpl::Display].into_iter());
    }
    settings
}

/// Tries each schema with what it refers to, the simplest first, and then each operation, so that
/// the message names the place.
fn find_culprit(spec: &Spec, document: &OpenAPI, message: &str) -> Problem {
    let names = spec.schemas().into_iter().flat_map(Map::keys);
    let schemas = names.map(|name| {
        let pointer = format!("/components/schemas/{}", escape(name));
        (pointer, spec.reachable(&make_ref(name)), None)
    });
    let mut parts: Vec<_> = schemas.collect();
    parts.sort_by_key(|(_, needed, _)| needed.len());
    parts.extend(spec.operations().into_iter().map(|operation| {
        let needed = spec.reachable(operation.value);
        (operation.pointer(), needed, Some(operation.path))
    }));
    let culprit = parts.into_iter().find(|(_, needed, path)| {
        let mut part = document.clone();
        part.paths
            .paths
            .retain(|other, _| Some(other.as_str()) == *path);
        if let Some(components) = &mut part.components {
            let schemas = &mut components.schemas;
            schemas.retain(|name, _| needed.contains(name) || name == SENSITIVE);
        }
        generate(spec, &part).is_err()
    });
    let place = culprit.map(|(pointer, ..)| pointer).unwrap_or_default();
    Problem::at(
        &spec.file,
        place,
        format!("the generator can't do this: {message}"),
    )
}
