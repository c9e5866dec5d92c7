//! Builder for a sandbox.

use std::collections::HashSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use url::Url;

use crate::callback::{self, CallbackQueue, Callbacks};
use crate::domain::seeded::{self, PAYEE, POS_KEY};
use crate::engine::{Engine, Setup};
use crate::faults::Faults;
use crate::http::server;
use crate::log::Log;
use crate::sandbox::Sandbox;
use crate::store::{self, Store, StoreError};
use crate::values::id::read_id;

/// Rate limit of state calls: how many the documentation allows for one payment within five
/// seconds.
const CALLS: u8 = 2;

/// The same by newer texts of the documentation.
const CALLS_STRICT: u8 = 1;

/// The address of a sandbox that has none. Names under `invalid` are kept from ever leading
/// anywhere.
const NOWHERE: &str = "https://sandbox.invalid/";

/// Error of [`Builder::start`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The key given to [`Builder::pos_key`] is not a GUID.
    #[error("the shop key is not a GUID (32 hex digits, with or without dashes)")]
    InvalidKey,
    /// The address given to [`Builder::public_url`] has more than a host and a port.
    #[error(
        "the public URL is not of the form http://host:port (or https), without a path or query"
    )]
    InvalidPublicUrl,
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The HTTP client that sends callbacks cannot be set up.
    #[error("the sender of callbacks cannot be set up")]
    Callbacks(#[source] reqwest::Error),
    /// The file given to [`Builder::db`] is not one that this sandbox can keep its state in.
    #[error("cannot keep the sandbox in {}: {why}", path.display())]
    Storage {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, in a sentence.
        why: String,
    },
}

/// Builder for a [`Sandbox`], made by [`Sandbox::builder`].
#[derive(Clone, Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "switches, each set by its own method"
)]
pub struct Builder {
    listen: SocketAddr,
    pos_key: String,
    payees: HashSet<String>,
    any_payee: bool,
    callbacks: callback::Options,
    public_url: Option<Url>,
    real_time: bool,
    rate_limit: bool,
    balance_rule: bool,
    strict: bool,
    db: Option<PathBuf>,
    network: bool,
    seed: Option<u64>,
    start_at: Option<DateTime<Utc>>,
}

