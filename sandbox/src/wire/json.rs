//! JSON tree that keeps numbers as their own text and finds names in any letter case.
//!
//! `serde_json::Value` is of no use here: it would put amounts through floating point.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Nesting beyond this is no request of any client; the bound keeps the reader's stack small.
const DEEPEST: usize = 32;

/// Text that is not JSON, or nested beyond reason.
#[derive(Debug, thiserror::Error)]
#[error("the text is not readable as JSON")]
pub(crate) struct Malformed;

/// One JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// The digits exactly as they were sent.
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(Object),
}

/// The members of an object, in their order. There are few, so looking through them is faster than
/// a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Object(Vec<Member>);

/// A value and its name as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Member {
    name: String,
    value: Json,
}

impl Object {
    /// The fields of a query, as if they had been sent as JSON texts.
    pub(crate) fn of_query(query: Option<&str>) -> Self {
        let fields = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        Self(
            fields
                .map(|(name, value)| Member {
                    name: name.into_owned(),
                    value: Json::Text(value.into_owned()),
                })
                .collect(),
        )
    }

    /// The member of this name in any letter case, of several the last one; a missing one reads as
    /// null.
    pub(crate) fn get(&self, name: &str) -> &Json {
        let mut members = self.0.iter().rev();
        members
            .find(|member| member.name.eq_ignore_ascii_case(name))
            .map_or(&Json::Null, |member| &member.value)
    }

    /// All members by their names as they were sent.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.0
            .iter()
            .map(|member| (member.name.as_str(), &member.value))
    }
}

/// Reads a whole body.
pub(crate) fn parse(body: &[u8]) -> Result<Json, Malformed> {
    let text = std::str::from_utf8(body).map_err(|_| Malformed)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let raw: &RawValue = serde_json::from_str(text).map_err(|_| Malformed)?;
    read(raw, DEEPEST)
}

fn read(raw: &RawValue, levels: usize) -> Result<Json, Malformed> {
    let text = raw.get();
    match text.as_bytes().first() {
        Some(b'{') => read_object(text, levels.checked_sub(1).ok_or(Malformed)?),
        Some(b'[') => read_list(text, levels.checked_sub(1).ok_or(Malformed)?),
        Some(b'"') => Ok(Json::Text(scalar(text)?)),
        Some(b't' | b'f') => Ok(Json::Bool(scalar(text)?)),
        Some(b'n') => Ok(Json::Null),
        _ => Ok(Json::Number(text.to_owned())),
    }
}

fn scalar<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Malformed> {
    serde_json::from_str(text).map_err(|_| Malformed)
}

fn read_list(text: &str, levels: usize) -> Result<Json, Malformed> {
    scalar::<Vec<&RawValue>>(text)?
        .into_iter()
        .map(|raw| read(raw, levels))
        .collect::<Result<_, _>>()
        .map(Json::List)
}

fn read_object(text: &str, levels: usize) -> Result<Json, Malformed> {
    scalar::<Members>(text)?
        .0
        .into_iter()
        .map(|(name, raw)| {
            let value = read(raw, levels)?;
            Ok(Member { name, value })
        })
        .collect::<Result<_, _>>()
        .map(|members| Json::Object(Object(members)))
}

/// The members of an object in order, their values unread.
pub(crate) struct Members<'a>(pub(crate) Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(text: &str) -> Object {
        match parse(text.as_bytes()) {
            Ok(Json::Object(object)) => object,
            other => panic!("not an object: {other:?}"),
        }
    }

    #[test]
    fn numbers_keep_their_digits() {
        let read = object(r#" {"a":16777217,"b":0.30,"c":99999999.99,"d":-1.5e+3} "#);
        for (name, digits) in [
            ("a", "16777217"),
            ("b", "0.30"),
            ("c", "99999999.99"),
            ("d", "-1.5e+3"),
        ] {
            assert_eq!(read.get(name), &Json::Number(digits.to_owned()));
        }
    }

    #[test]
    fn names_match_in_any_case_and_the_last_one_counts() {
        let read = object(r#"{"posKEY":"a","POSKey":"b","\u0050aymentId":null}"#);
        assert_eq!(read.get("PosKey"), &Json::Text("b".to_owned()));
        assert_eq!(read.get("PaymentId"), &Json::Null);
        assert_eq!(read.get("nothing"), &Json::Null);
    }

    #[test]
    fn everything_else_is_read_too() {
        assert_eq!(
            parse("\u{feff}[true,false,null,\"\\u00e1  b\",{}]".as_bytes()).unwrap(),
            Json::List(vec![
                Json::Bool(true),
                Json::Bool(false),
                Json::Null,
                Json::Text("á  b".to_owned()),
                Json::Object(Object::default()),
            ])
        );
    }

    #[test]
    fn broken_text_and_deep_nesting_are_refused() {
        let deep = "[".repeat(100_000);
        let closed = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
        for text in [
            "",
            "{",
            "{]",
            "nul",
            "01",
            "{\"a\":}",
            "\"\\ud800\"",
            "{} x",
            &deep,
            &closed,
        ] {
            assert!(parse(text.as_bytes()).is_err());
        }
        assert!(parse(b"\"\xff\"").is_err());
        let fits = format!("{}1{}", "[".repeat(DEEPEST), "]".repeat(DEEPEST));
        assert!(parse(fits.as_bytes()).is_ok());
    }
}
