//! The wire format, key forms, routing and bad requests.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of a test fails by panicking"
)]

mod support;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use barion_sandbox::{CARD_OK, POS_KEY, Sandbox, WALLET_KEY};
use serde_json::{Value, json};
use support::{Shop, id_of, order};

/// The names in the order in which they stand in the text, of the outermost object only.
fn keys(text: &str) -> Vec<String> {
    let (mut keys, mut depth, mut chars) = (Vec::new(), 0, text.chars().peekable());
    while let Some(letter) = chars.next() {
        match letter {
            '{' | '[' => depth += 1,
            '}' | ']' => depth -= 1,
            '"' => {
                let mut word = String::new();
                while let Some(inner) = chars.next() {
                    match inner {
                        '"' => break,
                        '\\' => word.extend(chars.next()),
                        other => word.push(other),
                    }
                }
                if depth == 1 && chars.peek() == Some(&':') {
                    keys.push(word);
                }
            }
            _ => {}
        }
    }
    keys
}

/// The text of the first object in the list of this name.
fn first_of<'a>(text: &'a str, list: &str) -> &'a str {
    let start = text.find(&format!("\"{list}\":[{{")).expect("the list") + list.len() + 4;
    let mut depth = 0;
    for (at, letter) in text[start..].char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &text[start..=start + at];
        }
    }
    panic!("unbalanced: {text}")
}

const STATE: &str = "PaymentId PaymentRequestId OrderNumber POSId POSName POSOwnerEmail \
    POSOwnerCountry Status PaymentType FundingSource RecurrenceType TraceId FundingInformation \
    AllowedFundingSources GuestCheckout CreatedAt ValidUntil CompletedAt ReservedUntil \
    DelayedCaptureUntil Transactions Total SuggestedLocale FraudRiskScore RedirectUrl CallbackUrl \
    Currency Errors";

#[tokio::test]
async fn answers_have_the_recorded_order_of_names() {
    let shop = Shop::new().await;
    let started = shop
        .post("/v2/Payment/Start", &order("Reservation", &[1000]))
        .await;
    assert_eq!(
        keys(&started.text).join(" "),
        "PaymentId PaymentRequestId Status QRUrl Transactions RecurrenceResult \
         ThreeDSAuthClientData GatewayUrl RedirectUrl CallbackUrl TraceId Errors"
    );
    assert_eq!(
        keys(first_of(&started.text, "Transactions")).join(" "),
        "POSTransactionId TransactionId Status Currency TransactionTime RelatedId"
    );
    let id = id_of(&started.ok());
    shop.sandbox.pay(&id, CARD_OK).await.unwrap();
    let v2 = shop
        .get(&format!("/v2/Payment/GetPaymentState?PaymentId={id}"))
        .await;
    assert_eq!(keys(&v2.text).join(" "), STATE);
    let v4 = shop.get(&format!("/v4/Payment/{id}/PaymentState")).await;
    assert_eq!(keys(&v4.text).join(" "), format!("{STATE} PaymentMethod"));
    let transaction = first_of(&v4.text, "Transactions");
    assert_eq!(
        keys(transaction).join(" "),
        "TransactionId POSTransactionId TransactionTime Total Currency Payer Payee Comment Status \
         TransactionType Items RelatedId POSId PaymentId"
    );
    assert_eq!(
        keys(first_of(transaction, "Items")).join(" "),
        "Name Description Quantity Unit UnitPrice ItemTotal SKU"
    );
    let finished = shop.settle("FinishReservation", &id, &[1000]).await;
    assert_eq!(
        keys(&finished.text).join(" "),
        "IsSuccessful PaymentId PaymentRequestId Status Transactions Errors"
    );
    let transaction = shop.main_ids(&id).await.remove(0);
    let refunded = shop.refund(&id, &transaction, &[1]).await;
    assert_eq!(
        keys(&refunded.text).join(" "),
        "PaymentId RefundedTransactions Errors"
    );
    assert_eq!(
        keys(first_of(&refunded.text, "RefundedTransactions")).join(" "),
        "TransactionId Total POSTransactionId Comment Status"
    );
    let refused = shop
        .post("/v2/Payment/Complete", &json!({"PaymentId": id}))
        .await;
    assert_eq!(
        keys(first_of(&refused.text, "Errors")).join(" "),
        "Title Description ErrorCode HappenedAt AuthData EndPoint PaymentId"
    );
}

