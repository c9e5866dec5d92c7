//! A Barion that costs nothing: answers made in this process.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use barion::raw::hooks::{Sending, Transport};
use barion::{Client, Environment, PosKey, RateLimit};
use reqwest::ResponseBuilderExt;

const KEY: &str = "11111111-1111-1111-1111-111111111111";

/// Every payment is paid.
#[derive(Debug, Clone, Default)]
pub(crate) struct Canned {
    reads: Arc<AtomicUsize>,
}

impl Canned {
    pub(crate) fn client(&self) -> Client {
        let base = Environment::Custom("http://127.0.0.1:9".parse().unwrap());
        Client::builder(base, PosKey::new(KEY).unwrap())
            .rate_limit(RateLimit::unlimited())
            .transport(Arc::new(self.clone()))
            .build()
            .unwrap()
    }

    pub(crate) fn reads(&self) -> usize {
        self.reads.load(Ordering::Relaxed)
    }
}

impl Transport for Canned {
    fn send(&self, request: reqwest::Request) -> Sending<'_> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        let id = request
            .url()
            .path()
            .split('/')
            .find(|part| part.len() == 32);
        let id = id.unwrap_or_default().to_owned();
        let body = format!(
            r#"{{"PaymentId":"{id}","PaymentRequestId":"{id}","OrderNumber":null,"Status":"Succeeded",
            "PaymentType":"Immediate","Total":100,"Currency":"HUF","Transactions":[{{"TransactionId":"{id}",
            "POSTransactionId":"t-1","Total":100,"Currency":"HUF","Status":"Succeeded",
            "TransactionType":"CardPayment"}}],"Errors":[]}}"#
        );
        let url = request.url().clone();
        Box::pin(async move {
            let answer = http::Response::builder()
                .header("content-type", "application/json")
                .url(url)
                .body(reqwest::Body::from(body))
                .unwrap();
            Ok(answer.into())
        })
    }
}
