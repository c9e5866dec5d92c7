//! HTTP clients that the application has set up itself.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::IntoResponse;
use barion::raw::reqwest;
use barion::{Client, Delivery, Environment, ErrorKind, PosKey, RetryPolicy, Url, WalletKey};
use barion_sandbox::Sandbox;

use crate::support::{builder, mug};

const KEY: &str = "11111111-1111-1111-1111-111111111111";
const PAYMENT: &str = "0c7e5b1f3a994d0e8f6255d0a1b2c3d4";

/// A server that answers the first path with this status, and any other path as Barion would; and
/// the paths of its requests.
async fn server(status: StatusCode) -> (Url, Arc<Mutex<Vec<String>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    let answer = move |method: Method, uri: Uri, headers: HeaderMap| async move {
        let length = headers
            .get(header::CONTENT_LENGTH)
            .map(|length| length.to_str().unwrap().to_owned());
        log.lock()
            .unwrap()
            .push(format!("{method} {} {length:?}", uri.path()));
        if uri.path() == "/elsewhere" {
            let body = format!(r#"{{"PaymentId":"{PAYMENT}","Status":"Succeeded","Errors":[]}}"#);
            return ([(header::CONTENT_TYPE, "application/json")], body).into_response();
        }
        (status, [(header::LOCATION, "/elsewhere")]).into_response()
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url.parse().unwrap(), asked)
}

fn client(url: &Url, http: reqwest::ClientBuilder) -> Client {
    Client::builder(Environment::Custom(url.clone()), PosKey::new(KEY).unwrap())
        .http_client(http.no_proxy().build().unwrap())
        .retry(RetryPolicy::disabled())
        .build()
        .unwrap()
}

#[tokio::test]
async fn an_answer_from_elsewhere_is_an_error() {
    let (url, asked) = server(StatusCode::FOUND).await;
    let client = client(&url, reqwest::Client::builder());
    let id = PAYMENT.parse().unwrap();
    let error = client.payment_state(id).await.unwrap_err();
    assert_eq!(
        asked.lock().unwrap().len(),
        2,
        "the client follows redirects"
    );
    assert_eq!(
        (error.kind(), error.delivery(), error.status()),
        (ErrorKind::Redirected, Delivery::Unknown, Some(200))
    );
    assert!(error.hint().unwrap().contains("redirect"), "{error}");
    let error = client.start_payment(&mug()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.delivery()),
        (ErrorKind::Redirected, Delivery::Unknown)
    );
    let error = client
        .raw()
        .get_payment_state_v4(&PAYMENT.parse().unwrap())
        .await;
    assert!(matches!(error, Err(barion::raw::Error::Custom(text)) if text.contains("redirect")));
}

/// A redirect that keeps method and body, and a client that retries: neither sends a body twice.
#[tokio::test]
async fn a_request_with_a_body_is_sent_once_whatever_the_client_does() {
    let (url, asked) = server(StatusCode::TEMPORARY_REDIRECT).await;
    let error = client(&url, reqwest::Client::builder())
        .start_payment(&mug())
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Http, Some(307)));
    let requests = asked.lock().unwrap().clone();
    assert_eq!(requests.len(), 1, "{requests:?}");
    assert!(
        requests[0].starts_with("POST /v2/Payment/Start Some("),
        "it has a length: {requests:?}"
    );

    let (url, asked) = server(StatusCode::SERVICE_UNAVAILABLE).await;
    let repeat = reqwest::retry::for_host("127.0.0.1")
        .max_retries_per_request(5)
        .no_budget()
        .classify_fn(|answer| match answer.status() {
            Some(StatusCode::SERVICE_UNAVAILABLE) => answer.retryable(),
            _ => answer.success(),
        });
    let client = client(&url, reqwest::Client::builder().retry(repeat));
    client
        .payment_state(PAYMENT.parse().unwrap())
        .await
        .unwrap_err();
    assert_eq!(asked.lock().unwrap().len(), 6, "the client does repeat");
    client.start_payment(&mug()).await.unwrap_err();
    assert_eq!(asked.lock().unwrap().len(), 7);
}

#[tokio::test]
async fn the_time_limit_is_ours_and_its_proxies_are_its_own() {
    let sandbox = Sandbox::start().await.unwrap();
    let patient = reqwest::Client::builder().no_proxy().build().unwrap();
    let fault = barion_sandbox::OperationFault::Latency(std::time::Duration::from_secs(60));
    sandbox
        .inject(barion_sandbox::Fault::operation("payment_start_v2", fault))
        .unwrap();
    let client = builder(&sandbox)
        .http_client(patient.clone())
        .timeout(std::time::Duration::from_millis(100))
        .build()
        .unwrap();
    let error = client.start_payment(&mug()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    let error = builder(&sandbox)
        .http_client(patient)
        .system_proxy(true)
        .build()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
}

#[tokio::test]
async fn the_generated_client_has_the_keys() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = builder(&sandbox).build().unwrap();
    let started = client.start_payment(&mug()).await.unwrap();
    let id = started.payment_id.to_string().parse().unwrap();
    let state = client.raw().get_payment_state_v4(&id).await.unwrap();
    assert_eq!(state.payment_id, Some(id));
    // Without a wallet key nothing is sent.
    let sent = sandbox.requests().len();
    assert!(client.raw().get_accounts_v2().await.is_err());
    assert_eq!(sandbox.requests().len(), sent);
    let key = WalletKey::new("22222222222222222222222222222222").unwrap();
    let client = builder(&sandbox).wallet_key(key).build().unwrap();
    client.raw().get_accounts_v2().await.unwrap();
    assert_eq!(sandbox.requests().len(), sent + 1);
    assert!(!format!("{client:?}").contains("2222"));
}

#[test]
fn clients_cross_threads() {
    fn crosses<T: Clone + Send + Sync + 'static>() {}
    crosses::<Client>();
    crosses::<barion::ClientBuilder>();
    crosses::<barion::Error>();
    crosses::<barion::WaitCondition>();
    crosses::<barion::WaitOutcome>();
}
