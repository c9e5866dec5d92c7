//! Environment: Barion's test environment, production, or another address.

use url::Url;

use crate::error::Error;

/// Environment that a client talks to. It is an argument of [`Client::new`](crate::Client::new), so
/// that going live is always written down.
///
/// The environments share nothing: wallets, shops and keys are separate, and a key of the other
/// environment is refused with `AuthenticationFailed`. See <https://docs.barion.com/Sandbox>.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Environment {
    /// Test environment, shared by all of Barion's merchants: `https://api.test.barion.com`. No
    /// real money.
    Test,
    /// Production, `https://api.barion.com`. Real money.
    Production,
    /// Another address: a local sandbox, or a proxy of your own. Plain `http` is allowed for
    /// loopback addresses; for others
    /// [`ClientBuilder::allow_plain_http`](crate::ClientBuilder::allow_plain_http) must be set,
    /// since the shop key crosses the network readably.
    Custom(Url),
}

impl Environment {
    /// Parses the value of the variable `BARION_ENVIRONMENT`.
    pub(crate) fn from_variable(text: &str) -> Option<Self> {
        match text.trim() {
            text if text.eq_ignore_ascii_case("test") => Some(Self::Test),
            text if text.eq_ignore_ascii_case("production") => Some(Self::Production),
            text if text.starts_with("http") => text.parse().ok().map(Self::Custom),
            _ => None,
        }
    }

    /// Base URL that paths are appended to, without a slash at its end.
    pub(crate) fn base(&self, allow_plain_http: bool) -> Result<String, Error> {
        let url = match self {
            Self::Test => return Ok("https://api.test.barion.com".to_owned()),
            Self::Production => return Ok("https://api.barion.com".to_owned()),
            Self::Custom(url) => url,
        };
        let plain = match url.scheme() {
            "https" => false,
            "http" => true,
            other => {
                return Err(Error::configuration(format!(
                    "the address must be http or https, not {other}"
                )));
            }
        };
        let user = !url.username().is_empty() || url.password().is_some();
        if url.query().is_some() || url.fragment().is_some() || user {
            return Err(Error::configuration(
                "the address must have no user, query or fragment".to_owned(),
            ));
        }
        if plain && !is_loopback(url) && !allow_plain_http {
            return Err(Error::configuration(
                "the address is plain http and not on this machine, so the shop key would cross the network \
                 readably: use https, or allow_plain_http on the builder"
                    .to_owned(),
            ));
        }
        Ok(url.as_str().trim_end_matches('/').to_owned())
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::Environment;

    fn base(url: &str, allow: bool) -> Result<String, String> {
        Environment::Custom(url.parse().unwrap())
            .base(allow)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn paths_can_be_appended() {
        assert_eq!(
            base("http://127.0.0.1:8787/", false).unwrap(),
            "http://127.0.0.1:8787"
        );
        assert_eq!(
            base("https://proxy.example/barion/", false).unwrap(),
            "https://proxy.example/barion"
        );
    }

    #[test]
    fn a_key_does_not_cross_a_network_readably_by_accident() {
        assert!(
            base("http://barion.internal:8787", false)
                .unwrap_err()
                .contains("allow_plain_http")
        );
        assert!(base("http://barion.internal:8787", true).is_ok());
        assert!(base("ftp://127.0.0.1", true).is_err());
        for more in ["/?key=1", "/#key"] {
            assert!(base(&format!("https://proxy.example{more}"), true).is_err());
        }
        for user in ["jane", "jane:secret", ":secret"] {
            let refused = base(&format!("https://{user}@proxy.example/"), true).unwrap_err();
            assert!(
                refused.contains("no user") && !refused.contains("secret"),
                "{refused}"
            );
        }
    }
}
