//! Emits `enums.rs`: the open enumerations, each with a variant for values that are not known yet.

use heck::ToUpperCamelCase;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;

use super::print;
use crate::problem::{Problem, Problems};
use crate::spec::Spec;

/// The text of `enums.rs`.
///
/// # Errors
/// When a value can't be made a name of Rust.
pub(super) fn emit(spec: &Spec) -> Result<String, Problems> {
    let mut tokens = quote! {
        //! The enumerations of the API. Each is open: a value that is not listed is kept as it
        //! came.
        use serde_with::{DeserializeFromStr, SerializeDisplay};
        use crate::open_enum::{OpenEnum, Unrecognized, open_enum};
    };
    for (name, schema) in spec.schemas().into_iter().flatten() {
        if let Some(values) = schema["x-barion-values"].as_array() {
            tokens.extend(one(spec, name, schema, values)?);
        }
    }
    print::pretty(tokens).map_err(|error| Problem::of_file(&spec.file, error).into())
}

fn one(spec: &Spec, name: &str, schema: &Value, values: &[Value]) -> Result<TokenStream, Problems> {
    let ident = format_ident!("{name}");
    let doc = doc_of(schema);
    let unrecognized = " A value that this version does not know, kept as it came.";
    let mut variants = TokenStream::new();
    let mut known = TokenStream::new();
    let mut texts = TokenStream::new();
    let mut also = TokenStream::new();
    for (index, entry) in values.iter().enumerate() {
        let value = entry["value"].as_str().unwrap_or_default();
        let variant = syn::parse_str::<syn::Ident>(&variant_name(value)).map_err(|_| {
            let pointer = format!("/components/schemas/{name}/x-barion-values/{index}");
            Problem::at(
                &spec.file,
                pointer,
                format!("{value:?} can't be made a name of Rust"),
            )
        })?;
        let meaning = format!(
            " {} (`{value}`)",
            entry["meaning"].as_str().unwrap_or_default()
        );
        variants.extend(quote! { #[doc = #meaning] #variant, });
        known.extend(quote! { (#value, Self::#variant), });
        texts.extend(quote! { Self::#variant => #value, });
        for spelling in entry["also"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            also.extend(quote! { (#spelling, Self::#variant), });
        }
    }
    let digits = fraction_digits(&ident, values);
    Ok(quote! {
        #[doc = #doc]
        #[derive(
            Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            SerializeDisplay, DeserializeFromStr
        )]
        #[non_exhaustive]
        pub enum #ident {
            #variants
            #[doc = #unrecognized]
            Unrecognized(Unrecognized),
        }
        impl OpenEnum for #ident {
            const NAME: &'static str = #name;
            const KNOWN: &'static [(&'static str, Self)] = &[#known];
            const ALSO: &'static [(&'static str, Self)] = &[#also];
            fn as_str(&self) -> &str {
                match self { #texts Self::Unrecognized(other) => other.as_str() }
            }
            fn unrecognized(text: Unrecognized) -> Self {
                Self::Unrecognized(text)
            }
        }
        open_enum!(#ident);
        #digits
    })
}

/// The number of digits after the point that amounts may have, where the values say it
/// (currencies).
fn fraction_digits(ident: &syn::Ident, values: &[Value]) -> TokenStream {
    let arms: TokenStream = values
        .iter()
        .filter_map(|entry| {
            let digits = u32::try_from(entry["fractionDigits"].as_u64()?).ok()?;
            let variant = format_ident!("{}", variant_name(entry["value"].as_str()?));
            Some(quote! { Self::#variant => Some(#digits), })
        })
        .collect();
    if arms.is_empty() {
        return TokenStream::new();
    }
    quote! {
        impl #ident {
            /// How many digits after the point an amount may have; `None` where that is not known.
            #[must_use]
            pub fn fraction_digits(&self) -> Option<u32> {
                match self { #arms _ => None }
            }
        }
    }
}

fn doc_of(schema: &Value) -> String {
    let text = schema["description"].as_str().unwrap_or_default().trim();
    match schema["externalDocs"]["url"].as_str() {
        Some(url) => format!(" {text}\n\n See <{url}>."),
        None => format!(" {text}"),
    }
}

/// `hu-HU` becomes `HuHu`, `HUF` becomes `Huf`, `InProgress` stays.
fn variant_name(value: &str) -> String {
    let plain = value.chars().all(|c| c.is_ascii_alphanumeric());
    let shouting = !value.chars().any(|c| c.is_ascii_lowercase());
    if plain && !shouting && value.starts_with(|c: char| c.is_ascii_uppercase()) {
        value.to_owned()
    } else {
        value.to_upper_camel_case()
    }
}

#[cfg(test)]
mod tests {
    use super::variant_name;

    #[test]
    fn values_become_names() {
        let names = ["hu-HU", "HUF", "InProgress", "MoreThan60Days", "All"].map(variant_name);
        assert_eq!(
            names,
            ["HuHu", "Huf", "InProgress", "MoreThan60Days", "All"]
        );
    }
}
