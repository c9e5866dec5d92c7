//! What the examples of the documentation run with: a shop, its payer and a strict local Barion.
//! The tests of the workspace live in `it/`.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "an example fails by panicking"
)]

mod shop;
pub mod std;

use ::std::error::Error;
use ::std::io;
use ::std::sync::{Mutex, PoisonError};

use barion::{Currency, Money};

pub use shop::Shop;

/// The order of all examples, and what it costs.
pub const ORDER: &str = "order-1001";
const PRICE: i64 = 4_970;

/// The orders that were shipped.
static SHIPPED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Runs an example, and fails when it does, or when the strict Barion refused a call of it.
pub fn example(run: impl AsyncFnOnce(&Shop) -> Result<(), Box<dyn Error>>) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let shop = Shop::open().await.expect("a local Barion");
        if let Err(error) = run(&shop).await {
            panic!("{error}");
        }
        let refused = shop.refused();
        assert!(refused.is_empty(), "refused: {refused:#?}");
    });
}

/// The first block of SQL in a page of the documentation.
#[must_use]
pub fn first_sql(page: &'static str) -> &'static str {
    let block = page.split("```sql").nth(1).expect("a block of SQL");
    block.split("```").next().expect("its end")
}

/// What an order costs.
///
/// # Errors
/// None; a shop's own may fail.
#[allow(clippy::unused_async, reason = "a shop's own asks a database")]
pub async fn price_of(order: &str) -> Result<Money, io::Error> {
    if order == ORDER {
        return Ok(Money::new(PRICE, Currency::Huf));
    }
    Err(io::Error::other(format!("there is no order {order:?}")))
}

/// Ships an order.
///
/// # Errors
/// None; a shop's own may fail.
#[allow(clippy::unused_async, reason = "a shop's own takes its time")]
pub async fn ship(order: &str) -> Result<(), io::Error> {
    let mut shipped = SHIPPED.lock().unwrap_or_else(PoisonError::into_inner);
    shipped.push(order.to_owned());
    Ok(())
}

/// What was shipped so far, in order.
#[must_use]
pub fn shipped() -> Vec<String> {
    let shipped = SHIPPED.lock().unwrap_or_else(PoisonError::into_inner);
    shipped.clone()
}
