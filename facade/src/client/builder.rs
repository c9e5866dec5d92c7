//! Builder of a client: its settings.

use std::ffi::OsString;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use barion_generated::hooks::Transport;
use barion_generated::wire::{PosKey, WalletKey};
use url::Url;

use super::rate_limit::{RateLimit, RateLimiter};
use super::{Client, Inner};
use crate::client::clock::{ServerClock, WallClock};
use crate::client::environment::Environment;
use crate::client::retry::RetryPolicy;
use crate::client::telemetry::Server;
use crate::error::Error;

const ENVIRONMENT: &str = "BARION_ENVIRONMENT";
const POS_KEY: &str = "BARION_POS_KEY";

/// Default time limit of an attempt: above Barion's own 30 seconds, so that a call which still
/// succeeds is not abandoned.
const TIMEOUT: Duration = Duration::from_secs(35);
/// Default time after which a lost request can't take effect any more: Barion's 30 seconds, and as
/// much again for what has left this process and is still on its way, since an operating system
/// goes on sending for its closed connections.
const SETTLING_TIME: Duration = Duration::from_secs(60);
/// Default time limit of connecting.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Idle connections are closed before a proxy in between is likely to close them: a request on a
/// connection that the other side has just closed ends in `Delivery::Unknown`.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(15);

impl Client {
    /// Client with all defaults.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when the environment's address
    /// can't be used, or TLS can't be set up on this machine.
    pub fn new(environment: Environment, key: PosKey) -> Result<Self, Error> {
        Self::builder(environment, key).build()
    }

    /// Builder of a client, for other settings.
    pub fn builder(environment: Environment, key: PosKey) -> ClientBuilder {
        ClientBuilder::new(environment, key)
    }

    /// Client configured by environment variables: `BARION_POS_KEY` is the secret key of the shop,
    /// and `BARION_ENVIRONMENT` is `test`, `production`, or the address of another Barion such as a
    /// local sandbox. Both must be set; nothing leads to production by default.
    ///
    /// For more settings see [`ClientBuilder::from_env`].
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) naming the variable that is
    /// missing or wrong, never its value; and as [`new`](Self::new).
    pub fn from_env() -> Result<Self, Error> {
        ClientBuilder::from_env()?.build()
    }
}

/// Builder of a [`Client`]: its settings.
#[derive(Clone)]
#[must_use]
pub struct ClientBuilder {
    environment: Environment,
    key: PosKey,
    key_in_body: bool,
    allow_plain_http: bool,
    timeout: Duration,
    connect_timeout: Duration,
    user_agent: String,
    proxy: Option<Url>,
    system_proxy: bool,
    http_client: Option<reqwest::Client>,
    wallet_key: Option<WalletKey>,
    retry: RetryPolicy,
    settling_time: Duration,
    rate_limit: RateLimit,
    transport: Option<Arc<dyn Transport>>,
    wall_clock: WallClock,
}

impl ClientBuilder {
    pub(crate) fn new(environment: Environment, key: PosKey) -> Self {
        Self {
            environment,
            key,
            key_in_body: true,
            allow_plain_http: false,
            timeout: TIMEOUT,
            connect_timeout: CONNECT_TIMEOUT,
            user_agent: concat!("barion-rust/", env!("CARGO_PKG_VERSION")).to_owned(),
            proxy: None,
            system_proxy: false,
            http_client: None,
            wallet_key: None,
            retry: RetryPolicy::default(),
            settling_time: SETTLING_TIME,
            rate_limit: RateLimit::default(),
            transport: None,
            wall_clock: WallClock::default(),
        }
    }

