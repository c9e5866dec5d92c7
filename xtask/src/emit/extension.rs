//! Emits how a model that extends another one is made out of it, so that nobody copies its fields
//! by hand.

use std::collections::BTreeMap;

use syn::{Field, Item, ItemImpl, ItemStruct, parse_quote};

use crate::spec::{Spec, ref_name};

/// The models that extend another one (`allOf` with a reference), and which.
fn extensions(spec: &Spec) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for model in spec.models() {
        let parts = spec.schema(model)["allOf"].as_array().into_iter().flatten();
        let base = parts.filter_map(ref_name).find(|base| spec.is_model(base));
        found.extend(base.map(|base| (model.clone(), base.to_owned())));
    }
    found
}

/// Adds `Model::of(base, what is added..)` for each model that extends another one.
pub(super) fn add(spec: &Spec, items: &mut Vec<Item>) {
    let models: BTreeMap<String, ItemStruct> = items
        .iter()
        .filter_map(|item| match item {
            Item::Struct(model) => Some((model.ident.to_string(), model.clone())),
            _ => None,
        })
        .collect();
    for (model, base) in extensions(spec) {
        if let (Some(model), Some(base)) = (models.get(&model), models.get(&base)) {
            items.push(Item::Impl(constructor(model, base)));
        }
    }
}

fn constructor(model: &ItemStruct, base: &ItemStruct) -> ItemImpl {
    let name = |field: &Field| field.ident.clone();
    let inherited: Vec<_> = base.fields.iter().filter_map(name).collect();
    let is_added = |field: &&Field| !name(field).is_some_and(|name| inherited.contains(&name));
    let added: Vec<&Field> = model.fields.iter().filter(is_added).collect();
    let (names, types): (Vec<_>, Vec<_>) =
        added.iter().map(|field| (name(field), &field.ty)).unzip();
    let (model, base) = (&model.ident, &base.ident);
    let doc = format!("The `{base}` with what is added to it.");
    parse_quote! {
        impl #model {
            #[doc = #doc]
            #[must_use]
            pub fn of(base: #base, #(#names: #types),*) -> Self {
                let #base { #(#inherited),* } = base;
                Self { #(#inherited,)* #(#names),* }
            }
        }
    }
}
