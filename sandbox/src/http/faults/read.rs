//! Faults as JSON: read to be armed, and shown while they are.

use std::time::Duration;

use serde::Serialize;

use super::arm::LATEST;
use crate::faults::{CallbackFault, EVERY, Fault, OperationFault, Target};
use crate::http::operations;
use crate::wire::json::{Json, Object};
use crate::wire::request::reader::{Choices, Problems, Reader};

const CALLBACK: &str = "callback";

/// The most times that one entry happens.
const MOST: u32 = 1_000_000;

const OPERATION_FAULTS: &Choices = &[
    ("Latency", None),
    ("CutBefore", None),
    ("CutAfter", None),
    ("TooManyRequests", None),
    ("ServerError", None),
    ("BadGateway", None),
    ("Captcha", None),
    ("EmptyBody", None),
    ("TruncatedJson", None),
    ("UnknownValues", None),
    ("ExtraFields", None),
    ("MissingErrors", None),
];

const CALLBACK_FAULTS: &Choices = &[
    ("Duplicate", None),
    ("Late", None),
    ("Reordered", None),
    ("Lost", None),
];

const BODIES: &Choices = &[("Empty", None), ("Html", None)];

/// Reads one entry or a list of them.
pub(super) fn read_faults(json: &Json) -> Result<Vec<Fault>, Vec<String>> {
    let objects = match json {
        Json::Object(object) => vec![object],
        Json::List(list) => list
            .iter()
            .map(|one| match one {
                Json::Object(object) => Ok(object),
                _ => Err(vec!["An entry is not a JSON object.".to_owned()]),
            })
            .collect::<Result<_, _>>()?,
        _ => return Err(vec!["Send an entry or a list of them.".to_owned()]),
    };
    objects.into_iter().map(read_fault).collect()
}

fn read_fault(object: &Object) -> Result<Fault, Vec<String>> {
    let problems = Problems::default();
    let reader = Reader::new(object, &problems);
    let given = reader.required_text("Operation", 100);
    let target = if given.eq_ignore_ascii_case(CALLBACK) {
        callback_fault(reader).map(Target::Callback)
    } else {
        let name = operation_name(&given);
        if name.is_none() && !given.is_empty() {
            problems.add(format!(
                "The field Operation must be one of {EVERY}, {CALLBACK}, {}.",
                operations::IDS.join(", ")
            ));
        }
        operation_fault(reader)
            .zip(name)
            .map(|(fault, name)| Target::Operation(name, fault))
    };
    let count = reader.count("Count", 1, MOST).unwrap_or(1);
    let fault = target.map(|target| Fault { target, count });
    // Whatever left the fault unread is among the problems.
    problems
        .settle(fault)?
        .ok_or_else(|| vec!["The entry is not a fault.".to_owned()])
}

fn operation_name(given: &str) -> Option<String> {
    if given == EVERY {
        return Some(EVERY.to_owned());
    }
    let known = operations::IDS.into_iter();
    known
        .map(str::to_owned)
        .find(|name| name.eq_ignore_ascii_case(given))
}

fn operation_fault(reader: Reader<'_>) -> Option<OperationFault> {
    Some(match reader.required_choice("Fault", OPERATION_FAULTS)? {
        "Latency" => {
            let milliseconds = needed(reader, "Milliseconds", 60_000)?;
            OperationFault::Latency(Duration::from_millis(milliseconds))
        }
        "CutBefore" => OperationFault::CutBefore,
        "CutAfter" => OperationFault::CutAfter,
        "TooManyRequests" => OperationFault::TooManyRequests {
            retry_after: reader.count("RetryAfter", 0, 86_400),
            html: reader.choice("Body", BODIES) == Some("Html"),
        },
        "ServerError" => OperationFault::ServerError,
        "BadGateway" => OperationFault::BadGateway,
        "Captcha" => OperationFault::Captcha,
        "EmptyBody" => OperationFault::EmptyBody,
        "TruncatedJson" => OperationFault::TruncatedJson,
        "UnknownValues" => OperationFault::UnknownValues,
        "ExtraFields" => OperationFault::ExtraFields,
        "MissingErrors" => OperationFault::MissingErrors,
        _ => return None,
    })
}

