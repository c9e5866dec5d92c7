//! Walks the transition table over HTTP: every status, and everything that can happen in it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of a test fails by panicking"
)]

mod support;

use std::collections::BTreeSet;
use std::time::Duration;

use barion_sandbox::{BankTransfer, CARD_LOW_FUNDS, CARD_OK, PAYMENT_STATUSES, Sandbox};
use serde_json::json;
use support::{Answer, Shop, id_of, of_type, order};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
const NOT_VALID: &str = "PaymentStatusNotValid";

/// An error of the shop's call; nothing is changed.
const E: &str = NOT_VALID;

/// Nothing is changed: the payer has no say, or the time means nothing.
const N: &str = "-";

/// What can happen to a payment.
const COLUMNS: [&str; 10] = [
    "pay ok",
    "decline",
    "cancel",
    "window end",
    "FinishReservation",
    "Capture",
    "CancelAuthorization",
    "Refund",
    "period end",
    "Complete",
];

const ALL: &[&str] = &["Immediate", "Reservation", "DelayedCapture"];
const NOW: &[&str] = &["Immediate"];
const RES: &[&str] = &["Reservation"];
const DEL: &[&str] = &["DelayedCapture"];

/// The status after it, or what else comes of it. `paid` is Succeeded, Reserved or Authorized by
/// the type. What is in brackets behind a status tells how the payment came to be in it.
#[rustfmt::skip]
const TABLE: [(&str, &[&str], [&str; 10]); 12] = [
//                                    pay ok       decline    cancel      window end Finish       Capture      Cancel      Refund       period end   Complete
    ("Prepared",               ALL, ["paid",      "Started", "Canceled", "Expired", E,           E,           E,          E,           N,           E]),
    ("Prepared (challenged)",  ALL, ["paid",      "Started", "Canceled", "Expired", E,           E,           E,          E,           N,           "paid"]),
    ("Started",                ALL, ["paid",      "Started", "Canceled", "Expired", E,           E,           E,          E,           N,           E]),
    ("InProgress",             ALL, ["paid",      "Started", N,          N,         E,           E,           E,          E,           N,           E]),
    ("Waiting",                NOW, ["Succeeded", "Failed",  N,          N,         E,           E,           E,          E,           N,           E]),
    ("Reserved",               RES, [N,           N,         N,          N,         "Succeeded", E,           E,          E,           "Expired",   E]),
    ("PartiallySucceeded",     RES, [N,           N,         N,          N,         "Succeeded", E,           E,          E,           "Succeeded", E]),
    ("Authorized",             DEL, [N,           N,         N,          N,         E,           "Succeeded", "Canceled", E,           "Expired",   E]),
    ("Succeeded",              ALL, [N,           N,         N,          N,         E,           E,           E,          "Succeeded", N,           E]),
    ("Canceled",               ALL, [N,           N,         N,          N,         E,           E,           E,          E,           N,           E]),
    ("Failed",                 NOW, [N,           N,         N,          N,         E,           E,           E,          E,           N,           E]),
    ("Expired",                ALL, [N,           N,         N,          N,         E,           E,           E,          E,           N,           E]),
];

/// Brings payments to where something can happen to them. Their period is a day.
struct Walker {
    shop: Shop,
    kind: &'static str,
    window: &'static str,
}

impl Walker {
    async fn new(kind: &'static str) -> Self {
        Self {
            shop: Shop::new().await,
            kind,
            window: "00:30:00",
        }
    }

    async fn start(&self, change: serde_json::Value) -> String {
        let mut body = order(self.kind, &[600, 400]);
        body["PaymentWindow"] = json!(self.window);
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        id_of(&self.shop.post("/v2/Payment/Start", &body).await.ok())
    }

    async fn paid(&self) -> String {
        let id = self.start(json!({})).await;
        self.shop.sandbox.pay(&id, CARD_OK).await.unwrap();
        id
    }

