//! A server that answers with what a test tells it to, byte by byte, and keeps what it was sent.

use std::sync::{Arc, Mutex};

use barion::{Client, Environment, PosKey, RateLimit, RetryPolicy, Url};
use barion_generated::hooks::Hooks;
use barion_generated::wire::WalletKey;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The shop key of all tests.
pub(crate) const KEY: &str = "11111111-1111-1111-1111-111111111111";

/// The wallet key of all tests.
pub(crate) const WALLET_KEY: &str = "22222222222222222222222222222222";

/// What the stub does with a request, after it was read whole.
#[derive(Clone)]
pub(crate) enum Reply {
    /// Answers so.
    Answer {
        status: u16,
        content_type: Option<&'static str>,
        body: Vec<u8>,
    },
    /// Promises `length` bytes, sends these, and hangs up.
    Cut { length: usize, body: Vec<u8> },
    /// Hangs up without a word.
    HangUp,
    /// Says nothing and keeps the line.
    Silence,
}

impl Reply {
    pub(crate) fn json(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::Answer {
            status,
            content_type: Some("application/json; charset=utf-8"),
            body: body.into(),
        }
    }

    pub(crate) fn html(status: u16, body: &str) -> Self {
        Self::Answer {
            status,
            content_type: Some("text/html; charset=UTF-8"),
            body: body.into(),
        }
    }
}

/// A request as it was on the wire.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) request_line: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(header, _)| header == name)
            .map(|(_, value)| value.as_str())
    }
}

/// The generated client by itself, with both keys.
pub(crate) fn raw_client(url: &Url) -> barion_generated::Client {
    crate::client::secrets::watch();
    let hooks = Hooks::new()
        .with_pos_key(PosKey::new(KEY).unwrap())
        .with_wallet_key(WalletKey::new(WALLET_KEY).unwrap());
    let base = url.as_str().trim_end_matches('/');
    barion_generated::Client::new_with_client(base, reqwest::Client::new(), hooks)
}

pub(crate) struct Stub {
    url: Url,
    received: Arc<Mutex<Vec<Received>>>,
    reply: Arc<Mutex<Reply>>,
    task: tokio::task::JoinHandle<()>,
}

impl Stub {
    pub(crate) async fn start(reply: Reply) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap())
            .parse()
            .unwrap();
        let received = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&received);
        let reply = Arc::new(Mutex::new(reply));
        let current = Arc::clone(&reply);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let reply = current.lock().unwrap().clone();
                tokio::spawn(serve(stream, reply, Arc::clone(&log)));
            }
        });
        Self {
            url,
            received,
            reply,
            task,
        }
    }

    pub(crate) fn url(&self) -> Url {
        self.url.clone()
    }

    /// Answers so from now on.
    pub(crate) fn answers(&self, reply: Reply) {
        *self.reply.lock().unwrap() = reply;
    }

    /// A client that sends everything once, and at once: what a test sends is what arrives.
    pub(crate) fn client(&self) -> Client {
        crate::client::secrets::watch();
        Client::builder(Environment::Custom(self.url()), PosKey::new(KEY).unwrap())
            .retry(RetryPolicy::disabled())
            .rate_limit(RateLimit::unlimited())
            .build()
            .unwrap()
    }

    /// The generated client, with both keys.
    pub(crate) fn raw(&self) -> barion_generated::Client {
        raw_client(&self.url)
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// The only request that came; more or fewer fail the test.
    pub(crate) fn only(&self) -> Received {
        let received = self.received();
        assert_eq!(
            received.len(),
            1,
            "exactly one request is sent: {received:?}"
        );
        received.into_iter().next().unwrap()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, reply: Reply, log: Arc<Mutex<Vec<Received>>>) {
    let Some(request) = read(&mut stream).await else {
        return;
    };
    log.lock().unwrap().push(request);
    let (status, content_type, length, body) = match reply {
        Reply::Answer {
            status,
            content_type,
            body,
        } => (status, content_type, body.len(), body),
        Reply::Cut { length, body } => (200, Some("application/json"), length, body),
        Reply::HangUp => return,
        Reply::Silence => return std::future::pending().await,
    };
    let content_type = content_type
        .map(|kind| format!("Content-Type: {kind}\r\n"))
        .unwrap_or_default();
    let head = format!(
        "HTTP/1.1 {status} X\r\n{content_type}Content-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&body).await.unwrap();
    stream.shutdown().await.unwrap();
}

async fn read(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8(bytes[..head].to_vec()).unwrap();
    let mut lines = text.split("\r\n");
    let request_line = lines.next()?.to_owned();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .map_or(0, |(_, value)| value.parse().unwrap());
    while bytes.len() < head + 4 + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let body = String::from_utf8(bytes[head + 4..].to_vec()).unwrap();
    Some(Received {
        request_line,
        headers,
        body,
    })
}
