//! Telling shops about changes, one attempt each, in order.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use url::{Host, Url};

use crate::store::Notice;
use crate::wire;

/// How long a shop may take to answer.
const TIME_OUT: Duration = Duration::from_secs(15);

/// The log holds this many attempts; older ones are dropped.
pub(crate) const KEPT: usize = 10_000;

/// Which shops are told about changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Callbacks {
    /// Only `http` addresses of this computer: `localhost`, `127.0.0.0/8` and `[::1]`. An attempt to
    /// call another one is logged as refused and does not leave the computer.
    #[default]
    Loopback,
    /// Every `http` address. There is no TLS in the sandbox, so an `https` address fails.
    Any,
    /// Nobody. Nothing is logged either.
    Off,
}

/// One attempt to call a shop's `CallbackUrl`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallbackAttempt {
    /// The payment, as 32 lower-case hex digits.
    pub payment_id: String,
    /// The address that was called, with `paymentId` in its query.
    pub url: String,
    /// The HTTP status of the shop's answer, or why there was none.
    pub result: Result<u16, String>,
}

/// The way to the task that sends.
#[derive(Debug)]
pub(crate) struct CallbackQueue {
    policy: Callbacks,
    sender: mpsc::UnboundedSender<Notice>,
    pending: Arc<watch::Sender<usize>>,
    log: Arc<Mutex<VecDeque<CallbackAttempt>>>,
}

impl CallbackQueue {
    /// Starts the sending task; it ends when the queue is dropped or the handle aborted.
    pub(crate) fn start(policy: Callbacks) -> Result<(Self, JoinHandle<()>), reqwest::Error> {
        let client = reqwest::Client::builder()
            .timeout(TIME_OUT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        let (sender, mut receiver) = mpsc::unbounded_channel::<Notice>();
        let pending = Arc::new(watch::Sender::new(0));
        let log = Arc::new(Mutex::new(VecDeque::new()));
        let queue = Self {
            policy,
            sender,
            pending: Arc::clone(&pending),
            log: Arc::clone(&log),
        };
        let task = tokio::spawn(async move {
            while let Some(notice) = receiver.recv().await {
                let attempt = attempt(&client, policy, notice).await;
                let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
                if log.len() == KEPT {
                    log.pop_front();
                }
                log.push_back(attempt);
                drop(log);
                pending.send_modify(|waiting| *waiting = waiting.saturating_sub(1));
            }
        });
        Ok((queue, task))
    }

    pub(crate) fn send(&self, notice: Notice) {
        if self.policy == Callbacks::Off {
            return;
        }
        self.pending.send_modify(|waiting| *waiting += 1);
        if self.sender.send(notice).is_err() {
            self.pending
                .send_modify(|waiting| *waiting = waiting.saturating_sub(1));
        }
    }

    pub(crate) fn log(&self) -> Vec<CallbackAttempt> {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.iter().cloned().collect()
    }

    /// Waits until nothing is left to be sent.
    pub(crate) async fn settled(&self) {
        let mut pending = self.pending.subscribe();
        // The sender lives in `self`, so the wait cannot fail.
        let _ = pending.wait_for(|waiting| *waiting == 0).await;
    }
}

async fn attempt(client: &reqwest::Client, policy: Callbacks, notice: Notice) -> CallbackAttempt {
    let result = if policy == Callbacks::Any || is_loopback(&notice.url) {
        post(client, &notice).await
    } else {
        Err("refused: the sandbox only calls http addresses of this computer".to_owned())
    };
    CallbackAttempt {
        payment_id: wire::id(notice.payment),
        url: notice.url,
        result,
    }
}

/// The id is in the query and in a form body, as one part of the docs' readers finds it here and the
/// other there. Assumed: that the body is a form.
async fn post(client: &reqwest::Client, notice: &Notice) -> Result<u16, String> {
    let answer = client
        .post(&notice.url)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(format!("paymentId={}", wire::id(notice.payment)))
        .send()
        .await;
    match answer {
        Ok(answer) => Ok(answer.status().as_u16()),
        Err(error) => Err(with_causes(&error)),
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