    /// Brings a payment of 600 + 400 HUF into the state of a row.
    async fn bring(&self, row: &str) -> String {
        let sandbox = &self.shop.sandbox;
        match row {
            "Prepared (challenged)" => {
                let mut token = json!({"RecurrenceId": "sub-1", "RecurrenceType": "OneClickPayment",
                    "InitiateRecurrence": true});
                let first = self.start(token.clone()).await;
                sandbox.pay(&first, CARD_OK).await.unwrap();
                token["InitiateRecurrence"] = json!(false);
                token["ChallengePreference"] = json!("ChallengeRequired");
                return self.start(token).await;
            }
            "Waiting" | "Failed" => {
                let id = self.start(json!({"Currency": "EUR"})).await;
                let outcome = if row == "Waiting" {
                    BankTransfer::Waiting
                } else {
                    BankTransfer::Failed
                };
                sandbox.bank_transfer(&id, outcome).await.unwrap();
                return id;
            }
            "Reserved" | "Authorized" => return self.paid().await,
            "PartiallySucceeded" => {
                let id = self.paid().await;
                self.shop
                    .settle("FinishReservation", &id, &[600])
                    .await
                    .ok();
                return id;
            }
            "Succeeded" => {
                let id = self.paid().await;
                let call = match self.kind {
                    "Reservation" => "FinishReservation",
                    "DelayedCapture" => "Capture",
                    _ => return id,
                };
                self.shop.settle(call, &id, &[600, 400]).await.ok();
                return id;
            }
            _ => {}
        }
        let id = self.start(json!({})).await;
        match row {
            "Prepared" => {}
            "Started" => drop(sandbox.pay(&id, CARD_LOW_FUNDS).await.unwrap()),
            "InProgress" => drop(sandbox.card_pending(&id).await.unwrap()),
            "Canceled" => drop(sandbox.cancel(&id).await.unwrap()),
            "Expired" => drop(sandbox.advance(8 * DAY).await.unwrap()),
            _ => panic!("no payment is brought into {row}"),
        }
        id
    }

    /// Lets it happen; returns the error code, or the status afterwards.
    async fn happen(&self, column: &str, id: &str, status: &str) -> String {
        let (shop, sandbox) = (&self.shop, &self.shop.sandbox);
        let answer = match column {
            // The payer's deeds, refused or not, are judged by what the shop sees of them.
            "pay ok" | "decline" if status == "Waiting" => {
                assert!(
                    sandbox.pay(id, CARD_OK).await.is_err(),
                    "it is no card's turn"
                );
                let ok = column == "pay ok";
                let outcome = if ok {
                    BankTransfer::Succeeded
                } else {
                    BankTransfer::Failed
                };
                sandbox.bank_transfer(id, outcome).await.unwrap();
                None
            }
            "pay ok" => {
                sandbox.pay(id, CARD_OK).await.ok();
                None
            }
            "decline" => {
                sandbox.pay(id, CARD_LOW_FUNDS).await.ok();
                None
            }
            "cancel" => {
                sandbox.cancel(id).await.ok();
                None
            }
            "window end" => {
                sandbox.advance(HOUR).await.unwrap();
                None
            }
            "period end" => {
                sandbox.advance(DAY).await.unwrap();
                None
            }
            "FinishReservation" => Some(self.finish_open(id).await),
            "Capture" => Some(shop.settle(column, id, &[600, 400]).await),
            "Refund" => {
                let transaction = shop.main_ids(id).await.remove(0);
                Some(shop.refund(id, &transaction, &[100]).await)
            }
            "CancelAuthorization" | "Complete" => {
                let body = json!({"PaymentId": id});
                Some(shop.post(&format!("/v2/Payment/{column}"), &body).await)
            }
            _ => panic!("nothing is known of {column}"),
        };
        match answer {
            Some(answer) if answer.status != 200 => {
                assert_eq!(answer.status, 400, "{}", answer.text);
                assert_eq!(answer.json()["Errors"][0]["PaymentId"], id);
                return answer.code();
            }
            Some(answer) => drop(answer.ok()),
            None => {}
        }
        shop.state(id).await["Status"].as_str().unwrap().to_owned()
    }

