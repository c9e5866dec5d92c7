//! Chromium, driven through chromedriver by the `WebDriver` protocol: JSON over HTTP, so no crate
//! is needed.

use std::io::{BufRead, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// The key under which the protocol hands out elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// How long a condition may take to come true.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long to wait before looking again.
const STEP: Duration = Duration::from_millis(50);

/// A headless browser with a profile of its own; both go when it is dropped.
pub(crate) struct Browser {
    client: reqwest::Client,
    session: String,
    driver: Child,
    /// Held open: a program that writes to a closed pipe may be ended by it.
    _output: Lines<BufReader<ChildStdout>>,
    profile: PathBuf,
}

/// The programs, or `None` when one of them is not installed.
pub(crate) fn installed() -> Option<(PathBuf, PathBuf)> {
    let chromium = find(&["chromium", "chromium-browser", "google-chrome"])?;
    Some((chromium, find(&["chromedriver"])?))
}

fn find(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let all = names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    all.into_iter().find(|file| file.is_file())
}

impl Browser {
    pub(crate) async fn start(chromium: &Path, chromedriver: &Path) -> Self {
        let mut driver = Command::new(chromedriver)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts");
        let mut lines = BufReader::new(driver.stdout.take().expect("its output")).lines();
        let port = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| {
                let (_, rest) = line.split_once("started successfully on port ")?;
                rest.trim_end_matches('.').parse::<u16>().ok()
            })
            .expect("chromedriver says its port");
        let profile = std::env::temp_dir().join(format!("barion-{}", uuid::Uuid::new_v4()));
        let mut browser = Self {
            client: reqwest::Client::builder()
                .no_proxy()
                .timeout(Duration::from_secs(60))
                .build()
                .expect("a client"),
            session: format!("http://127.0.0.1:{port}/session"),
            driver,
            _output: lines,
            profile,
        };
        // A browser run by root, as in a container, does not start with its sandbox.
        let arguments = json!([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--no-proxy-server",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--force-prefers-reduced-motion",
            format!("--user-data-dir={}", browser.profile.display()),
        ]);
        let wanted = json!({"capabilities": {"alwaysMatch": {"browserName": "chrome",
            "goog:chromeOptions": {"binary": chromium, "args": arguments}}}});
        let made = browser.call("", Some(wanted)).await;
        let id = made["sessionId"].as_str().expect("a session").to_owned();
        browser.session = format!("{}/{id}", browser.session);
        browser
    }

    /// A command: a POST when there is something to say, otherwise a GET. Fails on the protocol's
    /// errors.
    async fn call(&self, path: &str, body: Option<Value>) -> Value {
        match self.try_call(path, body).await {
            Ok(value) => value,
            Err(error) => panic!("{path}: {error}"),
        }
    }

    async fn try_call(&self, path: &str, body: Option<Value>) -> Result<Value, Value> {
        let url = format!("{}{path}", self.session);
        let request = match body {
            Some(body) => self.client.post(url).json(&body),
            None => self.client.get(url),
        };
        let answer = request.send().await.expect("chromedriver answers");
        let good = answer.status().is_success();
        let mut json: Value = answer.json().await.expect("JSON");
        let value = json["value"].take();
        if good { Ok(value) } else { Err(value) }
    }

    pub(crate) async fn open(&self, url: &str) {
        self.call("/url", Some(json!({"url": url}))).await;
    }

    /// What a JavaScript expression is worth in the page. The page's policy does not hold here.
    pub(crate) async fn value(&self, expression: &str) -> Value {
        let script = format!("return ({expression});");
        self.call("/execute/sync", Some(json!({"script": script, "args": []})))
            .await
    }

    /// Waits until a JavaScript expression is true. What is asked for must not hold on the page
    /// before.
    pub(crate) async fn until(&self, expression: &str) {
        let body = json!({"script": format!("return ({expression});"), "args": []});
        let start = Instant::now();
        // There may be no page to ask while the next one is on its way.
        let mut seen = self.try_call("/execute/sync", Some(body.clone())).await;
        while seen != Ok(Value::Bool(true)) {
            assert!(start.elapsed() < PATIENCE, "{expression} is {seen:?}");
            tokio::time::sleep(STEP).await;
            seen = self.try_call("/execute/sync", Some(body.clone())).await;
        }
    }

    /// Waits until a reader sees this text.
    pub(crate) async fn shows(&self, text: &str) {
        let text = json!(text);
        self.until(&format!("document.body.innerText.includes({text})"))
            .await;
    }

    /// Waits until the address begins with this.
    pub(crate) async fn arrives_at(&self, address: &str) {
        let address = json!(address);
        self.until(&format!("location.href.startsWith({address})"))
            .await;
    }

    /// Clicks what this CSS selector finds first, once it is there.
    pub(crate) async fn click(&self, selector: &str) {
        self.on_element(selector, "click", json!({})).await;
    }

    /// Types into a field; `\u{e007}` is the Enter key.
    pub(crate) async fn write(&self, selector: &str, text: &str) {
        self.on_element(selector, "value", json!({"text": text}))
            .await;
    }

    async fn on_element(&self, selector: &str, command: &str, body: Value) {
        let wanted = json!({"using": "css selector", "value": selector});
        let start = Instant::now();
        loop {
            let done = match self.try_call("/element", Some(wanted.clone())).await {
                Ok(found) => {
                    let element = found[ELEMENT].as_str().expect("an id");
                    let path = format!("/element/{element}/{command}");
                    self.try_call(&path, Some(body.clone())).await
                }
                missing => missing,
            };
            // An element that went with its page in between was not clicked.
            match done {
                Ok(_) => return,
                Err(error) => assert!(start.elapsed() < PATIENCE, "{selector}: {error}"),
            }
            tokio::time::sleep(STEP).await;
        }
    }

    async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let body = json!({"cmd": command, "params": parameters});
        self.call("/goog/cdp/execute", Some(body)).await
    }

    /// Makes the window this wide. A headless window has a smallest width, its page has none.
    pub(crate) async fn width(&self, width: u32) {
        let size = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", size)
            .await;
    }

    pub(crate) async fn dark(&self, on: bool) {
        let scheme = if on { "dark" } else { "light" };
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.devtools("Emulation.setEmulatedMedia", features).await;
    }

    /// Keeps a picture of the whole page as `target/screenshots/<name>.png`.
    pub(crate) async fn keep(&self, folder: &Path, name: &str) {
        let shot = json!({"format": "png", "captureBeyondViewport": true});
        let taken = self.devtools("Page.captureScreenshot", shot).await;
        let png = decoded(taken["data"].as_str().expect("a picture"));
        assert!(png.starts_with(b"\x89PNG"), "{name} is no picture");
        std::fs::create_dir_all(folder).expect("a folder for pictures");
        std::fs::write(folder.join(format!("{name}.png")), png).expect("the picture is kept");
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ending the driver alone would leave the browser behind; an ended session takes it along.
        let address = self.session.trim_start_matches("http://").to_owned();
        if let Some((host, path)) = address.split_once('/')
            && let Ok(mut stream) = std::net::TcpStream::connect(host)
        {
            use std::io::{Read, Write};
            let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
            let _ = write!(
                stream,
                "DELETE /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
            );
            let _ = stream.read(&mut [0; 64]);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}

/// Base64, as the protocol carries pictures.
fn decoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0);
    for letter in text.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => continue,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).expect("a byte"));
        }
    }
    bytes
}