    /// Builder with the environment and the key of the variables `BARION_ENVIRONMENT` and
    /// `BARION_POS_KEY`; see [`Client::from_env`].
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) naming the variable that is
    /// missing or wrong, never its value.
    pub fn from_env() -> Result<Self, Error> {
        Self::from_variables(|name| std::env::var_os(name))
    }

    fn from_variables(read: impl Fn(&str) -> Option<OsString>) -> Result<Self, Error> {
        // Not a word of the value: a key may stand in the place of the environment by mistake.
        let problem = |name: &str, what: &str| {
            let message = format!("the environment variable {name} {what}");
            Err(Error::configuration(message))
        };
        let text = |name: &str| {
            read(name)?
                .into_string()
                .ok()
                .filter(|text| !text.is_empty())
        };
        let Some(environment) = text(ENVIRONMENT) else {
            let what = "is not set: set it to test, production, or the address of a local Barion";
            return problem(ENVIRONMENT, what);
        };
        let Some(environment) = Environment::from_variable(&environment) else {
            let what =
                "can't be used: set it to test, production, or an address that begins with http";
            return problem(ENVIRONMENT, what);
        };
        let Some(key) = text(POS_KEY) else {
            let what =
                "is not set: set it to the secret key (POSKey) of the shop in that environment";
            return problem(POS_KEY, what);
        };
        let Ok(key) = PosKey::new(&key) else {
            let what = "is no key: set it to the secret key (POSKey) of the shop, 32 hex digits with or without dashes";
            return problem(POS_KEY, what);
        };
        Ok(Self::new(environment, key))
    }

    /// Time limit of each attempt of a call, from connecting to the last byte of the answer. Barion
    /// gives up after 30 seconds; a shorter limit here abandons calls that may still succeed.
    /// Default: 35 seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Settling time: how long a request may still take effect at Barion after its call has ended.
    /// Until it is over, [`reconcile`](Client::reconcile) does not report that the request was not
    /// carried out. It counts from the end of the call, as name resolution and connecting may take
    /// most of a call's time, so that its bytes leave late. Barion gives up on a request after 30
    /// seconds; the rest is a margin for what is still on its way. Default: 60 seconds.
    pub fn settling_time(mut self, time: Duration) -> Self {
        self.settling_time = time;
        self
    }

    /// Retry policy: when and how often a call that failed is sent again. Default: 3 attempts of
    /// reads; other calls are sent again only if nothing left this machine. See [`RetryPolicy`].
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Rate limit: how often the state of one payment is read. Default: Barion's own limit, 2 calls
    /// in 5 seconds; see [`RateLimit`].
    #[doc(alias = "rate limit")]
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.rate_limit = limit;
        self
    }

    /// Time limit of connecting, within the whole. Default: 10 seconds.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// User agent: the `User-Agent` header. Default: `barion-rust/` and the version of this crate.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// Shop key in the body: whether requests below version 4 carry it there as well as in the
    /// header, as Barion's own client does. Some pages of the docs still call it required there.
    /// Default: yes.
    pub fn key_in_body(mut self, yes: bool) -> Self {
        self.key_in_body = yes;
        self
    }

    /// Plain HTTP: whether an [`Environment::Custom`] address may be plain `http` even if it is not
    /// on this machine. The shop key then crosses the network readably; meant for containers next
    /// to each other. Default: no.
    pub fn allow_plain_http(mut self, yes: bool) -> Self {
        self.allow_plain_http = yes;
        self
    }

    /// HTTP proxy that all calls go through, such as `http://user:password@proxy.example:3128`.
    /// Default: none, and environment variables are ignored.
    pub fn proxy(mut self, url: Url) -> Self {
        self.proxy = Some(url);
        self
    }

    /// System proxy: whether calls go through the proxy of the environment variables `HTTPS_PROXY`,
    /// `HTTP_PROXY` or `ALL_PROXY`, with the exceptions in `NO_PROXY`; with the feature
    /// `system-proxy` also through the one set in Windows or macOS. [`proxy`](Self::proxy) takes
    /// precedence. Default: no, so that a variable meant for other programs can't lead payments
    /// elsewhere.
    pub fn system_proxy(mut self, yes: bool) -> Self {
        self.system_proxy = yes;
        self
    }

    /// Wallet key: API key of the shop's wallet. [`reconcile`](Client::reconcile) needs it to find
    /// a lost charge in the wallet's history, and so do wallet operations by [`Client::raw`].
    /// Default: none.
    pub fn wallet_key(mut self, key: WalletKey) -> Self {
        self.wallet_key = Some(key);
        self
    }

    /// HTTP client of your own, of the `reqwest` that [`raw::reqwest`](crate::raw::reqwest) names:
    /// for client certificates, resolvers, layers. Its time limit is that of
    /// [`timeout`](Self::timeout); the other settings of connections (connecting, user agent,
    /// proxies, idle connections) are its own.
    ///
    /// It should neither follow redirects nor retry: use `redirect(Policy::none())` and
    /// `retry(retry::never())`. An answer that came from another address than the requested one is
    /// an error, [`ErrorKind::Redirected`](crate::ErrorKind::Redirected), and a request with a body
    /// is made so that it can't be sent twice. But a redirect that is followed takes the shop key
    /// along.
    ///
    /// Default: one made for Barion.
    pub fn http_client(mut self, client: reqwest::Client) -> Self {
        self.http_client = Some(client);
        self
    }

    /// HTTP transport in place of sockets: for tests and simulations in which client and server
    /// share a process. All settings of connections (connecting, user agent, proxies) are its own
    /// then. Default: none, an HTTP client.
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Wall clock: the time of day that the client notes in an
    /// [`UnconfirmedRequest`](crate::UnconfirmedRequest). For tests and simulations. Durations are
    /// measured by tokio's own clock, which tests can pause. Default: the system's.
    pub fn wall_clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.wall_clock = WallClock::new(clock);
        self
    }

    /// Builds the client.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn build(self) -> Result<Client, Error> {
        let base = self.environment.base(self.allow_plain_http)?;
        let server = Server::of(&base)?;
        let http = self.http()?;
        let inner = Inner {
            http,
            base,
            server,
            key: self.key,
            wallet_key: self.wallet_key,
            key_in_body: self.key_in_body,
            retry: self.retry,
            settling_time: self.settling_time,
            rate_limiter: RateLimiter::new(self.rate_limit),
            transport: self.transport,
            wall_clock: self.wall_clock,
            server_clock: ServerClock::default(),
            unsettled: Arc::default(),
        };
        Ok(Client::from_inner(inner, self.timeout))
    }

    fn http(&self) -> Result<reqwest::Client, Error> {
        if let Some(client) = &self.http_client {
            if self.proxy.is_some() || self.system_proxy {
                let problem = "an HTTP client of your own has its own proxies: set them there";
                return Err(Error::configuration(problem.to_owned()));
            }
            return Ok(client.clone());
        }
        #[cfg(all(
            feature = "rustls-no-provider",
            not(any(feature = "rustls", feature = "native-tls"))
        ))]
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // The HTTP library panics without a provider.
            let problem = "rustls has no crypto provider: install one first, with \
                           rustls::crypto::CryptoProvider::install_default, or use the feature rustls";
            return Err(Error::configuration(problem.to_owned()));
        }
        let mut http = reqwest::Client::builder()
            .connect_timeout(self.connect_timeout)
            .pool_idle_timeout(POOL_IDLE_TIMEOUT)
            .user_agent(&self.user_agent)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .http1_only();
        if let Some(url) = &self.proxy {
            let proxy = reqwest::Proxy::all(url.clone()).map_err(|error| {
                Error::configuration("the address of the proxy can't be used".to_owned())
                    .with_source(error.without_url())
            })?;
            http = http.no_proxy().proxy(proxy);
        } else if !self.system_proxy {
            http = http.no_proxy();
        }
        http.build().map_err(|error| {
            Error::configuration("the HTTP client can't be set up".to_owned())
                .with_source(error.without_url())
        })
    }
}

