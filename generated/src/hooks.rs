//! Hooks around every request: they add the key, remove stray headers, bound answers and note them.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use progenitor_client::{ClientHooks, ClientInfo, OperationInfo};
use reqwest::header::{AGE, CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};

use crate::client::{Client, Error};
use crate::tables::{Key, Operation};
use crate::wire::{PosKey, WalletKey};

/// The longest answer that is read, in bytes. Barion's largest JSON answers are some hundred times
/// smaller.
pub const DEFAULT_BODY_LIMIT: usize = 8 * 1024 * 1024;

/// The header of the shop's key.
pub const POS_KEY_HEADER: HeaderName = HeaderName::from_static("x-pos-key");

/// The header of a wallet's key.
pub const WALLET_KEY_HEADER: HeaderName = HeaderName::from_static("x-api-key");

/// HTTP transport: carries one request to a server and returns the head of its answer, whose body
/// is read afterwards. The default is the [`reqwest::Client`] of the [`Client`]; tests and
/// simulations without sockets set another one.
///
/// It sends a request at most once, and says by the error whether bytes may have left, as reqwest
/// does: only [`is_connect`](reqwest::Error::is_connect) and
/// [`is_builder`](reqwest::Error::is_builder) mean that none has.
pub trait Transport: fmt::Debug + Send + Sync {
    /// Sends the request. The answer's address must be set by `reqwest::ResponseBuilderExt`, since
    /// an answer from another address than the one that was asked is refused. The time limit of the
    /// request is the transport's to keep.
    fn send(&self, request: reqwest::Request) -> Sending<'_>;
}

/// What a [`Transport`] returns.
pub type Sending<'a> =
    Pin<Box<dyn Future<Output = reqwest::Result<reqwest::Response>> + Send + 'a>>;

/// The part of a [`Client`] that is ours: its key, and where it notes what it sees.
#[derive(Debug, Clone)]
pub struct Hooks {
    pos_key: Option<PosKey>,
    wallet_key: Option<WalletKey>,
    body_limit: usize,
    timeout: Option<Duration>,
    exchange: Option<Arc<Exchange>>,
    transport: Option<Arc<dyn Transport>>,
}

impl Hooks {
    /// Hooks without keys: good for operations that want none.
    #[must_use]
    pub fn new() -> Self {
        Self {
            pos_key: None,
            wallet_key: None,
            body_limit: DEFAULT_BODY_LIMIT,
            timeout: None,
            exchange: None,
            transport: None,
        }
    }

    /// Authorises the operations of a shop.
    #[must_use]
    pub fn with_pos_key(mut self, key: PosKey) -> Self {
        self.pos_key = Some(key);
        self
    }

    /// Authorises the operations of a wallet.
    #[must_use]
    pub fn with_wallet_key(mut self, key: WalletKey) -> Self {
        self.wallet_key = Some(key);
        self
    }

    /// Sets the longest answer that is read, in bytes. The default is [`DEFAULT_BODY_LIMIT`].
    #[must_use]
    pub fn with_body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Sets the limit of every call, from connecting to the last byte of the answer. The default is
    /// that of the HTTP client.
    #[must_use]
    pub fn with_timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }

    /// Sends by this transport in place of the HTTP client.
    #[must_use]
    pub fn with_transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Notes there what is seen of the next exchange. Each note serves one call: give every call
    /// hooks of its own.
    #[must_use]
    pub fn with_exchange(mut self, exchange: Arc<Exchange>) -> Self {
        self.exchange = Some(exchange);
        self
    }
}

impl Default for Hooks {
    fn default() -> Self {
        Self::new()
    }
}

/// What was seen of one exchange, for the layer above: the generated client forgets it when it
/// can't read an answer.
#[derive(Debug, Default)]
pub struct Exchange(OnceLock<Seen>);

impl Exchange {
    /// What was seen; `None` when no answer began to arrive.
    #[must_use]
    pub fn seen(&self) -> Option<&Seen> {
        self.0.get()
    }
}

