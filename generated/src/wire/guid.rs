//! GUIDs: the identifiers of Barion.

use std::fmt;
use std::str::FromStr;

use serde_with::{DeserializeFromStr, SerializeDisplay};

/// A GUID: read with and without dashes, printed as 32 lower-case hex digits without.
///
/// Barion's answers print it so, every endpoint takes it so, and the path of version 4 takes
/// nothing else.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, SerializeDisplay, DeserializeFromStr,
)]
pub struct Guid(uuid::Uuid);

/// A text that is no GUID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a GUID of 32 hex digits, with or without dashes")]
pub struct InvalidGuid(String);

impl Guid {
    /// Whether it is all zeros, which Barion prints in place of an id that does not exist.
    #[must_use]
    pub fn is_nil(self) -> bool {
        self.0.is_nil()
    }

    /// The id as a [`uuid::Uuid`].
    #[must_use]
    pub fn as_uuid(self) -> uuid::Uuid {
        self.0
    }
}

impl From<uuid::Uuid> for Guid {
    fn from(id: uuid::Uuid) -> Self {
        Self(id)
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::LowerHex::fmt(self.0.as_simple(), f)
    }
}

impl fmt::Debug for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Guid {
    type Err = InvalidGuid;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        uuid::Uuid::try_parse(text.trim())
            .map(Self)
            .map_err(|_| InvalidGuid(text.chars().take(64).collect()))
    }
}

/// A [`Guid`] that is printed with dashes, for the few places where Barion itself does so: the
/// address of a QR code, and the path of a shop.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, SerializeDisplay, DeserializeFromStr,
)]
pub struct DashedGuid(pub Guid);

impl From<Guid> for DashedGuid {
    fn from(id: Guid) -> Self {
        Self(id)
    }
}

impl fmt::Display for DashedGuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::LowerHex::fmt(self.0.0.as_hyphenated(), f)
    }
}

impl fmt::Debug for DashedGuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for DashedGuid {
    type Err = InvalidGuid;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::{DashedGuid, Guid};

    #[test]
    fn both_forms_are_read_and_one_is_printed() {
        let plain = "0c7e5b1f3a994d0e8f6255d0a1b2c3d4";
        let dashed = "0C7E5B1F-3A99-4D0E-8F62-55D0A1B2C3D4";
        for text in [plain, dashed] {
            let guid: Guid = serde_json::from_str(&format!("\"{text}\"")).unwrap();
            assert_eq!(guid.to_string(), plain);
            assert_eq!(
                serde_json::to_string(&guid).unwrap(),
                format!("\"{plain}\"")
            );
            assert_eq!(
                DashedGuid(guid).to_string(),
                "0c7e5b1f-3a99-4d0e-8f62-55d0a1b2c3d4"
            );
        }
    }

    #[test]
    fn what_is_no_guid_is_named() {
        let error = "bar-1".parse::<Guid>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "\"bar-1\" is not a GUID of 32 hex digits, with or without dashes"
        );
    }
}
