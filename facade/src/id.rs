//! Barion's names of things.

use std::fmt;
use std::str::FromStr;

use barion_generated::wire::{Guid, Sensitive};
use serde::{Deserialize, Serialize};

/// A text that is no id of Barion: 32 hex digits, with or without dashes. It is not repeated, as it may be anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidId {
    characters: usize,
}

impl InvalidId {
    pub(crate) fn of(text: &str) -> Self {
        Self {
            characters: text.chars().count(),
        }
    }
}

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a text of {} characters is no id of Barion: 32 hex digits are expected, with or without dashes",
            self.characters
        )
    }
}

impl std::error::Error for InvalidId {}

macro_rules! guid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// Read with and without dashes, printed without.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Guid);

        impl $name {
            /// Barion prints all zeros in place of an id that does not exist.
            #[allow(dead_code, reason = "not every kind of id needs every way out")]
            pub(crate) fn from_wire_if_set(id: Option<Guid>) -> Option<Self> {
                id.filter(|id| !id.is_nil()).map(Self)
            }

            #[allow(dead_code, reason = "not every kind of id needs every way in")]
            pub(crate) fn from_wire(id: Guid) -> Self {
                Self(id)
            }

            #[allow(dead_code, reason = "not every kind of id needs every way out")]
            pub(crate) fn wire(self) -> Guid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self).map_err(|_| InvalidId::of(text))
            }
        }
    };
}

guid_id! {
    /// Barion's name of a payment. The key to store an order's payment under: nothing else is unique.
    PaymentId
}
guid_id! {
    /// Barion's name of one transaction of a payment.
    TransactionId
}
guid_id! {
    /// The public name of a shop, `POSId`. Not its secret key.
    PosId
}

macro_rules! kept {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Sensitive);

        impl $name {
            /// The text, byte for byte as it is given.
            #[must_use]
            pub fn new(text: impl Into<String>) -> Self {
                Self(Sensitive::new(text))
            }

            /// The text, byte for byte, to store it. Not shown by `Debug`.
            #[must_use]
            pub fn as_str(&self) -> &str {
                self.0.expose()
            }

            pub(crate) fn wire(&self) -> Sensitive {
                self.0.clone()
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::new(text)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(hidden)"))
            }
        }
    };
}

kept! {
    /// Your own name of a token, 1 to 100 characters: unique for each payer and card, chosen when it is registered.
    RecurrenceId
}

kept! {
    /// The card issuer's id of a chain of payments, up to 100 characters.
    ///
    /// Read it from the state of the first payment ([`Payment::trace_id`](crate::Payment::trace_id)) and store it byte
    /// for byte: runs of blanks belong to it, and a database or form that trims them breaks the token.
    TraceId
}

impl TraceId {
    pub(crate) fn from_wire_if_set(text: Option<Sensitive>) -> Option<Self> {
        text.filter(|text| !text.expose().is_empty()).map(Self)
    }
}
