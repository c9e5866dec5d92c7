//! How the watcher does at the scale of a big shop: `cargo bench -p barion-watcher`; with
//! PostgreSQL: `.ci/postgres cargo bench -p barion-watcher`.
//!
//! Figures within one run are compared; by themselves they say little. What must hold is asserted,
//! with the figures in the text.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::cast_precision_loss,
    missing_docs,
    reason = "a bench that can't go on ends"
)]

mod canned;
mod flood;
mod refreshes;
mod reservations;
mod stores;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        flood::run().await;
        refreshes::run().await;
        reservations::run().await;
    });
}
