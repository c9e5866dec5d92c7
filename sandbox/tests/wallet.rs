//! The wallet's operations over HTTP: keys, balances, history, payouts, transfers, statements.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of a test fails by panicking"
)]

mod support;

use std::time::Duration;

use barion_sandbox::{CARD_OK, POS_KEY, WALLET_KEY};
use serde_json::{Value, json};
use support::{Answer, Shop, id_of, order};

const DAY: Duration = Duration::from_secs(24 * 3600);

async fn account(shop: &Shop, currency: &str) -> Value {
    let accounts = shop.wallet_get("/v2/Accounts/Get").await.ok();
    let all = accounts["Accounts"].as_array().unwrap();
    let found = all.iter().find(|one| one["Currency"] == currency);
    found.cloned().unwrap_or(Value::Null)
}

/// What is available and what is blocked in HUF.
async fn balance(shop: &Shop) -> (i64, i64) {
    let account = account(shop, "HUF").await;
    let read = |name: &str| account["Balance"][name].as_i64().unwrap();
    (read("Available"), read("Blocked"))
}

async fn history(shop: &Shop, query: &str) -> Vec<Value> {
    let path = format!("/v3/UserHistory/GetHistory?{query}");
    let answer = shop.wallet_get(&path).await.ok();
    answer["UserHistory"].as_array().unwrap().clone()
}

/// Type, amount, direction, whether in progress; newest first.
async fn told(shop: &Shop) -> Vec<(String, i64, String, bool)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    history(shop, "")
        .await
        .iter()
        .map(|one| {
            (
                text(&one["Type"]),
                one["Amount"].as_i64().unwrap(),
                text(&one["BalanceChangeType"]),
                one["IsInProgress"].as_bool().unwrap(),
            )
        })
        .collect()
}

fn entry(kind: &str, amount: i64, change: &str, open: bool) -> (String, i64, String, bool) {
    (kind.to_owned(), amount, change.to_owned(), open)
}

async fn with_key(shop: &Shop, path: &str, header: &str, key: &str) -> Answer {
    shop.send(shop.client.get(shop.url(path)).header(header, key))
        .await
}

#[tokio::test]
async fn the_wallet_opens_with_its_own_key_only() {
    let shop = Shop::new().await;
    let dashed = "22222222-2222-2222-2222-222222222222";
    for path in ["/v2/Accounts", "/v2/Accounts/Get", "/V2/ACCOUNTS/GET"] {
        for key in [WALLET_KEY, dashed] {
            with_key(&shop, path, "x-api-key", key).await.ok();
        }
    }
    for (header, key) in [
        ("x-api-key", POS_KEY),
        ("x-pos-key", WALLET_KEY),
        ("x-pos-key", POS_KEY),
        ("x-api-key", "x"),
    ] {
        let answer = with_key(&shop, "/v2/Accounts", header, key).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (401, "AuthenticationFailed")
        );
        assert_eq!(answer.json()["Errors"][0]["AuthData"], Value::Null);
    }
    let start = shop.client.post(shop.url("/v2/Payment/Start"));
    let start = start.header("x-pos-key", WALLET_KEY);
    let answer = shop
        .send(start.body(order("Immediate", &[10]).to_string()))
        .await;
    assert_eq!(answer.code(), "AuthenticationFailed");
}

#[tokio::test]
async fn accounts_are_told_as_documented() {
    let shop = Shop::new().await;
    let answer = shop.wallet_get("/v2/Accounts/Get").await;
    answer.ok();
    let first = format!(
        r#"{{"Accounts":[{{"AccountId":"{}","Balance":{{"Available":1000000,"Blocked":0}},"Currency":"HUF","AccountInfo":{{"BBANCountry":"HUN","BBAN":"#,
        account(&shop, "HUF").await["AccountId"].as_str().unwrap()
    );
    assert!(answer.text.starts_with(&first), "{}", answer.text);
    assert_eq!(account(&shop, "EUR").await["Balance"]["Available"], 10_000);
    assert_eq!(account(&shop, "RON").await, Value::Null);
}

