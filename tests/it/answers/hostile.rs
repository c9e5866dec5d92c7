//! Answers that hold what no log may show: payers' names and numbers, keys, in every spelling and
//! place.
//!
//! Nothing of them is in a text of an error, in its sources, or told to `tracing`; and no answer
//! makes a text long, breaks its line, or turns its letters around.

use std::error::Error as _;

use barion::{Client, Currency, Error, PaymentId, StartPayment, Token, TokenCharge, Transaction};

use barion_watcher::WatchError;

use crate::requests::wire::PAYMENT;
use crate::support::stub::{KEY, Reply, Stub};

/// Parts of what is hidden, in letters and digits only: signs between them hide nothing.
const MARKERS: &[&str] = &[
    "zsuzsa",
    "kovacs",
    "kovács",
    "zsófi",
    "vasarlo",
    "36705551234",
    "705551234",
    "5551234",
    "irinyi",
    "hu42117730",
    "11773016",
    "4444888888885559",
    "88885559",
    "11111111",
    "22222222",
    "eyjhbgci",
    "c2vjcmv0",
    "hunter2",
    "passw0rd",
    "evil",
];

/// The longest text of an error, and the longest list of what Barion listed.
const LONGEST: usize = 3_500;
const LONGEST_LIST: usize = 40_000;

/// Texts that hold a marker each.
#[allow(clippy::too_many_lines, reason = "a list")]
fn secrets() -> Vec<String> {
    let plain = [
        "zsuzsa@example.com",
        "zsuzsa%40example.com",
        "zsuzsa%2540example.com",
        "zsuzsa＠example．com",
        "zsuzsa&#64;example.com",
        "zsuzsa&commat;example.com",
        "zsuzsa\\u0040example.com",
        "zsuzsa (at) example (dot) com",
        "zsuzsa at example dot com",
        "mailto:zsuzsa@example.com",
        "=?utf-8?Q?zsuzsa=40example.com?=",
        "\"Kovács Zsuzsa\" <zsuzsa@example.com>",
        "Kovács Zsuzsa",
        "KOVÁCS ZSUZSA",
        "kovács zsuzsa",
        "zsuzsa.kovacs",
        "Zsuzsa K.",
        "Dr. Kovacs-Nagy Zsófi",
        "+36 70 555 1234",
        "+36-70-555-1234",
        "(+36) 70/555-1234",
        "0036705551234",
        "36705551234",
        "tel:+36705551234",
        "%2B36705551234",
        "+36.70.555.1234",
        "+36 (70) 555 12 34",
        "３６７０５５５１２３４ 705551234",
        "1114 Budapest, Irinyi utca 4.",
        "Irinyi%20utca%204",
        "HU42 1177 3016 1111 1018 0000 0000",
        "HU42117730161111101800000000",
        "11773016-11111018-00000000",
        "4444 8888 8888 5559",
        "4444-8888-8888-5559",
        "4444888888885559",
        "4444.8888.8888.5559",
        KEY,
        "11111111111111111111111111111111",
        "11111111%2D1111%2D1111%2D1111%2D111111111111",
        "11111111\u{2010}1111\u{2010}1111\u{2010}1111\u{2010}111111111111",
        "{11111111-1111-1111-1111-111111111111}",
        "1111 1111 1111 1111 1111 1111 1111 1111",
        "POSKey=11111111111111111111111111111111",
        "https://api.barion.com/v2/x?POSKey=11111111111111111111111111111111&a=2",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2VjcmV0",
        "eyJhbGci",
        "Bearer c2VjcmV0",
        "c2VjcmV0LXRva2Vu",
        "Basic c2VjcmV0OnNlY3JldA==",
        "password is hunter2",
        "pass word: passw0rd",
        "zsuzsa\r\nWARN evil line",
        "zsuzsa\u{1b}[2J\u{7}",
        "\u{202e}zsuzsa\u{202c}",
        "zs\u{200b}uzsa zsuzsa",
        "zsuzsa\u{0}",
        "zsuzsa\u{2028}evil\u{85}",
        "<b title=\"zsuzsa\">user</b>",
        "The user zsuzsa is invalid.",
        "user(vasarlo@example.org)!",
        "Invalid user: Zsuzsa, Kovacs; 'Zsuzsa' \"Kovacs\"",
        "Transactions[0].Payer.zsuzsa is invalid",
        "Items[4444888888885559].Name",
    ];
    plain.map(str::to_owned).into_iter().collect()
}

