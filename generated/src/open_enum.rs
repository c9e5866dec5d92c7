//! Open enumerations: those that keep values which this version does not know.

use std::fmt;

/// What all open enumerations have in common.
pub trait OpenEnum: Sized + Clone + 'static {
    /// The name in the spec.
    const NAME: &'static str;
    /// Each known value with its spelling on the wire.
    const KNOWN: &'static [(&'static str, Self)];
    /// Other spellings that are read.
    const ALSO: &'static [(&'static str, Self)];

    /// The spelling on the wire; for an unknown value the text as it came.
    fn as_str(&self) -> &str;

    /// Keeps an unknown value.
    fn unrecognized(text: Unrecognized) -> Self;

    /// Reads a value. Letter case does not count, because official clients and docs disagree about
    /// it (`BankCard` and `Bankcard`); a text that no known value fits is kept as it is.
    #[must_use]
    fn read(text: &str) -> Self {
        Self::KNOWN
            .iter()
            .chain(Self::ALSO)
            .find(|(spelling, _)| spelling.eq_ignore_ascii_case(text))
            .map_or_else(
                || Self::unrecognized(Unrecognized(text.into())),
                |(_, value)| value.clone(),
            )
    }
}

/// The text of a value that this version does not know.
///
/// Only reading makes one, so a known value never hides in it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unrecognized(Box<str>);

impl Unrecognized {
    /// The text as it came.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Unrecognized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for Unrecognized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Gives an open enumeration its ways in and out of text.
macro_rules! open_enum {
    ($name:ident) => {
        impl $name {
            /// The spelling on the wire; for an unknown value the text as it came.
            #[must_use]
            pub fn as_str(&self) -> &str {
                OpenEnum::as_str(self)
            }

            /// Whether this version knows the value.
            #[must_use]
            pub fn is_recognized(&self) -> bool {
                !matches!(self, Self::Unrecognized(_))
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(OpenEnum::as_str(self))
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = ::std::convert::Infallible;

            /// Reads a value without regard to letter case; an unknown one is kept.
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(OpenEnum::read(text))
            }
        }

        impl crate::validation::Value for $name {
            fn check(
                &self,
                property: &'static crate::tables::Property,
                path: &crate::validation::Path<'_>,
                report: &mut crate::validation::Report<'_>,
            ) {
                crate::validation::text(OpenEnum::as_str(self), property, path, report);
            }
        }

        #[cfg(feature = "schemars")]
        impl ::schemars::JsonSchema for $name {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                <Self as OpenEnum>::NAME.into()
            }

            /// Any text: the list is open.
            fn json_schema(_: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                ::schemars::json_schema!({ "type": "string" })
            }
        }

        impl From<&str> for $name {
            /// Reads a value without regard to letter case; an unknown one is kept.
            fn from(text: &str) -> Self {
                OpenEnum::read(text)
            }
        }
    };
}
pub(crate) use open_enum;

#[cfg(test)]
mod tests {
    use crate::enums::{Currency, FundingSource, PaymentStatus, ProcessResult};

    #[test]
    fn an_unknown_value_is_kept_to_the_letter() {
        let read: PaymentStatus = serde_json::from_str(r#""TeleportedToMars""#).unwrap();
        assert!(!read.is_recognized());
        assert_eq!(read.as_str(), "TeleportedToMars");
        assert_eq!(
            serde_json::to_string(&read).unwrap(),
            r#""TeleportedToMars""#
        );
    }

    #[test]
    fn letter_case_and_old_names_do_not_count() {
        assert_eq!(FundingSource::from("Bankcard"), FundingSource::BankCard);
        assert_eq!(FundingSource::from("card"), FundingSource::BankCard);
        assert_eq!(
            ProcessResult::from("SoftDeclined"),
            ProcessResult::ScaSoftDeclined
        );
        assert_eq!(Currency::from("huf"), Currency::Huf);
    }
}
