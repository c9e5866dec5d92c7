//! The generated client, for operations that have no method of [`Client`](crate::Client) yet: wallets, shops, Apple Pay.
//!
//! [`Client::raw`](crate::Client::raw) makes one that has the address, the keys and the connections of a client.
//!
//! ```
//! # barion_tests::example(async |shop| {
//! # let barion = shop.client()?;
//! // Wants a wallet key: ClientBuilder::wallet_key.
//! let accounts = barion.raw().get_accounts_v2().await?;
//! println!("{:?}", accounts.accounts);
//! # assert!(accounts.errors.as_ref().is_none_or(|errors| errors.is_empty()));
//! # Ok(()) });
//! ```
//!
//! What it does not do, and you have to:
//!
//! * **Errors are inside answers.** `Ok` says that the status was 200 and the body could be read; look at `errors` in it.
//!   Every other status is [`Error::UnexpectedResponse`], with the body inside.
//! * **Nothing is sent again, nothing waits for its turn,** and no error says what became of the request. Its error's
//!   `is_retryable` knows nothing of money.
//! * **Nothing is checked** before it is sent, except for the types; the limits are in [`limits`].
//! * **Its errors may show bodies.** They are not fit for logs.
//! * **It follows the spec without notice:** any release may change any name in this module.

#[doc(no_inline)]
pub use barion_generated::{
    ByteStream, Client, Error, ResponseValue, enums, hooks, limits, open_enum, operations, tables,
    types, wire,
};
#[doc(no_inline)]
pub use reqwest;
