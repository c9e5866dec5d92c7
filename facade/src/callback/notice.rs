//! Parsing of callbacks: which payment a callback is about.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use url::form_urlencoded;

use crate::id::{InvalidId, PaymentId};

/// Name of the parameter, in the query and in the body. Letter case is ignored.
const PARAMETER: &str = "paymentId";

/// Callback (webhook): a notice that a payment has changed. It says neither what has changed nor
/// the new status, and anybody can send one.
///
/// ```
/// use barion::callback::CallbackNotice;
///
/// let query = "order=7&paymentId=0c7e5b1f3a994d0e8f6255d0a1b2c3d4";
/// let notice = CallbackNotice::from_request(query, b"")?;
/// println!("read the state of {}", notice.payment_id());
/// # Ok::<(), barion::callback::NoticeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[doc(alias = "webhook")]
#[doc(alias = "IPN")]
pub struct CallbackNotice {
    payment_id: PaymentId,
}

/// Error of parsing a callback.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoticeError {
    /// Neither the query nor the body has a `paymentId`.
    Missing,
    /// The `paymentId` is not a valid identifier.
    Invalid(InvalidId),
    /// There are several `paymentId`s, and they differ.
    Contradictory,
}

impl fmt::Display for NoticeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("the request has no paymentId, so it is no callback"),
            Self::Invalid(why) => write!(f, "the paymentId is none: {why}"),
            Self::Contradictory => {
                f.write_str("the request has several values of paymentId that differ")
            }
        }
    }
}

impl std::error::Error for NoticeError {}

impl CallbackNotice {
    /// Callback as Barion would send it about this payment: for tests, and to refresh a payment
    /// without a callback.
    #[must_use]
    pub fn for_payment(payment_id: PaymentId) -> Self {
        Self { payment_id }
    }

    /// Identifier of the payment whose state to read.
    #[must_use]
    pub fn payment_id(self) -> PaymentId {
        self.payment_id
    }

    /// Parses the query of the request's URL, with or without its question mark. Barion appends the
    /// parameter to the callback address of the payment, so other parameters may be there.
    ///
    /// # Errors
    /// When there is no id, it is invalid, or there are several that differ.
    pub fn from_query(query: &str) -> Result<Self, NoticeError> {
        of(ids_in_form(
            query.strip_prefix('?').unwrap_or(query).as_bytes(),
        ))
    }

    /// Parses the body of the request: a form or JSON.
    ///
    /// # Errors
    /// As [`from_query`](Self::from_query).
    pub fn from_body(body: &[u8]) -> Result<Self, NoticeError> {
        of(ids_in_body(body))
    }

    /// Parses a callback request, query and body. The docs have the id in the body, in practice it
    /// is in the query: either is enough. A body without an id is ignored where the query has one.
    ///
    /// # Errors
    /// As [`from_query`](Self::from_query); and when query and body name different payments.
    pub fn from_request(query: &str, body: &[u8]) -> Result<Self, NoticeError> {
        let query = query.strip_prefix('?').unwrap_or(query);
        let mut ids = ids_in_form(query.as_bytes());
        ids.extend(ids_in_body(body));
        of(ids)
    }

    /// Query that Barion appends to the callback address: `paymentId=` and 32 hex digits.
    #[must_use]
    pub fn query(self) -> String {
        format!("{PARAMETER}={}", self.payment_id)
    }

    /// Body as the docs describe it: a form with the same parameter.
    #[must_use]
    pub fn body(self) -> Vec<u8> {
        self.query().into_bytes()
    }
}

/// The one payment that all values name.
fn of(values: Vec<String>) -> Result<CallbackNotice, NoticeError> {
    let mut found = None;
    for value in values {
        let id: PaymentId = value.parse().map_err(NoticeError::Invalid)?;
        // Barion writes all zeros where there is no payment.
        if id.wire().is_nil() {
            continue;
        }
        if found.is_some_and(|found| found != id) {
            return Err(NoticeError::Contradictory);
        }
        found = Some(id);
    }
    found
        .map(CallbackNotice::for_payment)
        .ok_or(NoticeError::Missing)
}

fn ids_in_form(form: &[u8]) -> Vec<String> {
    form_urlencoded::parse(form)
        .filter(|(name, value)| is_parameter(name) && !value.trim().is_empty())
        .map(|(_, value)| value.into_owned())
        .collect()
}

