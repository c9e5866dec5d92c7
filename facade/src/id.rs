//! Identifiers of payments, transactions, shops and tokens.

use std::fmt;
use std::str::FromStr;

use barion_generated::wire::{Guid, Sensitive};
use serde::{Deserialize, Serialize};

/// Error of parsing an identifier: the text is not 32 hex digits, with or without dashes. The text
/// is not repeated, as it may be anything.
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
        /// Parsed with and without dashes, printed without.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Guid);

        impl $name {
            /// Barion prints all zeros in place of an identifier that does not exist.
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
    /// Identifier of a payment, given by Barion. Store the payment of an order under it: nothing
    /// else is unique.
    PaymentId
}
guid_id! {
    /// Identifier of one transaction of a payment, given by Barion.
    TransactionId
}
guid_id! {
    /// Identifier of a shop, public (`POSId`). It is not the secret key of the shop.
    PosId
}

macro_rules! kept {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Sensitive);

        impl $name {
            /// Identifier with this text, kept byte for byte.
            #[must_use]
            pub fn new(text: impl Into<String>) -> Self {
                Self(Sensitive::new(text))
            }

            /// Text of the identifier, byte for byte, to store it. `Debug` does not show it.
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
    /// Identifier of a token, chosen by the shop when the token is registered: 1 to 100 characters,
    /// unique for each payer and card.
    RecurrenceId
}

kept! {
    /// Identifier of a chain of card payments, given by the card issuer: up to 100 characters.
    ///
    /// Read it from the state of the first payment
    /// ([`Payment::trace_id`](crate::Payment::trace_id)) and store it byte for byte: runs of blanks
    /// belong to it, and a database or form that trims them breaks the token.
    TraceId
}

impl TraceId {
    pub(crate) fn from_wire_if_set(text: Option<Sensitive>) -> Option<Self> {
        text.filter(|text| !text.expose().is_empty()).map(Self)
    }
}