#[tokio::test]
async fn the_answer_to_start_is_as_recorded() {
    let shop = Shop::new().await;
    let mut body = order("Immediate", &[10]);
    body["CallbackUrl"] = json!("http://localhost:8080/cb?order=a%20b");
    let answer = shop.post("/v2/Payment/Start", &body).await.ok();
    let id = id_of(&answer);
    assert_eq!(id.len(), 32);
    assert!(id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')));
    assert_eq!(answer["GatewayUrl"], shop.url(&format!("/Pay?Id={id}")));
    let dashed = format!(
        "{}-{}-{}-{}-{}",
        &id[..8],
        &id[8..12],
        &id[12..16],
        &id[16..20],
        &id[20..]
    );
    let qr = format!("/qr/generate?paymentId={dashed}&size=Large");
    assert_eq!(answer["QRUrl"], shop.url(&qr));
    assert_eq!(
        answer["RedirectUrl"],
        format!("http://localhost:8080/?paymentId={id}")
    );
    let callback = format!("http://localhost:8080/cb?order=a%20b&paymentId={id}");
    assert_eq!(answer["CallbackUrl"], callback);
    assert_eq!(
        answer["Transactions"][0]["TransactionTime"],
        "0001-01-01T00:00:00"
    );
    assert_eq!(answer["RecurrenceResult"], "None");
    for null in ["ThreeDSAuthClientData", "TraceId"] {
        assert_eq!(answer[null], Value::Null);
    }
}

#[tokio::test]
async fn a_prepared_state_has_the_recorded_nulls_and_times() {
    let shop = Shop::new().await;
    let id = shop.start("Immediate", &[10]).await;
    let state = shop.state(&id).await;
    for null in [
        "OrderNumber",
        "FundingSource",
        "RecurrenceType",
        "TraceId",
        "FundingInformation",
        "CompletedAt",
        "ReservedUntil",
        "DelayedCaptureUntil",
        "FraudRiskScore",
        "CallbackUrl",
    ] {
        assert_eq!(state.get(null), Some(&Value::Null), "{null}");
    }
    let transaction = &state["Transactions"][0];
    for null in ["Payer", "RelatedId"] {
        assert_eq!(transaction.get(null), Some(&Value::Null), "{null}");
    }
    assert_eq!(transaction["TransactionType"], "Unspecified");
    assert_eq!(transaction["Items"][0].get("SKU"), Some(&Value::Null));
    assert_eq!(state["PaymentMethod"], "Unknown");
    assert_eq!(state["AllowedFundingSources"], json!(["All"]));
    for time in ["CreatedAt", "ValidUntil"] {
        let text = state[time].as_str().unwrap();
        assert!(text.len() == 24 && text.ends_with('Z'), "{text}");
    }
}

#[tokio::test]
async fn only_states_and_errors_have_zoned_times() {
    let shop = Shop::new().await;
    for (kind, operation) in [
        ("Reservation", "FinishReservation"),
        ("DelayedCapture", "Capture"),
    ] {
        let id = shop.paid(kind, &[1000]).await;
        let answer = shop.settle(operation, &id, &[900]).await.ok();
        for one in answer["Transactions"].as_array().unwrap() {
            let time = one["TransactionTime"].as_str().unwrap();
            assert!(
                time.len() == 23 && !time.starts_with("0001"),
                "{operation}: {time}"
            );
        }
    }
    let error = shop.post("/v2/Payment/Start", &json!({})).await.json();
    let happened = error["Errors"][0]["HappenedAt"].as_str().unwrap();
    assert!(
        happened.len() == 28 && happened.ends_with('Z'),
        "{happened}"
    );
}

#[tokio::test]
async fn amounts_come_out_as_they_went_in() {
    let shop = Shop::new().await;
    for (currency, amount, printed) in [
        ("HUF", "16777217", "16777217"),
        ("HUF", "\"84.0\"", "84"),
        ("EUR", "0.30", "0.30"),
        ("EUR", "\"0.1\"", "0.1"),
        ("EUR", "99999999.99", "99999999.99"),
        ("EUR", "900719925474099.93", "900719925474099.93"),
    ] {
        let body = format!(
            r#"{{"PaymentType":"Immediate","FundingSources":["All"],"PaymentRequestId":"r",
            "Locale":"hu-HU","Currency":"{currency}","Transactions":[{{"POSTransactionId":"t",
            "Payee":"shop@example.com","Total":{amount},"Items":[{{"Name":"n","Description":"d",
            "Quantity":0.1000,"Unit":"u","UnitPrice":-0.3333333333333333333,"ItemTotal":{amount}}}]}}]}}"#
        );
        let id = id_of(&shop.post_text("/v2/Payment/Start", body).await.ok());
        let state = shop.get(&format!("/v4/Payment/{id}/PaymentState")).await;
        let totals = state.text.matches(&format!("\"Total\":{printed},")).count();
        assert_eq!(
            totals, 2,
            "of the payment and of its transaction: {}",
            state.text
        );
        assert!(state.text.contains("\"UnitPrice\":-0.3333333333333333333,"));
    }
}