    /// Finishes what is not finished yet: a transaction cannot be finished twice.
    async fn finish_open(&self, id: &str) -> Answer {
        let state = self.shop.state(id).await;
        let in_part = state["Status"] == "PartiallySucceeded";
        let all = state["Transactions"].as_array().unwrap().iter();
        let open: Vec<_> = all
            .filter(|one| !one["POSTransactionId"].is_null())
            .filter(|one| !in_part || one["Status"] == "Reserved")
            .map(|one| json!({"TransactionId": one["TransactionId"], "Total": one["Total"]}))
            .collect();
        let body = json!({"PaymentId": id, "Transactions": open});
        self.shop.post("/v2/Payment/FinishReservation", &body).await
    }
}

fn status_of(row: &str) -> &str {
    row.split(' ').next().unwrap()
}

#[test]
fn every_status_has_a_row() {
    let rows: BTreeSet<&str> = TABLE.iter().map(|(row, ..)| status_of(row)).collect();
    let all: BTreeSet<&str> = PAYMENT_STATUSES.iter().copied().collect();
    assert_eq!(rows, all);
}

/// Of each cell for each type.
#[tokio::test]
async fn the_table_holds() {
    for (row, kinds, cells) in TABLE {
        for kind in kinds {
            for (column, cell) in COLUMNS.into_iter().zip(cells) {
                check(row, kind, column, cell).await;
            }
        }
    }
}

async fn check(row: &'static str, kind: &'static str, column: &str, cell: &str) {
    let name = format!("{kind} {row} + {column}");
    // What ends first is what the column is about; the other one comes much later.
    let mut walker = Walker::new(kind).await;
    if column == "period end" {
        walker.window = "7.00:00:00";
    }
    let id = walker.bring(row).await;
    let before = walker.shop.state(&id).await;
    assert_eq!(before["Status"], status_of(row), "{name}");
    let found = walker.happen(column, &id, status_of(row)).await;
    let paid = match kind {
        "Reservation" => "Reserved",
        "DelayedCapture" => "Authorized",
        _ => "Succeeded",
    };
    let expected = match cell {
        "paid" => paid,
        N => status_of(row),
        other => other,
    };
    assert_eq!(found, expected, "{name}");
    if cell == N || cell == E {
        assert_eq!(walker.shop.state(&id).await, before, "{name} changed it");
    }
}

#[tokio::test]
async fn a_paid_immediate_payment_shows_card_and_fee() {
    let shop = Shop::new().await;
    let id = shop.paid("Immediate", &[3890]).await;
    let state = shop.state(&id).await;
    assert_eq!(state["PaymentMethod"], "BankCard");
    assert_eq!(state["FundingSource"], "BankCard");
    assert_eq!(state["FundingInformation"]["BankCard"]["MaskedPan"], "5559");
    assert_eq!(state["FundingInformation"]["ProcessResult"], "Successful");
    assert!(state["CompletedAt"].is_string());
    let [main] = of_type(&state, "CardPayment")[..] else {
        panic!("one card payment")
    };
    assert_eq!(main["Status"], "Succeeded");
    assert_eq!(main["Payer"]["Email"], "payer@example.com");
    let [fee] = of_type(&state, "GatewayFee")[..] else {
        panic!("one fee")
    };
    assert_eq!(
        (&fee["Total"], &fee["Status"]),
        (&json!(58), &json!("Reserved"))
    );
    assert_eq!(fee["Payee"]["Name"]["OrganizationName"], "Barion");
}

#[tokio::test]
async fn a_declined_card_shows_why_and_the_payer_can_go_on() {
    let shop = Shop::new().await;
    let id = shop.start("Immediate", &[1000]).await;
    let declined = shop.sandbox.pay(&id, CARD_LOW_FUNDS).await.unwrap();
    assert_eq!(declined.process_result.as_deref(), Some("LowFunds"));
    let state = shop.state(&id).await;
    assert_eq!(state["Status"], "Started");
    assert_eq!(state["Transactions"][0]["Status"], "Prepared");
    assert_eq!(state["FundingInformation"]["BankCard"]["MaskedPan"], "9999");
    assert!(state["FundingInformation"]["AuthorizationCode"].is_null());
    assert!(state["FundingSource"].is_null());
    assert!(shop.sandbox.pay(&id, "4444888888884444").await.is_err());
    assert_eq!(
        shop.state(&id).await,
        state,
        "not a card number changes nothing"
    );
    let paid = shop.sandbox.pay(&id, CARD_OK).await.unwrap();
    assert_eq!(paid.status, "Succeeded");
}