fn callback_fault(reader: Reader<'_>) -> Option<CallbackFault> {
    Some(match reader.required_choice("Fault", CALLBACK_FAULTS)? {
        "Duplicate" => CallbackFault::Duplicate,
        "Late" => {
            let most = u32::try_from(LATEST.as_secs()).unwrap_or(u32::MAX);
            CallbackFault::Late(Duration::from_secs(needed(reader, "Seconds", most)?))
        }
        "Reordered" => CallbackFault::Reordered,
        "Lost" => CallbackFault::Lost,
        _ => return None,
    })
}

/// A number that the fault is nothing without. Reads a missing one as a problem.
fn needed(reader: Reader<'_>, name: &str, most: u32) -> Option<u64> {
    reader.required_text(name, 20);
    reader.count(name, 0, most).map(u64::from)
}

/// A fault, as `GET /sandbox/faults` shows it and `PUT` takes it.
#[derive(Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Shown {
    operation: String,
    fault: &'static str,
    count: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    milliseconds: Option<u128>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'static str>,
}

impl Shown {
    pub(super) fn of(fault: Fault) -> Self {
        let shown = match fault.target {
            Target::Operation(operation, fault) => Self {
                operation,
                ..Self::of_operation(&fault)
            },
            Target::Callback(fault) => Self {
                operation: CALLBACK.to_owned(),
                ..Self::of_callback(fault)
            },
        };
        let count = fault.count;
        Self { count, ..shown }
    }

    fn of_operation(fault: &OperationFault) -> Self {
        let mut shown = Self::default();
        shown.fault = match fault {
            OperationFault::Latency(time) => {
                shown.milliseconds = Some(time.as_millis());
                "Latency"
            }
            OperationFault::CutBefore => "CutBefore",
            OperationFault::CutAfter => "CutAfter",
            OperationFault::TooManyRequests { retry_after, html } => {
                shown.retry_after = *retry_after;
                shown.body = Some(if *html { "Html" } else { "Empty" });
                "TooManyRequests"
            }
            OperationFault::ServerError => "ServerError",
            OperationFault::BadGateway => "BadGateway",
            OperationFault::Captcha => "Captcha",
            OperationFault::EmptyBody => "EmptyBody",
            OperationFault::TruncatedJson => "TruncatedJson",
            OperationFault::UnknownValues => "UnknownValues",
            OperationFault::ExtraFields => "ExtraFields",
            OperationFault::MissingErrors => "MissingErrors",
        };
        shown
    }

    fn of_callback(fault: CallbackFault) -> Self {
        let mut shown = Self::default();
        shown.fault = match fault {
            CallbackFault::Duplicate => "Duplicate",
            CallbackFault::Late(time) => {
                shown.seconds = Some(time.as_secs());
                "Late"
            }
            CallbackFault::Reordered => "Reordered",
            CallbackFault::Lost => "Lost",
        };
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::json::parse;

    #[test]
    fn every_fault_is_shown_as_it_is_read() {
        let read = |text: &str| read_faults(&parse(text.as_bytes()).unwrap());
        let entry = |target: &str, fault: &str| {
            let more = match fault {
                "Latency" => ",\"Milliseconds\":7",
                "Late" => ",\"Seconds\":7",
                "TooManyRequests" => ",\"RetryAfter\":7,\"Body\":\"Html\"",
                _ => "",
            };
            format!(r#"{{"Operation":"{target}","Fault":"{fault}","Count":3{more}}}"#)
        };
        let operations = OPERATION_FAULTS.iter().map(|(name, _)| entry(EVERY, name));
        let callbacks = CALLBACK_FAULTS
            .iter()
            .map(|(name, _)| entry(CALLBACK, name));
        let texts: Vec<String> = operations.chain(callbacks).collect();
        assert_eq!(texts.len(), 16);
        for text in texts {
            let [fault] = <[Fault; 1]>::try_from(read(&text).unwrap()).unwrap();
            let shown = serde_json::to_string(&Shown::of(fault)).unwrap();
            assert_eq!(shown, text);
        }
    }
}