#[tokio::test]
async fn the_key_is_taken_where_it_may_be() {
    let shop = Shop::new().await;
    let id = shop.start("Immediate", &[10]).await;
    let dashless = POS_KEY.replace('-', "");
    let v4 = format!("/v4/Payment/{id}/PaymentState");
    let v2 = format!("/v2/payment/getpaymentstate?paymentid={id}");
    for key in [POS_KEY, &dashless] {
        for path in [&v4, &v2] {
            let request = shop.client.get(shop.url(path)).header("X-POS-KEY", key);
            assert_eq!(shop.send(request).await.status, 200);
        }
        let in_query = shop.url(&format!("{v2}&posKEY={key}"));
        assert_eq!(shop.send(shop.client.get(in_query)).await.status, 200);
        for name in ["POSKey", "poskey"] {
            let mut body = order("Immediate", &[10]);
            body[name] = json!(key);
            let request = shop.client.post(shop.url("/v2/Payment/Start"));
            shop.send(request.body(body.to_string())).await.ok();
        }
    }
    let v4_query = shop.client.get(shop.url(&format!("{v4}?POSKey={POS_KEY}")));
    assert_eq!(shop.send(v4_query).await.code(), "AuthenticationFailed");
}

#[tokio::test]
async fn wrong_keys_are_all_answered_alike() {
    let shop = Shop::new().await;
    let id = shop.start("Immediate", &[10]).await;
    for key in ["", "x", WALLET_KEY, "33333333333333333333333333333333"] {
        let v4 = shop.url(&format!("/v4/Payment/{id}/PaymentState"));
        let v2 = shop.url(&format!(
            "/v2/Payment/GetPaymentState?POSKey={key}&PaymentId={id}"
        ));
        let start = shop.url("/v2/Payment/Start");
        for request in [
            shop.client.get(v4).header("x-pos-key", key),
            shop.client.get(&v2),
            shop.client.post(start).header("x-pos-key", key).body("{}"),
        ] {
            let answer = shop.send(request).await;
            assert_eq!(answer.status, 401);
            assert_eq!(answer.code(), "AuthenticationFailed");
            let error = &answer.json()["Errors"][0];
            assert_eq!(error["Title"], "User authentication failed.");
            assert_eq!(error.get("AuthData"), Some(&Value::Null));
        }
        let answer = shop.send(shop.client.get(&v2)).await;
        assert_eq!(answer.json()["Errors"][0]["EndPoint"], v2);
    }
}