fn ids_in_body(body: &[u8]) -> Vec<String> {
    if body.trim_ascii_start().starts_with(b"{") {
        let members: Members = serde_json::from_slice(body).unwrap_or_default();
        return members.0;
    }
    ids_in_form(body)
}

fn is_parameter(name: &str) -> bool {
    name.trim().eq_ignore_ascii_case(PARAMETER)
}

/// All values of `paymentId` in a JSON object, where a map would keep only the last.
#[derive(Default)]
struct Members(Vec<String>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Walk;
        impl<'de> Visitor<'de> for Walk {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut found = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, serde_json::Value>()? {
                    match value {
                        serde_json::Value::String(value)
                            if is_parameter(&name) && !value.trim().is_empty() =>
                        {
                            found.push(value);
                        }
                        _ => {}
                    }
                }
                Ok(Members(found))
            }
        }
        deserializer.deserialize_map(Walk)
    }
}

#[cfg(test)]
mod tests {
    use super::{CallbackNotice, NoticeError};

    const ID: &str = "0c7e5b1f3a994d0e8f6255d0a1b2c3d4";
    const DASHED: &str = "0C7E5B1F-3A99-4D0E-8F62-55D0A1B2C3D4";
    const OTHER: &str = "ffffffff3a994d0e8f6255d0a1b2c3d4";

    fn notice() -> CallbackNotice {
        CallbackNotice::for_payment(ID.parse().unwrap())
    }

    #[test]
    fn every_spelling_is_read() {
        for query in [
            format!("paymentId={ID}"),
            format!("?order=7&PaymentId={DASHED}&x"),
            format!("paymentid=%20{ID}+"),
            format!("%70aymentId={}", ID.replace('0', "%30")),
            format!("paymentId={ID}&PAYMENTID={DASHED}"),
            format!("paymentId=&paymentId={ID}"),
        ] {
            assert_eq!(CallbackNotice::from_query(&query), Ok(notice()), "{query}");
            assert_eq!(CallbackNotice::from_request(&query, b""), Ok(notice()));
            assert_eq!(
                CallbackNotice::from_body(query.trim_start_matches('?').as_bytes()),
                Ok(notice())
            );
        }
        for body in [
            format!(r#" {{ "paymentId": "{ID}" }}"#),
            format!(r#"{{"a":[{{}}],"PaymentId":"{DASHED}","paymentId":"{ID}"}}"#),
        ] {
            assert_eq!(
                CallbackNotice::from_request("", body.as_bytes()),
                Ok(notice()),
                "{body}"
            );
        }
    }

    #[test]
    fn what_barion_sends_is_read_back() {
        let sent = notice();
        assert_eq!(sent.query(), format!("paymentId={ID}"));
        assert_eq!(
            CallbackNotice::from_request(&sent.query(), &sent.body()),
            Ok(sent)
        );
        assert_eq!(CallbackNotice::from_request("", &sent.body()), Ok(sent));
        assert_eq!(
            CallbackNotice::from_request(&sent.query(), b"\xff\x00{not json"),
            Ok(sent)
        );
        assert_eq!(
            CallbackNotice::from_request(&sent.query(), b"{not json"),
            Ok(sent)
        );
    }

    #[test]
    fn values_that_differ_are_refused() {
        let differ = Err(NoticeError::Contradictory);
        let query = format!("paymentId={ID}&paymentid={OTHER}");
        assert_eq!(CallbackNotice::from_query(&query), differ);
        let body = format!(r#"{{"paymentId":"{ID}","paymentId":"{OTHER}"}}"#);
        assert_eq!(CallbackNotice::from_body(body.as_bytes()), differ);
        let query = format!("paymentId={ID}");
        let body = format!("paymentId={OTHER}");
        assert_eq!(
            CallbackNotice::from_request(&query, body.as_bytes()),
            differ
        );
    }

    #[test]
    fn what_is_no_callback_says_why() {
        let nil = "paymentId=00000000000000000000000000000000";
        for missing in ["", "?", "order=7", "paymentId=", "payment=1", nil, "{}"] {
            assert_eq!(
                CallbackNotice::from_request(missing, missing.as_bytes()),
                Err(NoticeError::Missing),
                "{missing}"
            );
        }
        let told = CallbackNotice::from_query("paymentId=12").unwrap_err();
        assert!(matches!(told, NoticeError::Invalid(_)));
        assert!(told.to_string().contains("32 hex digits"), "{told}");
    }
}
