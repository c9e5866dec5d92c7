//! What the facade exposes, read off its source: which operations it has, which properties it takes
//! or hands out.
//!
//! The facade names every field of the generated models where it makes or takes one apart. A field
//! that it takes apart into `_`, or makes empty and never sets, is not exposed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use heck::ToSnakeCase;
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{Expr, ImplItem, Member, Pat, Type};

use crate::problem::Problem;
use crate::source::{read, rust_files, string};

/// What the facade exposes.
#[derive(Debug, Default)]
pub(super) struct Facade {
    /// The type of each operation, from its `impl Operation` with the constant `ID`.
    declared: BTreeMap<String, String>,
    /// The types that applications can name.
    public: BTreeSet<String>,
    /// The fields of each request that it fills.
    filled: BTreeMap<String, BTreeSet<String>>,
    /// The requests that it makes of those that they extend.
    extended: BTreeSet<String>,
    /// The fields that are set on a request after it was made.
    set_later: BTreeSet<String>,
    /// The fields of each answer that it hands out.
    handed_out: BTreeMap<String, BTreeSet<String>>,
}

impl Facade {
    pub(super) fn read(folder: &Path) -> Result<Self, Problem> {
        let mut facade = Self::default();
        for path in rust_files(folder)? {
            let file = syn::parse_file(&read(&path)?)
                .map_err(|error| Problem::of_file(&path, format!("does not parse: {error}")))?;
            facade.visit_file(&file);
        }
        Ok(facade)
    }

    /// The public type that declares an operation.
    pub(super) fn operation(&self, id: &str) -> Option<&str> {
        let name = self.declared.get(id)?;
        self.public.contains(name).then_some(name.as_str())
    }

    /// Whether an application can set the property of a request.
    pub(super) fn fills(&self, model: &str, property: &str) -> bool {
        let field = property.to_snake_case();
        let filled = self.filled.get(model);
        filled.is_some_and(|fields| fields.contains(&field) || self.set_later.contains(&field))
    }

    /// Whether it makes a request of the one that it extends, with all that is added.
    pub(super) fn extends(&self, model: &str) -> bool {
        self.extended.contains(model)
    }

    /// Whether an application can read the property of an answer.
    pub(super) fn hands_out(&self, model: &str, property: &str) -> bool {
        let fields = self.handed_out.get(model);
        fields.is_some_and(|fields| fields.contains(&property.to_snake_case()))
    }
}

/// The model in `types::Model`, also in `types::Model::default`.
fn model_of(path: &syn::Path) -> Option<String> {
    let mut names = path.segments.iter().map(|one| one.ident.to_string());
    names.find(|name| name == "types")?;
    names.next()
}

fn field_of(member: &Member) -> Option<String> {
    match member {
        Member::Named(name) => Some(name.to_string()),
        Member::Unnamed(_) => None,
    }
}

/// `None` and `Vec::new()`: nothing that an application has given.
fn is_empty(value: &Expr) -> bool {
    let value = value.to_token_stream().to_string();
    ["None", "Vec :: new ()"].contains(&value.as_str())
}