#[tokio::test]
async fn a_cancelled_and_an_expired_payment_come_to_nothing() {
    for (state, transaction) in [("Canceled", "Rejected"), ("Expired", "Expired")] {
        let walker = Walker::new("Immediate").await;
        let id = walker.bring(state).await;
        let found = walker.shop.state(&id).await;
        assert_eq!(found["Total"], 0);
        assert_eq!(found["Transactions"][0]["Status"], transaction);
        assert_eq!(found["Transactions"][0]["TransactionType"], "Unspecified");
        assert_eq!(found["Transactions"][0]["Total"], 600);
        assert!(found["CompletedAt"].is_string());

        let walker = Walker::new("Reservation").await;
        let id = walker.bring(state).await;
        let found = walker.shop.state(&id).await;
        assert_eq!(of_type(&found, "GatewayFee")[0]["Status"], "Storno");
    }
}

#[tokio::test]
async fn an_expired_payment_was_completed_when_its_window_ended() {
    let shop = Shop::new().await;
    let mut body = order("Immediate", &[10]);
    body["PaymentWindow"] = json!("00:01:00");
    let id = id_of(&shop.post("/v2/Payment/Start", &body).await.ok());
    assert_eq!(shop.state(&id).await["Status"], "Prepared");
    shop.sandbox.advance(Duration::from_secs(60)).await.unwrap();
    let state = shop.state(&id).await;
    assert_eq!(state["Status"], "Expired");
    assert_eq!(state["CompletedAt"], state["ValidUntil"]);
}

#[tokio::test]
async fn finishing_with_less_gives_the_rest_back() {
    let shop = Shop::new().await;
    let id = shop.paid("Reservation", &[1000]).await;
    let transaction = shop.main_ids(&id).await.remove(0);
    let body = json!({"PaymentId": id, "Transactions": [{"TransactionId": transaction, "Total": 700,
        "Comment": "less", "Items": [{"Name": "Less tea", "Description": "d", "Quantity": 1,
        "Unit": "pack", "UnitPrice": 700, "ItemTotal": 700}]}]});
    let answer = shop.post("/v2/Payment/FinishReservation", &body).await.ok();
    assert_eq!(answer["IsSuccessful"], true);
    assert_eq!(answer["Status"], "Succeeded");
    assert_eq!(answer["Transactions"].as_array().unwrap().len(), 3);
    let state = shop.state(&id).await;
    assert_eq!(state["Total"], 700);
    let main = of_type(&state, "CardPayment")[0];
    assert_eq!(
        (&main["Total"], &main["Comment"]),
        (&json!(1000), &json!("less"))
    );
    assert_eq!(main["Items"][0]["Name"], "Less tea");
    let back = of_type(&state, "RefundToBankCard")[0];
    assert_eq!(
        (&back["Total"], &back["RelatedId"]),
        (&json!(300), &main["TransactionId"])
    );
    assert_eq!(back["Payer"]["Email"], "shop@example.com");
    assert_eq!(back["Payee"]["Email"], "payer@example.com");
    assert!(back["POSTransactionId"].is_null());
    assert_eq!(of_type(&state, "GatewayFee")[0]["Status"], "Reserved");
}

#[tokio::test]
async fn finishing_with_nothing_is_a_success_of_zero() {
    let shop = Shop::new().await;
    let id = shop.paid("Reservation", &[1000]).await;
    let answer = shop.settle("FinishReservation", &id, &[0]).await.ok();
    assert_eq!(answer["Status"], "Succeeded");
    let state = shop.state(&id).await;
    assert_eq!(state["Total"], 0);
    assert_eq!(of_type(&state, "RefundToBankCard")[0]["Total"], 1000);
    let transaction = shop.main_ids(&id).await.remove(0);
    let refund = shop.refund(&id, &transaction, &[1]).await;
    assert_eq!(
        refund.code(),
        "AmountToRefundIsGreaterThanTransactionAmount"
    );
}

