//! Emits `operations.rs`: the operations as a table.

use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;

use super::print;
use crate::problem::{Problem, Problems};
use crate::spec::{Spec, ref_name};

/// The text of `operations.rs`.
///
/// # Errors
/// When the table can't be printed, which would be a fault of this command.
pub(super) fn emit(spec: &Spec) -> Result<String, Problems> {
    let mut rows = TokenStream::new();
    for operation in spec.operations() {
        let id = operation.id();
        let path = operation.path;
        let method = operation.method.to_ascii_uppercase();
        let key = match operation.value["x-barion-key"].as_str() {
            Some("shop") => quote!(Key::Shop),
            Some("wallet") => quote!(Key::Wallet),
            _ => quote!(Key::None),
        };
        let moves_money = operation.value["x-barion-moves-money"] == Value::Bool(true);
        let request = option(spec.request_schema(&operation).and_then(ref_name));
        let answer = option(spec.answer_schema(&operation).and_then(ref_name));
        let statuses: Vec<u16> = operation.value["responses"]
            .as_object()
            .into_iter()
            .flat_map(|responses| responses.keys().filter_map(|status| status.parse().ok()))
            .collect();
        rows.extend(quote! {
            Operation {
                id: #id, method: #method, path: #path, key: #key, moves_money: #moves_money,
                request: #request, answer: #answer, statuses: &[#(#statuses),*],
            },
        });
    }
    let tokens = quote! {
        //! The operations of the API, as data.
        use crate::tables::{Key, Operation};
        /// Every operation, in the order of the paths.
        pub static OPERATIONS: &[Operation] = &[#rows];
    };
    print::pretty(tokens).map_err(|error| Problem::of_file(&spec.file, error).into())
}

fn option(name: Option<&str>) -> TokenStream {
    name.map_or_else(|| quote!(None), |name| quote!(Some(#name)))
}
