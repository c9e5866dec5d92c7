//! Related ids: the transaction that a transaction refers to.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::value::RawValue;

use super::Guid;

/// The transaction that a transaction belongs to: for a refund the refunded one.
///
/// A GUID nearly always. An official dump shows a small number, so other values are kept as they
/// are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RelatedId {
    /// The id of a transaction.
    Transaction(Guid),
    /// A number, whose meaning is not known.
    Number(i64),
    /// Another text.
    Text(String),
}

impl RelatedId {
    /// The id of a transaction, if it is one.
    #[must_use]
    pub fn transaction(&self) -> Option<Guid> {
        match self {
            Self::Transaction(id) => Some(*id),
            Self::Number(_) | Self::Text(_) => None,
        }
    }
}

impl fmt::Display for RelatedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transaction(id) => fmt::Display::fmt(id, f),
            Self::Number(number) => fmt::Display::fmt(number, f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl Serialize for RelatedId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Transaction(id) => id.serialize(serializer),
            Self::Number(number) => number.serialize(serializer),
            Self::Text(text) => text.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for RelatedId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        if let Ok(text) = serde_json::from_str::<String>(raw.get()) {
            return Ok(text
                .parse()
                .map_or_else(|_| Self::Text(text), Self::Transaction));
        }
        if let Ok(number) = raw.get().parse() {
            return Ok(Self::Number(number));
        }
        Err(de::Error::custom(
            "a related id is a GUID, another text or a whole number",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::RelatedId;

    fn read(json: &str) -> Option<RelatedId> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn null_guid_number_and_text_are_read() {
        assert_eq!(read("null"), None);
        let guid = read(r#""62deb175-90ff-a364-e5c8-bbd60718293a""#).unwrap();
        assert_eq!(guid.to_string(), "62deb17590ffa364e5c8bbd60718293a");
        assert!(guid.transaction().is_some());
        assert_eq!(read("2"), Some(RelatedId::Number(2)));
        assert_eq!(read(r#""2""#), Some(RelatedId::Text("2".to_owned())));
        assert_eq!(serde_json::to_string(&read("2")).unwrap(), "2");
    }

    #[test]
    fn a_structure_is_refused() {
        assert!(serde_json::from_str::<RelatedId>("{}").is_err());
    }
}
