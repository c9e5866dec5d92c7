//! Proxies. A process can't change its own environment safely, so each case is a process of its
//! own.

use std::process::Command;

use barion::{Client, Environment, ErrorKind, PosKey};
use barion_sandbox::Sandbox;

const PAYMENT: &str = "0c7e5b1f3a994d0e8f6255d0a1b2c3d4";
const URL: &str = "BARION_TEST_URL";
const SYSTEM_PROXY: &str = "BARION_TEST_SYSTEM_PROXY";

/// What a process does in an environment; nothing where it runs as an ordinary test.
#[tokio::test]
async fn inside() {
    let Ok(url) = std::env::var(URL) else { return };
    let system_proxy = std::env::var(SYSTEM_PROXY).is_ok();
    let environment = Environment::Custom(url.parse().unwrap());
    let key = PosKey::new("11111111-1111-1111-1111-111111111111").unwrap();
    let client = Client::builder(environment, key)
        .system_proxy(system_proxy)
        .build()
        .unwrap();
    let error = client
        .payment_state_v2(PAYMENT.parse().unwrap())
        .await
        .unwrap_err();
    // Either the payment or the proxy does not exist.
    let expected = if system_proxy {
        ErrorKind::Connection
    } else {
        ErrorKind::Api
    };
    assert_eq!(error.kind(), expected, "{error}");
}

async fn in_an_environment_with_a_dead_proxy(system_proxy: bool) -> usize {
    let sandbox = Sandbox::start().await.unwrap();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let mut process = Command::new(std::env::current_exe().unwrap());
    process
        .args(["--exact", "proxy::inside"])
        .env(URL, sandbox.url().as_str())
        .env("HTTP_PROXY", &proxy)
        .env("http_proxy", &proxy)
        .env("ALL_PROXY", &proxy)
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .env_remove("REQUEST_METHOD");
    if system_proxy {
        process.env(SYSTEM_PROXY, "yes");
    }
    let output = tokio::task::spawn_blocking(move || process.output().unwrap())
        .await
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
    sandbox.requests().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_of_the_environment_is_not_used() {
    assert_eq!(in_an_environment_with_a_dead_proxy(false).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn unless_it_is_asked_for() {
    assert_eq!(in_an_environment_with_a_dead_proxy(true).await, 0);
}

/// The sandbox is the proxy: a proxy gets the whole URL in the request line.
#[tokio::test]
async fn a_proxy_that_is_named_is_used_and_its_password_not_shown() {
    let proxy = Sandbox::start().await.unwrap();
    let mut address = proxy.url();
    address.set_username("jane").unwrap();
    address.set_password(Some("s3cret")).unwrap();
    let nowhere = Environment::Custom("http://127.0.0.1:9/".parse().unwrap());
    let key = PosKey::new("11111111-1111-1111-1111-111111111111").unwrap();
    let builder = Client::builder(nowhere, key).proxy(address);
    let shown = format!("{builder:?}");
    assert!(
        !shown.contains("s3cret") && !shown.contains("1111"),
        "{shown}"
    );
    let client = builder.build().unwrap();
    let error = client
        .payment_state(PAYMENT.parse().unwrap())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api, "{error}");
    let request = proxy.requests().pop().unwrap();
    assert!(request.header("proxy-authorization").is_some());
}