#[tokio::test]
async fn several_transactions_are_finished_in_any_order_and_once() {
    let shop = Shop::new().await;
    let id = shop.paid("Reservation", &[600, 400, 200]).await;
    let ids = shop.main_ids(&id).await;
    let finish = async |pairs: &[(&str, u32)]| {
        let list: Vec<_> = pairs
            .iter()
            .map(|(one, total)| json!({"TransactionId": one, "Total": total}))
            .collect();
        let body = json!({"PaymentId": id, "Transactions": list});
        shop.post("/v2/Payment/FinishReservation", &body).await
    };
    let part = finish(&[(&ids[1], 300)]).await.ok();
    assert_eq!(part["Status"], "PartiallySucceeded");
    let state = shop.state(&id).await;
    assert_eq!(state["Total"], 1100);
    assert!(state["CompletedAt"].is_null());

    // One of the two is done already: neither is touched.
    assert_eq!(
        finish(&[(&ids[0], 600), (&ids[1], 400)]).await.code(),
        NOT_VALID
    );
    assert_eq!(
        finish(&[(&ids[0], 601)]).await.code(),
        "ModelValidationError"
    );
    assert_eq!(
        finish(&[(&ids[0], 1), (&ids[0], 1)]).await.code(),
        "ModelValidationError"
    );
    let stranger = "00000000000000000000000000000001";
    let mixed = finish(&[(&ids[0], 600), (stranger, 1)]).await;
    assert_eq!(mixed.code(), "TransactionDoesNotBelongToPayment");
    let fee = of_type(&state, "GatewayFee")[0]["TransactionId"]
        .as_str()
        .unwrap();
    assert_eq!(finish(&[(fee, 0)]).await.code(), "InvalidTransactionType");
    assert_eq!(shop.state(&id).await, state, "nothing is half applied");

    assert_eq!(
        finish(&[(&ids[0], 600), (&ids[2], 0)]).await.ok()["Status"],
        "Succeeded"
    );
    assert_eq!(shop.state(&id).await["Total"], 900);
}

#[tokio::test]
async fn a_reservation_not_finished_expires_and_gives_everything_back() {
    let shop = Shop::new().await;
    let id = shop.paid("Reservation", &[600, 400]).await;
    shop.sandbox.advance(DAY).await.unwrap();
    let state = shop.state(&id).await;
    assert_eq!(
        (&state["Status"], &state["Total"]),
        (&json!("Expired"), &json!(0))
    );
    assert_eq!(of_type(&state, "RefundToBankCard").len(), 2);
    assert_eq!(state["CompletedAt"], state["ReservedUntil"]);
}

#[tokio::test]
async fn a_reservation_finished_in_part_ends_as_a_success() {
    let walker = Walker::new("Reservation").await;
    let id = walker.bring("PartiallySucceeded").await;
    walker.shop.sandbox.advance(DAY).await.unwrap();
    let state = walker.shop.state(&id).await;
    assert_eq!(
        (&state["Status"], &state["Total"]),
        (&json!("Succeeded"), &json!(600))
    );
    assert_eq!(of_type(&state, "RefundToBankCard")[0]["Total"], 400);
}

#[tokio::test]
async fn a_capture_of_less_has_a_fee_and_no_refund() {
    let shop = Shop::new().await;
    let id = shop.paid("DelayedCapture", &[1000]).await;
    let authorized = shop.state(&id).await;
    assert!(of_type(&authorized, "GatewayFee").is_empty());
    assert!(authorized["CompletedAt"].is_null());
    shop.sandbox.advance(HOUR).await.unwrap();
    let answer = shop.settle("Capture", &id, &[500]).await.ok();
    let state = shop.state(&id).await;
    assert_eq!(
        (&state["Status"], &state["Total"]),
        (&json!("Succeeded"), &json!(500))
    );
    assert!(of_type(&state, "RefundToBankCard").is_empty());
    assert_eq!(of_type(&state, "GatewayFee")[0]["Total"], 7);
    // The answer has the moment of capture, the state keeps the time of Start.
    let captured = answer["Transactions"][0]["TransactionTime"]
        .as_str()
        .unwrap();
    assert_eq!(state["CompletedAt"], format!("{captured}Z"));
    assert_eq!(
        state["Transactions"][0]["TransactionTime"],
        state["CreatedAt"]
    );
}