impl Builder {
    fn new() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            pos_key: POS_KEY.to_owned(),
            payees: HashSet::from([PAYEE.to_owned()]),
            any_payee: false,
            callbacks: callback::Options {
                policy: Callbacks::default(),
                body: true,
                log: Log::default(),
            },
            public_url: None,
            real_time: false,
            rate_limit: false,
            balance_rule: false,
            strict: false,
            db: None,
            network: true,
            seed: None,
            start_at: None,
        }
    }

    /// Sets the address to listen on, instead of a free port of `127.0.0.1`. Port 0 takes a free
    /// one.
    ///
    /// Nothing protects the control calls: on any other than a loopback address, everybody in the
    /// network can pay and advance the clock.
    #[must_use]
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Sets the address that clients are given, instead of the one listened on: answers and pages
    /// send payers' browsers there.
    ///
    /// For a sandbox behind a container's published port or behind a proxy. Http or https, and
    /// nothing after the host and port, as the pages are linked from the root.
    #[must_use]
    pub fn public_url(mut self, url: Url) -> Self {
        self.public_url = Some(url);
        self
    }

    /// Sets the secret key of the shop, instead of [`POS_KEY`]: a GUID with or without dashes.
    #[must_use]
    pub fn pos_key(mut self, key: &str) -> Self {
        key.clone_into(&mut self.pos_key);
        self
    }

    /// Adds a wallet that can be paid, by its e-mail address; [`PAYEE`] is always there.
    #[must_use]
    pub fn payee(mut self, email: &str) -> Self {
        self.payees.insert(email.to_lowercase());
        self
    }

    /// Accepts every payee, instead of answering `InvalidUser` for those without a wallet.
    #[must_use]
    pub fn any_payee(mut self) -> Self {
        self.any_payee = true;
        self
    }

    /// Sets which shops get callbacks; [`Callbacks::Loopback`] by default.
    #[doc(alias = "webhook")]
    #[must_use]
    pub fn callbacks(mut self, callbacks: Callbacks) -> Self {
        self.callbacks.policy = callbacks;
        self
    }

    /// Sets whether callbacks carry `paymentId` in a form body besides the query, as Barion
    /// documents it; shops report empty bodies. On by default.
    #[must_use]
    pub fn callback_body(mut self, on: bool) -> Self {
        self.callbacks.body = on;
        self
    }

    /// Sets the log: a line on stderr for each request of the API and each attempt of a callback,
    /// with the time of the machine. Off by default. No line has a key, a body or a query in it.
    #[must_use]
    pub fn log(mut self, log: Log) -> Self {
        self.callbacks.log = log;
        self
    }

    /// Lets the sandbox's clock move with the real time. Off by default: the clock then stands
    /// still at the moment of the start and moves by [`Sandbox::advance`] and `POST
    /// /sandbox/clock/advance` only, so that payments expire and callbacks are retried when a test
    /// says so.
    ///
    /// A clock in real time can be advanced as well. What is due happens within a second then, also
    /// when no request comes in.
    #[must_use]
    pub fn real_time(mut self, on: bool) -> Self {
        self.real_time = on;
        self
    }

    /// Sets the rate limit of state calls: the documented two within five seconds for each payment,
    /// by the sandbox's clock; further ones get HTTP 429. Off by default.
    #[must_use]
    pub fn rate_limit(mut self, on: bool) -> Self {
        self.rate_limit = on;
        self
    }

    /// Refuses refunds that the wallet's available balance does not cover, with
    /// `TooLowBalanceToMakeRefund`, as Barion does. Off by default, so that tests of shops need no
    /// balance.
    #[must_use]
    pub fn balance_rule(mut self, on: bool) -> Self {
        self.balance_rule = on;
        self
    }

    /// Reads rules that the sources leave open, and rules that Barion is known not to enforce, in
    /// the stricter way. A shop that passes then does so whichever reading is right. Off by
    /// default.
    ///
    /// Includes [`Builder::balance_rule`], callbacks without a body, and a [`Builder::rate_limit`]
    /// of one call in five seconds of the sandbox's clock. Where that stands still, as it does by
    /// default, advance it before each read of the same payment, or set [`Builder::real_time`].
    ///
    /// The rules are listed in `FIDELITY.md`, under "Strict".
    #[must_use]
    pub fn strict(mut self, on: bool) -> Self {
        self.strict = on;
        self
    }

    /// Sets the file that keeps everything, instead of memory. A sandbox that is started with the
    /// same file again continues from its state. Without a file all is gone with the sandbox.
    ///
    /// Kept are payments, tokens, shops, the wallet and the clock. A change is written before it is
    /// acknowledged and before its callback is sent, so that it survives the end of the process,
    /// however it comes. Not kept are the logs, armed faults, and callbacks that are still to be
    /// sent or retried.
    ///
    /// The file is an SQLite database, made where there is none, for one sandbox at a time.
    #[must_use]
    pub fn db(mut self, file: impl Into<PathBuf>) -> Self {
        self.db = Some(file.into());
        self
    }

    /// Listens on no address and sends no callback: [`Sandbox::answer`] takes the requests. For
    /// programs that run a shop and its Barion in one thread.
    ///
    /// No task is spawned. So a clock in [real time](Builder::real_time) moves as usual, but what
    /// is due happens with the next call only. [`Builder::listen`] and [`Builder::callbacks`] have
    /// no effect then; the log of callbacks stays empty.
    #[must_use]
    pub fn without_network(mut self) -> Self {
        self.network = false;
        self
    }

    /// Seeds the ids, trace ids and all other random values: two sandboxes with the same seed give
    /// the same ones, as long as the same calls come in the same order. Random by default.
    ///
    /// With a [file](Builder::db), each time that it is opened has ids of its own.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Sets the time at which the clock of a new sandbox begins, instead of the real one; between
    /// 1970 and the beginning of the year 9000. A clock that was kept in a [file](Builder::db)
    /// continues from where it stood.
    #[must_use]
    pub fn start_at(mut self, time: DateTime<Utc>) -> Self {
        self.start_at = Some(time);
        self
    }

    /// Starts the sandbox on the current Tokio runtime.
    ///
    /// # Errors
    ///
    /// When the key is no GUID, the public URL has more than a host and a port, the address cannot
    /// be listened on, the HTTP client for callbacks cannot be set up, or the file cannot be used:
    /// it is no database, belongs to another program, has another layout, or is in use by another
    /// sandbox.
    pub async fn start(mut self) -> Result<Sandbox, StartError> {
        let key = read_id(&self.pos_key).ok_or(StartError::InvalidKey)?;
        if self.public_url.as_ref().is_some_and(|url| !is_root(url)) {
            return Err(StartError::InvalidPublicUrl);
        }
        let listener = if self.network {
            let address = self.listen;
            let listening = server::listen(address).await;
            Some(listening.map_err(|source| StartError::Listen { address, source })?)
        } else {
            None
        };
        let url = match &listener {
            Some((_, url)) => url.clone(),
            None => match &self.public_url {
                Some(url) => url.clone(),
                None => Url::parse(NOWHERE).map_err(|_| StartError::InvalidPublicUrl)?,
            },
        };
        let path = self.db.as_deref();
        let unusable = |why: StoreError| StartError::Storage {
            path: path.unwrap_or(Path::new(":memory:")).to_owned(),
            why: why.to_string(),
        };
        let options = store::Options {
            path,
            real_time: self.real_time,
            start_at: self.start_at,
            seed: self.seed,
        };
        let (mut store, clock, ids) =
            Store::open(options, key, seeded::owner()).map_err(unusable)?;
        if self.strict {
            store.index_request_ids(clock.state()).map_err(unusable)?;
        }
        let clock = Arc::new(clock);
        // Both the documented body and none are seen in practice; the query is always there.
        self.callbacks.body &= !self.strict;
        let (queue, sender) = if listener.is_some() {
            let (queue, sender) = CallbackQueue::start(self.callbacks, Arc::clone(&clock))
                .map_err(StartError::Callbacks)?;
            (queue, Some(sender))
        } else {
            (CallbackQueue::off(Arc::clone(&clock)), None)
        };
        let setup = Setup {
            base: self.public_url.unwrap_or_else(|| url.clone()),
            payees: (!self.any_payee).then_some(self.payees),
            rate_limit: if self.strict {
                Some(CALLS_STRICT)
            } else {
                self.rate_limit.then_some(CALLS)
            },
            log: self.callbacks.log,
            balance_rule: self.balance_rule || self.strict,
            strict: self.strict,
        };
        let engine = Arc::new(Engine::new(
            setup,
            clock,
            queue,
            store,
            ids,
            Faults::default(),
        ));
        // What fell due while no sandbox was there.
        engine.tick().map_err(unusable)?;
        let tasks = listener.zip(sender).map(|((listener, _), sender)| {
            server::serve(listener, sender, &engine, self.real_time)
        });
        Ok(Sandbox {
            engine,
            url,
            pos_key: self.pos_key,
            tasks,
        })
    }
}

impl Sandbox {
    /// Starts a sandbox with the seeded shop on a free port of `127.0.0.1`.
    ///
    /// # Errors
    ///
    /// As [`Builder::start`].
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
    }

    /// Builder for a sandbox with other settings.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::new()
    }
}

fn is_root(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
}