#[tokio::test]
async fn an_immediate_payment_its_fee_and_its_refund_are_booked() {
    let shop = Shop::new().await;
    let id = shop.start("Immediate", &[1000]).await;
    assert_eq!(balance(&shop).await, (1_000_000, 0));
    assert_eq!(told(&shop).await, []);
    shop.sandbox.pay(&id, CARD_OK).await.unwrap();
    assert_eq!(balance(&shop).await, (1_000_985, 0));
    let main = shop.main_ids(&id).await.remove(0);
    shop.refund(&id, &main, &[300]).await.ok();
    assert_eq!(balance(&shop).await, (1_000_685, 0));
    assert_eq!(
        told(&shop).await,
        [
            entry("RefundToCard", 300, "Debit", false),
            entry("GatewayFee", 15, "Debit", false),
            entry("CardPayment", 1000, "Credit", false),
        ]
    );
    let items = history(&shop, "").await;
    assert_eq!(items[2]["SourceAccount"]["LoginName"], "payer@example.com");
    assert_eq!(items[2]["SourceAccount"]["Type"], "User");
    assert_eq!(items[2]["TargetAccount"]["Type"], "Shop");
    assert_eq!(items[2]["TargetAccount"]["ShopName"], "Sandbox Shop");
    assert_eq!(items[1]["TargetAccount"]["Type"], "System");
    let path = |item: &Value| {
        let id = item["Id"].as_str().unwrap();
        format!("/v3/TransactionHistory/GetDetail?ItemId={id}")
    };
    let paid = shop.wallet_get(&path(&items[2])).await.ok();
    assert_eq!(paid["DetailInformation"]["HistoryType"], "CardPayment");
    assert_eq!(paid["DetailInformation"]["PaymentId"], id);
    assert_eq!(
        paid["DetailInformation"]["PurchasedItems"][0]["Name"],
        "Tea"
    );
    let back = shop.wallet_get(&path(&items[0])).await.ok();
    assert_eq!(back["DetailInformation"]["OriginalPaymentId"], id);
}

#[tokio::test]
async fn reserved_money_is_blocked_until_it_is_finished() {
    let shop = Shop::new().await;
    let id = shop.start("Reservation", &[1000]).await;
    assert_eq!(balance(&shop).await, (999_985, 15));
    shop.sandbox.pay(&id, CARD_OK).await.unwrap();
    assert_eq!(balance(&shop).await, (999_985, 1015));
    assert!(
        told(&shop)
            .await
            .contains(&entry("CardPayment", 1000, "NoChange", true))
    );
    shop.settle("FinishReservation", &id, &[400]).await.ok();
    assert_eq!(balance(&shop).await, (1_000_385, 0));
    assert_eq!(
        told(&shop).await,
        [
            entry("RefundToCard", 600, "Debit", false),
            entry("CardPayment", 1000, "Credit", false),
            entry("GatewayFee", 15, "Debit", false),
        ]
    );
}

#[tokio::test]
async fn what_is_never_paid_or_captured_leaves_the_balance_alone() {
    let shop = Shop::new().await;
    let unpaid = shop.start("Reservation", &[1000]).await;
    shop.sandbox.cancel(&unpaid).await.unwrap();
    let held = shop.paid("DelayedCapture", &[1000]).await;
    assert_eq!(balance(&shop).await, (1_000_000, 0));
    shop.settle("Capture", &held, &[500]).await.ok();
    assert_eq!(balance(&shop).await, (1_000_493, 0));
    let expired = shop.paid("Reservation", &[2000]).await;
    assert_eq!(balance(&shop).await.1, 2030);
    shop.sandbox.advance(2 * DAY).await.unwrap();
    assert_eq!(shop.state(&expired).await["Status"], "Expired");
    assert_eq!(balance(&shop).await, (1_000_463, 0));
}