#[tokio::test]
async fn a_capture_of_nothing_cancels() {
    let shop = Shop::new().await;
    let id = shop.paid("DelayedCapture", &[1000]).await;
    assert_eq!(
        shop.settle("Capture", &id, &[0]).await.ok()["Status"],
        "Canceled"
    );
    let state = shop.state(&id).await;
    assert_eq!(state["Total"], 0);
    assert_eq!(state["Transactions"][0]["Status"], "Reversed");
    assert!(of_type(&state, "GatewayFee").is_empty());
}

#[tokio::test]
async fn a_capture_names_every_transaction() {
    let shop = Shop::new().await;
    let id = shop.paid("DelayedCapture", &[600, 400]).await;
    let before = shop.state(&id).await;
    assert_eq!(
        shop.settle("Capture", &id, &[600]).await.code(),
        "ModelValidationError"
    );
    assert_eq!(shop.state(&id).await, before);
    assert_eq!(
        shop.settle("Capture", &id, &[600, 0]).await.ok()["Status"],
        "Succeeded"
    );
    let state = shop.state(&id).await;
    assert_eq!(state["Total"], 600);
    assert_eq!(state["Transactions"][1]["Status"], "Reversed");
}

#[tokio::test]
async fn an_authorisation_lapses() {
    let shop = Shop::new().await;
    let id = shop.paid("DelayedCapture", &[1000]).await;
    shop.sandbox.advance(DAY).await.unwrap();
    let state = shop.state(&id).await;
    assert_eq!(
        (&state["Status"], &state["Total"]),
        (&json!("Expired"), &json!(0))
    );
    assert_eq!(state["Transactions"][0]["Status"], "Reversed");
    assert_eq!(state["CompletedAt"], state["DelayedCaptureUntil"]);
}

#[tokio::test]
async fn refunds_add_up_to_the_amount_and_no_further() {
    let shop = Shop::new().await;
    let id = shop.paid("Immediate", &[1000]).await;
    let transaction = shop.main_ids(&id).await.remove(0);
    let first = shop.refund(&id, &transaction, &[300]).await.ok();
    let made = &first["RefundedTransactions"][0];
    assert_ne!(made["TransactionId"], transaction.as_str());
    assert_eq!(made["POSTransactionId"], "t0");
    assert_eq!(
        (&made["Total"], &made["Comment"]),
        (&json!(300), &json!("back"))
    );
    let state = shop.state(&id).await;
    assert_eq!(
        (&state["Status"], &state["Total"]),
        (&json!("Succeeded"), &json!(700))
    );
    let refund = of_type(&state, "RefundToBankCard")[0];
    assert_eq!(refund["TransactionId"], made["TransactionId"]);
    assert_eq!(refund["RelatedId"], transaction.as_str());

    let too_much = "AmountToRefundIsGreaterThanTransactionAmount";
    assert_eq!(
        shop.refund(&id, &transaction, &[701]).await.code(),
        too_much
    );
    // Each would fit, together they do not.
    assert_eq!(
        shop.refund(&id, &transaction, &[400, 400]).await.code(),
        too_much
    );
    assert_eq!(shop.state(&id).await, state);
    shop.refund(&id, &transaction, &[400, 300]).await.ok();
    let state = shop.state(&id).await;
    assert_eq!(
        (&state["Status"], &state["Total"]),
        (&json!("Succeeded"), &json!(0))
    );
}