/// A JSON text.
fn json(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

fn html(text: &str) -> String {
    text.replace('\0', " ")
}

/// Bodies with a text in every place of every form.
fn bodies_of(text: &str) -> Vec<Vec<u8>> {
    let quoted = json(text);
    let cut = &quoted[..quoted.len() - 1];
    let page = html(text);
    let texts = [
        format!(r#"{{"Payer":{quoted}}}"#),
        format!("{{{quoted}:1}}"),
        format!(r#"{{"PaymentId":[{quoted}],"Status":{quoted}}}"#),
        format!(r#"{{"PaymentId":"{PAYMENT}","Status":{{{quoted}:[{quoted}]}}}}"#),
        format!(r#"{{"Message":{quoted},"ExceptionMessage":{quoted},"StackTrace":{quoted}}}"#),
        format!(r#"{{"Message":"An error has occurred.","MessageDetail":{quoted}}}"#),
        format!(r#"{{"Message":"No HTTP resource was found that matches the request URI {cut}}}"#),
        format!(r#"{{"Errors":{quoted}}}"#),
        format!(r#"{{"Errors":[{quoted}]}}"#),
        format!(r#"{{"ErrorList":[{{"ErrorCode":{quoted}}}]}}"#),
        format!("[{quoted},[{quoted},{{\"a\":{quoted}}}]]"),
        quoted.clone(),
        format!(r#"{{"Payer": {cut}"#),
        format!(r#"{{"Payer": {quoted}, oops"#),
        format!("{{'Payer': '{text}'}}"),
        format!("{{Payer: {text}}}"),
        format!("callback({{\"a\":{quoted}}});"),
        format!("/**/cb([{quoted}])"),
        format!(")]}}',\n{{\"a\":{quoted}}}"),
        format!("<Error><Message>{page}</Message></Error>"),
        format!("<?xml version=\"1.0\"?><a b=\"{page}\"><!-- {page} --><![CDATA[{page}]]></a>"),
        format!(
            "<html><head><title>{page}</title></head><body data-x='{page}'>{page}</body></html>"
        ),
        format!("<title>Just a moment... {page}</title>"),
        format!("<html><title>502 Bad Gateway</title><input value=\"{page}\">{page}"),
        format!("name={text}&phone={text}"),
        format!("{text}={text}"),
        text.to_owned(),
        format!("upstream error: {text}\nat {text}"),
        format!("--x\r\nContent-Disposition: form-data; name=\"{page}\"\r\n\r\n{page}\r\n--x--"),
        format!("\u{feff}{{\"a\":{quoted}}}"),
        format!("\u{feff}{text}"),
    ];
    let mut bodies: Vec<Vec<u8>> = texts.map(String::into_bytes).into();
    let utf16 = |mark: &[u8], bytes: fn(u16) -> [u8; 2]| {
        let units = text.encode_utf16().flat_map(bytes);
        mark.iter().copied().chain(units).collect::<Vec<u8>>()
    };
    bodies.push(utf16(b"\xff\xfe", u16::to_le_bytes));
    bodies.push(utf16(b"\xfe\xff", u16::to_be_bytes));
    bodies.push(utf16(b"", u16::to_le_bytes));
    bodies.push([b"\xff\x80", text.as_bytes()].concat());
    bodies.push([b"\x1f\x8b", text.as_bytes()].concat());
    bodies.push([text.as_bytes(), b"\xc3"].concat());
    bodies
}

/// Error lists with a text in every place.
fn lists_of(text: &str) -> Vec<String> {
    let quoted = json(text);
    [
        format!(r#"[{{"ErrorCode":{quoted}}}]"#),
        format!(r#"[{{"ErrorCode":"InvalidUser","Title":{quoted}}}]"#),
        format!(r#"[{{"ErrorCode":"InvalidUser","Description":{quoted},"HappenedAt":{quoted}}}]"#),
        format!(
            r#"[{{"ErrorCode":{quoted},"Title":{quoted},"Description":{quoted},"EndPoint":{quoted},
                "AuthData":{quoted},"HappenedAt":{quoted},{quoted}:{quoted}}},{{"ErrorCode":"CardExpired"}}]"#
        ),
    ]
    .into()
}

/// Everything that can be printed of an error.
fn shown(error: &Error) -> Vec<String> {
    let mut shown = vec![
        format!("{error}"),
        format!("{error:?}"),
        format!("{error:#?}"),
        format!("{:?}", error.snippet()),
        format!("{:?}", error.content_type()),
        format!("{:?} {:?}", error.hint(), error.contradiction()),
    ];
    for one in error.api_errors() {
        shown.push(format!(
            "{one} {:?} {:?} {}",
            one.title, one.description, one.code
        ));
        shown.push(format!(
            "{one:?} {:?} {:?}",
            one.happened_at, one.payment_id
        ));
    }
    let mut source = error.source();
    while let Some(cause) = source {
        shown.push(format!("{cause} {cause:?}"));
        source = cause.source();
    }
    let watched = WatchError::Read(error.clone());
    shown.push(format!(
        "{watched} {:?}",
        watched.source().map(ToString::to_string)
    ));
    shown
}

/// The marker that a text holds, whatever signs stand between its letters.
pub(crate) fn marker_in(text: &str) -> Option<&'static str> {
    let letters: String = text
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    MARKERS
        .iter()
        .copied()
        .find(|marker| letters.contains(marker))
}

#[track_caller]
fn is_safe(text: &str, most: usize, of: &str) {
    if let Some(marker) = marker_in(text) {
        panic!("{marker} of {of:?} is shown in {text}");
    }
    let length = text.chars().count();
    assert!(length <= most, "{length} characters of {of:.80?}");
    let odd = text
        .chars()
        .find(|c| c.is_control() || (!c.is_ascii() && *c != '…'));
    assert_eq!(odd, None, "of {of:?} in {text}");
}

#[track_caller]
fn error_is_safe(error: &Error, of: &str) {
    for text in shown(error) {
        // The form of Debug that is meant to have lines has nothing else that breaks one.
        is_safe(
            &text.replace("\n    ", " ").replace("\n}", " }"),
            LONGEST,
            of,
        );
    }
    is_safe(&format!("{:?}", error.api_errors()), LONGEST_LIST, of);
}

/// A Barion that answers as it is told, and a client of it.
struct Hostile {
    stub: Stub,
    client: Client,
}

impl Hostile {
    async fn start() -> Self {
        let stub = Stub::start(Reply::Silence).await;
        let client = stub.client();
        crate::client::secrets::strictly();
        Self { stub, client }
    }

    /// What becomes of calls that are answered so.
    async fn errors(&self, reply: Reply) -> Vec<Error> {
        self.stub.answers(reply);
        let id: PaymentId = PAYMENT.parse().unwrap();
        let read = self.client.payment_state(id).await;
        let moved = self.client.complete_payment(id).await.map(drop);
        let outcomes = [read.map(drop), moved];
        outcomes.into_iter().filter_map(Result::err).collect()
    }
}

#[tokio::test]
async fn no_body_is_shown() {
    let barion = Hostile::start().await;
    let mut bodies = 0;
    for (number, secret) in secrets().iter().enumerate() {
        // Every text in a third of the bodies, and every body with a third of the texts.
        for body in bodies_of(secret).into_iter().skip(number % 3).step_by(3) {
            for status in [200, 502] {
                let of = String::from_utf8_lossy(&body).into_owned();
                let errors = barion.errors(Reply::json(status, body.clone())).await;
                assert!(!errors.is_empty(), "{of}");
                for error in &errors {
                    error_is_safe(error, &of);
                    // It is all there for whoever asks for it.
                    if error.snippet().is_some() {
                        assert_eq!(error.body_unredacted(), Some(&body[..]));
                    }
                }
                bodies += 1;
            }
        }
    }
    assert!(bodies > 1_500, "{bodies}");
}

#[tokio::test]
async fn no_text_of_an_error_list_is_shown() {
    let barion = Hostile::start().await;
    for secret in secrets() {
        let quoted = json(&secret);
        for list in lists_of(&secret) {
            for (status, body) in [
                (
                    200,
                    format!(r#"{{"PaymentId":"{PAYMENT}","Errors":{list}}}"#),
                ),
                (400, format!(r#"{{"Errors":{list}}}"#)),
                (
                    200,
                    format!(
                        r#"{{"PaymentId":"{PAYMENT}","Status":{quoted},"PaymentStatus":{quoted},"Errors":{list}}}"#
                    ),
                ),
                (
                    200,
                    format!(
                        r#"{{"PaymentId":"{PAYMENT}","IsSuccessful":true,"Status":"{PAYMENT}","Errors":{list}}}"#
                    ),
                ),
                (500, format!(r#"{{"Status":[],"Errors":{list}}}"#)),
            ] {
                let errors = barion.errors(Reply::json(status, body.clone())).await;
                assert_eq!(errors.len(), 2, "{body}");
                for error in &errors {
                    let given = &error.api_errors()[0];
                    let all = [
                        Some(given.code_unredacted()),
                        given.title_unredacted(),
                        given.description_unredacted(),
                    ];
                    assert!(all.contains(&Some(secret.as_str())), "{body}");
                    error_is_safe(error, &body);
                }
            }
        }
    }
}

#[tokio::test]
async fn no_refusal_of_a_token_shows_them() {
    let barion = Hostile::start().await;
    for secret in secrets() {
        let list = lists_of(&secret).pop().unwrap();
        let body = format!(r#"{{"PaymentId":"{PAYMENT}","Errors":{list}}}"#);
        barion.stub.answers(Reply::json(200, body.clone()));
        let charge = StartPayment::immediate("order-1", Currency::Huf)
            .transaction(Transaction::new("t-1", "shop@example.com").total(10))
            .charge_token(Token::one_click("token-1"))
            .build()
            .unwrap();
        let Ok(TokenCharge::Refused(refusal)) = barion.client.charge_token(&charge).await else {
            panic!("{body}");
        };
        assert!(
            refusal
                .to_string()
                .ends_with("let the payer register another one)"),
            "{refusal}"
        );
        is_safe(&refusal.to_string(), LONGEST, &body);
        is_safe(&format!("{refusal:?}"), LONGEST, &body);
        is_safe(
            &format!("{:?}", TokenCharge::Refused(refusal)),
            LONGEST,
            &body,
        );
    }
}

/// Headers are texts of somebody else too.
#[tokio::test]
async fn no_header_is_shown() {
    let barion = Hostile::start().await;
    for secret in secrets() {
        let value: String = secret.chars().filter(|c| !c.is_control()).collect();
        for head in [
            value.clone(),
            format!("text/html; charset={value}"),
            format!("text/html; boundary=\"{value}\""),
            format!("text/{value}"),
            format!("application/json\r\nRetry-After: {value}"),
            format!("application/json\r\nRetry-After: 99999999999999999999999999 {value}"),
            format!("application/json\r\nX-Error: {value}\r\nLocation: https://x.example/{value}"),
            format!("application/json\r\nBad header {value}\r\nBad: {value}"),
            format!("application/json\r\nTransfer-Encoding: {value}"),
            format!("application/json\r\nContent-Length: {value}"),
            "x".repeat(60_000),
        ] {
            let reply = Reply::Answer {
                status: 503,
                content_type: Some(String::leak(head.clone())),
                body: b"{}".to_vec(),
            };
            for error in barion.errors(reply).await {
                error_is_safe(&error, &head);
            }
        }
    }
}

/// Megabytes of anything, nested, or very often, make short texts.
#[tokio::test]
async fn no_answer_makes_a_long_text() {
    let barion = Hostile::start().await;
    let mega = 5 * 1024 * 1024;
    let much = |text: &str| text.repeat(mega / text.len());
    let entry = |text: &str| format!(r#"{{"ErrorCode":"InvalidUser","Description":"{text}"}}"#);
    let nested = format!(r#"{{"Errors":[{}"#, much("["));
    for body in [
        format!(r#"{{"Errors":[{}]}}"#, entry(&much("zsuzsa "))),
        format!(r#"{{"Errors":[{}]}}"#, entry(&much("user "))),
        format!(r#"{{"Errors":[{}]}}"#, entry(&much("user.(user) "))),
        format!(r#"{{"Errors":[{}]}}"#, entry(&much("(("))),
        format!(
            r#"{{"Errors":[{}{{}}]}}"#,
            much(&format!("{},", entry("invalid user zsuzsa")))
        ),
        format!(r#"{{"Errors":[{{"ErrorCode":"{}"}}]}}"#, much("a")),
        format!(r#"{{"Errors":[{{"Title":"{}"}}]}}"#, much("zsuzsa")),
        format!(
            r#"{{"Message":"An error has occurred. {}"}}"#,
            much("zsuzsa")
        ),
        format!(r#"{{{}"x":1}}"#, much(r#""PaymentId":"zsuzsa","#)),
        format!("<html><title>{}</title>", much("zsuzsa ")),
        nested,
        much("zsuzsa@example.com\n"),
        much("\0"),
    ] {
        for status in [200, 400] {
            for error in barion.errors(Reply::json(status, body.clone())).await {
                error_is_safe(&error, &body[..60]);
                assert!(
                    error
                        .body_unredacted()
                        .is_none_or(|body| body.len() <= 64 * 1024)
                );
            }
        }
    }
}
