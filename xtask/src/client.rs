//! Drives progenitor over the lowered document.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use openapiv3::OpenAPI;
use proc_macro2::TokenStream;
use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TypeImpl};
use quote::quote;
use serde_json::Value;
use syn::{ImplItem, Item};

use crate::inventory::wire_name;
use crate::lower::{self, SENSITIVE, WIRE_TYPES};
use crate::print;
use crate::problem::{Problem, Problems};
use crate::spec::{Spec, escape, make_ref, ref_name, walk};

/// The text of `client.rs`: the types and the client.
///
/// # Errors
/// When the document is not OpenAPI 3.0, or holds something that the generator can't do.
pub fn emit(spec: &Spec) -> Result<String, Problems> {
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
    replaced(spec, &file.items)?;
    without_constructor(&mut file.items);
    with_json_schema(&mut file.items);
    with_other_names(&other_names(spec), &mut file.items);
    with_lenient_numbers(&spec.answer_schemas(), &mut file.items);
    Ok(quote!(#file))
}

/// The generator respells some names (`QRCode` becomes `QrCode`), and then does not find what stands for them.
fn replaced(spec: &Spec, items: &[Item]) -> Result<(), String> {
    let ours = lower::open_enums(spec)
        .into_iter()
        .chain(WIRE_TYPES.map(str::to_owned));
    let ours: BTreeMap<String, String> = ours.map(|name| (name.to_lowercase(), name)).collect();
    let types = items.iter().filter_map(|item| match item {
        Item::Mod(module) if module.ident == "types" => module.content.as_ref(),
        _ => None,
    });
    for item in types.flat_map(|(_, items)| items) {
        if let Item::Struct(model) = item
            && let Some(name) = ours.get(&model.ident.to_string().to_lowercase())
        {
            return Err(format!(
                "/components/schemas/{name} must be spelt {}, as the generator does",
                model.ident
            ));
        }
    }
    Ok(())
}

/// The generator's own `Client::new` unwraps; `new_with_client` does all that is needed.
fn without_constructor(items: &mut [Item]) {
    for item in items {
        if let Item::Impl(block) = item
            && block.trait_.is_none()
        {
            block.items.retain(
                |entry| !matches!(entry, ImplItem::Fn(method) if method.sig.ident == "new"),
            );
        }
    }
}

/// Lets the models tell their JSON schema, as a feature: independent eyes compare it with the document.
fn with_json_schema(items: &mut [Item]) {
    for item in items {
        match item {
            Item::Mod(module) => {
                if let Some((_, items)) = &mut module.content {
                    with_json_schema(items);
                }
            }
            Item::Struct(model) if model.ident != "Client" => {
                model.attrs.push(syn::parse_quote!(#[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]));
            }
            _ => {}
        }
    }
}

/// The other names that answers may use for a property (`x-barion-also`), by model and property.
fn other_names(spec: &Spec) -> BTreeMap<(String, String), Vec<String>> {
    let mut names = BTreeMap::new();
    for (model, schema) in spec.schemas().into_iter().flatten() {
        for (property, schema) in spec.properties(schema).0 {
            let also = schema["x-barion-also"].as_array().into_iter().flatten();
            let also: Vec<String> = also.filter_map(Value::as_str).map(str::to_owned).collect();
            if !also.is_empty() {
                names.insert((model.clone(), property), also);
            }
        }
    }
    names
}

/// Lets a field be read by its other names too.
fn with_other_names(names: &BTreeMap<(String, String), Vec<String>>, items: &mut [Item]) {
    for item in items {
        match item {
            Item::Mod(module) => {
                if let Some((_, items)) = &mut module.content {
                    with_other_names(names, items);
                }
            }
            Item::Struct(model) => {
                for field in &mut model.fields {
                    let Some(property) = wire_name(field) else {
                        continue;
                    };
                    for other in names
                        .get(&(model.ident.to_string(), property))
                        .into_iter()
                        .flatten()
                    {
                        field
                            .attrs
                            .push(syn::parse_quote!(#[serde(alias = #other)]));
                    }
                }
            }
            _ => {}
        }
    }
}

/// Lets an answer be read whose number is odd: it reads as not set.
fn with_lenient_numbers(answers: &BTreeSet<String>, items: &mut [Item]) {
    for item in items {
        match item {
            Item::Mod(module) => {
                if let Some((_, items)) = &mut module.content {
                    with_lenient_numbers(answers, items);
                }
            }
            Item::Struct(model) if answers.contains(&model.ident.to_string()) => {
                let decimal: syn::Type =
                    syn::parse_quote!(::std::option::Option<crate::wire::Decimal>);
                for field in model.fields.iter_mut().filter(|field| field.ty == decimal) {
                    field.attrs.push(
                        syn::parse_quote!(#[serde(default, deserialize_with = "crate::wire::exact_or_not_set")]),
                    );
                }
            }
            _ => {}
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

thread_local! {
    /// Whether this thread is inside the generator.
    static GENERATING: Cell<bool> = const { Cell::new(false) };
}

/// Panics of the generator are caught and told as errors; what the hook prints of them would be noise.
fn silence_the_generator() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !GENERATING.get() {
                usual(panic);
            }
        }));
    });
}

/// The generator panics on some documents; to the maintainer that is an error like any other.
fn generate(spec: &Spec, document: &OpenAPI) -> Result<TokenStream, String> {
    silence_the_generator();
    GENERATING.set(true);
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        Generator::new(&settings(spec)).generate_tokens(document)
    }));
    GENERATING.set(false);
    match outcome {
        Ok(Ok(tokens)) => Ok(tokens),
        Ok(Err(error)) => Err(error.to_string()),
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
    for name in WIRE_TYPES.into_iter().chain([SENSITIVE]) {
        settings.with_replacement(
            name,
            format!("crate::wire::{name}"),
            [TypeImpl::Display].into_iter(),
        );
    }
    for name in lower::open_enums(spec) {
        settings.with_replacement(
            &name,
            format!("crate::enums::{name}"),
            [TypeImpl::Display].into_iter(),
        );
    }
    settings
}

/// Tries each schema with what it refers to, the simplest first, and then each operation, so that the message
/// names the place.
fn find_culprit(spec: &Spec, document: &OpenAPI, message: &str) -> Problem {
    let message = format!("the generator can't do this: {message}");
    let names = spec
        .schemas()
        .into_iter()
        .flat_map(|schemas| schemas.keys());
    let mut closures: Vec<(&String, BTreeSet<String>)> = names
        .map(|name| (name, closure(spec, &make_ref(name))))
        .collect();
    closures.sort_by_key(|(_, needed)| needed.len());
    for (name, needed) in closures {
        if generate(spec, &reduced(document, &needed, None)).is_err() {
            return Problem::at(
                &spec.file,
                format!("/components/schemas/{}", escape(name)),
                message,
            );
        }
    }
    for operation in spec.operations() {
        let needed = closure(spec, operation.value);
        if generate(spec, &reduced(document, &needed, Some(operation.path))).is_err() {
            return Problem::at(&spec.file, operation.pointer(), message);
        }
    }
    Problem::at(&spec.file, "", message)
}

/// The document with these schemas and at most one path.
fn reduced(document: &OpenAPI, needed: &BTreeSet<String>, path: Option<&str>) -> OpenAPI {
    let mut reduced = document.clone();
    reduced
        .paths
        .paths
        .retain(|other, _| Some(other.as_str()) == path);
    if let Some(components) = &mut reduced.components {
        components
            .schemas
            .retain(|name, _| needed.contains(name) || name == SENSITIVE);
    }
    reduced
}

/// The names of all schemas that a value refers to, directly or not.
fn closure(spec: &Spec, value: &Value) -> BTreeSet<String> {
    let mut needed = BTreeSet::new();
    collect(spec, value, &mut needed);
    needed
}

fn collect(spec: &Spec, value: &Value, needed: &mut BTreeSet<String>) {
    walk(value, "", &mut |value, _| {
        if let Some(name) = ref_name(value)
            && needed.insert(name.to_owned())
        {
            collect(spec, spec.resolve(&make_ref(name)), needed);
        }
    });
}