#[tokio::test]
async fn refunds_of_other_transactions_are_refused() {
    let shop = Shop::new().await;
    let id = shop.paid("Immediate", &[1000]).await;
    let stranger = "00000000000000000000000000000001";
    let refused = shop.refund(&id, stranger, &[1]).await;
    assert_eq!(refused.code(), "TransactionDoesNotBelongToPayment");
    let state = shop.state(&id).await;
    let fee = of_type(&state, "GatewayFee")[0]["TransactionId"]
        .as_str()
        .unwrap();
    assert_eq!(
        shop.refund(&id, fee, &[1]).await.code(),
        "InvalidTransactionType"
    );
    let unknown = shop.refund(stranger, fee, &[1]).await;
    assert_eq!(
        (unknown.status, unknown.code().as_str()),
        (400, "NotExistingPaymentId")
    );
}

#[tokio::test]
async fn parts_are_passed_on_with_their_parent() {
    let sandbox = Sandbox::builder()
        .payee("Seller@example.com")
        .start()
        .await
        .unwrap();
    let shop = Shop::on(sandbox);
    let mut body = order("Reservation", &[10_000]);
    body["Transactions"][0]["Payee"] = json!("seller@example.com");
    body["Transactions"][0]["PayeeTransactions"] =
        json!([{"POSTransactionId": "fee", "Payee": "shop@example.com", "Total": 800}]);
    let started = shop.post("/v2/Payment/Start", &body).await.ok();
    let listed = started["Transactions"].as_array().unwrap().len();
    assert_eq!(listed, 2, "the main transaction and the fee");
    let id = id_of(&started);
    shop.sandbox.pay(&id, CARD_OK).await.unwrap();
    let state = shop.state(&id).await;
    let main = &of_type(&state, "CardPayment")[0]["TransactionId"];
    let part = of_type(&state, "TransferToExistingUser")[0];
    assert_eq!(
        (&part["RelatedId"], &part["Status"]),
        (main, &json!("Reserved"))
    );

    let finish_with = async |total: u32, parts: serde_json::Value| {
        let body = json!({"PaymentId": id, "Transactions": [
            {"TransactionId": main, "Total": total, "PayeeTransactions": parts}]});
        shop.post("/v2/Payment/FinishReservation", &body).await
    };
    let finish = async |parts: serde_json::Value| finish_with(9000, parts).await;
    let part_id = &part["TransactionId"];
    for wrong in [
        json!([]),
        json!([{"TransactionId": part_id, "Total": 801}]),
        json!([{"TransactionId": part_id, "Total": 1}, {"TransactionId": part_id, "Total": 1}]),
    ] {
        assert_eq!(finish(wrong).await.code(), "ModelValidationError");
    }
    let both = json!([{"TransactionId": part_id, "Total": 1}, {"TransactionId": main, "Total": 1}]);
    let foreign = finish(both).await;
    assert_eq!(foreign.code(), "TransactionDoesNotBelongToPayment");
    let more_than_all = finish_with(
        799,
        json!([{"TransactionId": part["TransactionId"], "Total": 800}]),
    )
    .await;
    assert_eq!(more_than_all.code(), "ModelValidationError");
    assert_eq!(shop.state(&id).await, state);
    finish(json!([{"TransactionId": part_id, "Total": 700, "Comment": "less"}]))
        .await
        .ok();
    let state = shop.state(&id).await;
    let part = of_type(&state, "TransferToExistingUser")[0];
    assert_eq!(
        (&part["Status"], &part["Total"]),
        (&json!("Succeeded"), &json!(800))
    );
    assert_eq!(state["Total"], 9000);
}

fn token_order(initiate: bool) -> serde_json::Value {
    let mut body = order("Immediate", &[1000]);
    body["RecurrenceId"] = json!("sub-1");
    body["InitiateRecurrence"] = json!(initiate);
    body["RecurrenceType"] = json!("MerchantInitiatedPayment");
    body
}

