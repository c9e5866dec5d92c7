//! The HTTP server: listening, serving, and stopping.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::{AbortHandle, JoinHandle};
use url::Url;

use super::faults::connection::{CuttableListener, Switch};
use super::router::router;
use crate::engine::Engine;

/// Period of the check for what is due, in real time.
const TICK: Duration = Duration::from_secs(1);

/// Longest wait of a stop for clients that do not finish their requests.
const PATIENCE: Duration = Duration::from_secs(5);

/// Tasks of a sandbox that listens.
#[derive(Debug)]
pub(crate) struct Tasks {
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<()>,
    sender: JoinHandle<()>,
    /// Only in real time.
    ticker: Option<AbortHandle>,
}

impl Tasks {
    /// Stops the server after the requests that it is answering, but within five seconds.
    pub(crate) async fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        let _ = tokio::time::timeout(PATIENCE, &mut self.server).await;
    }

    /// Aborts all tasks; open connections are told to shut down.
    pub(crate) fn abort(&mut self) {
        drop(self.stop.take());
        self.server.abort();
        self.sender.abort();
        if let Some(ticker) = &self.ticker {
            ticker.abort();
        }
    }
}

/// Begins to listen. Returns the address under which clients reach it, too.
pub(crate) async fn listen(address: SocketAddr) -> io::Result<(TcpListener, Url)> {
    let listener = TcpListener::bind(address).await?;
    let url = base_of(listener.local_addr()?).map_err(io::Error::other)?;
    Ok((listener, url))
}

/// Spawns the tasks of a sandbox that listens.
pub(crate) fn serve(
    listener: TcpListener,
    sender: JoinHandle<()>,
    engine: &Arc<Engine>,
    real_time: bool,
) -> Tasks {
    let ticker = real_time.then(|| tick(Arc::clone(engine)));
    let (stop, stopped) = oneshot::channel::<()>();
    let router = router(Arc::clone(engine));
    let service = router.into_make_service_with_connect_info::<Switch>();
    let server = tokio::spawn(async move {
        // Accepting does not fail; and whether the stop was asked for or the handle dropped is one.
        let _ = axum::serve(CuttableListener(listener), service)
            .with_graceful_shutdown(async {
                let _ = stopped.await;
            })
            .await;
    });
    Tasks {
        stop: Some(stop),
        server,
        sender,
        ticker,
    }
}

/// Spawns the ticker: what is due happens although no request comes in.
fn tick(engine: Arc<Engine>) -> AbortHandle {
    let ticks = async move {
        let mut ticks = tokio::time::interval(TICK);
        loop {
            ticks.tick().await;
            // Said on stderr when it fails, and tried again the next time.
            let _ = engine.tick();
        }
    };
    tokio::spawn(ticks).abort_handle()
}

/// The address under which clients on this computer reach the server.
fn base_of(address: SocketAddr) -> Result<Url, url::ParseError> {
    let host = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    Url::parse(&format!(
        "http://{}/",
        SocketAddr::new(host, address.port())
    ))
}
