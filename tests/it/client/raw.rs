//! Every operation through the generated client, over HTTP: what it sends, and that it reads what
//! is known.

use barion_generated::operations::OPERATIONS;
use barion_generated::tables::Key;
use barion_generated::{Client, Error, types};
use serde::de::DeserializeOwned;

use crate::requests::wire::{PAYMENT, PAYMENT_DASHLESS};
use crate::support::fixtures::{self, Fixture};
use crate::support::stub::{KEY, Reply, Stub, WALLET_KEY};

/// A body for an operation: that of the first known request of it.
fn body<T: DeserializeOwned>(operation: &str) -> T {
    let requests = fixtures::all("request");
    let fixture = requests
        .iter()
        .find(|one| one.operation == operation && one.file.starts_with("examples/"))
        .unwrap_or_else(|| panic!("a request of {operation}"));
    serde_json::from_slice(&fixture.body()).unwrap()
}

/// Calls an operation through the generated client, and leaves only whether the answer was read.
pub(crate) async fn send(client: &Client, operation: &str) -> Result<(), Error<()>> {
    let id = PAYMENT.parse().unwrap();
    let dashed = PAYMENT.parse().unwrap();
    let huf = "HUF".into();
    match operation {
        "create_pos_v1" => client.create_pos_v1(&body(operation)).await.map(drop),
        "generate_qr_code" => client
            .generate_qr_code(&dashed, Some(&"Large".into()))
            .await
            .map(drop),
        "get_accounts_v2" => client.get_accounts_v2().await.map(drop),
        "get_history_v3" => {
            let since = "2026-05-01T00:00:00.000".parse().unwrap();
            client
                .get_history_v3(Some(&huf), Some(&since), Some(&id), Some(20))
                .await
                .map(drop)
        }
        "get_payment_state_v2" => client.get_payment_state_v2(&id).await.map(drop),
        "get_payment_state_v4" => client.get_payment_state_v4(&id).await.map(drop),
        "get_pos_details_v1" => client.get_pos_details_v1(&dashed).await.map(drop),
        "get_statement_download_v2" => client
            .get_statement_download_v2(&huf, Some(31), 5, 2026)
            .await
            .map(drop),
        "get_transaction_history_detail_v3" => client
            .get_transaction_history_detail_v3(&id)
            .await
            .map(drop),
        "payment_cancel_authorization_v2" => client
            .payment_cancel_authorization_v2(&body(operation))
            .await
            .map(drop),
        "payment_capture_v2" => client.payment_capture_v2(&body(operation)).await.map(drop),
        "payment_complete_v2" => client.payment_complete_v2(&body(operation)).await.map(drop),
        "payment_finish_reservation_v2" => client
            .payment_finish_reservation_v2(&body(operation))
            .await
            .map(drop),
        "payment_start_v2" => client.payment_start_v2(&body(operation)).await.map(drop),
        "payment_start_with_google_token_v3" => client
            .payment_start_with_google_token_v3(&body(operation))
            .await
            .map(drop),
        "refund_payment_v2" => client.refund_payment_v2(&body(operation)).await.map(drop),
        "start_payment_with_apple_token_v2" => client
            .start_payment_with_apple_token_v2(&body(operation))
            .await
            .map(drop),
        "transfer_email_v2" => client.transfer_email_v2(&body(operation)).await.map(drop),
        "validate_apple_pay_session_v2" => client
            .validate_apple_pay_session_v2(&body(operation))
            .await
            .map(drop),
        "withdraw_bank_transfer_v3" => client
            .withdraw_bank_transfer_v3(&body(operation))
            .await
            .map(drop),
        other => panic!("no operation {other}"),
    }
}

#[tokio::test]
async fn every_operation_reads_its_known_answers() {
    let mut count = 0;
    for operation in OPERATIONS {
        let known: Vec<Fixture> = fixtures::all("answer")
            .into_iter()
            .filter(|one| one.operation == operation.id && one.expect == "ok")
            .collect();
        assert!(
            operation.answer.is_none() || !known.is_empty(),
            "{} has a known answer",
            operation.id
        );
        for fixture in known {
            let stub = Stub::start(Reply::json(200, fixture.body())).await;
            let read = send(&stub.raw(), operation.id).await;
            read.unwrap_or_else(|error| panic!("{} is read: {error}", fixture.file));
            stub.only();
            count += 1;
        }
    }
    println!("{count} answers of {} operations", OPERATIONS.len());
    assert!(count >= 55, "{count}");
}