#[tokio::test]
async fn a_token_is_charged_with_its_trace_byte_for_byte() {
    let shop = Shop::new().await;
    let start = async |body: &serde_json::Value| shop.post("/v2/Payment/Start", body).await;
    let first = start(&token_order(true)).await.ok();
    assert_eq!(first["RecurrenceResult"], "None");
    assert!(first["TraceId"].is_null());

    let early = start(&token_order(false)).await.ok();
    assert_eq!(
        (&early["RecurrenceResult"], &early["Status"]),
        (&json!("NotFound"), &json!("Prepared"))
    );

    shop.sandbox.pay(&id_of(&first), CARD_OK).await.unwrap();
    let trace = shop.state(&id_of(&first)).await["TraceId"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(trace.contains("  "));

    assert_eq!(start(&token_order(false)).await.code(), "ThreeDsNotEnabled");
    let mut next = token_order(false);
    next["TraceId"] = json!(trace.replace("  ", " "));
    assert_eq!(start(&next).await.code(), "ThreeDsNotEnabled");
    next["TraceId"] = json!(trace);
    let charged = start(&next).await.ok();
    assert_eq!(
        (&charged["RecurrenceResult"], &charged["Status"]),
        (&json!("Successful"), &json!("Succeeded"))
    );
    assert_eq!(charged["TraceId"], trace);
    assert_ne!(
        charged["Transactions"][0]["TransactionTime"],
        "0001-01-01T00:00:00"
    );
    assert_eq!(
        shop.state(&id_of(&charged)).await["RecurrenceType"],
        "MerchantInitiatedPayment"
    );
}

#[tokio::test]
async fn one_click_with_a_challenge_is_completed_once() {
    let shop = Shop::new().await;
    for (kind, paid) in [
        ("Immediate", "Succeeded"),
        ("Reservation", "Reserved"),
        ("DelayedCapture", "Authorized"),
    ] {
        let first = shop
            .post("/v2/Payment/Start", &token_order(true))
            .await
            .ok();
        shop.sandbox.pay(&id_of(&first), CARD_OK).await.unwrap();
        let mut next = token_order(false);
        next["PaymentType"] = json!(kind);
        next["RecurrenceType"] = json!("OneClickPayment");
        next["ChallengePreference"] = json!("ChallengeRequired");
        let waiting = shop.post("/v2/Payment/Start", &next).await.ok();
        assert_eq!(waiting["RecurrenceResult"], "ThreeDSAuthenticationRequired");
        assert_eq!(waiting["Status"], "Prepared");
        assert!(waiting["ThreeDSAuthClientData"].is_string());
        let id = id_of(&waiting);
        let complete = json!({"PaymentId": id});
        let done = shop.post("/v2/Payment/Complete", &complete).await.ok();
        assert_eq!(
            (&done["PaymentStatus"], &done["IsSuccessful"]),
            (&json!(paid), &json!(true))
        );
        assert_eq!(done["TraceId"], shop.state(&id).await["TraceId"]);
        let again = shop.post("/v2/Payment/Complete", &complete).await;
        assert_eq!(again.code(), NOT_VALID);
    }
}

#[tokio::test]
async fn a_google_token_is_charged_at_once() {
    let shop = Shop::new().await;
    for (kind, paid) in [
        ("Immediate", "Succeeded"),
        ("Reservation", "Reserved"),
        ("DelayedCapture", "Authorized"),
    ] {
        let mut body = order(kind, &[1000]);
        body["Locale"] = json!(null);
        body["PayerEmailAddress"] = json!("anna@example.com");
        body["GooglePayToken"] = json!("{\"signature\":\"x\"}");
        let path = "/v3/Payment/StartPaymentWithGoogleToken";
        let answer = shop.post(path, &body).await.ok();
        assert_eq!(
            (&answer["PaymentStatus"], &answer["IsSuccessful"]),
            (&json!(paid), &json!(true))
        );
        let state = shop.state(&id_of(&answer)).await;
        assert_eq!(
            (&state["Status"], &state["PaymentMethod"]),
            (&json!(paid), &json!("GooglePay"))
        );
        assert_eq!(
            state["Transactions"][0]["Payer"]["Email"],
            "anna@example.com"
        );
        body["GooglePayToken"] = json!("");
        assert_eq!(shop.post(path, &body).await.code(), "ModelValidationError");
    }
}
