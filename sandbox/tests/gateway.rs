//! The gateway page: its languages, its amounts, the issuer's challenge, its headers.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of a test fails by panicking"
)]

mod support;

use barion_sandbox::{CARD_CHALLENGE, CARD_LOW_FUNDS, CARD_OK};
use serde_json::json;
use support::{Answer, Shop, id_of, order};

async fn post(shop: &Shop, id: &str, field: (&str, &str)) -> Answer {
    let form = [("Id", id), field];
    shop.send(shop.client.post(shop.url("/Pay")).form(&form))
        .await
}

/// Starts a payment in EUR with this locale and wish for a challenge.
async fn started(shop: &Shop, locale: &str, challenge: &str) -> String {
    let mut body = order("Immediate", &[1234]);
    body["Locale"] = json!(locale);
    body["Currency"] = json!("EUR");
    body["ChallengePreference"] = json!(challenge);
    id_of(&shop.post("/v2/Payment/Start", &body).await.ok())
}

fn here(id: &str) -> String {
    format!("/Pay?Id={id}")
}

fn back(id: &str) -> String {
    format!("http://localhost:8080/?paymentId={id}")
}

#[tokio::test]
async fn the_page_speaks_the_payments_language() {
    let shop = Shop::new().await;
    for (locale, lang, amount, words) in [
        ("hu-HU", "hu-HU", "1 234,00 EUR", "Fizetés megszakítása"),
        ("en-US", "en-US", "EUR 1 234.00", "Cancel the payment"),
        ("cs-CZ", "cs-CZ", "1 234,00 EUR", "Zrušit platbu"),
        ("sk-SK", "sk-SK", "1 234,00 EUR", "Zrušiť platbu"),
        ("de-DE", "de-DE", "1 234,00 EUR", "Zahlung abbrechen"),
        ("fr-FR", "en-US", "1 234,00 EUR", "Cancel the payment"),
    ] {
        let id = started(&shop, locale, "NoPreference").await;
        let page = shop.get(&format!("/Pay?Id={id}&lang=xx")).await;
        let text = page.text.replace('\u{a0}', " ");
        for part in [
            &format!("<html lang=\"{lang}\">"),
            &format!("<data value=\"1234 EUR\">{amount}</data>"),
            words,
            "<main>",
            "<label for=\"card\">",
            "name=\"viewport\"",
        ] {
            assert!(text.contains(part), "{locale}: {part}: {text}");
        }
        assert!(
            !text.contains('{') || !text.split("</style>").nth(1).unwrap().contains('{'),
            "{locale}: something was not filled in: {text}"
        );
    }
}

#[tokio::test]
async fn forints_have_no_decimals() {
    let shop = Shop::new().await;
    let id = shop.start("Immediate", &[1_500_000, 890]).await;
    let page = shop.get(&format!("/Pay?Id={id}")).await;
    let text = page.text.replace('\u{a0}', " ");
    for part in ["1 500 890 HUF", "1 500 000 HUF", ">890 HUF"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains(",00"), "{text}");
}

#[tokio::test]
async fn an_approved_challenge_charges_the_card() {
    let shop = Shop::new().await;
    let id = started(&shop, "en-US", "ChallengeRequired").await;
    let offered = post(&shop, &id, ("CardNumber", CARD_OK)).await;
    assert_eq!((offered.status, offered.location), (303, Some(here(&id))));
    assert_eq!(shop.state(&id).await["Status"], "Prepared");

    let question = shop.get(&format!("/Pay?Id={id}")).await;
    for part in [
        "<h1>Approve the payment</h1>",
        "ending in 5559",
        "value=\"approve\"",
        "value=\"fail\"",
        "value=\"cancel\"",
    ] {
        assert!(question.text.contains(part), "{part}: {}", question.text);
    }
    assert!(
        !question.text.contains(CARD_OK),
        "the number is in the page"
    );

    let approved = post(&shop, &id, ("Action", "approve")).await;
    assert_eq!((approved.status, approved.location), (303, Some(back(&id))));
    assert_eq!(shop.state(&id).await["Status"], "Succeeded");
    // Sent once more, by the browser's back button say, it changes nothing.
    let again = post(&shop, &id, ("Action", "approve")).await;
    assert!(again.text.contains("<strong>Succeeded</strong>"));
}

