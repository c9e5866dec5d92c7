//! Validation of a request against the limits of the spec, before anything is sent.
//!
//! The walk over the request is generated with `barion_generated`, so a change of the spec changes
//! what is accepted here without another edit. This module writes the [`Violation`]s.

use std::time::Duration;

use barion_generated::tables::{Bound, Property};
use barion_generated::validation::{BrokenLimit, Path, Validate};
use barion_generated::wire::{Decimal, TimeSpan};

use crate::validation::violation::{Rule, Violation};

/// Every limit of the spec that the request breaks.
pub(crate) fn check(request: &impl Validate) -> Vec<Violation> {
    let mut found = Vec::new();
    request.validate(&Path::ROOT, &mut |path, property, limit| {
        found.push(violation(path, property, limit));
    });
    found
}

fn violation(path: &Path<'_>, property: &Property, limit: BrokenLimit<'_>) -> Violation {
    match limit {
        BrokenLimit::Missing => Violation::new(path, "is missing").rule(Rule::Required),
        BrokenLimit::TextTooShort { length: 0, least } => Violation::new(path, "is empty")
            .rule(Rule::Length)
            .value(0)
            .limit(least)
            .hint("fill it in"),
        BrokenLimit::TextTooShort { length, least } => {
            let problem = format!("has {length} characters; at least {least} are needed");
            Violation::new(path, problem)
                .rule(Rule::Length)
                .value(length)
                .limit(least)
                .hint("say more")
        }
        BrokenLimit::TextTooLong { length, most } => {
            let problem = format!("has {length} characters; at most {most} are allowed");
            Violation::new(path, problem)
                .rule(Rule::Length)
                .value(length)
                .limit(most)
                .hint("shorten it")
        }
        BrokenLimit::TextMismatch { text, pattern } => mismatch(path, property, text, pattern),
        BrokenLimit::ListTooShort { entries, least } => {
            let problem = format!("has {entries} entries; at least {least} are needed");
            Violation::new(path, problem)
                .rule(Rule::Length)
                .value(entries)
                .limit(least)
                .hint("add one")
        }
        BrokenLimit::NumberTooSmall { number, bound } => {
            let words = if bound.exclusive {
                "more than"
            } else {
                "at least"
            };
            out_of_range(
                path,
                number,
                bound,
                &format!("{words} {} is needed", bound.value),
            )
        }
        BrokenLimit::NumberTooGreat { number, bound } => {
            let words = if bound.exclusive {
                "less than"
            } else {
                "at most"
            };
            out_of_range(
                path,
                number,
                bound,
                &format!("{words} {} is allowed", bound.value),
            )
        }
        BrokenLimit::SpanWithFraction { span } => {
            period(path, span, "whole seconds are needed", seconds(1))
        }
        BrokenLimit::SpanTooShort { span, least } => {
            let least = seconds(least);
            period(path, span, &format!("at least {least} is needed"), least)
        }
        BrokenLimit::SpanTooLong { span, most } => {
            let most = seconds(most);
            period(path, span, &format!("at most {most} is allowed"), most)
        }
    }
}

fn mismatch(path: &Path<'_>, property: &Property, text: &str, pattern: &str) -> Violation {
    let sensitive = property.limits.sensitive;
    let problem = if sensitive {
        format!("is not of the form {pattern}")
    } else {
        format!("is {text:?}, not of the form {pattern}")
    };
    let violation = Violation::new(path, problem)
        .rule(Rule::Form)
        .limit(pattern)
        .hint(hint_of_form(property.name));
    if sensitive {
        violation
    } else {
        violation.value(text)
    }
}

fn out_of_range(path: &Path<'_>, number: Decimal, bound: &Bound, rule: &str) -> Violation {
    Violation::new(path, format!("is {number}; {rule}"))
        .rule(Rule::Range)
        .value(number)
        .limit(bound.value)
}

fn period(path: &Path<'_>, span: TimeSpan, rule: &str, limit: TimeSpan) -> Violation {
    Violation::new(path, format!("is {span}; {rule}"))
        .rule(Rule::Period)
        .value(span)
        .limit(limit)
}

fn seconds(seconds: u64) -> TimeSpan {
    TimeSpan::from(Duration::from_secs(seconds))
}

/// Usual notations of a form, for people; a regular expression would not help them.
fn hint_of_form(property: &str) -> &'static str {
    match property {
        "PayerPhoneNumber" | "PayerWorkPhoneNumber" | "PayerHomeNumber" => {
            "write digits only, the country code first and without zeros before it, such as 36301234567"
        }
        "Payee" | "PayerEmailAddress" => "give an e-mail address",
        "Country" => "give two capital letters, such as HU, or ZZ where it is not known",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use barion_generated::types;
    use barion_generated::wire::Guid;

    use super::check;

    #[test]
    fn numbers_are_compared_as_digits() {
        let refund = |amount: &str| {
            check(&types::TransactionToRefund {
                amount_to_refund: amount.parse().unwrap(),
                comment: None,
                pos_transaction_id: "t".to_owned(),
                transaction_id: Guid::default(),
            })
            .len()
        };
        // Below the least number that a binary float distinguishes from zero.
        assert_eq!(refund("0.0000000000000000000000000001"), 0);
        assert_eq!(refund("0.00"), 1);
        assert_eq!(refund("-1"), 1);
    }
}
