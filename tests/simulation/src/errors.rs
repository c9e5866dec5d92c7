//! Genuine errors of reqwest, made without a network: the client under test judges by them what may
//! have left.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::Frame;
use reqwest::ResponseBuilderExt;
use tower::{BoxError, Service};
use url::Url;

/// Makes the errors. Costly to set up, cheap to clone.
#[derive(Clone, Debug)]
pub struct Errors {
    refusing: reqwest::Client,
    hanging: reqwest::Client,
}

/// A connector that never connects: it fails at once, or does not come to an end.
///
/// It keeps the one that it stands for only for its types.
#[derive(Clone, Debug)]
struct NoConnection<S> {
    hangs: bool,
    real: std::marker::PhantomData<fn() -> S>,
}

impl<S: Service<R>, R> Service<R> for NoConnection<S> {
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: R) -> Self::Future {
        let hangs = self.hangs;
        Box::pin(async move {
            if hangs {
                std::future::pending::<Infallible>().await;
            }
            Err(io::Error::new(io::ErrorKind::ConnectionRefused, "simulated").into())
        })
    }
}

fn instead_of<S>(hangs: bool) -> impl Fn(S) -> NoConnection<S> + Clone {
    move |_| NoConnection {
        hangs,
        real: std::marker::PhantomData,
    }
}

fn client(hangs: bool) -> Result<reqwest::Client, reqwest::Error> {
    let layer = tower::layer::layer_fn(instead_of(hangs));
    reqwest::Client::builder()
        .no_proxy()
        .connector_layer(layer)
        .build()
}

/// A body that breaks before its end.
struct Broken;

impl http_body::Body for Broken {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into())))
    }
}

impl Errors {
    /// Sets them up.
    ///
    /// # Errors
    /// When the HTTP library can't be set up on this machine.
    pub fn new() -> Result<Self, reqwest::Error> {
        Ok(Self {
            refusing: client(false)?,
            hanging: client(true)?,
        })
    }

    /// An HTTP client that reaches nobody, for whatever would go around the simulated network.
    #[must_use]
    pub fn nowhere(&self) -> reqwest::Client {
        self.refusing.clone()
    }

    /// No connection came about.
    ///
    /// # Errors
    /// Always: that is what it is for.
    pub async fn no_connection(&self, url: Url) -> reqwest::Result<reqwest::Response> {
        self.refusing.get(url).send().await
    }

    /// The time limit is over.
    ///
    /// # Errors
    /// Always: that is what it is for.
    pub async fn timeout(&self, url: Url) -> reqwest::Result<reqwest::Response> {
        let limit = Duration::from_millis(1);
        self.hanging.get(url).timeout(limit).send().await
    }

    /// The connection broke before an answer.
    ///
    /// # Errors
    /// Always: that is what it is for.
    pub async fn interrupted(&self, url: Url) -> reqwest::Result<reqwest::Response> {
        let broken = http::Response::builder().url(url);
        let Ok(broken) = broken.body(reqwest::Body::wrap(Broken)) else {
            // Cannot happen: there is no header that could be wrong.
            return std::future::pending().await;
        };
        let mut broken = reqwest::Response::from(broken);
        broken.chunk().await?;
        Ok(broken)
    }
}
