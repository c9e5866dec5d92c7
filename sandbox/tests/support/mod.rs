//! A shop for tests: a sandbox, an HTTP client and shorthands for the calls.

#![allow(dead_code, reason = "each test program uses a part of this")]

use barion_sandbox::{CARD_OK, POS_KEY, Sandbox};
use serde_json::{Value, json};

pub(crate) struct Shop {
    pub(crate) sandbox: Sandbox,
    pub(crate) client: reqwest::Client,
}

/// An answer as it was on the wire.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) location: Option<String>,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    /// The one error code of a refused call; fails on a success.
    pub(crate) fn code(&self) -> String {
        let json = self.json();
        let errors = json["Errors"].as_array().expect("Errors");
        assert!(!errors.is_empty(), "a success: {}", self.text);
        let code = errors[0]["ErrorCode"].as_str().expect("ErrorCode");
        assert!(errors.iter().all(|one| one["ErrorCode"] == code));
        code.to_owned()
    }

    /// The body of a success.
    pub(crate) fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        assert_eq!(self.content_type, "application/json; charset=utf-8");
        let json = self.json();
        assert_eq!(json["Errors"], json!([]), "{}", self.text);
        json
    }
}

impl Shop {
    pub(crate) async fn new() -> Self {
        Self::on(Sandbox::start().await.expect("a sandbox"))
    }

    pub(crate) fn on(sandbox: Sandbox) -> Self {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .expect("a client");
        Self { sandbox, client }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!(
            "{}{path}",
            self.sandbox.url().as_str().trim_end_matches('/')
        )
    }

    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.expect("an answer");
        let header = |name: &str| {
            let value = response.headers().get(name)?;
            Some(value.to_str().expect("ASCII").to_owned())
        };
        Answer {
            status: response.status().as_u16(),
            content_type: header("content-type").unwrap_or_default(),
            location: header("location"),
            text: response.text().await.expect("text"),
        }
    }

    /// A POST of this very text with the key in the header.
    pub(crate) async fn post_text(&self, path: &str, body: impl Into<String>) -> Answer {
        let request = self
            .client
            .post(self.url(path))
            .header("x-pos-key", POS_KEY);
        self.send(request.body(body.into())).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_text(path, body.to_string()).await
    }

    /// A GET with the key in the header.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        let request = self.client.get(self.url(path)).header("x-pos-key", POS_KEY);
        self.send(request).await
    }

    /// Starts a payment in HUF; returns its id.
    pub(crate) async fn start(&self, kind: &str, totals: &[u32]) -> String {
        let answer = self.post("/v2/Payment/Start", &order(kind, totals)).await;
        id_of(&answer.ok())
    }

    /// Starts a payment and pays it.
    pub(crate) async fn paid(&self, kind: &str, totals: &[u32]) -> String {
        let id = self.start(kind, totals).await;
        self.sandbox.pay(&id, CARD_OK).await.expect("paid");
        id
    }

    pub(crate) async fn state(&self, id: &str) -> Value {
        self.get(&format!("/v4/Payment/{id}/PaymentState"))
            .await
            .ok()
    }

    /// The ids of the transactions that the shop ordered.
    pub(crate) async fn main_ids(&self, id: &str) -> Vec<String> {
        let state = self.state(id).await;
        let all = state["Transactions"].as_array().expect("a list");
        all.iter()
            .filter(|one| !one["POSTransactionId"].is_null() && one["RelatedId"].is_null())
            .map(|one| one["TransactionId"].as_str().expect("an id").to_owned())
            .collect()
    }

    /// Calls `FinishReservation` or Capture with these amounts for the first transactions.
    pub(crate) async fn settle(&self, operation: &str, id: &str, totals: &[u32]) -> Answer {
        let ids = self.main_ids(id).await;
        let transactions: Vec<Value> = ids
            .iter()
            .zip(totals)
            .map(|(one, total)| json!({"TransactionId": one, "Total": total}))
            .collect();
        let body = json!({"PaymentId": id, "Transactions": transactions});
        self.post(&format!("/v2/Payment/{operation}"), &body).await
    }

    /// Refunds amounts of one transaction in one call.
    pub(crate) async fn refund(&self, id: &str, transaction: &str, amounts: &[u32]) -> Answer {
        let refunds: Vec<Value> = amounts
            .iter()
            .map(|amount| {
                json!({"TransactionId": transaction, "POSTransactionId": "x",
                       "AmountToRefund": amount, "Comment": "back"})
            })
            .collect();
        let body = json!({"PaymentId": id, "TransactionsToRefund": refunds});
        self.post("/v2/Payment/Refund", &body).await
    }
}

pub(crate) fn order(kind: &str, totals: &[u32]) -> Value {
    let transactions: Vec<Value> = totals
        .iter()
        .enumerate()
        .map(|(place, total)| {
            json!({"POSTransactionId": format!("t{place}"), "Payee": "shop@example.com",
                   "Total": total, "Comment": "first", "Items": [{"Name": "Tea", "Description": "Loose",
                   "Quantity": 1, "Unit": "pack", "UnitPrice": total, "ItemTotal": total}]})
        })
        .collect();
    json!({
        "PaymentType": kind, "GuestCheckOut": true, "FundingSources": ["All"],
        "PaymentRequestId": "order-1", "Locale": "hu-HU", "Currency": "HUF",
        "RedirectUrl": "http://localhost:8080", "ReservationPeriod": "1.00:00:00",
        "DelayedCapturePeriod": "1.00:00:00", "Transactions": transactions,
    })
}

pub(crate) fn id_of(answer: &Value) -> String {
    answer["PaymentId"].as_str().expect("PaymentId").to_owned()
}

/// The transactions of a state that are of this type.
pub(crate) fn of_type<'a>(state: &'a Value, kind: &str) -> Vec<&'a Value> {
    let all = state["Transactions"].as_array().expect("a list");
    all.iter()
        .filter(|one| one["TransactionType"] == kind)
        .collect()
}

/// An address that takes connections and closes them without a word.
pub(crate) async fn mute() -> std::net::SocketAddr {
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let socket = socket.expect("a socket");
    let address = socket.local_addr().expect("an address");
    tokio::spawn(async move { while socket.accept().await.is_ok() {} });
    address
}