#[tokio::test]
async fn model_errors_carry_the_key_without_dashes() {
    let shop = Shop::new().await;
    let answer = shop
        .post("/v2/Payment/Start", &json!({"Currency": "HUF"}))
        .await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (400, "ModelValidationError")
    );
    let json = answer.json();
    let errors = json["Errors"].as_array().unwrap();
    let texts: BTreeSet<&str> = errors
        .iter()
        .map(|e| e["Description"].as_str().unwrap())
        .collect();
    let missing = [
        "PaymentType",
        "FundingSources",
        "PaymentRequestId",
        "Locale",
        "Transactions",
    ];
    let expected: Vec<String> = missing
        .map(|n| format!("The {n} field is required."))
        .to_vec();
    assert_eq!(texts, expected.iter().map(String::as_str).collect());
    for error in errors {
        assert_eq!(error["AuthData"], POS_KEY.replace('-', ""));
        assert_eq!(error["EndPoint"], shop.url("/v2/Payment/Start"));
    }
    let answer = shop.get("/v2/Payment/GetPaymentState").await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (400, "ModelValidationError")
    );
}

#[tokio::test]
async fn key_model_payment_and_state_are_judged_in_this_order() {
    let shop = Shop::new().await;
    let unknown = "00000000-0000-0000-0000-00000000000a";
    let refund = "/v2/Payment/Refund";
    let no_key = shop
        .send(shop.client.post(shop.url(refund)).body("{}"))
        .await;
    assert_eq!(no_key.code(), "AuthenticationFailed");
    let model = shop.post(refund, &json!({"PaymentId": unknown})).await;
    assert_eq!(model.code(), "ModelValidationError");
    let payment = shop.refund(unknown, unknown, &[1]).await;
    assert_eq!(
        (payment.status, payment.code().as_str()),
        (400, "NotExistingPaymentId")
    );
    assert!(
        payment
            .text
            .contains(&format!("There is no payment {unknown}."))
    );
    let id = shop.start("Immediate", &[10]).await;
    assert_eq!(
        shop.refund(&id, unknown, &[1]).await.code(),
        "PaymentStatusNotValid"
    );
    for path in [
        format!("/v4/Payment/{}/PaymentState", unknown.replace('-', "")),
        format!("/v2/Payment/GetPaymentState?PaymentId={unknown}"),
    ] {
        let answer = shop.get(&path).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (400, "NotExistingPaymentId")
        );
    }
}

#[tokio::test]
async fn payees_need_a_wallet() {
    let shop = Shop::new().await;
    let mut body = order("Immediate", &[10]);
    body["Transactions"][0]["Payee"] = json!("other@example.com");
    let refused = shop.post("/v2/Payment/Start", &body).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (400, "InvalidUser")
    );
    let known = Sandbox::builder()
        .payee("OTHER@example.com")
        .start()
        .await
        .unwrap();
    let any = Sandbox::builder().any_payee().start().await.unwrap();
    for sandbox in [known, any] {
        let shop = Shop::on(sandbox);
        let answer = shop.post("/v2/Payment/Start", &body).await.ok();
        let state = shop.state(&id_of(&answer)).await;
        assert_eq!(
            state["Transactions"][0]["Payee"]["Email"],
            "other@example.com"
        );
    }
}