#[tokio::test]
async fn every_operation_has_its_own_key_in_its_own_header() {
    for operation in OPERATIONS {
        let stub = Stub::start(Reply::json(500, "{}")).await;
        send(&stub.raw(), operation.id).await.unwrap_err();
        let request = stub.only();
        let keys = (request.header("x-pos-key"), request.header("x-api-key"));
        let expected = match operation.key {
            Key::Shop => (Some(KEY), None),
            Key::Wallet => (None, Some(WALLET_KEY)),
            Key::None => (None, None),
        };
        assert_eq!(keys, expected, "{}", operation.id);
        assert!(
            !request.request_line.contains("1111") && !request.request_line.contains("2222"),
            "{request:?}"
        );
        assert_eq!(request.header("api-version"), None, "{}", operation.id);
        assert!(
            request.request_line.starts_with(operation.method),
            "{}",
            operation.id
        );
    }
}

#[tokio::test]
async fn without_its_key_an_operation_is_not_sent() {
    let stub = Stub::start(Reply::json(200, "{}")).await;
    let base = stub.url().as_str().trim_end_matches('/').to_owned();
    let hooks = barion_generated::hooks::Hooks::new();
    let client = Client::new_with_client(&base, reqwest::Client::new(), hooks);
    for operation in OPERATIONS
        .iter()
        .filter(|operation| operation.key != Key::None)
    {
        let error = send(&client, operation.id).await.unwrap_err();
        assert!(
            matches!(error, Error::InvalidRequest(_)),
            "{}: {error}",
            operation.id
        );
    }
    assert!(stub.received().is_empty());
}

#[tokio::test]
async fn a_file_arrives_byte_by_byte() {
    let bytes: Vec<u8> = b"%PDF-1.7\n".iter().copied().chain(0..=255).collect();
    let reply = Reply::Answer {
        status: 200,
        content_type: Some("application/pdf"),
        body: bytes.clone(),
    };
    let stub = Stub::start(reply).await;
    let answer = stub
        .raw()
        .get_statement_download_v2(&"HUF".into(), None, 5, 2026)
        .await
        .unwrap();
    let response: reqwest::Response = http_response(answer);
    assert_eq!(response.bytes().await.unwrap().to_vec(), bytes);
    let line = stub.only().request_line;
    assert_eq!(
        line,
        "GET /v2/Statement/Download?Currency=HUF&Month=5&Year=2026 HTTP/1.1"
    );

    let reply = Reply::Answer {
        status: 200,
        content_type: Some("image/png"),
        body: bytes.clone(),
    };
    let stub = Stub::start(reply).await;
    let (client, id) = (stub.raw(), PAYMENT.parse().unwrap());
    let picture = client.generate_qr_code(&id, None).await.unwrap();
    let response = http_response(picture);
    assert_eq!(response.bytes().await.unwrap().to_vec(), bytes);
}

/// The generated client hands out a stream; reqwest knows how to gather one.
fn http_response(
    answer: barion_generated::ResponseValue<barion_generated::ByteStream>,
) -> reqwest::Response {
    let body = reqwest::Body::wrap_stream(answer.into_inner_stream());
    axum::http::Response::new(body).into()
}

#[tokio::test]
async fn ids_have_dashes_where_barion_has_them() {
    for (operation, line) in [
        (
            "generate_qr_code",
            format!("GET /qr/generate?paymentId={PAYMENT}&size=Large HTTP/1.1"),
        ),
        (
            "get_pos_details_v1",
            format!("GET /v1/Pos/{PAYMENT} HTTP/1.1"),
        ),
        (
            "get_transaction_history_detail_v3",
            format!("GET /v3/TransactionHistory/GetDetail?ItemId={PAYMENT_DASHLESS} HTTP/1.1"),
        ),
        (
            "get_history_v3",
            format!(
                "GET /v3/UserHistory/GetHistory?Currency=HUF&LastRequestTime=2026-05-01T00%3A00%3A00.000&\
                 LastVisibleItemId={PAYMENT_DASHLESS}&Limit=20 HTTP/1.1"
            ),
        ),
    ] {
        let stub = Stub::start(Reply::json(500, "{}")).await;
        send(&stub.raw(), operation).await.unwrap_err();
        assert_eq!(stub.only().request_line, line);
    }
}

