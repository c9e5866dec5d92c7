//! A local Barion sandbox: an HTTP server that speaks the wire format of the Barion payment
//! gateway, keeps state, and needs neither an account nor the internet.
//!
//! Set a shop's API address to [`Sandbox::url`], its key to [`POS_KEY`] and the payee to [`PAYEE`],
//! and pay on the page behind `GatewayUrl` or with [`Sandbox::pay`]:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use std::time::Duration;
//!
//! use barion_sandbox::{CARD_LOW_FUNDS, CARD_OK, POS_KEY, Sandbox};
//!
//! let sandbox = Sandbox::builder().strict(true).start().await?;
//! let order = r#"{
//!     "PaymentType": "Immediate", "GuestCheckOut": true, "FundingSources": ["All"],
//!     "PaymentRequestId": "order-1", "Locale": "hu-HU", "Currency": "HUF",
//!     "RedirectUrl": "https://shop.example/thanks", "CallbackUrl": "https://shop.example/hooks",
//!     "Transactions": [{"POSTransactionId": "1", "Payee": "shop@example.com", "Total": 3890,
//!         "Items": [{"Name": "Mug", "Description": "White", "Quantity": 2, "Unit": "piece",
//!                    "UnitPrice": 1945, "ItemTotal": 3890}]}]
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
//! set: payments expire and failed callbacks are retried when a test says so. Faults of calls and
//! callbacks are armed with [`Sandbox::inject`].
//!
//! Many sandboxes can run in one process; each has its own payments, clock and port. What is
//! documented by Barion, what is assumed here, and what is missing is listed in `FIDELITY.md`.

#![forbid(unsafe_code)]

mod builder;
mod callback;
mod domain;
mod engine;
mod faults;
mod http;
mod log;
mod sandbox;
mod store;
mod values;
mod wire;

pub use builder::{Builder, StartError};
pub use callback::{CallbackAttempt, CallbackNext, Callbacks};
pub use domain::cards::{
    CARD_CHALLENGE, CARD_DECLINED, CARD_FRAUDULENT, CARD_LOST_OR_STOLEN, CARD_LOW_FUNDS, CARD_OK,
    CARD_PROBLEM, CARD_SCA_SOFT_DECLINED, CARD_SYSTEM_ERROR,
};
pub use domain::payment::bank_transfer::BankTransfer;
pub use domain::payment::kinds::PAYMENT_STATUSES;
pub use domain::payment::token_charge::TokenChargeOutcome;
pub use domain::seeded::{PAYEE, POS_ID, POS_KEY, WALLET_KEY};
pub use engine::{ControlError, Outcome, RecordedRequest};
pub use faults::{CallbackFault, Fault, OperationFault};
pub use http::faults::FaultError;
pub use log::Log;
pub use sandbox::Sandbox;
