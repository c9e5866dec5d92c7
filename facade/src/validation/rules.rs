//! Validation rules that several requests share, beyond the table of limits: digits of amounts,
//! URLs.

use std::collections::BTreeSet;

use barion_generated::enums::Currency;
use barion_generated::wire::{Decimal, Sensitive};
use url::Url;

use crate::validation::violation::{Rule, Violation};

pub(crate) fn not_exact(field: impl Into<String>) -> Violation {
    Violation::new(field, "has more digits than can be computed exactly (28)")
        .rule(Rule::Exactness)
        .limit(28)
        .hint("set it yourself")
}

/// Removes the range violation of a number that was not set: that it is missing says more.
pub(crate) fn say_once(found: &mut Vec<Violation>) {
    let missing = found.iter().filter(|one| one.rule == Rule::Required);
    let missing: BTreeSet<String> = missing.map(|one| one.field.clone()).collect();
    found.retain(|one| one.rule != Rule::Range || !missing.contains(&one.field));
}

pub(crate) fn web_address(field: impl Into<String>, url: &Url, found: &mut Vec<Violation>) {
    if !matches!(url.scheme(), "http" | "https") {
        let problem = format!("has the scheme {:?}", url.scheme());
        let violation = Violation::new(field, problem)
            .rule(Rule::Form)
            .value(url.scheme())
            .limit("http, https")
            .hint("give an address that begins with http:// or https://");
        found.push(violation);
    }
}

/// Whether an amount has at most the digits after the point that its currency has.
pub(crate) fn check_digits(
    field: impl Into<String>,
    amount: Decimal,
    currency: &Currency,
    found: &mut Vec<Violation>,
) {
    let Some(digits) = currency.fraction_digits() else {
        return;
    };
    if amount.get().normalize().scale() > digits {
        let allowed = match digits {
            0 => "whole amounts only".to_owned(),
            digits => format!("at most {digits} digits after the point"),
        };
        let violation = Violation::new(field, format!("is {amount}; {currency} takes {allowed}"))
            .rule(Rule::Digits)
            .value(amount)
            .limit(digits)
            .hint("round it yourself");
        found.push(violation);
    }
}

pub(crate) fn mail_address(field: &str, address: Option<&Sensitive>, found: &mut Vec<Violation>) {
    let looks_like_one = |text: &str| {
        text.split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
            && !text.contains(char::is_whitespace)
    };
    if address.is_some_and(|address| !looks_like_one(address.expose())) {
        let violation = Violation::new(field, "is no e-mail address")
            .rule(Rule::Form)
            .hint("give one of the form name@host, or leave it out");
        found.push(violation);
    }
}
