//! HTTP requests that carry callbacks.

use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use url::{Host, Url};
use uuid::Uuid;

use super::policy::Callbacks;
use crate::values::id::format_id;

/// How long a shop may take to answer, in real time.
const TIME_OUT: Duration = Duration::from_secs(15);

/// HTTP client that sends callbacks to the addresses that the policy allows.
#[derive(Debug)]
pub(super) struct CallbackClient {
    client: reqwest::Client,
    anywhere: bool,
    with_body: bool,
}

impl CallbackClient {
    pub(super) fn new(policy: Callbacks, with_body: bool) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .timeout(TIME_OUT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self {
            client,
            anywhere: policy == Callbacks::Any,
            with_body,
        })
    }

    /// Whether the sandbox calls this address at all.
    pub(super) fn allows(&self, url: &str) -> bool {
        self.anywhere || is_loopback(url)
    }

    /// The id is in the query and in a form body, as one part of the docs' readers finds it here
    /// and the other there. Assumed: that the body is a form.
    pub(super) async fn post(&self, url: &str, payment: Uuid) -> Result<u16, String> {
        let mut request = self.client.post(url);
        if self.with_body {
            request = request
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(format!("paymentId={}", format_id(payment)));
        }
        match request.send().await {
            Ok(answer) => Ok(answer.status().as_u16()),
            Err(error) => Err(with_causes(&error)),
        }
    }
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

fn is_loopback(address: &str) -> bool {
    let Ok(url) = Url::parse(address) else {
        return false;
    };
    let here = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    };
    here && url.scheme() == "http"
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tokio's paused clock leaps to the next timer as nothing else is left to do.
    #[tokio::test(start_paused = true)]
    async fn a_shop_that_never_answers_is_given_up_after_15_seconds() {
        // The kernel takes connections for a listener that nobody serves.
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/", silent.local_addr().unwrap());
        let client = CallbackClient::new(Callbacks::Loopback, true).unwrap();
        let started = tokio::time::Instant::now();

        let error = client.post(&address, Uuid::nil()).await.unwrap_err();

        let took = started.elapsed();
        let margin = Duration::from_millis(100);
        assert!(took >= TIME_OUT && took < TIME_OUT + margin, "{took:?}");
        assert_eq!(took.as_secs(), 15);
        assert!(error.contains("timed out"), "{error}");
    }

    #[test]
    fn only_this_computer_is_loopback() {
        for here in [
            "http://localhost:1/x",
            "http://127.0.0.1",
            "http://127.9.9.9/",
            "http://[::1]:80/",
            "http://LOCALHOST/",
        ] {
            assert!(is_loopback(here), "{here}");
        }
        for there in [
            "https://localhost/",
            "http://shop.example/",
            "http://10.0.0.1/",
            "http://localhost.example/",
            "http://127.0.0.1@shop.example/",
            "http://[::ffff:10.0.0.1]/",
            "x",
        ] {
            assert!(!is_loopback(there), "{there}");
        }
    }
}
