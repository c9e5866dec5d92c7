//! Generated client: all operations of Barion's API, also those that have no method of
//! [`Client`](crate::Client) yet (wallets, shops, Apple Pay).
//!
//! [`Client::raw`](crate::Client::raw) makes one with the address, the keys and the connections of
//! a client.
//!
//! ```
//! # barion_tests::example(async |shop| {
//! # let barion = shop.client()?;
//! // Needs a wallet key: ClientBuilder::wallet_key.
//! let accounts = barion.raw().get_accounts_v2().await?;
//! println!("{:?}", accounts.accounts);
//! # assert!(accounts.errors.as_ref().is_none_or(|errors| errors.is_empty()));
//! # Ok(()) });
//! ```
//!
//! What it does not do, so that you have to:
//!
//! * **Errors inside answers.** `Ok` says that the status was 200 and the body could be read; check
//!   `errors` in it. Every other status is [`Error::UnexpectedResponse`], with the body inside.
//! * **Retries, rate limit, delivery.** Nothing is sent again and no rate limit is kept, and no
//!   error says whether the request may have been carried out. `is_retryable` of its error does not
//!   consider whether money moves.
//! * **Validation.** Nothing is checked before it is sent, except for the types; the limits are in
//!   [`limits`].
//! * **Redaction.** Its errors may show bodies. They are not fit for logs.
//! * **Stability.** It follows the spec without notice: any release may change any name in this
//!   module.

#[doc(no_inline)]
pub use barion_generated::{
    ByteStream, Client, Error, ResponseValue, enums, hooks, limits, open_enum, operations, tables,
    types, wire,
};
#[doc(no_inline)]
pub use reqwest;
