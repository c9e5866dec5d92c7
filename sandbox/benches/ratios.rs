//! How fast the sandbox is beside a bare axum handler that serves the same bytes, in the same run on the same machine:
//! `cargo bench -p barion-sandbox`. Only the ratios mean something.
//!
//! Server and load run in a thread each. The store holds 100 000 payments (`BARION_BENCH_PAYMENTS` sets another number).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    reason = "a bench that can't go on ends"
)]

use std::net::SocketAddr;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use barion_sandbox::{POS_KEY, Sandbox};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const CONNECTIONS: usize = 16;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_millis(700);

fn main() {
    let payments: usize = std::env::var("BARION_BENCH_PAYMENTS")
        .ok()
        .and_then(|number| number.parse().ok())
        .unwrap_or(100_000);
    let load = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();

    let before = Instant::now();
    let sandbox = serve(async {
        let sandbox = Sandbox::start().await.unwrap();
        let address = address_of(sandbox.url().authority());
        (address, sandbox)
    });
    println!(
        "ready after {:.1} ms",
        before.elapsed().as_secs_f64() * 1_000.0
    );

    let start = start_request();
    let first = load.block_on(exchange(sandbox, &start));
    let id = payment_id(&first);
    let state = state_request(&id);
    let few = load.block_on(rate(sandbox, &state));
    let memory = resident();
    load.block_on(repeat(sandbox, &start, payments));
    let grown = resident().saturating_sub(memory);
    println!(
        "{payments} payments stored, {} bytes of memory each",
        grown / payments.max(1)
    );

    let state_bytes = load.block_on(exchange(sandbox, &state));
    let bare_state = bare(&state_bytes);
    let bare_start = bare(&first);
    let mut states = Vec::new();
    let mut starts = Vec::new();
    for _ in 0..ROUNDS {
        let (bare, own) =
            load.block_on(async { (rate(bare_state, &state).await, rate(sandbox, &state).await) });
        states.push(own / bare);
        let (bare, own) =
            load.block_on(async { (rate(bare_start, &start).await, rate(sandbox, &start).await) });
        starts.push(own / bare);
    }
    let many = load.block_on(rate(sandbox, &state));
    println!(
        "state reads: {:.2} of a bare handler (0.30 is wanted)",
        median(&mut states)
    );
    println!(
        "starts:      {:.2} of a bare handler (0.10 is wanted)",
        median(&mut starts)
    );
    println!(
        "state reads with {payments} payments: {:.2} of those with one",
        many / few
    );
}

/// Runs a server in a thread of its own, for good, and hands out its address.
fn serve<K: 'static>(server: impl Future<Output = (SocketAddr, K)> + Send + 'static) -> SocketAddr {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let (address, keep) = server.await;
            sender.send(address).unwrap();
            std::future::pending::<()>().await;
            drop(keep);
        });
    });
    receiver.recv().unwrap()
}

/// A handler that answers these bytes and does nothing else.
fn bare(answer: &[u8]) -> SocketAddr {
    let head = answer
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .unwrap();
    let body = answer[head + 4..].to_vec();
    serve(async {
        let handler = move |_: axum::body::Bytes| {
            let body = body.clone();
            async move { ([(CONTENT_TYPE, "application/json; charset=utf-8")], body) }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server =
            tokio::spawn(axum::serve(listener, Router::new().fallback(handler)).into_future());
        (address, server)
    })
}

/// Exchanges per second, over some connections at once.
async fn rate(server: SocketAddr, request: &[u8]) -> f64 {
    let until = Instant::now() + ROUND;
    let before = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..CONNECTIONS {
        let request = request.to_vec();
        tasks.spawn(async move {
            let mut connection = Connection::open(server).await;
            let mut count = 0_u32;
            while Instant::now() < until {
                connection.exchange(&request).await;
                count += 1;
            }
            count
        });
    }
    let count: u32 = tasks.join_all().await.into_iter().sum();
    f64::from(count) / before.elapsed().as_secs_f64()
}

async fn repeat(server: SocketAddr, request: &[u8], times: usize) {
    let mut tasks = tokio::task::JoinSet::new();
    for connection in 0..CONNECTIONS {
        let request = request.to_vec();
        let share = times / CONNECTIONS + usize::from(connection < times % CONNECTIONS);
        tasks.spawn(async move {
            let mut connection = Connection::open(server).await;
            for _ in 0..share {
                connection.exchange(&request).await;
            }
        });
    }
    tasks.join_all().await;
}

async fn exchange(server: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut connection = Connection::open(server).await;
    connection.exchange(request).await;
    connection.answer
}

struct Connection {
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Connection {
    async fn open(server: SocketAddr) -> Self {
        let stream = TcpStream::connect(server).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            answer: Vec::new(),
        }
    }

    /// Sends a request and reads its whole answer, whose length stands in its head.
    async fn exchange(&mut self, request: &[u8]) {
        self.stream.write_all(request).await.unwrap();
        self.answer.clear();
        let mut whole = usize::MAX;
        while self.answer.len() < whole {
            assert_ne!(
                self.stream.read_buf(&mut self.answer).await.unwrap(),
                0,
                "the server hung up"
            );
            if whole == usize::MAX
                && let Some(head) = self
                    .answer
                    .windows(4)
                    .position(|window| window == b"\r\n\r\n")
            {
                let text = std::str::from_utf8(&self.answer[..head])
                    .unwrap()
                    .to_lowercase();
                assert!(text.starts_with("http/1.1 200"), "{text}");
                let length = text.split("content-length: ").nth(1).unwrap();
                let length: usize = length.split("\r\n").next().unwrap().parse().unwrap();
                whole = head + 4 + length;
            }
        }
    }
}

fn start_request() -> Vec<u8> {
    let body = r#"{"PaymentType":"Immediate","GuestCheckOut":true,"FundingSources":["All"],"PaymentRequestId":"bench","Locale":"hu-HU","Currency":"HUF","Transactions":[{"POSTransactionId":"1","Payee":"shop@example.com","Total":4370,"Items":[{"Name":"Loaf","Description":"Bread","Quantity":2,"Unit":"piece","UnitPrice":1690,"ItemTotal":3380},{"Name":"Delivery","Description":"By bicycle","Quantity":1,"Unit":"piece","UnitPrice":990,"ItemTotal":990}]}]}"#;
    format!(
        "POST /v2/Payment/Start HTTP/1.1\r\nHost: bench\r\nx-pos-key: {POS_KEY}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn state_request(id: &str) -> Vec<u8> {
    format!(
        "GET /v4/Payment/{id}/PaymentState HTTP/1.1\r\nHost: bench\r\nx-pos-key: {POS_KEY}\r\n\r\n"
    )
    .into_bytes()
}

fn payment_id(answer: &[u8]) -> String {
    let text = String::from_utf8_lossy(answer);
    let (_, rest) = text.split_once("\"PaymentId\":\"").unwrap();
    rest[..32].to_owned()
}

fn address_of(authority: &str) -> SocketAddr {
    authority.parse().unwrap()
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The memory of this process in bytes, as the system counts it; 0 where it does not tell.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap_or_default();
    line.split_whitespace()
        .nth(1)
        .and_then(|kilobytes| kilobytes.parse::<usize>().ok())
        .unwrap_or(0)
        * 1_024
}