impl<'ast> Visit<'ast> for Facade {
    fn visit_item_impl(&mut self, block: &'ast syn::ItemImpl) {
        let of_trait = block
            .trait_
            .as_ref()
            .and_then(|(_, path, _)| path.segments.last());
        if of_trait.is_some_and(|name| name.ident == "Operation") {
            for item in &block.items {
                if let ImplItem::Const(constant) = item
                    && constant.ident == "ID"
                    && let Some(id) = string(&constant.expr)
                {
                    self.declared.insert(id, type_name(&block.self_ty));
                }
            }
        }
        visit::visit_item_impl(self, block);
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        if matches!(item.vis, syn::Visibility::Public(_)) {
            self.public.insert(item.ident.to_string());
        }
        visit::visit_item_struct(self, item);
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        // A model that is made empty, to be filled by setters.
        if let Expr::Path(function) = &*call.func
            && function
                .path
                .segments
                .last()
                .is_some_and(|name| name.ident == "default")
            && let Some(model) = model_of(&function.path)
        {
            self.filled.entry(model).or_default();
        }
        // A model that is made of the one that it extends, with all that is added.
        if let Expr::Path(function) = &*call.func
            && function
                .path
                .segments
                .last()
                .is_some_and(|name| name.ident == "of")
            && let Some(model) = model_of(&function.path)
        {
            self.extended.insert(model);
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_pat_struct(&mut self, pattern: &'ast syn::PatStruct) {
        if let Some(model) = model_of(&pattern.path) {
            let named = pattern.fields.iter();
            let named = named.filter(|field| !matches!(&*field.pat, Pat::Wild(_)));
            let named = named.filter_map(|field| field_of(&field.member));
            self.handed_out.entry(model).or_default().extend(named);
        }
        visit::visit_pat_struct(self, pattern);
    }

    fn visit_expr_struct(&mut self, made: &'ast syn::ExprStruct) {
        if let Some(model) = model_of(&made.path) {
            let given = made.fields.iter().filter(|field| !is_empty(&field.expr));
            let given = given.filter_map(|field| field_of(&field.member));
            self.filled.entry(model).or_default().extend(given);
        }
        visit::visit_expr_struct(self, made);
    }

    fn visit_expr_assign(&mut self, assignment: &'ast syn::ExprAssign) {
        self.set_later.extend(field_of_model(&assignment.left));
        visit::visit_expr_assign(self, assignment);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if call.method == "push" {
            self.set_later.extend(field_of_model(&call.receiver));
        }
        visit::visit_expr_method_call(self, call);
    }
}

/// The name of a type without its path and arguments.
fn type_name(ty: &Type) -> String {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|name| name.ident.to_string()),
        _ => None,
    }
    .unwrap_or_else(|| ty.to_token_stream().to_string())
}

/// The field, where it is one of a request that is being built: builders keep it in a field or
/// variable `wire`, others in `body`.
fn field_of_model(target: &Expr) -> Option<String> {
    let Expr::Field(target) = target else {
        return None;
    };
    let of_model = match &*target.base {
        Expr::Field(holder) => field_of(&holder.member).as_deref() == Some("wire"),
        Expr::Path(holder) => holder.path.is_ident("body") || holder.path.is_ident("wire"),
        _ => false,
    };
    of_model.then(|| field_of(&target.member)).flatten()
}

#[cfg(test)]
mod tests {
    use syn::visit::Visit;

    use super::Facade;

    fn facade(source: &str) -> Facade {
        let mut facade = Facade::default();
        facade.visit_file(&syn::parse_file(source).unwrap());
        facade
    }

    #[test]
    fn operations_are_those_that_public_types_declare() {
        let facade = facade(
            "pub struct Payment<W>(W);
            impl<W> Operation for start::Payment<W> {
                const ID: &'static str = \"payment_start_v2\";
            }
            pub(crate) struct GetHistory;
            impl Operation for GetHistory { const ID: &'static str = \"get_history_v3\"; }",
        );
        assert_eq!(facade.operation("payment_start_v2"), Some("Payment"));
        assert_eq!(facade.operation("get_history_v3"), None);
    }

    #[test]
    fn a_field_is_exposed_where_it_is_named() {
        let facade = facade(
            "fn f() {
                let types::Answer { id, errors: _ } = answer;
                let made = types::Request { total: total, note: None, lines: Vec::new() };
                self.wire.lines.push(line);
            }",
        );
        assert!(facade.hands_out("Answer", "Id") && !facade.hands_out("Answer", "Errors"));
        assert!(facade.fills("Request", "Total") && facade.fills("Request", "Lines"));
        assert!(!facade.fills("Request", "Note") && !facade.fills("Other", "Total"));
    }
}
