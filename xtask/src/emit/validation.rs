//! Emits `request_validation.rs`: a walk over each model of a request that reports broken limits.
//!
//! The walk names the rows of the table in `limits.rs`, so a limit stands in one place. A property
//! that can't break anything is not visited.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value;
use syn::Item;

use super::limits::{self, table_of};
use super::print;
use crate::problem::{Problem, Problems};
use crate::source::wire_name;
use crate::spec::{Spec, ref_name};

/// Named texts whose Rust type keeps their form: they have nothing left to check. A key is one of
/// them also because a report would show it.
const ALWAYS_VALID: [&str; 4] = ["DashedGuid", "Guid", "PosKey", "Timestamp"];

/// The text of `request_validation.rs`; `client` is that of `client.rs`, which has the fields.
///
/// # Errors
/// When a model or a property of the document is not in the client.
pub(super) fn emit(spec: &Spec, client: &str) -> Result<String, Problems> {
    let fields = fields_of(client).map_err(|error| Problem::of_file(&spec.file, error))?;
    let checked = checked_models(spec);
    let mut walks = TokenStream::new();
    for name in &checked {
        let pointer = format!("/components/schemas/{name}");
        let (properties, required) = spec.properties(spec.schema(name));
        let (mut rows, mut checks) = (Vec::new(), TokenStream::new());
        for (property, schema) in &properties {
            if !is_checked(spec, schema, required.contains(property), &checked) {
                rows.push(quote!(_));
                continue;
            }
            let field = fields.get(&(name.clone(), property.clone()));
            let field = field.ok_or_else(|| {
                let pointer = format!("{pointer}/properties/{property}");
                Problem::at(&spec.file, pointer, "is no field of the generated model")
            })?;
            rows.push(quote!(#field));
            checks.extend(quote! { #field.check(&self.#field, path, report); });
        }
        let (model, table) = (format_ident!("{name}"), table_of(name));
        walks.extend(quote! {
            impl Validate for types::#model {
                fn validate(&self, path: &Path<'_>, report: &mut Report<'_>) {
                    let [#(#rows),*] = &limits::#table;
                    #checks
                }
            }
        });
    }
    let tokens = quote! {
        //! The walks over the models of requests that check their limits.
        use crate::validation::{Path, Report, Validate};
        use crate::{limits, types};
        #walks
    };
    print::pretty(tokens).map_err(|error| Problem::of_file(&spec.file, error).into())
}

/// The models of requests that have something to check, in themselves or in a model inside.
fn checked_models(spec: &Spec) -> BTreeSet<String> {
    let models = spec.request_schemas().into_iter();
    let models: BTreeSet<String> = models.filter(|name| spec.is_model(name)).collect();
    let mut checked = BTreeSet::new();
    loop {
        let more = models.difference(&checked).filter(|name| {
            let (properties, required) = spec.properties(spec.schema(name));
            let mut properties = properties.iter();
            properties
                .any(|(name, schema)| is_checked(spec, schema, required.contains(name), &checked))
        });
        let more: Vec<String> = more.cloned().collect();
        if more.is_empty() {
            return checked;
        }
        checked.extend(more);
    }
}

/// Whether a property can break a limit, given the models that can.
fn is_checked(spec: &Spec, schema: &Value, required: bool, checked: &BTreeSet<String>) -> bool {
    match ref_name(schema) {
        Some(name) if ALWAYS_VALID.contains(&name) => false,
        Some(name) if spec.is_model(name) => checked.contains(name),
        _ if limits::has_limits(spec, schema) => true,
        // Of what is required, only a list can be missing: those of answers are nullable.
        _ if schema["type"] == "array" => {
            required || ref_name(&schema["items"]).is_some_and(|name| checked.contains(name))
        }
        _ => false,
    }
}

/// The Rust names of the fields of all models, by model and wire name.
fn fields_of(client: &str) -> Result<BTreeMap<(String, String), Ident>, String> {
    let file = syn::parse_file(client).map_err(|error| format!("client.rs: {error}"))?;
    let modules = file.items.into_iter().filter_map(|item| match item {
        Item::Mod(module) => module.content,
        _ => None,
    });
    let mut fields = BTreeMap::new();
    for item in modules.flat_map(|(_, items)| items) {
        if let Item::Struct(model) = item {
            for field in model.fields {
                if let (Some(name), Some(ident)) = (wire_name(&field), field.ident) {
                    fields.insert((model.ident.to_string(), name), ident);
                }
            }
        }
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::emit;
    use crate::spec::Spec;

    const CLIENT: &str = r#"
        pub mod types {
            pub struct Order {
                #[serde(rename = "Id")] pub id: Guid,
                #[serde(rename = "Lines")] pub lines: Vec<Line>,
                #[serde(rename = "Note")] pub note: Option<String>,
            }
            pub struct Line { #[serde(rename = "Type")] pub type_: String }
        }"#;

    /// The visited properties of each model in the walks of a document with these two schemas.
    fn visited(note: &str, kind: &str) -> Vec<String> {
        let text = format!(
            "
paths:
  /a:
    post:
      requestBody:
        content: {{ application/json: {{ schema: {{ $ref: '#/components/schemas/Order' }} }} }}
components:
  schemas:
    Guid: {{ type: string, pattern: '^[0-9a-f]{{32}}$' }}
    Line: {{ properties: {{ Type: {{ type: string{kind} }} }} }}
    Order:
      properties:
        Id: {{ $ref: '#/components/schemas/Guid' }}
        Lines: {{ type: array, items: {{ $ref: '#/components/schemas/Line' }} }}
        Note: {{ type: string{note} }}
"
        );
        let spec = Spec::parse(Path::new("test.yaml"), &text).unwrap();
        let lines = emit(&spec, CLIENT).unwrap();
        let lines = lines.lines().map(str::trim);
        let shown = lines.filter(|line| line.starts_with("impl") || line.contains(".check("));
        shown
            .map(|line| line.replace(", path, report);", ""))
            .collect()
    }

    /// Another document generates another walk: nothing else decides what is checked.
    #[test]
    fn the_document_decides_what_is_visited() {
        assert_eq!(visited("", ""), [""; 0]);
        let note = "note.check(&self.note";
        let order = "impl Validate for types::Order {";
        assert_eq!(visited(", maxLength: 5", ""), [order, note]);
        let line = ["impl Validate for types::Line {", "type_.check(&self.type_"];
        let lines = "lines.check(&self.lines";
        assert_eq!(
            visited("", ", pattern: x"),
            [&line[..], &[order, lines]].concat()
        );
        assert_eq!(
            visited(", minLength: 1", ", maxLength: 1"),
            [&line[..], &[order, lines, note]].concat()
        );
    }

    #[test]
    fn a_property_without_a_field_is_named() {
        let text = "
paths:
  /a:
    post:
      requestBody:
        content: { application/json: { schema: { $ref: '#/components/schemas/Order' } } }
components: { schemas: { Order: { properties: { Other: { type: string, maxLength: 1 } } } } }
";
        let spec = Spec::parse(Path::new("test.yaml"), text).unwrap();
        let error = emit(&spec, CLIENT).unwrap_err().to_string();
        assert!(
            error.starts_with("test.yaml#/components/schemas/Order/properties/Other: is no field"),
            "{error}"
        );
    }
}
