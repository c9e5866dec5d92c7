//! What the facade exposes, read off its source: which operations it calls, which properties it takes or hands out.
//!
//! The facade names every field of the generated models where it makes or takes one apart. A field that it takes apart
//! into `_`, or makes empty and never sets, is not exposed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use heck::ToSnakeCase;
use quote::ToTokens;
use syn::visit::Visit;
use syn::{
    Expr, FnArg, ImplItem, ImplItemConst, ImplItemFn, ItemImpl, Lit, Member, Pat, PatType, Type,
    Visibility,
};

use crate::problem::Problem;

/// What the facade exposes.
#[derive(Debug, Default)]
pub(super) struct Facade {
    /// The method of the client that sends each operation; of several the first one.
    pub(super) methods: BTreeMap<String, String>,
    /// The name in the spec of each request that is an operation.
    ids: BTreeMap<String, String>,
    /// The public methods that take or make a request, with its type.
    senders: Vec<(String, String)>,
    /// The fields of each request that it fills.
    filled: BTreeMap<String, BTreeSet<String>>,
    /// The fields that are set on a request after it was made.
    set_later: BTreeSet<String>,
    /// The fields of each answer that it hands out.
    handed_out: BTreeMap<String, BTreeSet<String>>,
}

impl Facade {
    pub(super) fn read(folder: &Path) -> Result<Self, Problem> {
        let mut paths = Vec::new();
        super::rust_files(folder, &mut paths)?;
        let mut facade = Self::default();
        for path in paths {
            let file = syn::parse_file(&super::read(&path)?)
                .map_err(|error| Problem::of_file(&path, format!("does not parse: {error}")))?;
            facade.visit_file(&file);
        }
        for (method, request) in &facade.senders {
            if let Some(id) = facade.ids.get(request) {
                let methods = &mut facade.methods;
                methods.entry(id.clone()).or_insert_with(|| method.clone());
            }
        }
        Ok(facade)
    }

    /// Whether an application can set the property of a request.
    pub(super) fn fills(&self, model: &str, property: &str) -> bool {
        let field = property.to_snake_case();
        self.filled
            .get(model)
            .is_some_and(|fields| fields.contains(&field) || self.set_later.contains(&field))
    }

    /// Whether an application can read the property of an answer.
    pub(super) fn hands_out(&self, model: &str, property: &str) -> bool {
        self.handed_out
            .get(model)
            .is_some_and(|fields| fields.contains(&property.to_snake_case()))
    }
}

/// The model in `types::Model`.
fn model_of(path: &syn::Path) -> Option<String> {
    let names: Vec<String> = path
        .segments
        .iter()
        .map(|segment| segment.ident.to_string())
        .collect();
    match names.as_slice() {
        [.., module, model] if module == "types" => Some(model.clone()),
        _ => None,
    }
}

fn field_of(member: &Member) -> Option<String> {
    match member {
        Member::Named(name) => Some(name.to_string()),
        Member::Unnamed(_) => None,
    }
}

/// `None` and `Vec::new()`: nothing that an application has given.
fn is_empty(value: &Expr) -> bool {
    match value {
        Expr::Path(path) => path.path.is_ident("None"),
        Expr::Call(call) => {
            matches!(&*call.func, Expr::Path(path) if path.path.segments.last().is_some_and(|name| name.ident == "new")
                && path.path.segments.first().is_some_and(|name| name.ident == "Vec"))
        }
        _ => false,
    }
}

impl<'ast> Visit<'ast> for Facade {
    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        let of_trait = item
            .trait_
            .as_ref()
            .and_then(|(_, path, _)| path.segments.last());
        if of_trait.is_some_and(|name| name.ident == "Operation") {
            let id = item.items.iter().find_map(id_of);
            self.ids.extend(id.map(|id| (text_of(&item.self_ty), id)));
        }
        syn::visit::visit_item_impl(self, item);
    }

    fn visit_impl_item_fn(&mut self, method: &'ast ImplItemFn) {
        if matches!(method.vis, Visibility::Public(_)) && method.sig.asyncness.is_some() {
            let name = method.sig.ident.to_string();
            let requests = requests_of(method).into_iter();
            self.senders
                .extend(requests.map(|request| (name.clone(), request)));
        }
        syn::visit::visit_impl_item_fn(self, method);
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        // A model that is made empty, to be filled by setters.
        if let Expr::Path(function) = &*call.func
            && let Some(name) = function.path.segments.last()
            && name.ident == "default"
        {
            let mut model = function.path.clone();
            model.segments.pop();
            model.segments.pop_punct();
            if let Some(model) = model_of(&model) {
                self.filled.entry(model).or_default();
            }
        }
        syn::visit::visit_expr_call(self, call);
    }

    fn visit_pat_struct(&mut self, pattern: &'ast syn::PatStruct) {
        if let Some(model) = model_of(&pattern.path) {
            let named = pattern
                .fields
                .iter()
                .filter(|field| !matches!(&*field.pat, Pat::Wild(_)));
            let named: Vec<String> = named.filter_map(|field| field_of(&field.member)).collect();
            self.handed_out.entry(model).or_default().extend(named);
        }
        syn::visit::visit_pat_struct(self, pattern);
    }

    fn visit_expr_struct(&mut self, made: &'ast syn::ExprStruct) {
        if let Some(model) = model_of(&made.path) {
            let given = made.fields.iter().filter(|field| !is_empty(&field.expr));
            let given: Vec<String> = given.filter_map(|field| field_of(&field.member)).collect();
            self.filled.entry(model).or_default().extend(given);
        }
        syn::visit::visit_expr_struct(self, made);
    }

    fn visit_expr_assign(&mut self, assignment: &'ast syn::ExprAssign) {
        self.set_later.extend(field_of_model(&assignment.left));
        syn::visit::visit_expr_assign(self, assignment);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if call.method == "push" {
            self.set_later.extend(field_of_model(&call.receiver));
        }
        syn::visit::visit_expr_method_call(self, call);
    }
}

/// The text of `const ID: &'static str`.
fn id_of(item: &ImplItem) -> Option<String> {
    match item {
        ImplItem::Const(ImplItemConst {
            ident,
            expr: Expr::Lit(value),
            ..
        }) if ident == "ID" => match &value.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

/// The types of the requests that a method takes by reference, or makes by `new`.
fn requests_of(method: &ImplItemFn) -> Vec<String> {
    struct Made(Vec<String>);
    impl<'ast> Visit<'ast> for Made {
        fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
            let names: Vec<String> = path
                .path
                .segments
                .iter()
                .map(|one| one.ident.to_string())
                .collect();
            if let [request, new] = names.as_slice()
                && new == "new"
            {
                self.0.push(request.clone());
            }
        }
    }
    let taken = method.sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(PatType { ty, .. }) => match &**ty {
            Type::Reference(reference) => Some(text_of(&reference.elem)),
            _ => None,
        },
        FnArg::Receiver(_) => None,
    });
    let mut requests = Made(taken.collect());
    requests.visit_block(&method.block);
    requests.0
}

fn text_of(part: &impl ToTokens) -> String {
    part.to_token_stream().to_string()
}

/// The field, where it is one of a model in the making: builders keep it in a field or variable `wire`, others in `body`.
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