#[tokio::test]
async fn routes_match_in_any_case_and_methods_are_exact() {
    let shop = Shop::new().await;
    let answer = shop
        .post("/V2/pAYMENT/sTART", &order("Immediate", &[10]))
        .await;
    let id = id_of(&answer.ok());
    let state = shop
        .get(&format!("/v4/payment/{}/paymentstate", id.to_uppercase()))
        .await;
    assert_eq!(state.ok()["PaymentId"], id.as_str());

    let dashed = format!(
        "{}-{}-{}-{}-{}",
        &id[..8],
        &id[8..12],
        &id[12..16],
        &id[16..20],
        &id[20..]
    );
    let v4 = format!("/v4/Payment/{dashed}/PaymentState");
    for path in [
        v4.as_str(),
        "/payments",
        "/v2/Payment/Nothing",
        "/v1/Pos/a/b",
        "/v2/Payment/Start/x",
        "/%ff",
    ] {
        let answer = shop.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.content_type, "application/json; charset=utf-8");
        let expected = format!(
            "No HTTP resource was found that matches the request URI '{}'.",
            shop.url(path)
        );
        assert_eq!(answer.json(), json!({"Message": expected}));
    }
    let get = shop.get("/v2/Payment/Start").await;
    let message = "The requested resource does not support http method 'GET'.";
    assert_eq!((get.status, get.json()), (405, json!({"Message": message})));
    let post = shop.post("/v2/Payment/GetPaymentState", &json!({})).await;
    assert_eq!(post.status, 405);
}

#[tokio::test]
async fn broken_bodies_are_refused_and_never_a_server_fault() {
    let shop = Shop::new().await;
    let deep = format!("{{\"a\":{}", "[".repeat(200_000));
    let many = format!("{{\"Transactions\":[{}]}}", vec!["{}"; 20_000].join(","));
    let bodies = [
        "",
        "{",
        "null",
        "[]",
        "\"x\"",
        "1",
        "{\"a\":1}x",
        "\u{0}",
        "{\"PaymentId\":[[[[]]]]}",
        "{\"PaymentId\":\"\\ud800\"}",
        "{\"Transactions\":{\"a\":1}}",
        "{\"Transactions\":[1,null]}",
        deep.as_str(),
        many.as_str(),
    ];
    for operation in [
        "v2/Payment/Start",
        "v2/Payment/Complete",
        "v2/Payment/FinishReservation",
        "v2/Payment/Capture",
        "v2/Payment/CancelAuthorization",
        "v2/Payment/Refund",
        "v3/Payment/StartPaymentWithGoogleToken",
    ] {
        let path = format!("/{operation}");
        for body in bodies {
            let with_key = shop.post_text(&path, body).await;
            assert_eq!(
                (with_key.status, with_key.code().as_str()),
                (400, "ModelValidationError")
            );
            let without = shop.client.post(shop.url(&path)).body(body.to_owned());
            let without = shop.send(without).await;
            assert_eq!(
                (without.status, without.code().as_str()),
                (401, "AuthenticationFailed")
            );
        }
        let bytes = shop
            .client
            .post(shop.url(&path))
            .body(vec![0xff, 0xfe, b'{']);
        assert_eq!(shop.send(bytes).await.code(), "AuthenticationFailed");
    }
    let huge = shop
        .post_text("/v2/Payment/Start", "x".repeat(2 * 1024 * 1024))
        .await;
    assert_eq!(huge.status, 413);
    assert!(huge.json()["Message"].as_str().unwrap().contains("1 MiB"));
}