/// Other spellings of a property that the sources disagree about.
#[test]
fn other_spellings_are_read() {
    let account: types::Account = serde_json::from_str(r#"{"TopUpInfo":{"IBAN":"HU00"}}"#).unwrap();
    assert_eq!(account.account_info.unwrap().iban.unwrap().expose(), "HU00");
    let shop: types::PosDetailsResponse =
        serde_json::from_str(r#"{"isOpen":true,"CustomCss":"b{}"}"#).unwrap();
    assert_eq!(
        (shop.is_open, shop.custom_css.as_deref()),
        (Some(true), Some("b{}"))
    );
}

/// Every operation of the spec is answered by the sandbox, and each answer fits the spec (checked
/// when the sandbox goes).
#[allow(clippy::too_many_lines, reason = "one story")]
#[tokio::test]
async fn the_sandbox_answers_every_operation() {
    let sandbox = crate::sandbox::contract::sandbox().await;
    let client = crate::support::stub::raw_client(&sandbox.url());
    let huf: barion::Currency = "HUF".into();

    let mut start: types::StartPaymentRequest = body("payment_start_v2");
    start.payment_type = "Immediate".into();
    start.delayed_capture_period = None;
    let started = client.payment_start_v2(&start).await.unwrap().into_inner();
    let id = started.payment_id.unwrap();
    sandbox
        .pay(&id.to_string(), barion_sandbox::CARD_OK)
        .await
        .unwrap();
    client.get_payment_state_v2(&id).await.unwrap();
    client.get_payment_state_v4(&id).await.unwrap();

    let accounts = client
        .get_accounts_v2()
        .await
        .unwrap()
        .into_inner()
        .accounts
        .unwrap();
    let account = accounts
        .iter()
        .find(|account| account.currency.as_ref() == Some(&huf))
        .unwrap();
    let paid = start.transactions[0].total;
    assert!(
        account.balance.as_ref().unwrap().available.unwrap() >= paid,
        "the payment is in the wallet: {account:?}"
    );

    let history = client
        .get_history_v3(Some(&huf), None, None, None)
        .await
        .unwrap()
        .into_inner();
    let item = history
        .user_history
        .unwrap()
        .into_iter()
        .find(|item| item.amount == Some(paid))
        .unwrap();
    let detail = client
        .get_transaction_history_detail_v3(&item.id.unwrap())
        .await
        .unwrap()
        .into_inner();
    let detail = detail.detail_information.unwrap();
    assert_eq!((detail.history_id, detail.amount), (item.id, item.amount));

    let payout: types::BankTransferRequest = body("withdraw_bank_transfer_v3");
    let paid_out = client
        .withdraw_bank_transfer_v3(&payout)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(paid_out.amount, Some(payout.amount));
    let mut transfer: types::TransferEmailRequest = body("transfer_email_v2");
    transfer.source_account_id = account.account_id.unwrap();
    let sent = client
        .transfer_email_v2(&transfer)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(sent.is_transfer_successful, Some(true));

    let now = sandbox.now();
    let (year, month) = (now.format("%Y").to_string(), now.format("%m").to_string());
    let statement =
        client.get_statement_download_v2(&huf, None, month.parse().unwrap(), year.parse().unwrap());
    let file = http_response(statement.await.unwrap())
        .bytes()
        .await
        .unwrap();
    assert!(
        file.starts_with(b"%PDF-"),
        "{:?}",
        &file[..file.len().min(20)]
    );
    let code = client
        .generate_qr_code(&id.into(), Some(&"Large".into()))
        .await
        .unwrap();
    assert!(!http_response(code).bytes().await.unwrap().is_empty());

    let shop = barion_sandbox::POS_ID.parse().unwrap();
    let seeded = client.get_pos_details_v1(&shop).await.unwrap().into_inner();
    assert_eq!(
        seeded.secret_key.unwrap().expose().replace('-', ""),
        KEY.replace('-', "")
    );
    let created = client
        .create_pos_v1(&body("create_pos_v1"))
        .await
        .unwrap()
        .into_inner();
    assert!(
        created
            .secret_key
            .is_some_and(|key| key.expose().len() == 32)
    );

    let apple = client
        .start_payment_with_apple_token_v2(&body("start_payment_with_apple_token_v2"))
        .await;
    assert_eq!(
        apple.unwrap().into_inner().payment_status.unwrap().as_str(),
        "Succeeded"
    );
    let session = client
        .validate_apple_pay_session_v2(&body("validate_apple_pay_session_v2"))
        .await;
    assert!(
        session
            .unwrap()
            .into_inner()
            .apple_pay_session_response
            .is_some()
    );
}
