//! Real callbacks under a thousand invented ones a second.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use barion::PaymentId;
use barion::callback::CallbackNotice;
use barion_watcher::axum::callback_route;
use barion_watcher::{OrderUpdate, SqliteStore, Watcher};
use tokio::time::MissedTickBehavior;

use crate::canned::Canned;
use crate::stores;

const INVENTED: u64 = 1_000;
const TIME: Duration = Duration::from_secs(20);
const LIMIT: Duration = Duration::from_secs(2);
/// Rate limit of untracked ids, by default.
const READS_PER_MINUTE: usize = 60;

fn id(number: u128) -> PaymentId {
    format!("{number:032x}").parse().unwrap()
}

pub(crate) async fn run() {
    println!(
        "Real callbacks under {INVENTED} invented ones a second, {TIME:?}, SQLite, over HTTP:"
    );
    let (_file, pool) = stores::sqlite("flood").await;
    let handled = Arc::new(Mutex::new(Vec::new()));
    let canned = Canned::default();
    let watcher = {
        let handled = handled.clone();
        Watcher::new(
            canned.client(),
            SqliteStore::new(pool),
            move |update: OrderUpdate| {
                handled
                    .lock()
                    .unwrap()
                    .push((update.payment.payment_id, Instant::now()));
                async { Ok::<(), std::io::Error>(()) }
            },
        )
    };
    let workers = watcher.start();
    let app = axum::Router::new().route("/barion", callback_route(watcher.clone()).into_route());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/barion", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });

    let http = reqwest::Client::new();
    let call = move |id: PaymentId| {
        let notice = CallbackNotice::for_payment(id);
        let request = http.post(format!("{address}?{}", notice.query()));
        async move { request.send().await.unwrap().status().as_u16() }
    };
    let flood = {
        let call = call.clone();
        tokio::spawn(async move {
            let mut ticks = tokio::time::interval(Duration::from_micros(1_000_000 / INVENTED));
            ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
            let (begun, mut calls) = (Instant::now(), tokio::task::JoinSet::new());
            let mut number = 1_u128 << 100;
            while begun.elapsed() < TIME {
                ticks.tick().await;
                number += 1;
                calls.spawn(call(id(number)));
            }
            let answers = calls.join_all().await;
            let refused = answers.iter().filter(|status| **status == 503).count();
            (
                answers.len() as f64 / begun.elapsed().as_secs_f64(),
                answers.len(),
                refused,
            )
        })
    };
    let mut sent = Vec::new();
    for number in 1..=u128::from(TIME.as_secs() - 2) {
        tokio::time::sleep(Duration::from_secs(1)).await;
        watcher
            .track(id(number), &format!("order-{number}"))
            .await
            .unwrap();
        let begun = Instant::now();
        assert_eq!(call(id(number)).await, 200);
        sent.push((id(number), begun));
    }
    let (rate, count, refused) = flood.await.unwrap();
    tokio::time::sleep(LIMIT).await;
    let handled = handled.lock().unwrap().clone();
    let waits: Vec<Duration> = sent
        .iter()
        .map(|(id, begun)| {
            let (_, done) = handled
                .iter()
                .find(|(done, _)| done == id)
                .expect("handled");
            *done - *begun
        })
        .collect();
    let worst = waits.iter().max().unwrap();
    // The invented ids are "paid" here, so that each that is read is an update too.
    let reads = canned.reads() - sent.len();
    println!("    {rate:.0} invented callbacks a second, {refused} of {count} answered with 503");
    println!(
        "    {} real ones, the slowest handled after {worst:?}",
        sent.len()
    );
    println!("    {reads} reads of untracked ids");
    assert!(*worst < LIMIT, "{worst:?}");
    assert!(reads <= READS_PER_MINUTE, "{reads}");
    workers.shutdown().await;
}
