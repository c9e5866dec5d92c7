//! Checks a request against the limits of the spec, before anything is sent.
//!
//! The limits come from `barion_generated::limits`, so that a change of the spec changes what is accepted here
//! without another edit. The request is walked as the JSON that would be sent: names are Barion's own, and
//! numbers are compared as the digits they are.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use barion_generated::enums::Currency;
use barion_generated::limits::MODELS;
use barion_generated::tables::{Bound, Limits, Model, Property, Shape};
use barion_generated::wire::{Decimal, TimeSpan};
use regex_lite::Regex;
use serde::Serialize;
use serde_json::value::RawValue;

/// A rule that a request breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// The path of the property, spelt as Barion spells it: `Transactions[0].Items[2].UnitPrice`.
    pub field: String,
    /// What is wrong, and what is allowed.
    pub problem: String,
}

impl Violation {
    pub(crate) fn new(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            problem: problem.into(),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, self.problem)
    }
}

/// Every limit of the model that the request breaks.
pub(crate) fn check(model: &str, request: &impl Serialize) -> Vec<Violation> {
    check_against(MODELS, model, request)
}

fn check_against(models: &[Model], model: &str, request: &impl Serialize) -> Vec<Violation> {
    let mut found = Vec::new();
    match serde_json::value::to_raw_value(request) {
        Ok(json) => Walk {
            models,
            found: &mut found,
        }
        .model(model, &json, ""),
        Err(error) => found.push(Violation::new(
            model,
            format!("can't be written as JSON: {error}"),
        )),
    }
    found
}

/// Whether an amount has at most the digits after the point that its currency has.
pub(crate) fn check_digits(
    field: &str,
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
        found.push(Violation::new(
            field,
            format!("is {amount}; {currency} takes {allowed}: round it yourself"),
        ));
    }
}

struct Walk<'a> {
    models: &'a [Model],
    found: &'a mut Vec<Violation>,
}

