//! How fast the sandbox is beside a bare axum handler that serves the same bytes, in the same run
//! on the same machine, with 1, 10 000 and 100 000 payments, in memory and in a file: `cargo bench
//! -p barion-sandbox`. Only the ratios mean something. `BARION_BENCH_PAYMENTS=1,1000` takes other
//! numbers of payments.
//!
//! Server and load run in a thread each, so that a server has one core.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    reason = "a bench that can't go on ends"
)]

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use barion_sandbox::{POS_KEY, Sandbox};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

const CONNECTIONS: usize = 16;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_millis(400);

fn main() {
    let wanted = std::env::var("BARION_BENCH_PAYMENTS").unwrap_or("1,10000,100000".to_owned());
    let numbers: Vec<usize> = wanted
        .split(',')
        .map(|number| number.parse().unwrap())
        .collect();
    let load = runtime();
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ratios");
    println!("Reads and starts in parts of what a bare handler reaches (wanted: 0.30 and 0.10).");
    println!("where    payments  ready ms  reads of one  reads of any  starts  bytes each");
    for in_file in [false, true] {
        for number in &numbers {
            let _ = std::fs::remove_dir_all(&directory);
            std::fs::create_dir_all(&directory).unwrap();
            let file = in_file.then(|| directory.join("sandbox.db"));
            measure(&load, file.as_deref(), *number);
        }
    }
    let _ = std::fs::remove_dir_all(&directory);
}

/// Measures a sandbox with this many payments and prints a line.
fn measure(load: &Runtime, file: Option<&Path>, payments: usize) {
    let (mut sandbox, mut ready) = start(file.map(Path::to_owned));
    let order = Arc::new(vec![start_request()]);
    let first = load.block_on(exchange(sandbox.address, &order[0]));
    // Filled before the memory is looked at, so that these are not counted.
    let mut ids = vec![payment_id(&first); payments];
    let before = resident();
    load.block_on(fill(sandbox.address, &order, &mut ids[1..]));
    let mut bytes = resident().saturating_sub(before);
    if let Some(file) = file {
        sandbox.stop();
        bytes = size(file);
        (sandbox, ready) = start(Some(file.to_owned()));
    }
    let one = Arc::new(vec![state_request(ids[0])]);
    let any = Arc::new(ids.into_iter().map(state_request).collect());
    let state = load.block_on(exchange(sandbox.address, &one[0]));
    let (bare_state, bare_start) = (bare(&state), bare(&first));
    let compare = |bare: &Server, requests: &Arc<Vec<Vec<u8>>>| {
        let mut ratios: Vec<f64> = (0..ROUNDS)
            .map(|_| {
                let bare = load.block_on(rate(bare.address, requests));
                load.block_on(rate(sandbox.address, requests)) / bare
            })
            .collect();
        median(&mut ratios)
    };
    println!(
        "{:7} {payments:9} {ready:9.1} {:13.2} {:13.2} {:7.2} {:11}",
        if file.is_some() { "file" } else { "memory" },
        compare(&bare_state, &one),
        compare(&bare_state, &any),
        compare(&bare_start, &order),
        bytes / payments,
    );
    for server in [sandbox, bare_state, bare_start] {
        server.stop();
    }
}

/// A sandbox, and how long it took until it was ready, in milliseconds.
fn start(file: Option<PathBuf>) -> (Server, f64) {
    let before = Instant::now();
    let server = Server::run(async {
        let builder = Sandbox::builder();
        let builder = match file {
            Some(file) => builder.db(file),
            None => builder,
        };
        let sandbox = builder.start().await.unwrap();
        (sandbox.url().authority().parse().unwrap(), sandbox)
    });
    (server, before.elapsed().as_secs_f64() * 1_000.0)
}

/// A server in a thread of its own.
struct Server {
    address: SocketAddr,
    end: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Server {
    fn run<K: 'static>(server: impl Future<Output = (SocketAddr, K)> + Send + 'static) -> Self {
        let (sender, receiver) = mpsc::channel();
        let (end, ended) = oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            runtime().block_on(async {
                let (address, keep) = server.await;
                sender.send(address).unwrap();
                let _ = ended.await;
                drop(keep);
            });
        });
        let address = receiver.recv().unwrap();
        Self {
            address,
            end,
            thread,
        }
    }

    fn stop(self) {
        drop(self.end);
        self.thread.join().unwrap();
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

/// A handler that answers these bytes and does nothing else.
fn bare(answer: &[u8]) -> Server {
    let head = answer
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .unwrap();
    let body = answer[head + 4..].to_vec();
    Server::run(async {
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

/// Exchanges per second, over some connections at once. The requests are sent in an order without a
/// pattern.
async fn rate(server: SocketAddr, requests: &Arc<Vec<Vec<u8>>>) -> f64 {
    let before = Instant::now();
    let until = before + ROUND;
    let mut tasks = JoinSet::new();
    for number in 1..=CONNECTIONS {
        let requests = Arc::clone(requests);
        tasks.spawn(async move {
            let mut connection = Connection::open(server).await;
            // A generator of Lehmer's kind, begun elsewhere by each connection.
            let mut chance = 48_271 * number;
            let mut count = 0_u32;
            while Instant::now() < until {
                chance = chance * 48_271 % 2_147_483_647;
                let request = &requests[chance % requests.len()];
                connection.exchange(request).await;
                count += 1;
            }
            count
        });
    }
    let count: u32 = tasks.join_all().await.into_iter().sum();
    f64::from(count) / before.elapsed().as_secs_f64()
}

/// Starts as many payments as there is place for their ids.
async fn fill(server: SocketAddr, start: &Arc<Vec<Vec<u8>>>, ids: &mut [Id]) {
    let mut tasks = JoinSet::new();
    let share = ids.len().div_ceil(CONNECTIONS).max(1);
    for share in ids.chunks(share).map(<[Id]>::len) {
        let start = Arc::clone(start);
        tasks.spawn(async move {
            let mut connection = Connection::open(server).await;
            let mut made = Vec::with_capacity(share);
            for _ in 0..share {
                connection.exchange(&start[0]).await;
                made.push(payment_id(&connection.answer));
            }
            made
        });
    }
    let mut place = 0;
    while let Some(made) = tasks.join_next().await {
        for id in made.unwrap() {
            ids[place] = id;
            place += 1;
        }
    }
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

fn state_request(id: Id) -> Vec<u8> {
    let id = std::str::from_utf8(&id).unwrap();
    format!(
        "GET /v4/Payment/{id}/PaymentState HTTP/1.1\r\nHost: bench\r\nx-pos-key: {POS_KEY}\r\n\r\n"
    )
    .into_bytes()
}

/// An id as it is in an answer: hex digits.
type Id = [u8; 32];

fn payment_id(answer: &[u8]) -> Id {
    let name = br#""PaymentId":""#;
    let place = answer.windows(name.len()).position(|text| text == name);
    let id = place.unwrap() + name.len();
    answer[id..id + 32].try_into().unwrap()
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The bytes of a database and of the log beside it.
fn size(file: &Path) -> usize {
    let log = file.with_extension("db-wal");
    let sizes = [file, &log].map(|file| file.metadata().map_or(0, |file| file.len()));
    usize::try_from(sizes.iter().sum::<u64>()).unwrap()
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
