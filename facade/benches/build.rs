//! Benchmark of building a request: time of `build()` with validation against the same without it,
//! by the number of items, and the allocations of both. `cargo bench -p barion --bench build`.
//!
//! Only ratios count: both are measured alternately in one run, and the medians are printed.

use std::alloc::System;
use std::hint::black_box;
use std::time::{Duration, Instant};

use barion::{Currency, Item, StartPayment, StartPaymentBuilder, Transaction};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const ROUNDS: usize = 31;

fn main() {
    println!("items  build()    without validation  ratio  per item  allocations (without)");
    for items in [1, 2, 10, 100, 1_000] {
        let repeats = (20_000 / items).max(20);
        let (mut with, mut without) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            with.push(time(items, repeats, |builder| builder));
            without.push(time(
                items,
                repeats,
                StartPaymentBuilder::without_validation,
            ));
        }
        let (with, without) = (median(with), median(without));
        println!(
            "{items:>5}  {with:>9.2?}  {without:>18.2?}  {:>5.2}  {:>8.2?}  {:>11} ({})",
            with.as_secs_f64() / without.as_secs_f64(),
            with / u32::try_from(items).unwrap_or(1),
            allocations(payment(items)),
            allocations(payment(items).without_validation()),
        );
    }
}

fn payment(items: usize) -> StartPaymentBuilder {
    let items = (0..items).map(|_| Item::new("Mug", 2, 1990).description("White").sku("mug-1"));
    StartPayment::immediate("order-1001", Currency::Huf)
        .redirect_url(url())
        .callback_url(url())
        .transaction(Transaction::new("order-1001/1", "shop@example.com").items(items))
}

#[allow(clippy::unwrap_used, reason = "a bench that can't go on fails")]
fn url() -> barion::Url {
    "https://shop.example/hooks/barion".parse().unwrap()
}

/// Time of one `build()`: builders are made before it, and requests dropped after it.
fn time(
    items: usize,
    repeats: usize,
    change: impl Fn(StartPaymentBuilder) -> StartPaymentBuilder,
) -> Duration {
    let builders: Vec<_> = (0..repeats).map(|_| change(payment(items))).collect();
    let mut built = Vec::with_capacity(repeats);
    let begun = Instant::now();
    for builder in builders {
        built.push(black_box(builder.build()));
    }
    let elapsed = begun.elapsed();
    assert!(built.iter().all(Result::is_ok), "the payment is valid");
    elapsed / u32::try_from(repeats).unwrap_or(u32::MAX)
}

fn allocations(builder: StartPaymentBuilder) -> usize {
    let region = Region::new(ALLOCATOR);
    drop(black_box(builder.build()));
    let stats = region.change();
    stats.allocations + stats.reallocations
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