#[tokio::test]
async fn a_failed_challenge_declines_and_leaves_the_payment_open() {
    let shop = Shop::new().await;
    let id = started(&shop, "en-US", "NoPreference").await;
    let unasked = post(&shop, &id, ("Action", "approve")).await;
    assert_eq!((unasked.status, unasked.location), (303, Some(here(&id))));
    assert_eq!(shop.state(&id).await["Status"], "Prepared");

    post(&shop, &id, ("CardNumber", CARD_CHALLENGE)).await;
    let failed = post(&shop, &id, ("Action", "fail")).await;
    assert_eq!((failed.status, failed.location), (303, Some(here(&id))));
    let page = shop.get(&format!("/Pay?Id={id}")).await;
    assert!(page.text.contains("role=\"alert\"") && page.text.contains("was not approved"));
    let state = shop.state(&id).await;
    assert_eq!(state["Status"], "Started");
    assert_eq!(
        state["FundingInformation"]["ProcessResult"],
        "FailedDuringAuthentication"
    );

    let paid = post(&shop, &id, ("CardNumber", CARD_OK)).await;
    assert_eq!(paid.location, Some(back(&id)), "this card asks nothing");
    assert_eq!(shop.state(&id).await["Status"], "Succeeded");
}

#[tokio::test]
async fn a_challenge_does_not_save_a_card_without_funds() {
    let shop = Shop::new().await;
    let id = started(&shop, "en-US", "ChallengeRequired").await;
    post(&shop, &id, ("CardNumber", CARD_LOW_FUNDS)).await;
    let approved = post(&shop, &id, ("Action", "approve")).await;
    assert_eq!(approved.location, Some(here(&id)));
    let page = shop.get(&format!("/Pay?Id={id}")).await;
    assert!(page.text.contains("declined (LowFunds)"), "{}", page.text);

    post(&shop, &id, ("CardNumber", CARD_LOW_FUNDS)).await;
    let cancelled = post(&shop, &id, ("Action", "cancel")).await;
    assert_eq!(cancelled.location, Some(back(&id)));
    assert_eq!(shop.state(&id).await["Status"], "Canceled");
    let late = post(&shop, &id, ("Action", "approve")).await;
    assert_eq!(late.status, 200);
    assert_eq!(shop.state(&id).await["Status"], "Canceled");
}

#[tokio::test]
async fn outside_the_page_the_payer_approves_unasked() {
    let shop = Shop::new().await;
    let id = started(&shop, "en-US", "ChallengeRequired").await;
    let outcome = shop.sandbox.pay(&id, CARD_CHALLENGE).await.unwrap();
    assert_eq!(outcome.status, "Succeeded");
}

#[tokio::test]
async fn nothing_foreign_is_loaded_and_no_script_runs() {
    let shop = Shop::new().await;
    let id = started(&shop, "hu-HU", "NoPreference").await;
    let response = shop
        .client
        .get(shop.url(&format!("/Pay?Id={id}")))
        .send()
        .await
        .unwrap();
    let header = |name: &str| response.headers()[name].to_str().unwrap();
    let policy = header("content-security-policy");
    for part in [
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "form-action 'self' http: https:",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    assert_eq!(header("cache-control"), "no-store");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("referrer-policy"), "no-referrer");
    let text = response.text().await.unwrap();
    for part in ["<script", "<link", "<img", "src=", "@import", "url("] {
        assert!(!text.contains(part), "{part}");
    }
    let deleted = shop.client.delete(shop.url("/Pay"));
    let refused = deleted.send().await.unwrap();
    assert_eq!(refused.status(), 405);
    assert_eq!(refused.headers()["allow"], "GET, POST");
}
