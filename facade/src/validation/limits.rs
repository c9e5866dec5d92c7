//! Checks a request against the limits of the spec, before anything is sent.
//!
//! The limits come from `barion_generated::limits`, so that a change of the spec changes what is accepted here
//! without another edit. The request is walked as the JSON that would be sent: names are Barion's own, and
//! numbers are compared as the digits they are.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::Duration;

use barion_generated::limits::MODELS;
use barion_generated::tables::{Bound, Limits, Model, Property, Shape};
use barion_generated::wire::{Decimal, TimeSpan};
use regex_lite::Regex;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::validation::violation::{Rule, Violation};

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

struct Walk<'a> {
    models: &'a [Model],
    found: &'a mut Vec<Violation>,
}

impl Walk<'_> {
    fn add(&mut self, violation: Violation) {
        self.found.push(violation);
    }

    /// Something that the builders can't make, so there is no more to say about it.
    fn misshapen(&mut self, path: &str, problem: impl Into<String>) {
        self.add(Violation::new(path, problem).rule(Rule::Form));
    }

    fn model(&mut self, name: &str, json: &RawValue, path: &str) {
        let (Some(model), Ok(values)) = (
            self.models.iter().find(|model| model.name == name),
            serde_json::from_str::<BTreeMap<String, Box<RawValue>>>(json.get()),
        ) else {
            self.misshapen(path, format!("is no {name}"));
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
                None if property.required => {
                    self.add(Violation::new(path, "is missing").rule(Rule::Required));
                }
                None => {}
            }
        }
    }

    fn property(&mut self, property: &Property, json: &RawValue, path: &str) {
        let limits = &property.limits;
        match property.shape {
            Shape::Text => self.text(property.name, limits, json, path),
            Shape::Number => self.number(limits, json, path),
            Shape::Span => self.span(limits, json, path),
            Shape::Flag => {}
            Shape::Model(name) => self.model(name, json, path),
            Shape::List(items) => self.list(limits, *items, json, path),
        }
    }

    fn list(&mut self, limits: &Limits, items: Shape, json: &RawValue, path: &str) {
        let Ok(entries) = serde_json::from_str::<Vec<Box<RawValue>>>(json.get()) else {
            self.misshapen(path, "is no list");
            return;
        };
        if let Some(least) = limits.min_items
            && entries.len() < least
        {
            let problem = format!("has {} entries; at least {least} are needed", entries.len());
            let violation = Violation::new(path, problem)
                .rule(Rule::Length)
                .value(entries.len())
                .limit(least)
                .mend("add one");
            self.add(violation);
        }
        for (index, entry) in entries.iter().enumerate() {
            if let Shape::Model(name) = items {
                self.model(name, entry, &format!("{path}[{index}]"));
            }
        }
    }

    fn text(&mut self, name: &str, limits: &Limits, json: &RawValue, path: &str) {
        let Ok(text) = serde_json::from_str::<String>(json.get()) else {
            self.misshapen(path, "is no text");
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
            let violation = Violation::new(path, problem)
                .rule(Rule::Length)
                .value(length)
                .limit(least)
                .mend(if length == 0 {
                    "fill it in"
                } else {
                    "say more"
                });
            self.add(violation);
            return;
        }
        if let Some(most) = limits.max_length
            && length > most
        {
            let problem = format!("has {length} characters; at most {most} are allowed");
            let violation = Violation::new(path, problem)
                .rule(Rule::Length)
                .value(length)
                .limit(most)
                .mend("shorten it");
            self.add(violation);
        }
        if let Some(pattern) = limits.pattern
            && !Regex::new(pattern).is_ok_and(|regex| regex.is_match(&text))
        {
            let shown = if limits.sensitive {
                String::new()
            } else {
                format!(" {text:?},")
            };
            let violation = Violation::new(path, format!("is{shown} not of the form {pattern}"))
                .rule(Rule::Form)
                .limit(pattern)
                .mend(mend_of_form(name));
            self.add(if limits.sensitive {
                violation
            } else {
                violation.value(text)
            });
        }
    }

    fn number(&mut self, limits: &Limits, json: &RawValue, path: &str) {
        let Ok(number) = Decimal::from_str(json.get()) else {
            self.misshapen(path, "is no number");
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
            self.out_of_range(
                path,
                &number,
                bound,
                &format!("{words} {} is needed", bound.value),
            );
        }
        if let Some(bound) = limits.max.as_ref().filter(|bound| above(bound)) {
            let words = if bound.exclusive {
                "less than"
            } else {
                "at most"
            };
            self.out_of_range(
                path,
                &number,
                bound,
                &format!("{words} {} is allowed", bound.value),
            );
        }
    }

    fn out_of_range(&mut self, path: &str, number: &Decimal, bound: &Bound, rule: &str) {
        let violation = Violation::new(path, format!("is {number}; {rule}"))
            .rule(Rule::Range)
            .value(number)
            .limit(bound.value);
        self.add(violation);
    }

    fn span(&mut self, limits: &Limits, json: &RawValue, path: &str) {
        let Ok(span) = serde_json::from_str::<TimeSpan>(json.get()) else {
            self.misshapen(path, "is no time span");
            return;
        };
        let written = |seconds| TimeSpan::from(Duration::from_secs(seconds));
        let mut add = |problem: String, limit: u64| {
            let violation = Violation::new(path, format!("is {span}; {problem}"))
                .rule(Rule::Period)
                .value(span)
                .limit(written(limit));
            self.add(violation);
        };
        if span.duration().subsec_nanos() != 0 {
            add("whole seconds are needed".to_owned(), 1);
        }
        let seconds = span.duration().as_secs();
        if let Some(least) = limits.min_seconds.filter(|least| seconds < *least) {
            add(format!("at least {} is needed", written(least)), least);
        }
        if let Some(most) = limits.max_seconds
            && span.duration() > Duration::from_secs(most)
        {
            add(format!("at most {} is allowed", written(most)), most);
        }
    }
}

/// How people write what has a form; a regular expression is no help.
fn mend_of_form(property: &str) -> &'static str {
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
                "PaymentId has 32 characters; at most 31 are allowed: shorten it",
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
