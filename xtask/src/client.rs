//! Drives progenitor over the lowered document.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use openapiv3::OpenAPI;
use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TypeImpl};
use quote::quote;
use serde_json::Value;

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
    print::pretty(without_constructor(tokens))
        .map_err(|error| Problem::of_file(&spec.file, error).into())
}

/// The generator's own `Client::new` unwraps; `new_with_client` does all that is needed.
fn without_constructor(tokens: proc_macro2::TokenStream) -> proc_macro2::TokenStream {
    let Ok(mut file) = syn::parse2::<syn::File>(tokens.clone()) else {
        return tokens;
    };
    for item in &mut file.items {
        if let syn::Item::Impl(block) = item
            && block.trait_.is_none()
        {
            block.items.retain(
                |entry| !matches!(entry, syn::ImplItem::Fn(method) if method.sig.ident == "new"),
            );
        }
    }
    quote!(#file)
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
fn generate(spec: &Spec, document: &OpenAPI) -> Result<proc_macro2::TokenStream, String> {
    let quiet = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        Generator::new(&settings(spec)).generate_tokens(document)
    }));
    std::panic::set_hook(quiet);
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
