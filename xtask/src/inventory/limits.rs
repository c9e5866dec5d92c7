//! Limits of a property, in words.

use quote::ToTokens;
use rust_decimal::Decimal;
use syn::{Expr, Lit};

/// The limits in a row of the table, such as `min_length 1, sensitive`; empty where there are none.
pub(super) fn in_words(limits: &Expr) -> String {
    let Expr::Struct(limits) = limits else {
        return String::new();
    };
    let words = limits.fields.iter().map(|field| {
        let name = field.member.to_token_stream().to_string();
        match plain(&field.expr).as_str() {
            "true" => name,
            value => format!("{name} {value}"),
        }
    });
    words.collect::<Vec<_>>().join(", ")
}

/// A value as a person writes it: `Some(50usize)` is 50, a bound is its number.
fn plain(expr: &Expr) -> String {
    match expr {
        Expr::Call(call) => match call.args.iter().collect::<Vec<_>>()[..] {
            [lo, mid, hi, negative, scale] => {
                let part = |expr| plain(expr).parse().unwrap_or_default();
                let negative = plain(negative) == "true";
                Decimal::from_parts(part(lo), part(mid), part(hi), negative, part(scale))
                    .to_string()
            }
            [inner] => plain(inner),
            _ => expr.to_token_stream().to_string(),
        },
        Expr::Struct(bound) => {
            let parts: Vec<String> = bound.fields.iter().map(|one| plain(&one.expr)).collect();
            match parts.as_slice() {
                [value, exclusive] if exclusive == "true" => format!("{value} (not itself)"),
                [value, ..] => value.clone(),
                [] => String::new(),
            }
        }
        // A pattern: what it says is the first of its fields.
        Expr::Reference(pattern) => plain(&pattern.expr),
        Expr::Lit(syn::ExprLit {
            lit: Lit::Int(number),
            ..
        }) => number.base10_digits().to_owned(),
        Expr::Lit(syn::ExprLit {
            lit: Lit::Str(text),
            ..
        }) => text.value(),
        other => other.to_token_stream().to_string(),
    }
}
