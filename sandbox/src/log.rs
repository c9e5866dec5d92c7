//! Log on stderr: a line for each request of the API and each attempt of a callback.
//!
//! No line has a key, a body or a query in it.

use std::io::Write;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::values::time;

/// A path's segments of this length can hold a key.
const LONG: usize = 32;

/// Format of the log on stderr.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Log {
    /// No log.
    #[default]
    Off,
    /// A line of text for each request and each attempt of a callback.
    Text,
    /// A JSON object on a line of its own for each request and each attempt of a callback.
    Json,
}

/// One line of the log.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Line<'a> {
    /// By the clock of the machine, so that the line fits those of other programs.
    time: String,
    /// By the clock of the sandbox, as answers have it.
    sandbox_time: String,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<u8>,
    /// Null when there was no answer.
    status: Option<u16>,
    milliseconds: u128,
    payment_id: Option<&'a str>,
}

impl<'a> Line<'a> {
    /// The times are the machine's and the sandbox's own.
    pub(crate) fn of_request(
        (time, sandbox_time): (DateTime<Utc>, DateTime<Utc>),
        operation: Option<&'static str>,
        path: &str,
        status: Option<u16>,
        took: Duration,
        payment_id: Option<&'a str>,
    ) -> Self {
        Self {
            time: time::zoned(time),
            sandbox_time: time::zoned(sandbox_time),
            kind: "request",
            operation,
            path: operation.is_none().then(|| harmless(path)),
            attempt: None,
            status,
            milliseconds: took.as_millis(),
            payment_id,
        }
    }

    /// The times are the machine's and the sandbox's own.
    pub(crate) fn of_callback(
        (time, sandbox_time): (DateTime<Utc>, DateTime<Utc>),
        attempt: u8,
        status: Option<u16>,
        took: Duration,
        payment_id: &'a str,
    ) -> Self {
        Self {
            time: time::zoned(time),
            sandbox_time: time::zoned(sandbox_time),
            kind: "callback",
            operation: None,
            path: None,
            attempt: Some(attempt),
            status,
            milliseconds: took.as_millis(),
            payment_id: Some(payment_id),
        }
    }

    fn text(&self) -> String {
        let what = match (self.operation, &self.path, self.attempt) {
            (Some(name), ..) => name.to_owned(),
            (None, Some(path), _) => path.clone(),
            (None, None, attempt) => format!("callback attempt {}", attempt.unwrap_or(1)),
        };
        let status = self
            .status
            .map_or_else(|| "no answer".to_owned(), |status| status.to_string());
        format!(
            "{} {what} {status} {} ms {}",
            self.time,
            self.milliseconds,
            self.payment_id.unwrap_or("-")
        )
    }
}

impl Log {
    pub(crate) fn is_off(self) -> bool {
        self == Self::Off
    }

    pub(crate) fn write(self, line: &Line<'_>) {
        let mut text = match self {
            Self::Off => return,
            Self::Text => line.text(),
            Self::Json => serde_json::to_string(line).unwrap_or_default(),
        };
        text.push('\n');
        // One write for the whole line; and a closed stderr is no reason to stop.
        let _ = std::io::stderr().write_all(text.as_bytes());
    }
}

/// The path without anything that could be a key, on one line.
fn harmless(path: &str) -> String {
    let segments: Vec<&str> = path
        .split('/')
        .map(|one| if one.len() < LONG { one } else { "{...}" })
        .collect();
    segments.join("/").replace(char::is_control, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_no_room_for_a_key() {
        let time = DateTime::<Utc>::UNIX_EPOCH;
        let times = (time, time + chrono::TimeDelta::days(1));
        let took = Duration::from_millis(3);
        let path = "/v1/pos/11111111-1111-1111-1111-111111111111/x";
        let unknown = Line::of_request(times, None, path, Some(404), took, None);
        assert_eq!(
            unknown.text(),
            "1970-01-01T00:00:00.000Z /v1/pos/{...}/x 404 3 ms -"
        );
        let start = Line::of_request(
            times,
            Some("payment_start_v2"),
            path,
            None,
            took,
            Some("id"),
        );
        assert_eq!(
            start.text(),
            "1970-01-01T00:00:00.000Z payment_start_v2 no answer 3 ms id"
        );
        assert_eq!(
            serde_json::to_string(&start).unwrap(),
            r#"{"Time":"1970-01-01T00:00:00.000Z","SandboxTime":"1970-01-02T00:00:00.000Z","Kind":"request","Operation":"payment_start_v2","Status":null,"Milliseconds":3,"PaymentId":"id"}"#
        );
        let callback = Line::of_callback(times, 2, Some(500), took, "id");
        assert_eq!(
            callback.text(),
            "1970-01-01T00:00:00.000Z callback attempt 2 500 3 ms id"
        );
    }
}
