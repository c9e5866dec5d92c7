//! A local Barion: an HTTP server that speaks the wire format of the Barion payment gateway, keeps
//! state, and needs neither an account nor the internet.
//!
//! Point a shop's API address at [`Sandbox::url`], use [`POS_KEY`] as the shop's key and [`PAYEE`] as
//! the payee, and pay on the page behind `GatewayUrl` or with [`Sandbox::pay`]:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use std::time::Duration;
//!
//! use barion_sandbox::{CARD_LOW_FUNDS, CARD_OK, POS_KEY, Sandbox};
//!
//! let sandbox = Sandbox::builder().strict(true).start().await?;
//! let order = r#"{
//!     "PaymentType": "Immediate", "GuestCheckOut": true, "FundingSources": ["All"],
//!     "PaymentRequestId": "order-1", "Locale": "hu-HU", "Currency": "HUF",
//!     "RedirectUrl": "https://shop.example/thanks", "CallbackUrl": "https://shop.example/hooks",
//!     "Transactions": [{"POSTransactionId": "1", "Payee": "shop@example.com", "Total": 3890, "Items": [
//!         {"Name": "Mug", "Description": "White", "Quantity": 2, "Unit": "piece", "UnitPrice": 1945,
//!          "ItemTotal": 3890}]}]
//! }"#;
//! let answer = reqwest::Client::new()
//!     .post(sandbox.url().join("v2/Payment/Start")?)
//!     .header("x-pos-key", POS_KEY)
//!     .body(order)
//!     .send().await?
//!     .text().await?;
//! let start: serde_json::Value = serde_json::from_str(&answer)?;
//! let id = start["PaymentId"].as_str().ok_or("no id")?;
//!
//! assert_eq!(sandbox.pay(id, CARD_LOW_FUNDS).await?.status, "Started");
//! assert_eq!(sandbox.pay(id, CARD_OK).await?.status, "Succeeded");
//! sandbox.callbacks_settled().await;
//! sandbox.advance(Duration::from_secs(3600)).await?;
//! # Ok(()) }
//! ```
//!
//! The clock stands still and moves by [`Sandbox::advance`] only, unless [`Builder::real_time`] is
//! set: payments expire and failed callbacks are repeated when a test says so. What can go wrong
//! between a shop and Barion is armed with [`Sandbox::inject`].
//!
//! Many sandboxes can run in one process; each has its own payments, clock and port. What is
//! documented by Barion, what is assumed here, and what is missing is listed in `FIDELITY.md`.

#![forbid(unsafe_code)]

mod answer;
mod api;
mod builder;
mod callback;
mod cards;
mod clock;
mod control;
mod engine;
mod exact;
mod faults;
mod ids;
mod key;
mod log;
mod page;
mod payment;
mod pos;
mod request;
mod sandbox;
mod server;
mod store;
mod trace;
mod wallet;
mod wire;

pub use builder::{Builder, StartError};
pub use callback::{CallbackAttempt, CallbackNext, Callbacks};
pub use cards::{
    CARD_CHALLENGE, CARD_DECLINED, CARD_FRAUDULENT, CARD_LOST_OR_STOLEN, CARD_LOW_FUNDS, CARD_OK,
    CARD_PROBLEM, CARD_SCA_SOFT_DECLINED, CARD_SYSTEM_ERROR,
};
pub use engine::{ControlError, Outcome, RecordedRequest};
pub use faults::{CallbackFault, Fault, FaultError, OperationFault};
pub use log::Log;
pub use payment::token::TokenCharge;
pub use payment::transitions::BankTransfer;
pub use sandbox::Sandbox;

/// The spec as JSON, written by the same command that regenerates the client.
const OPENAPI: &str = include_str!("../openapi.json");

/// The seeded shop's secret key, good for every call here. Taken with and without dashes.
pub const POS_KEY: &str = "11111111-1111-1111-1111-111111111111";

/// The seeded wallet's API key, for the calls about shops and the wallet. Taken with and without
/// dashes. It is no shop's key: payment calls answer it with `AuthenticationFailed`, as the wallet's
/// calls do a shop's key.
pub const WALLET_KEY: &str = "22222222222222222222222222222222";

/// The seeded shop's public key, as `POSId` shows it.
pub const POS_ID: &str = "33333333333333333333333333333333";

/// All statuses that a payment can have here, in Barion's words.
pub const PAYMENT_STATUSES: &[&str] = payment::kinds::PaymentStatus::NAMES;

/// The seeded shop owner's wallet, the one payee known to every sandbox.
pub const PAYEE: &str = "shop@example.com";