impl Walk<'_> {
    fn add(&mut self, path: &str, problem: impl Into<String>) {
        self.found.push(Violation::new(path, problem));
    }

    fn model(&mut self, name: &str, json: &RawValue, path: &str) {
        let (Some(model), Ok(values)) = (
            self.models.iter().find(|model| model.name == name),
            serde_json::from_str::<BTreeMap<String, Box<RawValue>>>(json.get()),
        ) else {
            self.add(path, format!("is no {name}"));
            return;
        };
        for property in model.properties {
            let path = if path.is_empty() {
                property.name.to_owned()
            } else {
                format!("{path}.{}", property.name)
            };
            match values
                .get(property.name)
                .filter(|value| value.get() != "null")
            {
                Some(value) => self.property(property, value, &path),
                None if property.required => self.add(&path, "is missing"),
                None => {}
            }
        }
    }

    fn property(&mut self, property: &Property, json: &RawValue, path: &str) {
        let limits = &property.limits;
        match property.shape {
            Shape::Text => self.text(limits, json, path),
            Shape::Number => self.number(limits, json, path),
            Shape::Span => self.span(limits, json, path),
            Shape::Flag => {}
            Shape::Model(name) => self.model(name, json, path),
            Shape::List(items) => self.list(limits, *items, json, path),
        }
    }

    fn list(&mut self, limits: &Limits, items: Shape, json: &RawValue, path: &str) {
        let Ok(entries) = serde_json::from_str::<Vec<Box<RawValue>>>(json.get()) else {
            self.add(path, "is no list");
            return;
        };
        if let Some(least) = limits.min_items
            && entries.len() < least
        {
            self.add(
                path,
                format!("has {} entries; at least {least} are needed", entries.len()),
            );
        }
        for (index, entry) in entries.iter().enumerate() {
            if let Shape::Model(name) = items {
                self.model(name, entry, &format!("{path}[{index}]"));
            }
        }
    }

    fn text(&mut self, limits: &Limits, json: &RawValue, path: &str) {
        let Ok(text) = serde_json::from_str::<String>(json.get()) else {
            self.add(path, "is no text");
            return;
        };
        let length = text.chars().count();
        if let Some(least) = limits.min_length
            && length < least
        {
            let problem = match length {
                0 => "is empty".to_owned(),
                _ => format!("has {length} characters; at least {least} are needed"),
            };
            self.add(path, problem);
            return;
        }
        if let Some(most) = limits.max_length
            && length > most
        {
            self.add(
                path,
                format!("has {length} characters; at most {most} are allowed"),
            );
        }
        if let Some(pattern) = limits.pattern
            && !Regex::new(pattern).is_ok_and(|regex| regex.is_match(&text))
        {
            let value = if limits.sensitive {
                String::new()
            } else {
                format!(" {text:?}")
            };
            self.add(path, format!("is{value} not of the form {pattern}"));
        }
    }

    fn number(&mut self, limits: &Limits, json: &RawValue, path: &str) {
        let Ok(number) = Decimal::from_str(json.get()) else {
            self.add(path, "is no number");
            return;
        };
        let below = |bound: &Bound| {
            number.get() < bound.value || (bound.exclusive && number.get() == bound.value)
        };
        let above = |bound: &Bound| {
            number.get() > bound.value || (bound.exclusive && number.get() == bound.value)
        };
        if let Some(bound) = limits.min.as_ref().filter(|bound| below(bound)) {
            let words = if bound.exclusive {
                "more than"
            } else {
                "at least"
            };
            self.add(
                path,
                format!("is {number}; {words} {} is needed", bound.value),
            );
        }
        if let Some(bound) = limits.max.as_ref().filter(|bound| above(bound)) {
            let words = if bound.exclusive {
                "less than"
            } else {
                "at most"
            };
            self.add(
                path,
                format!("is {number}; {words} {} is allowed", bound.value),
            );
        }
    }

    fn span(&mut self, limits: &Limits, json: &RawValue, path: &str) {
        let Ok(span) = serde_json::from_str::<TimeSpan>(json.get()) else {
            self.add(path, "is no time span");
            return;
        };
        if span.duration().subsec_nanos() != 0 {
            self.add(path, format!("is {span}; whole seconds are needed"));
        }
        let seconds = span.duration().as_secs();
        if let Some(least) = limits.min_seconds.filter(|least| seconds < *least) {
            self.add(
                path,
                format!("is {span}; at least {least} seconds are needed"),
            );
        }
        if let Some(most) = limits.max_seconds
            && span.duration() > std::time::Duration::from_secs(most)
        {
            self.add(
                path,
                format!("is {span}; at most {most} seconds are allowed"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use barion_generated::tables::{Limits, Model, Property, Shape};

    use super::{check, check_against};

    /// Another table, as another spec would generate it: nothing else decides what is accepted.
    #[test]
    fn the_table_decides() {
        let request = serde_json::json!({ "PaymentId": "0c7e5b1f3a994d0e8f6255d0a1b2c3d4" });
        assert_eq!(check("CompletePaymentRequest", &request), []);
        let limits = Limits {
            max_length: Some(31),
            ..Limits::NONE
        };
        let id = Property {
            name: "PaymentId",
            required: true,
            shape: Shape::Text,
            limits,
        };
        let note = Property {
            name: "Note",
            limits: Limits::NONE,
            ..id
        };
        let properties: &'static [Property] = Box::leak(Box::new([id, note]));
        let changed = [Model {
            name: "CompletePaymentRequest",
            properties,
        }];
        let found = check_against(&changed, "CompletePaymentRequest", &request);
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "PaymentId has 32 characters; at most 31 are allowed",
                "Note is missing"
            ]
        );
    }

    #[test]
    fn numbers_are_compared_as_digits() {
        let refund = |amount: &str| {
            let json = format!(
                r#"{{"TransactionId":"0c7e5b1f3a994d0e8f6255d0a1b2c3d4","POSTransactionId":"t","AmountToRefund":{amount}}}"#
            );
            let raw: Box<serde_json::value::RawValue> = serde_json::from_str(&json).unwrap();
            check("TransactionToRefund", &raw).len()
        };
        // Below the least number that a binary float tells from zero.
        assert_eq!(refund("0.0000000000000000000000000001"), 0);
        assert_eq!(refund("0.00"), 1);
        assert_eq!(refund("-1"), 1);
    }
}
