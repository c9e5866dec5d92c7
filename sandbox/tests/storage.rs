//! Storage that outlives the process: what is in the file after a restart, and which files are
//! refused.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of a test fails by panicking"
)]

mod support;

use std::path::{Path, PathBuf};
use std::time::Duration;

use barion_sandbox::{Builder, CARD_LOW_FUNDS, CARD_OK, Sandbox, StartError, TokenChargeOutcome};
use serde_json::{Value, json};
use support::{Answer, Shop, id_of, order};

/// A directory of its own for each test, empty.
fn directory(test: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("storage-{test}"));
    let _ = std::fs::remove_dir_all(&directory);
    std::fs::create_dir_all(&directory).unwrap();
    directory
}

fn on(file: &Path) -> Builder {
    Sandbox::builder().db(file)
}

async fn shop(file: &Path) -> Shop {
    Shop::on(on(file).start().await.unwrap())
}

/// Why a start on this file is refused.
async fn refusal(file: &Path) -> String {
    match on(file).start().await {
        Err(error @ StartError::Storage { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

/// An answer without the address of the sandbox, which is another one after a restart.
fn here(shop: &Shop, answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let base = shop.sandbox.url();
    answer
        .text
        .replace(base.as_str().trim_end_matches('/'), "BASE")
}

/// Everything that shops can read, byte for byte.
async fn everything(shop: &Shop, payments: &[String]) -> Vec<String> {
    let mut all = vec![shop.sandbox.now().to_string()];
    for id in payments {
        let path = format!("/v4/Payment/{id}/PaymentState");
        all.push(here(shop, &shop.get(&path).await));
    }
    for path in ["/v2/Accounts/Get", "/v3/UserHistory/GetHistory?Limit=100"] {
        all.push(here(shop, &shop.wallet_get(path).await));
    }
    all
}

#[tokio::test]
async fn everything_is_as_it_was_after_a_restart() {
    let file = directory("restart").join("sandbox.db");
    let first = shop(&file).await;
    let mut euros = order("Immediate", &[1]);
    euros["Currency"] = json!("EUR");
    euros["OrderNumber"] = json!("Ü-1");
    euros["Transactions"][0]["Total"] = json!("999999999999.90");
    euros["Transactions"][0]["Items"][0]["Quantity"] = json!("0.3333333333333333");
    euros["Transactions"][0]["PayeeTransactions"] =
        json!([{"POSTransactionId": "part", "Total": "0.07", "Payee": "shop@example.com"}]);
    let euros = id_of(&first.post("/v2/Payment/Start", &euros).await.ok());
    first.sandbox.pay(&euros, CARD_OK).await.unwrap();
    let main = first.main_ids(&euros).await.remove(0);
    let refund = json!({"PaymentId": euros, "TransactionsToRefund": [
        {"TransactionId": main, "POSTransactionId": "x", "AmountToRefund": "0.03"}]});
    first.post("/v2/Payment/Refund", &refund).await.ok();
    let declined = first.start("Immediate", &[10]).await;
    first.sandbox.pay(&declined, CARD_LOW_FUNDS).await.unwrap();
    let reserved = first.paid("Reservation", &[100, 50]).await;
    let captured = first.paid("DelayedCapture", &[100]).await;
    first.settle("Capture", &captured, &[60]).await.ok();
    let account = first.wallet_get("/v2/Accounts/Get").await.ok()["Accounts"][0].clone();
    let transfer = json!({"SourceAccountId": account["AccountId"], "TargetEmail": "new@example.com",
        "Amount": {"Currency": "HUF", "Value": 500}, "Comment": "gift"});
    first
        .wallet_post("/v2/Transfer/Email", &transfer)
        .await
        .ok();
    first
        .sandbox
        .advance(Duration::from_secs(600))
        .await
        .unwrap();
    let payments = [euros, declined.clone(), reserved.clone(), captured];
    let before = everything(&first, &payments).await;
    assert!(before[1].contains("999999999999.87"), "{}", before[1]);
    first.sandbox.stop().await;

    let second = shop(&file).await;
    assert_eq!(everything(&second, &payments).await, before);
    // And it goes on: reserved money can be finished, time does its work, the bookings fit.
    second
        .settle("FinishReservation", &reserved, &[70, 50])
        .await
        .ok();
    second
        .sandbox
        .advance(Duration::from_secs(1200))
        .await
        .unwrap();
    assert_eq!(second.state(&declined).await["Status"], "Expired");
    second
        .sandbox
        .advance(Duration::from_secs(8 * 24 * 3600))
        .await
        .unwrap();
    let history = second.wallet_get("/v3/UserHistory/GetHistory?Limit=100");
    let history = history.await.ok();
    let history = history["UserHistory"].as_array().unwrap();
    assert_eq!(history[0]["Type"], "UnsuccessfulTransfer");
    let newer = second.start("Immediate", &[10]).await;
    let page = second.get("/").await.text;
    assert!(page.find(&newer).unwrap() < page.find(&declined).unwrap());
    let payments = [&payments[..], &[newer]].concat();
    let before = everything(&second, &payments).await;
    // Dropped instead of stopped, and with open connections.
    drop(second);
    let third = shop(&file).await;
    assert_eq!(everything(&third, &payments).await, before);
}

#[tokio::test]
async fn tokens_and_shops_survive() {
    let file = directory("tokens").join("sandbox.db");
    let first = shop(&file).await;
    let mut start = order("Immediate", &[1000]);
    start["InitiateRecurrence"] = json!(true);
    start["RecurrenceId"] = json!("Sub 9/Ünit+1");
    start["RecurrenceType"] = json!("MerchantInitiatedPayment");
    let id = id_of(&first.post("/v2/Payment/Start", &start).await.ok());
    first.sandbox.pay(&id, CARD_OK).await.unwrap();
    let trace = first.state(&id).await["TraceId"].clone();
    let next = TokenChargeOutcome::Failed;
    let set = first.sandbox.next_token_charge("Sub 9/Ünit+1", next).await;
    set.unwrap();
    first.sandbox.stop().await;

    // With another key for the seeded shop, which counts from now on.
    let key = "abcdefab-1234-1234-1234-abcdefabcdef";
    let second = Shop::on(on(&file).pos_key(key).start().await.unwrap());
    start["InitiateRecurrence"] = json!(false);
    start["TraceId"] = trace;
    let charge = async |shop: &Shop, key: &str| -> Value {
        let request = shop.client.post(shop.url("/v2/Payment/Start"));
        let request = request.header("x-pos-key", key).body(start.to_string());
        shop.send(request).await.json()
    };
    let refused = charge(&second, barion_sandbox::POS_KEY).await;
    assert_eq!(refused["Errors"][0]["ErrorCode"], "AuthenticationFailed");
    assert_eq!(charge(&second, key).await["RecurrenceResult"], "Failed");
    second.sandbox.stop().await;
    // The result was for one charge, also across restarts.
    let third = Shop::on(on(&file).pos_key(key).start().await.unwrap());
    assert_eq!(charge(&third, key).await["RecurrenceResult"], "Successful");
}

#[tokio::test]
async fn a_file_is_for_one_sandbox_at_a_time() {
    let file = directory("one").join("sandbox.db");
    let first = shop(&file).await;
    let why = refusal(&file).await;
    assert!(why.ends_with("another sandbox is using the file"), "{why}");
    first.start("Immediate", &[10]).await;
    first.sandbox.stop().await;
    shop(&file).await;
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt;

    let directory = directory("private");
    let sandbox = shop(&directory.join("sandbox.db")).await;
    sandbox.start("Immediate", &[10]).await;
    let files: Vec<_> = std::fs::read_dir(&directory).unwrap().collect();
    assert!(files.len() >= 2, "the database and its log: {files:?}");
    for file in files {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file:?}");
    }
}

#[tokio::test]
async fn files_of_others_are_refused_and_left_alone() {
    let directory = directory("others");
    let file = directory.join("text");
    let text = "These are not the payments you are looking for.\n".repeat(100);
    std::fs::write(&file, &text).unwrap();
    let why = refusal(&file).await;
    assert!(why.ends_with("the file is no database"), "{why}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    let why = refusal(&directory.join("nowhere").join("x")).await;
    assert!(why.contains("cannot keep the sandbox in"), "{why}");

    // The layout is at bytes 60 to 63 of the file, the mark of the program at 68 to 71.
    let file = directory.join("sandbox.db");
    shop(&file).await.sandbox.stop().await;
    let bytes = std::fs::read(&file).unwrap();
    for (place, expected) in [
        (63, "another version of the sandbox (layout 77, not 2)"),
        (71, "the file is the database of another program"),
    ] {
        let mut other = bytes.clone();
        other[place] = 77;
        std::fs::write(&file, &other).unwrap();
        let why = refusal(&file).await;
        assert!(why.contains(expected), "{why}");
        assert_eq!(std::fs::read(&file).unwrap(), other);
    }
}

#[tokio::test]
async fn a_file_goes_on_with_the_other_kind_of_clock() {
    let file = directory("clocks").join("sandbox.db");
    let real = async || Shop::on(on(&file).real_time(true).start().await.unwrap());
    let virtual_ = shop(&file).await;
    let id = virtual_.start("Immediate", &[10]).await;
    let ahead = virtual_.sandbox.advance(Duration::from_secs(1_200)).await;
    let ahead = ahead.unwrap();
    let before = here(
        &virtual_,
        &virtual_
            .get(&format!("/v4/Payment/{id}/PaymentState"))
            .await,
    );
    virtual_.sandbox.stop().await;

    // What it was set ahead by stays, and what really passed comes on top of it.
    let moving = real().await;
    assert!(moving.sandbox.now() >= ahead);
    let path = format!("/v4/Payment/{id}/PaymentState");
    assert_eq!(here(&moving, &moving.get(&path).await), before);
    moving
        .sandbox
        .advance(Duration::from_secs(600))
        .await
        .unwrap();
    assert_eq!(moving.state(&id).await["Status"], "Expired");
    let later = moving.start("Immediate", &[10]).await;
    let created = moving.state(&later).await["CreatedAt"].clone();
    moving.sandbox.stop().await;

    // It stands still where the last change was made, and nothing is younger than it.
    let still = shop(&file).await;
    let now = still.sandbox.now();
    assert!(now >= ahead + Duration::from_secs(600));
    let newest = still.start("Immediate", &[10]).await;
    let state = still.state(&newest).await;
    assert!(
        state["CreatedAt"].as_str() >= created.as_str(),
        "{state} {created}"
    );
    assert_eq!(still.state(&later).await["Status"], "Prepared");
    assert_eq!(still.sandbox.now(), now);
    still.sandbox.stop().await;

    let moving = real().await;
    assert!(moving.sandbox.now() >= now);
    moving
        .sandbox
        .advance(Duration::from_secs(1_800))
        .await
        .unwrap();
    assert_eq!(moving.state(&newest).await["Status"], "Expired");
}

#[cfg(unix)]
mod processes {
    use std::io::{BufRead, BufReader};
    use std::process::{Child, Command, Stdio};
    use std::sync::Arc;

    use barion_sandbox::POS_KEY;
    use tokio::sync::Semaphore;
    use tokio::task::JoinSet;

    use super::*;

    const STARTS: usize = 1_000;

    /// A sandbox in a process of its own.
    struct Process {
        child: Child,
        url: String,
        client: reqwest::Client,
    }

    impl Process {
        fn serve(file: &Path) -> Self {
            let mut child = Command::new(env!("CARGO_BIN_EXE_barion-sandbox"))
                .args(["serve", "--listen", "127.0.0.1:0", "--log", "json", "--db"])
                .arg(file)
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let mut line = String::new();
            let mut out = BufReader::new(child.stdout.as_mut().unwrap());
            out.read_line(&mut line).unwrap();
            let url = line.strip_prefix("listening on ").unwrap().trim_end();
            Self {
                url: url.to_owned(),
                child,
                client: reqwest::Client::builder().no_proxy().build().unwrap(),
            }
        }

        async fn post(&self, path: &str, body: &Value) -> Value {
            let request = self.client.post(format!("{}{path}", self.url));
            let request = request.header("x-pos-key", POS_KEY).body(body.to_string());
            request.send().await.unwrap().json().await.unwrap()
        }

        async fn get(&self, path: &str) -> (u16, String) {
            let request = self.client.get(format!("{}{path}", self.url));
            let answer = request.header("x-pos-key", POS_KEY).send().await.unwrap();
            (answer.status().as_u16(), answer.text().await.unwrap())
        }

        async fn state(&self, id: &str) -> Value {
            let (status, text) = self.get(&format!("/v4/Payment/{id}/PaymentState")).await;
            assert_eq!(status, 200, "{text}");
            serde_json::from_str(&text).unwrap()
        }

        async fn pay(&self, id: &str, card: &str) -> Value {
            let path = format!("/sandbox/payments/{id}/pay");
            self.post(&path, &json!({ "CardNumber": card })).await
        }

        /// The rows of a payment's timeline, without those that tell how its transactions are now.
        async fn timeline(&self, id: &str) -> Vec<String> {
            let (_, page) = self.get(&format!("/payments/{id}")).await;
            let table = page.split("<caption>Timeline").nth(1).unwrap();
            let rows = table.split("<tr ").skip(2);
            let rows = rows.map(|row| row.split("</tr>").next().unwrap().to_owned());
            rows.filter(|row| !row.contains(">Transaction<")).collect()
        }

        fn stop(mut self) {
            let id = self.child.id().to_string();
            let sent = Command::new("kill").args(["-TERM", &id]).status().unwrap();
            assert!(sent.success());
            assert_eq!(self.child.wait().unwrap().code(), Some(0));
        }

        fn kill(mut self) {
            // On Unix this is SIGKILL.
            self.child.kill().unwrap();
            self.child.wait().unwrap();
        }
    }

    #[tokio::test]
    async fn the_timeline_goes_on_in_order_in_another_process() {
        let file = directory("timeline").join("sandbox.db");
        let first = Process::serve(&file);
        let id = id_of(
            &first
                .post("/v2/Payment/Start", &order("Reservation", &[1000]))
                .await,
        );
        first.pay(&id, CARD_LOW_FUNDS).await;
        first.state(&id).await;
        let before = first.timeline(&id).await;
        assert!(before.len() >= 4, "{before:?}");
        first.stop();

        // The clock stands still: there is nothing but the order in which things were noticed.
        let second = Process::serve(&file);
        second.pay(&id, CARD_OK).await;
        second.state(&id).await;
        let now = second.timeline(&id).await;
        assert_eq!(now[..before.len()], before);
        assert!(now.len() > before.len() + 1, "{now:?}");
        let finish = json!({"PaymentId": id, "Transactions": []});
        second.post("/v2/Payment/FinishReservation", &finish).await;
        second.kill();

        // Of calls that only read, and of the last call that changed nothing, the lines may be
        // lost, and nothing else.
        let third = Process::serve(&file);
        let kept = third.timeline(&id).await;
        let read = |row: &&String| !row.contains("/PaymentState &rarr;");
        let changes: Vec<_> = now.iter().filter(read).collect();
        assert_eq!(kept[..before.len()], before);
        assert_eq!(kept.iter().filter(read).collect::<Vec<_>>(), changes);
        third.kill();
    }

    /// How many files a process may have open.
    fn handles() -> usize {
        let said = Command::new("sh").args(["-c", "ulimit -n"]).output();
        let said = String::from_utf8(said.unwrap().stdout).unwrap();
        // It may be unlimited.
        said.trim().parse().unwrap_or(usize::MAX)
    }

    #[tokio::test]
    async fn no_acknowledged_start_is_lost() {
        // When all have been answered before the process could be killed, it is killed earlier.
        for answered in [400, 200, 100, 50, 10, 1] {
            if kill_after(answered).await {
                return;
            }
        }
        panic!("the process was never killed in time");
    }

    /// Kills a process after so many of its answers, in the midst of the others. `false` if there
    /// were no others.
    async fn kill_after(answered: usize) -> bool {
        let file = directory("killed").join("sandbox.db");
        let mut sandbox = Process::serve(&file);
        // Each of those under way needs a handle here and there.
        let at_a_time = if handles() >= 2 * STARTS { STARTS } else { 200 };
        let turns = Arc::new(Semaphore::new(at_a_time));
        let mut starts = JoinSet::new();
        for number in 0..STARTS {
            let mut body = order("Immediate", &[10]);
            body["PaymentRequestId"] = json!(format!("order-{number}"));
            let start = sandbox
                .client
                .post(format!("{}/v2/Payment/Start", sandbox.url));
            let start = start.header("x-pos-key", POS_KEY).body(body.to_string());
            let turns = Arc::clone(&turns);
            starts.spawn(async move {
                let _turn = turns.acquire().await.unwrap();
                let answer = start.send().await.ok()?;
                assert_eq!(answer.status(), 200);
                // An answer that was cut off acknowledges nothing.
                let answer: Value = answer.json().await.ok()?;
                Some((number, id_of(&answer)))
            });
        }
        let mut acknowledged = Vec::new();
        let mut lost = 0;
        while let Some(start) = starts.join_next().await {
            match start.unwrap() {
                Some(start) => acknowledged.push(start),
                None => lost += 1,
            }
            if acknowledged.len() == answered {
                sandbox.child.kill().unwrap();
            }
        }
        sandbox.child.wait().unwrap();
        assert!(acknowledged.len() >= answered, "{lost} were lost");

        let sandbox = Process::serve(&file);
        for (number, id) in &acknowledged {
            let state = sandbox.state(id).await;
            let expected = format!("order-{number}");
            assert_eq!(state["PaymentRequestId"], expected.as_str());
            assert_eq!(state["Status"], "Prepared");
        }
        sandbox.kill();
        lost > 0
    }
}
