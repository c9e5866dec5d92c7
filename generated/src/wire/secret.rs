//! Secrets: keys and sensitive texts, which `Debug` and `Display` do not show.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Guid;

/// A text that is no key. It does not repeat the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a Barion key is a GUID of 32 hex digits, with or without dashes; this text is not one")]
pub struct InvalidKey;

macro_rules! key {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(SecretString);

        impl $name {
            /// A key as Barion's pages show it, with or without dashes.
            ///
            /// # Errors
            /// When the text is no GUID.
            pub fn new(key: &str) -> Result<Self, InvalidKey> {
                let key = key.trim();
                key.parse::<Guid>().map_err(|_| InvalidKey)?;
                Ok(Self(SecretString::from(key)))
            }

            /// The key itself, for sending it.
            #[must_use]
            pub fn expose(&self) -> &str {
                self.0.expose_secret()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("..")
            }
        }
    };
}

key! {
    /// The secret key of a shop, `POSKey`; in Barion's back office the "secret key" of the shop,
    /// not the public one.
    ///
    /// It is never shown: not by `Debug`, not in a log, not in an address.
    PosKey
}

key! {
    /// The key of a wallet, made in the wallet under Access. For the operations of wallets and
    /// shops.
    ///
    /// It is never shown: not by `Debug`, not in a log, not in an address.
    WalletKey
}

impl Serialize for PosKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}

impl<'de> Deserialize<'de> for PosKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(&text).map_err(serde::de::Error::custom)
    }
}

/// A sensitive text, with a secret or personal data in it: an e-mail address, a name, a token.
/// `Debug` and `Display` do not show it; [`expose`](Self::expose) does.
#[derive(Clone, Default)]
pub struct Sensitive(SecretString);

impl Sensitive {
    /// Hides a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// The text itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl From<String> for Sensitive {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Sensitive {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl PartialEq for Sensitive {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for Sensitive {}

impl fmt::Debug for Sensitive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

impl fmt::Display for Sensitive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

impl Serialize for Sensitive {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}

impl<'de> Deserialize<'de> for Sensitive {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::{PosKey, Sensitive};

    #[test]
    fn nothing_is_shown() {
        let key = PosKey::new("11111111-1111-1111-1111-111111111111").unwrap();
        let mail = Sensitive::new("payer@example.com");
        let shown = format!("{key:?} {key} {mail:?} {mail}");
        assert_eq!(shown, "PosKey(..) .. (hidden) (hidden)");
        assert_eq!(
            serde_json::to_string(&mail).unwrap(),
            r#""payer@example.com""#
        );
    }

    #[test]
    fn a_wrong_key_is_refused_without_being_repeated() {
        let error = PosKey::new("my secret").unwrap_err();
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