#[tokio::test]
async fn a_payment_of_thousands_of_transactions_is_no_trouble() {
    let shop = Shop::new().await;
    let id = shop.paid("Reservation", &[7; 4000]).await;
    let part = shop.settle("FinishReservation", &id, &[5; 3999]).await.ok();
    assert_eq!(part["Status"], "PartiallySucceeded");
    assert_eq!(shop.state(&id).await["Total"], 3999 * 5 + 7);
    shop.sandbox
        .advance(Duration::from_secs(24 * 3600))
        .await
        .unwrap();
    assert_eq!(shop.state(&id).await["Total"], 3999 * 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_at_the_same_time_refund_no_more_than_there_is() {
    let shop = Arc::new(Shop::new().await);
    let id = shop.paid("Immediate", &[1000]).await;
    let transaction = shop.main_ids(&id).await.remove(0);
    let calls: Vec<_> = (0..20)
        .map(|_| {
            let (shop, id, transaction) = (shop.clone(), id.clone(), transaction.clone());
            tokio::spawn(async move { shop.refund(&id, &transaction, &[100]).await.status })
        })
        .collect();
    let mut served = 0;
    for call in calls {
        served += usize::from(call.await.unwrap() == 200);
    }
    assert_eq!(served, 10);
    assert_eq!(shop.state(&id).await["Total"], 0);
}

#[tokio::test]
async fn requests_of_other_languages_are_taken() {
    let shop = Shop::new().await;
    for body in [
        // Numbers as text, a code for a word, unknown names, another case, no page for the
        // callback.
        r#"{"poskey":"11111111111111111111111111111111","paymenttype":"immediate","PaymentWindow":
        "00:30:00","fundingsources":["all","Bankcard"],"PaymentRequestId":1,"Locale":"HU-hu",
        "Currency":"huf","ChallengePreference":0,"GuestCheckout":"True","Transactions":
        [{"POSTransactionId":"t","Payee":"Shop@Example.com","Total":"84.0","PaymentId":1,"Currency":
        "HUF","Items":[{"Name":"Á_x","Description":"d","Quantity":"2.0","Unit":"db","UnitPrice":
        "42.0","ItemTotal":"84.0","PaymentTransactionId":1}]}]}"#,
        // Unset words as empty text and null, old names, a colon after the days.
        r#"{"PaymentType":"Reservation","ReservationPeriod":"1:00:00:00","FundingSources":["All"],
        "PaymentRequestId":"r","Locale":"en-US","Currency":"EUR","RedirectUrl":null,"CallbackUrl":
        null,"RecurrenceId":null,"TraceId":null,"RecurrenceType":"","PayerHomePhoneNumber":
        "36301234567","PayerAccount":{"AccountChangeIndicator":"","PurchasesInTheLastSixMonths":6},
        "PurchaseInformation":{"ReOrderIndicator":"ReOrdered","AvailabilityIndicator":"",
        "RecurringExpiry":"2099-12-31 23:59:59","RecurringFrequency":0,"GiftCardPurchase":null},
        "ShippingAddress":{"Country":"HU","Region":null,"Street3":""},"BillingAddress":null,
        "Transactions":[{"POSTransactionId":"t","Payee":"shop@example.com","Total":75.0,
        "PayeeTransactions":[]}]}"#,
    ] {
        shop.post_text("/v2/Payment/Start", body).await.ok();
    }
}

#[tokio::test]
async fn state_calls_are_limited_where_that_is_wanted() {
    let shop = Shop::on(Sandbox::builder().rate_limit(true).start().await.unwrap());
    let id = shop.start("Immediate", &[10]).await;
    let other = shop.start("Immediate", &[10]).await;
    let path = format!("/v4/Payment/{id}/PaymentState");
    // The clock moves on with the real one: three calls have to fit into five seconds.
    for _ in 0..2 {
        assert_eq!(shop.get(&path).await.status, 200);
        assert_eq!(shop.get(&path).await.status, 200);
        let limited = shop.get(&path).await;
        assert_eq!((limited.status, limited.text.as_str()), (429, ""));
        shop.state(&other).await;
        shop.sandbox.advance(Duration::from_secs(5)).await.unwrap();
    }
}

#[tokio::test]
async fn requests_are_recorded_as_they_came() {
    let shop = Shop::new().await;
    let body = "{ \"Currency\" : 1.50 }";
    shop.post_text("/V2/Payment/Start?x=%20y", body).await;
    shop.get("/sandbox/health").await;
    shop.get("/nowhere").await;
    let requests = shop.sandbox.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(
        (requests[0].method.as_str(), requests[0].path.as_str()),
        ("POST", "/V2/Payment/Start")
    );
    assert_eq!(requests[0].query.as_deref(), Some("x=%20y"));
    assert_eq!(requests[0].header("X-Pos-Key"), Some(POS_KEY));
    assert_eq!(requests[0].body, body);
    assert_eq!(requests[1].path, "/nowhere");
}
