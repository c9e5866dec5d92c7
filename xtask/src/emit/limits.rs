//! Emits `limits.rs`: the limits of each property of a request, as a table.

use heck::ToShoutySnakeCase;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use rust_decimal::Decimal;
use serde_json::Value;

use super::lower::WIRE_TYPES;
use super::{pattern, print};
use crate::problem::{Problem, Problems};
use crate::spec::{Spec, exclusive_flag, limit, ref_name, seconds};

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
            rows.extend(quote! {
                Property { name: #property, required: #needed, shape: #shape, limits: #limits },
            });
        }
        let (table, count) = (table_of(&name), properties.len());
        let doc = format!(" The properties of `{name}`.");
        tables.extend(quote! { #[doc = #doc] pub static #table: [Property; #count] = [#rows]; });
        models.extend(quote! { Model { name: #name, properties: &#table }, });
    }
    let tokens = quote! {
        //! The models of requests, with the limits of their properties.
        use rust_decimal::Decimal;
        use crate::tables::{Bound, Limits, Model, Pattern, Property, Shape, Step};
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

/// The keywords that are checked, each with the field of the table that holds its value.
const CHECKED: [(&str, &str); 8] = [
    ("minLength", "min_length"),
    ("maxLength", "max_length"),
    ("minItems", "min_items"),
    ("minimum", "min"),
    ("maximum", "max"),
    ("x-barion-minimum", "min_seconds"),
    ("x-barion-maximum", "max_seconds"),
    ("pattern", "pattern"),
];

/// Whether a property has a limit that a value can break.
pub(super) fn has_limits(spec: &Spec, schema: &Value) -> bool {
    let mut keywords = CHECKED.iter();
    keywords.any(|(keyword, _)| limit(spec, schema, keyword).is_some())
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
        let mut rows = TokenStream::new();
        for (keyword, field) in CHECKED {
            if let Some(value) = limit(self.spec, self.schema, keyword) {
                let field = format_ident!("{field}");
                let value = self.value(keyword, value)?;
                rows.extend(quote! { #field: Some(#value), });
            }
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

    fn value(&self, keyword: &str, value: &Value) -> Result<TokenStream, Problems> {
        match keyword {
            "minLength" | "maxLength" | "minItems" => {
                let number = value
                    .as_u64()
                    .and_then(|number| usize::try_from(number).ok());
                let number = number.ok_or_else(|| self.wrong(keyword, "a whole number"))?;
                Ok(quote!(#number))
            }
            "minimum" | "maximum" => {
                let bound = self.decimal(keyword, value)?;
                let flag = limit(self.spec, self.schema, exclusive_flag(keyword));
                let exclusive = flag == Some(&Value::Bool(true));
                Ok(quote!(Bound { value: #bound, exclusive: #exclusive }))
            }
            "pattern" => {
                let pattern = value
                    .as_str()
                    .ok_or_else(|| self.wrong(keyword, "a text"))?;
                self.pattern(pattern)
            }
            _ => {
                let seconds = value.as_str().and_then(seconds);
                let expected = "a time span, d.hh:mm:ss";
                let seconds = seconds.ok_or_else(|| self.wrong(keyword, expected))?;
                Ok(quote!(#seconds))
            }
        }
    }

    fn pattern(&self, pattern: &str) -> Result<TokenStream, Problems> {
        if ref_name(self.schema).is_some_and(|name| WIRE_TYPES.contains(&name)) {
            return Ok(quote!(&Pattern { text: #pattern, steps: &[], whole: false }));
        }
        let steps = pattern::emit(pattern).map_err(|why| {
            let place = format!("{}/pattern", self.pointer);
            Problem::at(
                &self.spec.file,
                place,
                format!("{why}: write a simpler one"),
            )
        })?;
        Ok(quote!(&#steps))
    }

    /// An exact constant, out of the digits as the document writes them.
    fn decimal(&self, key: &str, value: &Value) -> Result<TokenStream, Problems> {
        let number = value.as_number().map(ToString::to_string);
        let number = number.and_then(|number| Decimal::from_str_exact(&number).ok());
        let number = number.ok_or_else(|| self.wrong(key, "a plain number"))?;
        let parts = number.unpack();
        let (lo, mid, hi) = (parts.lo, parts.mid, parts.hi);
        let (negative, scale) = (parts.negative, parts.scale);
        Ok(quote!(Decimal::from_parts(#lo, #mid, #hi, #negative, #scale)))
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