/// The head of an answer: status and headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The HTTP status.
    pub status: u16,
    /// The content type, as it came.
    pub content_type: Option<String>,
    /// The header `Retry-After`, as it came.
    pub retry_after: Option<String>,
    /// The header `Date`, as it came: the server's clock.
    pub date: Option<String>,
    /// Whether the header `Age` says that the answer comes out of a cache.
    pub cached: bool,
    /// Whether the answer came from another address than the one that was asked: the HTTP client
    /// followed a redirect.
    pub redirected: bool,
}

impl Seen {
    fn of(response: &reqwest::Response, redirected: bool) -> Self {
        let text = |name| text_of(response.headers(), &name);
        Self {
            status: response.status().as_u16(),
            content_type: text(CONTENT_TYPE),
            retry_after: text(RETRY_AFTER),
            date: text(DATE),
            cached: text(AGE).is_some_and(|age| age.trim() != "0"),
            redirected,
        }
    }
}

fn text_of(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// Marks an answer from another address than the one that was asked.
#[derive(Clone)]
struct Redirected;

/// Makes a request with a body one that can be sent only once, with any settings of the HTTP
/// client.
///
/// A body that can be read once can't be sent twice. Its length stays known.
fn send_once(request: &mut reqwest::Request) {
    if let Some(body) = request.body_mut().take() {
        *request.body_mut() = Some(reqwest::Body::wrap(body));
    }
}

impl ClientHooks<Hooks> for Client {
    async fn pre<E>(
        &self,
        request: &mut reqwest::Request,
        info: &OperationInfo,
    ) -> Result<(), Error<E>> {
        let hooks = self.inner();
        if hooks.timeout.is_some() {
            *request.timeout_mut() = hooks.timeout;
        }
        let headers = request.headers_mut();
        // The generator sends the version of our document, which says nothing to Barion.
        headers.remove("api-version");
        let (header, key) = match Operation::by_id(info.operation_id).map(|operation| operation.key)
        {
            Some(Key::Shop) => (POS_KEY_HEADER, hooks.pos_key.as_ref().map(PosKey::expose)),
            Some(Key::Wallet) => (
                WALLET_KEY_HEADER,
                hooks.wallet_key.as_ref().map(WalletKey::expose),
            ),
            Some(Key::None) | None => return Ok(()),
        };
        let Some(key) = key else {
            let problem = format!(
                "{} wants a key in {header}, and this client has none",
                info.operation_id
            );
            return Err(Error::InvalidRequest(problem));
        };
        let mut value = HeaderValue::from_str(key)?;
        value.set_sensitive(true);
        headers.insert(header, value);
        Ok(())
    }

    /// Reads the answer whole, up to the limit, and hands on a copy that knows neither address nor
    /// connection.
    async fn exec(
        &self,
        mut request: reqwest::Request,
        _info: &OperationInfo,
    ) -> reqwest::Result<reqwest::Response> {
        let hooks = self.inner();
        send_once(&mut request);
        let asked = request.url().clone();
        let mut response = match &hooks.transport {
            Some(transport) => transport.send(request).await?,
            None => self.client().execute(request).await?,
        };
        let redirected = *response.url() != asked;
        if let Some(exchange) = &hooks.exchange {
            // A second answer under one note would be a fault of the caller; the first one stays.
            let _ = exchange.0.set(Seen::of(&response, redirected));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            let room = hooks.body_limit.saturating_sub(body.len());
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if chunk.len() > room {
                // Cut here; what is left does not parse, and the caller hears of it as an
                // unreadable answer.
                break;
            }
        }
        let mut copy = http::Response::new(body);
        *copy.status_mut() = response.status();
        *copy.headers_mut() = std::mem::take(response.headers_mut());
        if redirected {
            copy.extensions_mut().insert(Redirected);
        }
        Ok(copy.into())
    }

    /// The answer of another address counts as none.
    async fn post<E>(
        &self,
        result: &reqwest::Result<reqwest::Response>,
        info: &OperationInfo,
    ) -> Result<(), Error<E>> {
        match result {
            Ok(answer) if answer.extensions().get::<Redirected>().is_some() => {
                let operation = info.operation_id;
                Err(Error::Custom(format!(
                    "{operation}: the HTTP client followed a redirect"
                )))
            }
            _ => Ok(()),
        }
    }
}