#[tokio::test]
async fn parts_passed_on_leave_the_wallet() {
    let sandbox = barion_sandbox::Sandbox::builder().payee("maker@example.com");
    let shop = Shop::on(sandbox.start().await.unwrap());
    let mut body = order("Immediate", &[1000]);
    body["Transactions"][0]["PayeeTransactions"] =
        json!([{"POSTransactionId": "part", "Payee": "maker@example.com", "Total": 600}]);
    let id = id_of(&shop.post("/v2/Payment/Start", &body).await.ok());
    shop.sandbox.pay(&id, CARD_OK).await.unwrap();
    assert_eq!(balance(&shop).await, (1_000_385, 0));
    assert!(
        told(&shop)
            .await
            .contains(&entry("PayeeTransaction", 600, "Debit", false))
    );
}

#[tokio::test]
async fn an_account_is_opened_by_the_first_money_in_its_currency() {
    let shop = Shop::new().await;
    let mut body = order("Immediate", &[10]);
    body["Currency"] = json!("RON");
    let id = id_of(&shop.post("/v2/Payment/Start", &body).await.ok());
    shop.sandbox.pay(&id, CARD_OK).await.unwrap();
    let answer = shop.wallet_get("/v2/Accounts").await;
    assert!(
        answer.text.contains(r#""Available":9.85,"Blocked":0"#),
        "{}",
        answer.text
    );
    assert_eq!(history(&shop, "Currency=RON").await.len(), 2);
    assert_eq!(history(&shop, "currency=huf").await.len(), 0);
}

#[tokio::test]
async fn the_history_is_read_in_pages() {
    let shop = Shop::new().await;
    for amount in 1..=13 {
        shop.paid("Immediate", &[amount * 100]).await;
    }
    let all = history(&shop, "Limit=500").await;
    assert_eq!(all.len(), 20, "20 is the most");
    let last = all[19]["Id"].as_str().unwrap();
    let rest = history(&shop, &format!("LastVisibleItemId={last}")).await;
    assert_eq!(rest.len(), 6);
    assert_eq!(rest[5]["Amount"], 100, "the oldest comes last");
    assert_eq!(history(&shop, "limit=3").await, all[..3]);
    let noon = shop
        .sandbox
        .advance(DAY)
        .await
        .unwrap()
        .format("%Y-%m-%dT%H:%M:%S%.3f");
    assert_eq!(
        history(&shop, &format!("LastRequestTime={noon}"))
            .await
            .len(),
        0
    );
    shop.paid("Immediate", &[7700]).await;
    let newer = history(&shop, &format!("LastRequestTime={noon}")).await;
    assert_eq!(newer.len(), 2);
    for wrong in [
        "Limit=0",
        "Limit=x",
        "Currency=XXX",
        "LastVisibleItemId=x",
        "LastVisibleItemId=9293b38d35d2aea21dccd6b7ee9a59e8",
        "LastRequestTime=yesterday",
    ] {
        let path = format!("/v3/UserHistory/GetHistory?{wrong}");
        assert_eq!(
            shop.wallet_get(&path).await.code(),
            "ModelValidationError",
            "{wrong}"
        );
    }
    let unknown = "/v3/TransactionHistory/GetDetail?ItemId=9293b38d35d2aea21dccd6b7ee9a59e8";
    assert_eq!(
        shop.wallet_get(unknown).await.code(),
        "NotExistingTransactionId"
    );
    let missing = shop.wallet_get("/v3/TransactionHistory/GetDetail").await;
    assert_eq!(missing.code(), "ModelValidationError");
    assert_eq!(missing.json()["Errors"][0]["AuthData"], "");
}

fn payout() -> Value {
    json!({
        "Currency": "HUF", "Amount": 5000, "Comment": "June, part 1",
        "BankAccount": {"Country": "HUN", "Format": "Giro", "AccountNumber": "11111111-22222222"},
        "Recipient": {"Name": "Tea Shop Kft."},
    })
}

#[tokio::test]
async fn payouts_leave_the_account() {
    let shop = Shop::new().await;
    let answer = shop
        .wallet_post("/v3/Withdraw/BankTransfer", &payout())
        .await;
    let id = answer.ok()["TransactionId"].as_str().unwrap().to_owned();
    assert_eq!(
        answer.text,
        format!(
            r#"{{"TransactionId":"{id}","Currency":"HUF","Amount":5000,"Comment":"June, part 1","BankAccount":{{"Country":"HUN","Format":"Giro","AccountNumber":"11111111-22222222"}},"Bank":null,"Recipient":{{"Name":"Tea Shop Kft.","Address":null}},"Errors":[]}}"#
        )
    );
    assert_eq!(balance(&shop).await, (995_000, 0));
    assert_eq!(told(&shop).await, [entry("Withdraw", 5000, "Debit", false)]);
    assert_eq!(history(&shop, "").await[0]["Id"], id);
    let mut foreign = payout();
    foreign["Currency"] = json!("EUR");
    foreign["Amount"] = json!("250.75");
    foreign["BankAccount"] =
        json!({"Country": "DEU", "Format": "IBAN", "AccountNumber": "DE00000000000000000000"});
    assert_eq!(
        shop.wallet_post("/v3/Withdraw/BankTransfer", &foreign)
            .await
            .code(),
        "ModelValidationError"
    );
    foreign["Bank"] = json!({"SwiftCode": "INVEDEFF"});
    foreign["Recipient"]["Address"] =
        json!({"Country": "DEU", "Street": "Teestr. 1", "City": "Bremen", "Zip": "28195"});
    let answer = shop
        .wallet_post("/v3/Withdraw/BankTransfer", &foreign)
        .await;
    answer.ok();
    assert!(answer.text.contains(r#""Amount":250.75,"#));
    assert!(answer.text.contains(r#""Zip":"28195"}"#));
    let text = shop.wallet_get("/v2/Accounts").await.text;
    assert!(text.contains(r#""Available":9749.25"#), "{text}");
}

#[tokio::test]
async fn the_obsolete_payout_still_answers() {
    let shop = Shop::new().await;
    let body = json!({
        "Currency": "HUF", "Amount": 1, "RecipientName": "Tea Shop Ltd",
        "BankAccount": {"Country": "HUN", "Format": "Giro", "AccountNumber": "11111111-22222222"},
    });
    let answer = shop.wallet_post("/v2/Withdraw/BankTransfer", &body).await;
    answer.ok();
    let tail = r#""Currency":"HUF","Amount":1,"RecipientName":"Tea Shop Ltd","Comment":null,"BankAccount":{"Country":"HUN","Format":"Giro","AccountNumber":"11111111-22222222","Address":null,"BankName":null,"BankAddress":null,"SwiftCode":null},"Errors":[]}"#;
    assert!(answer.text.ends_with(tail), "{}", answer.text);
    assert_eq!(balance(&shop).await, (999_999, 0));
}

#[tokio::test]
async fn wrong_payouts_change_nothing() {
    let shop = Shop::new().await;
    for (path, value, code) in [
        ("/Amount", json!(0), "ModelValidationError"),
        ("/Amount", json!(0.5), "ModelValidationError"),
        (
            "/Amount",
            json!(1_000_001),
            "MinimumWithdrawAmountNotReached",
        ),
        ("/Currency", json!("RON"), "InvalidAccount"),
        ("/Comment", json!("x".repeat(91)), "ModelValidationError"),
        ("/Comment", json!("<b>"), "InvalidCharacter"),
        (
            "/Recipient/Name",
            json!("Tea \u{1f375}"),
            "InvalidCharacter",
        ),
        ("/Recipient/Name", json!(""), "ModelValidationError"),
        ("/Recipient", json!(null), "ModelValidationError"),
        ("/BankAccount", json!([]), "ModelValidationError"),
        ("/BankAccount/Country", json!("HU"), "ModelValidationError"),
        (
            "/BankAccount/Format",
            json!("Other"),
            "ModelValidationError",
        ),
        (
            "/BankAccount/AccountNumber",
            json!("1111"),
            "ModelValidationError",
        ),
    ] {
        let mut body = payout();
        *body.pointer_mut(path).unwrap() = value.clone();
        let answer = shop.wallet_post("/v3/Withdraw/BankTransfer", &body).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (400, code),
            "{path} {value}"
        );
    }
    assert_eq!(told(&shop).await, []);
    assert_eq!(balance(&shop).await, (1_000_000, 0));
}

#[tokio::test]
async fn transfers_return_when_nobody_registers() {
    let sandbox = barion_sandbox::Sandbox::builder().payee("friend@example.com");
    let shop = Shop::on(sandbox.start().await.unwrap());
    let account = account(&shop, "HUF").await["AccountId"].clone();
    let send = async |change: Value| {
        let mut body = json!({"SourceAccountId": account, "TargetEmail": "friend@example.com",
            "Amount": {"Currency": "HUF", "Value": 1200}});
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        shop.wallet_post("/v2/Transfer/Email", &body).await
    };
    let answer = send(json!({})).await;
    assert_eq!(answer.text, r#"{"IsTransferSuccessful":true,"Errors":[]}"#);
    send(json!({"TargetEmail": "stranger@example.com", "Comment": "hello"}))
        .await
        .ok();
    let kind = "InternalTransferToExternalUser";
    assert_eq!(
        told(&shop).await,
        [
            entry(kind, 1200, "Debit", true),
            entry(kind, 1200, "Debit", false)
        ]
    );
    assert_eq!(balance(&shop).await, (997_600, 0));
    shop.sandbox.advance(7 * DAY).await.unwrap();
    assert_eq!(balance(&shop).await, (998_800, 0));
    let all = told(&shop).await;
    assert_eq!(all[0], entry("UnsuccessfulTransfer", 1200, "Credit", false));
    assert_eq!(all[1], entry(kind, 1200, "Debit", false));
    let too_much = json!({"Amount": {"Currency": "HUF", "Value": 2_000_000}});
    assert_eq!(send(too_much).await.ok()["IsTransferSuccessful"], false);
    for (change, code) in [
        (
            json!({"TargetEmail": "shop@example.com"}),
            "TheSourceAndDestinationAccountsAreMatched",
        ),
        (json!({"TargetEmail": "nobody"}), "ModelValidationError"),
        (
            json!({"Amount": {"Currency": "EUR", "Value": 1}}),
            "InvalidCurrency",
        ),
        (
            json!({"Amount": {"Currency": "HUF", "Value": -1}}),
            "ModelValidationError",
        ),
        (json!({"Amount": null}), "ModelValidationError"),
        (json!({"Comment": "x".repeat(1001)}), "ModelValidationError"),
        (
            json!({"SourceAccountId": "9293b38d35d2aea21dccd6b7ee9a59e8"}),
            "InvalidAccount",
        ),
    ] {
        assert_eq!(send(change.clone()).await.code(), code, "{change}");
    }
    assert_eq!(told(&shop).await.len(), 3);
}

#[tokio::test]
async fn statements_are_files() {
    let shop = Shop::new().await;
    let now = shop.sandbox.now();
    shop.paid("Immediate", &[1000]).await;
    let month = now
        .format("/v2/Statement/Download?Currency=HUF&Year=%Y&Month=%-m")
        .to_string();
    let document = shop.wallet_get(&month).await;
    assert_eq!(
        (document.status, document.content_type.as_str()),
        (200, "application/pdf")
    );
    let text = &document.text;
    assert!(text.starts_with("%PDF-1.4\n") && text.ends_with("%%EOF\n"));
    for part in [
        "Opening balance 1000000 HUF",
        "CardPayment 1000)",
        "GatewayFee -15)",
        "Closing balance 1000985 HUF",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let start: usize = text.lines().rev().nth(1).unwrap().parse().unwrap();
    assert!(
        text[start..].starts_with("xref\n0 6\n"),
        "the table is where the file says"
    );
    let day = format!("{month}&Day={}", now.format("%-d"));
    let table = shop.wallet_get(&day).await;
    assert_eq!(table.status, 200);
    assert_eq!(
        table.content_type,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    );
    assert!(table.text.starts_with("PK\u{3}\u{4}"));
    assert!(table.text.contains("<t>CardPayment</t>") && table.text.contains("<v>1000985</v>"));
    // A year on, that year's balance goes on where this one ended.
    let later = shop.sandbox.advance(370 * DAY).await.unwrap();
    let month = later.format("/v2/Statement/Download?Currency=HUF&Year=%Y&Month=%-m");
    let text = shop.wallet_get(&month.to_string()).await.text;
    assert!(text.contains("Opening balance 1000985 HUF"));
}

#[tokio::test]
async fn statements_that_do_not_exist() {
    let shop = Shop::new().await;
    let path = |query: &str| format!("/v2/Statement/Download?{query}");
    for query in [
        "Currency=HUF&Year=2001&Month=5",
        "Currency=HUF&Year=2001&Month=5&Day=31",
        "Currency=HUF&Year=9998&Month=1",
        "Currency=HUF&Year=9999&Month=12",
        "Currency=HUF&Year=-2020&Month=1",
        "Currency=HUF&Year=123456789012345678901&Month=1",
    ] {
        let answer = shop.wallet_get(&path(query)).await;
        if query.contains("1234") {
            assert_eq!(answer.code(), "ModelValidationError");
            continue;
        }
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (404, "StatementNotFound"),
            "{query}"
        );
    }
    for (query, code) in [
        ("Currency=RON&Year=2026&Month=1", "InvalidCurrency"),
        ("Currency=XXX&Year=2026&Month=1", "ModelValidationError"),
        ("Year=2026&Month=1", "ModelValidationError"),
        ("Currency=HUF&Month=1", "ModelValidationError"),
        ("Currency=HUF&Year=2026", "ModelValidationError"),
        ("Currency=HUF&Year=2026&Month=13", "ModelValidationError"),
        (
            "Currency=HUF&Year=2026&Month=2&Day=30",
            "ModelValidationError",
        ),
        ("Currency=HUF&Year=20.5&Month=2", "ModelValidationError"),
    ] {
        let answer = shop.wallet_get(&path(query)).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (400, code),
            "{query}"
        );
    }
}

#[tokio::test]
async fn refunds_need_balance_where_that_is_wanted() {
    let sandbox = barion_sandbox::Sandbox::builder().balance_rule(true);
    let shop = Shop::on(sandbox.start().await.unwrap());
    let id = shop.paid("Immediate", &[1000]).await;
    let main = shop.main_ids(&id).await.remove(0);
    let mut all = payout();
    all["Amount"] = json!(1_000_000);
    shop.wallet_post("/v3/Withdraw/BankTransfer", &all)
        .await
        .ok();
    assert_eq!(balance(&shop).await, (985, 0), "the fee is gone");
    let refused = shop.refund(&id, &main, &[1000]).await;
    assert_eq!(refused.code(), "TooLowBalanceToMakeRefund");
    assert_eq!(refused.json()["Errors"][0]["PaymentId"], id);
    let together = shop.refund(&id, &main, &[500, 486]).await;
    assert_eq!(together.code(), "TooLowBalanceToMakeRefund");
    let more = shop.refund(&id, &main, &[1001]).await;
    assert_eq!(more.code(), "AmountToRefundIsGreaterThanTransactionAmount");
    assert_eq!(shop.state(&id).await["Total"], 1000);
    shop.refund(&id, &main, &[985]).await.ok();
    assert_eq!(balance(&shop).await, (0, 0));
}