/// The address of a proxy may have a password in it.
impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("environment", &self.environment)
            .field("timeout", &self.timeout)
            .field("connect_timeout", &self.connect_timeout)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::{ClientBuilder, ENVIRONMENT, Environment, POS_KEY};

    const KEY: &str = "11111111-1111-1111-1111-111111111111";

    fn from(environment: Option<&str>, key: Option<&str>) -> Result<ClientBuilder, String> {
        let read = |name: &str| match name {
            ENVIRONMENT => environment.map(OsString::from),
            POS_KEY => key.map(OsString::from),
            other => panic!("{other} is read"),
        };
        ClientBuilder::from_variables(read).map_err(|error| error.to_string())
    }

    #[test]
    fn the_environment_tells_all() {
        let custom = Environment::Custom("http://127.0.0.1:8787".parse().unwrap());
        for (text, environment) in [
            ("test", Environment::Test),
            (" Test ", Environment::Test),
            ("production", Environment::Production),
            ("http://127.0.0.1:8787", custom),
        ] {
            let builder = from(Some(text), Some(KEY)).unwrap();
            assert_eq!(
                (builder.environment, builder.key.expose()),
                (environment, KEY)
            );
        }
    }

    /// When environment and key are mixed up, neither value is repeated.
    #[test]
    fn what_is_wrong_is_named_and_its_value_is_not() {
        for (environment, key, named, fix) in [
            (None, Some(KEY), ENVIRONMENT, "production"),
            (Some(""), Some(KEY), ENVIRONMENT, "production"),
            (Some(KEY), Some("test"), ENVIRONMENT, "production"),
            (Some("live"), Some(KEY), ENVIRONMENT, "production"),
            (Some("mailto:live"), Some(KEY), ENVIRONMENT, "production"),
            (Some("test"), None, POS_KEY, "secret key"),
            (Some("test"), Some(""), POS_KEY, "secret key"),
            (Some("test"), Some("hunter2"), POS_KEY, "secret key"),
        ] {
            let error = from(environment, key).unwrap_err();
            assert!(error.contains(named) && error.contains(fix), "{error}");
            for secret in ["1111", "hunter2", "live"] {
                assert!(!error.contains(secret), "{error}");
            }
        }
    }
}
