//! Emits `limits.rs`: what the document says about each property of a request, as data to check against.

use heck::ToShoutySnakeCase;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value;

use super::print;
use crate::problem::{Problem, Problems};
use crate::spec::{Spec, limit, ref_name, seconds};

/// The text of `limits.rs`.
///
/// # Errors
/// When a limit is not of the kind that its keyword asks for.
pub(super) fn emit(spec: &Spec) -> Result<String, Problems> {
    let mut models = TokenStream::new();
    let mut tables = TokenStream::new();
    for name in spec.request_schemas() {
        if !spec.is_model(&name) {
            continue;
        }
        let pointer = format!("/components/schemas/{name}");
        let (properties, required) = spec.properties(spec.schema(&name));
        let mut rows = TokenStream::new();
        for (property, schema) in &properties {
            let needed = required.contains(property);
            let emitter = Emitter {
                spec,
                pointer: format!("{pointer}/properties/{property}"),
                schema,
            };
            let shape = emitter.shape(schema);
            let limits = emitter.limits()?;
            rows.extend(quote! { Property { name: #property, required: #needed, shape: #shape, limits: #limits }, });
        }
        let (table, count) = (table_of(&name), properties.len());
        let doc = format!(" The properties of `{name}`.");
        tables.extend(quote! { #[doc = #doc] pub static #table: [Property; #count] = [#rows]; });
        models.extend(quote! { Model { name: #name, properties: &#table }, });
    }
    let tokens = quote! {
        //! The models of requests, with the limits of their properties.
        use rust_decimal::Decimal;
        use crate::tables::{Bound, Limits, Model, Property, Shape, pattern};
        /// Every model of a request, by name.
        pub static MODELS: &[Model] = &[#models];
        #tables
    };
    print::pretty(tokens).map_err(|error| Problem::of_file(&spec.file, error).into())
}

/// The name of the table of a model's properties: `Item` has `ITEM`.
pub(super) fn table_of(model: &str) -> Ident {
    format_ident!("{}", model.to_shouty_snake_case())
}

/// Whether a property has a limit that a value can break.
pub(super) fn has_limits(spec: &Spec, schema: &Value) -> bool {
    let keywords = [
        "minLength",
        "maxLength",
        "minItems",
        "minimum",
        "maximum",
        "x-barion-minimum",
        "x-barion-maximum",
        "pattern",
    ];
    let mut keywords = keywords.iter();
    keywords.any(|keyword| limit(spec, schema, keyword).is_some())
}

struct Emitter<'a> {
    spec: &'a Spec,
    pointer: String,
    schema: &'a Value,
}

impl Emitter<'_> {
    fn shape(&self, schema: &Value) -> TokenStream {
        if let Some(name) = ref_name(schema) {
            return match name {
                "Decimal" => quote!(Shape::Number),
                "TimeSpan" => quote!(Shape::Span),
                _ if self.spec.is_model(name) => quote!(Shape::Model(#name)),
                _ => quote!(Shape::Text),
            };
        }
        match schema["type"].as_str() {
            Some("array") => {
                let items = self.shape(&schema["items"]);
                quote!(Shape::List(&#items))
            }
            Some("integer") => quote!(Shape::Number),
            Some("boolean") => quote!(Shape::Flag),
            _ => quote!(Shape::Text),
        }
    }

    fn limits(&self) -> Result<TokenStream, Problems> {
        let get = |key: &str| limit(self.spec, self.schema, key);
        let mut rows = TokenStream::new();
        for (key, field) in [
            ("minLength", "min_length"),
            ("maxLength", "max_length"),
            ("minItems", "min_items"),
        ] {
            if let Some(value) = get(key) {
                let number = value.as_u64().and_then(|n| usize::try_from(n).ok());
                let number = number.ok_or_else(|| self.wrong(key, "a whole number"))?;
                let field = format_ident!("{field}");
                rows.extend(quote! { #field: Some(#number), });
            }
        }
        for (key, strict, field) in [
            ("minimum", "exclusiveMinimum", "min"),
            ("maximum", "exclusiveMaximum", "max"),
        ] {
            if let Some(value) = get(key) {
                let bound = self.decimal(key, value)?;
                let exclusive = get(strict) == Some(&Value::Bool(true));
                let field = format_ident!("{field}");
                rows.extend(
                    quote! { #field: Some(Bound { value: #bound, exclusive: #exclusive }), },
                );
            }
        }
        for (key, field) in [
            ("x-barion-minimum", "min_seconds"),
            ("x-barion-maximum", "max_seconds"),
        ] {
            if let Some(value) = get(key) {
                let seconds = value.as_str().and_then(seconds);
                let seconds = seconds.ok_or_else(|| self.wrong(key, "a time span, d.hh:mm:ss"))?;
                let field = format_ident!("{field}");
                rows.extend(quote! { #field: Some(#seconds), });
            }
        }
        if let Some(pattern) = get("pattern") {
            let pattern = pattern
                .as_str()
                .ok_or_else(|| self.wrong("pattern", "a text"))?;
            rows.extend(quote! { pattern: Some(pattern!(#pattern)), });
        }
        if self.schema.get("x-barion-sensitive").is_some() {
            rows.extend(quote! { sensitive: true, });
        }
        Ok(if rows.is_empty() {
            quote!(Limits::NONE)
        } else {
            quote!(Limits { #rows ..Limits::NONE })
        })
    }

    /// An exact constant, out of the digits as the document writes them.
    fn decimal(&self, key: &str, value: &Value) -> Result<TokenStream, Problems> {
        let text = value
            .as_number()
            .map(ToString::to_string)
            .ok_or_else(|| self.wrong(key, "a number"))?;
        let negative = text.starts_with('-');
        let (whole, fraction) = text
            .trim_start_matches('-')
            .split_once('.')
            .unwrap_or((text.trim_start_matches('-'), ""));
        let scale = u32::try_from(fraction.len()).unwrap_or(u32::MAX);
        let digits: u32 = format!("{whole}{fraction}")
            .parse()
            .map_err(|_| self.wrong(key, "a plain number of at most nine digits"))?;
        Ok(quote!(Decimal::from_parts(#digits, 0, 0, #negative, #scale)))
    }

    fn wrong(&self, key: &str, expected: &str) -> Problems {
        Problem::at(
            &self.spec.file,
            format!("{}/{key}", self.pointer),
            format!("must be {expected}"),
        )
        .into()
    }
}
