//! The program: what it prints, and that it stops when it is told to.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of a test fails by panicking"
)]

mod support;

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use barion_sandbox::{CARD_OK, POS_KEY, WALLET_KEY};
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_barion-sandbox");

fn serve(options: &[&str]) -> (Child, String) {
    let mut child = Command::new(PROGRAM)
        .arg("serve")
        .args(options)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap())
        .read_line(&mut line)
        .unwrap();
    (child, line)
}

/// Sends the signal, and returns what was written to stderr.
fn stop(mut child: Child, signal: &str) -> String {
    let id = child.id().to_string();
    let sent = Command::new("kill").args([signal, &id]).status().unwrap();
    assert!(sent.success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let mut text = String::new();
    child.stderr.unwrap().read_to_string(&mut text).unwrap();
    text
}

#[tokio::test]
async fn it_serves_until_it_is_stopped() {
    let key = "abcdefab-1234-1234-1234-abcdefabcdef";
    for signal in ["-TERM", "-INT"] {
        let (child, line) = serve(&["--listen", "127.0.0.1:0", "--pos-key", key, "--any-payee"]);
        let url = line.strip_prefix("listening on ").unwrap().trim_end();
        assert!(
            url.starts_with("http://127.0.0.1:") && !url.ends_with('/'),
            "{line:?}"
        );
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut body = support::order("Immediate", &[10]);
        body["Transactions"][0]["Payee"] = "anybody@example.com".into();
        let start = client
            .post(format!("{url}/v2/Payment/Start"))
            .header("x-pos-key", key);
        let answer = start.body(body.to_string()).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let said = stop(child, signal);
        assert!(said.contains(key) && !said.contains("WARNING"), "{said}");
        assert!(said.contains("clock          real time"), "{said}");
    }
}

#[tokio::test]
async fn it_tells_of_calls_and_callbacks_and_of_no_key() {
    let key = "abcdefab-1234-1234-1234-abcdefabcdef";
    for format in ["text", "json"] {
        let begun = Utc::now().trunc_subsecs(3);
        let options = ["--listen", "127.0.0.1:0", "--pos-key", key, "--log", format];
        let (child, line) = serve(&options);
        let url = line.strip_prefix("listening on ").unwrap().trim_end();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let post = async |path: &str, body: String| {
            let request = client.post(format!("{url}{path}")).body(body);
            request.send().await.unwrap().text().await.unwrap()
        };
        let shop = format!("http://{}/{key}", support::mute().await);
        let mut order = support::order("Immediate", &[10]);
        order["CallbackUrl"] = shop.into();
        order["POSKey"] = key.into();
        let start = format!("/v2/Payment/Start?POSKey={key}");
        let id =
            support::id_of(&serde_json::from_str(&post(&start, order.to_string()).await).unwrap());
        let pay = format!("/sandbox/payments/{id}/pay");
        post(&pay, "{\"CardNumber\":\"4444888888885559\"}".to_owned()).await;
        // A day later by the sandbox's clock, but not by that of this computer.
        post("/sandbox/clock/advance", "{\"Seconds\":86400}".to_owned()).await;
        let state = format!("{url}/v2/Payment/GetPaymentState?POSKey={key}&PaymentId={key}");
        client.get(state).send().await.unwrap();
        post(&format!("/{key}/x?{key}"), key.to_owned()).await;
        let said = stop(child, "-TERM");
        let lines: Vec<&str> = if format == "text" {
            let (_, lines) = said.split_once("Stop with Ctrl-C.\n").unwrap();
            lines.lines().collect()
        } else {
            said.lines().collect()
        };
        assert!(!lines.join("").contains(key) && !lines.join("").contains(&key.replace('-', "")));
        assert!(!lines.join("").contains("Tea"), "no body");
        let mut told: Vec<Vec<String>> = Vec::new();
        let wall_clock = |time: &str| {
            let time: DateTime<Utc> = time.parse().unwrap();
            assert!((begun..=Utc::now()).contains(&time), "{time}");
        };
        for line in lines {
            told.push(if format == "text" {
                let (time, line) = line.split_once(' ').unwrap();
                wall_clock(time);
                let (head, id) = line.rsplit_once(" ms ").unwrap();
                let (head, _) = head.rsplit_once(' ').unwrap();
                vec![head.to_owned(), id.to_owned()]
            } else {
                let line: serde_json::Value = serde_json::from_str(line).unwrap();
                wall_clock(line["Time"].as_str().unwrap());
                assert!(line["SandboxTime"].is_string() && line["Milliseconds"].is_u64());
                let word = |name: &str| line[name].as_str().map(str::to_owned);
                let what = word("Operation").or(word("Path"));
                let what = what.unwrap_or_else(|| format!("callback attempt {}", line["Attempt"]));
                let status = line["Status"].as_u64().map(|status| status.to_string());
                let status = status.unwrap_or_else(|| "no answer".to_owned());
                vec![
                    format!("{what} {status}"),
                    word("PaymentId").unwrap_or("-".to_owned()),
                ]
            });
        }
        let expected = [
            ["payment_start_v2 200", &id],
            ["callback attempt 1 no answer", &id],
            ["callback attempt 2 no answer", &id],
            ["callback attempt 3 no answer", &id],
            ["callback attempt 4 no answer", &id],
            ["callback attempt 5 no answer", &id],
            ["callback attempt 6 no answer", &id],
            ["get_payment_state_v2 400", "-"],
            ["/{...}/x 404", "-"],
        ];
        assert_eq!(told, expected, "{said}");
    }
}

/// The sandbox's time, as it tells it.
async fn time_of(url: &str) -> DateTime<Utc> {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.get(format!("{url}/sandbox/health")).send().await;
    let answer: Value = answer.unwrap().json().await.unwrap();
    answer["Now"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn time_passes_by_itself_unless_the_clock_is_frozen() {
    let day = json!({"Seconds": 86_400});
    for frozen in [false, true] {
        let mut options = vec!["--listen", "127.0.0.1:0"];
        options.extend(frozen.then_some("--frozen-clock"));
        let (child, line) = serve(&options);
        let url = line.strip_prefix("listening on ").unwrap().trim_end();
        let first = time_of(url).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
        let second = time_of(url).await;
        post(url, "/sandbox/clock/advance", &day).await;
        let ahead = time_of(url).await;
        if frozen {
            assert_eq!(second, first);
            assert_eq!(ahead - first, TimeDelta::days(1));
        } else {
            assert!(second - first >= TimeDelta::milliseconds(20));
            assert!(ahead - second >= TimeDelta::days(1));
            tokio::time::sleep(Duration::from_millis(20)).await;
            assert!(time_of(url).await - ahead >= TimeDelta::milliseconds(20));
        }
        let said = stop(child, "-TERM");
        assert_eq!(said.contains("stands still until POST"), frozen, "{said}");
    }
}

#[test]
fn it_warns_of_the_network() {
    let (child, line) = serve(&["--listen", "0.0.0.0:0", "--callbacks", "off"]);
    assert!(
        line.starts_with("listening on http://127.0.0.1:"),
        "{line:?}"
    );
    assert!(stop(child, "-TERM").contains("WARNING"));
}

#[test]
fn it_refuses_what_is_no_key_and_explains_itself() {
    let refused = Command::new(PROGRAM)
        .args(["serve", "--pos-key", "x"])
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        String::from_utf8(refused.stderr)
            .unwrap()
            .contains("not a GUID")
    );
    let help = Command::new(PROGRAM).args(["serve", "--help"]).output();
    let help = String::from_utf8(help.unwrap().stdout).unwrap();
    assert!(help.contains("expire and callbacks are repeated ONLY when it is advanced"));
    assert!(help.contains("--frozen-clock") && !help.contains("--real-time"));
    let help = Command::new(PROGRAM).arg("--help").output().unwrap();
    assert!(
        String::from_utf8(help.stdout)
            .unwrap()
            .contains("Examples:")
    );
}

/// Calls a program that runs; whoever has both keys can do everything.
async fn post(url: &str, path: &str, body: &Value) -> Value {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client
        .post(format!("{url}{path}"))
        .header("x-pos-key", POS_KEY)
        .header("x-api-key", WALLET_KEY)
        .body(body.to_string());
    request.send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn the_balance_rule_is_an_option() {
    for options in [
        &["--listen", "127.0.0.1:0"][..],
        &["--listen", "127.0.0.1:0", "--balance-rule"],
    ] {
        let (child, line) = serve(options);
        let url = line.strip_prefix("listening on ").unwrap().trim_end();
        let order = support::order("Immediate", &[1000]);
        let started = post(url, "/v2/Payment/Start", &order).await;
        let id = support::id_of(&started);
        let card = json!({"CardNumber": CARD_OK});
        let paid = post(url, &format!("/sandbox/payments/{id}/pay"), &card).await;
        assert_eq!(paid["Status"], "Succeeded");
        // The wallet began with a million; 985 came in, as the fee is 15.
        let payout = json!({"Currency": "HUF", "Amount": 1_000_985, "Recipient": {"Name": "Anna"},
            "BankAccount": {"Country": "HUN", "Format": "Giro", "AccountNumber": "117730161111101800000000"}});
        let paid_out = post(url, "/v3/Withdraw/BankTransfer", &payout).await;
        assert_eq!(paid_out["Errors"], json!([]), "{paid_out}");
        let refund = json!({"PaymentId": id, "TransactionsToRefund": [{"POSTransactionId": "t0",
            "TransactionId": started["Transactions"][0]["TransactionId"], "AmountToRefund": 1}]});
        let refunded = post(url, "/v2/Payment/Refund", &refund).await;
        if options.contains(&"--balance-rule") {
            assert_eq!(
                refunded["Errors"][0]["ErrorCode"],
                "TooLowBalanceToMakeRefund"
            );
        } else {
            assert_eq!(
                refunded["RefundedTransactions"][0]["Total"], 1,
                "{refunded}"
            );
        }
        stop(child, "-TERM");
    }
}

#[tokio::test]
async fn strictness_is_an_option() {
    for options in [
        &["--listen", "127.0.0.1:0"][..],
        &["--listen", "127.0.0.1:0", "--strict"],
    ] {
        let (child, line) = serve(options);
        let url = line.strip_prefix("listening on ").unwrap().trim_end();
        let mut order = support::order("Immediate", &[1000]);
        order["PaymentWindwo"] = json!("01:00:00");
        let started = post(url, "/v2/Payment/Start", &order).await;
        if options.contains(&"--strict") {
            let problem = &started["Errors"][0]["Description"];
            assert_eq!(problem, "The field PaymentWindwo is not documented.");
        } else {
            assert_eq!(started["Status"], "Prepared", "{started}");
        }
        stop(child, "-TERM");
    }
}

#[tokio::test]
async fn payers_are_sent_to_the_public_url() {
    let (child, line) = serve(&[
        "--listen",
        "127.0.0.1:0",
        "--public-url",
        "https://sandbox.example:8443",
    ]);
    let url = line.strip_prefix("listening on ").unwrap().trim_end();
    assert!(url.starts_with("http://127.0.0.1:"), "{line:?}");
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client
        .post(format!("{url}/v2/Payment/Start"))
        .header("x-pos-key", barion_sandbox::POS_KEY)
        .body(support::order("Immediate", &[10]).to_string())
        .send()
        .await
        .unwrap();
    let answer: serde_json::Value = answer.json().await.unwrap();
    for field in ["GatewayUrl", "QRUrl"] {
        let told = answer[field].as_str().unwrap();
        assert!(told.starts_with("https://sandbox.example:8443/"), "{told}");
    }
    stop(child, "-TERM");

    for more in [
        "http://sandbox.example/barion",
        "http://sandbox.example/?x=1",
        "ftp://sandbox.example/",
    ] {
        let refused = Command::new(PROGRAM)
            .args(["serve", "--listen", "127.0.0.1:0", "--public-url", more])
            .output()
            .unwrap();
        let text = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(1), "{more}: {text}");
        assert!(text.contains("http://host:port"), "{text}");
    }
}
