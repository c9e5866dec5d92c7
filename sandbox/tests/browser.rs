//! The pages in a real browser: a payer's clicks, and whether everything fits on a telephone.
//!
//! Needs `chromium` and `chromedriver`. Without them the test is skipped and says so, unless the
//! variable `BARION_REQUIRE_BROWSER` is set. Pictures are kept in `target/screenshots`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of a test fails by panicking"
)]

mod support;
#[path = "support/browser.rs"]
mod webdriver;

use std::path::{Path, PathBuf};

use axum::Router;
use axum::response::Html;
use barion_sandbox::{CARD_CHALLENGE, CARD_LOW_FUNDS, CARD_OK};
use serde_json::json;
use support::{Shop, id_of, order};
use webdriver::{Browser, installed};

/// A finding of WCAG's contrast rule, computed in the page for every text that is shown.
const CONTRAST: &str = r"(() => {
    const level = (c) => { const x = c / 255; return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4; };
    const light = (c) => 0.2126 * level(c[0]) + 0.7152 * level(c[1]) + 0.0722 * level(c[2]);
    const read = (text) => text.match(/[\d.]+/g).map(Number);
    const under = (element) => {
        for (let e = element; e; e = e.parentElement) {
            const c = read(getComputedStyle(e).backgroundColor);
            if (c.length < 4 || c[3] > 0) return c;
        }
        return [255, 255, 255];
    };
    const found = [];
    for (const e of document.body.querySelectorAll('*')) {
        const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
        if (!own) continue;
        const [a, b] = [light(read(getComputedStyle(e).color)), light(under(e))];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < 4.5) found.push(`${e.tagName} ${e.textContent.slice(0, 40)} ${ratio.toFixed(2)}`);
    }
    return found;
})()";

/// What a reader without eyes would miss: unnamed fields and buttons, headings out of order, cells
/// without head.
const UNNAMED: &str = r"(() => {
    const found = [];
    for (const e of document.querySelectorAll('input:not([type=hidden])')) if (!e.labels.length) found.push('input');
    for (const e of document.querySelectorAll('button, a')) {
        if (!e.textContent.trim()) found.push('unnamed');
        if (e.tabIndex < 0) found.push('out of reach: ' + e.textContent);
    }
    for (const e of document.querySelectorAll('th:not([scope])')) found.push('th ' + e.textContent);
    const levels = [...document.querySelectorAll('h1,h2,h3')].map((e) => Number(e.tagName[1]));
    if (levels[0] !== 1 || levels.filter((l) => l === 1).length !== 1) found.push('h1');
    levels.forEach((l, i) => { if (i && l > levels[i - 1] + 1) found.push('heading ' + i); });
    if (!document.documentElement.lang || document.querySelectorAll('main').length !== 1) found.push('frame');
    if (document.scripts.length) found.push('script');
    return found;
})()";

struct Visit {
    shop: Shop,
    browser: Browser,
    back: String,
    pictures: PathBuf,
}

impl Visit {
    async fn start(&self, locale: &str, challenge: &str) -> String {
        let mut body = order("Immediate", &[1_234_567]);
        body["Locale"] = json!(locale);
        body["ChallengePreference"] = json!(challenge);
        body["OrderNumber"] = json!("2026/0042");
        body["RedirectUrl"] = json!(self.back);
        let items = &mut body["Transactions"][0]["Items"];
        items[0]["Name"] = json!("Kézzel készített, füstölt earl grey tea <b>díszdobozban</b>");
        id_of(&self.shop.post("/v2/Payment/Start", &body).await.ok())
    }

    async fn open_gateway(&self, id: &str) {
        let page = self.shop.url(&format!("/Pay?Id={id}"));
        self.browser.open(&page).await;
    }

    async fn is_back(&self, id: &str, status: &str) {
        let back = format!("{}?paymentId={id}", self.back);
        self.browser.arrives_at(&back).await;
        self.browser.shows("Thank you").await;
        assert_eq!(self.shop.state(id).await["Status"], status);
    }

    async fn keep(&self, name: &str) {
        self.browser.keep(&self.pictures, name).await;
    }

    /// Looks at the page that is open on a telephone and on a desk, by day and by night.
    async fn inspect(&self, name: &str) {
        let browser = &self.browser;
        for (width, dark) in [(360, false), (360, true), (1200, true), (1200, false)] {
            browser.width(width).await;
            browser.dark(dark).await;
            let scheme = if dark { "-dark" } else { "" };
            self.keep(&format!("{name}-{width}{scheme}")).await;
            let wide = browser.value("document.documentElement.scrollWidth").await;
            assert!(
                wide.as_u64().unwrap() <= width.into(),
                "{name}: {wide} > {width}"
            );
            assert_eq!(browser.value(CONTRAST).await, json!([]), "{name}, {width}");
            assert_eq!(browser.value(UNNAMED).await, json!([]), "{name}");
        }
    }
}

fn card(number: &str) -> String {
    format!("button[value=\"{number}\"]")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payer_clicks_through() {
    let Some((chromium, chromedriver)) = installed() else {
        let text = "SKIPPED: chromium and chromedriver are not both installed";
        assert!(
            std::env::var_os("BARION_REQUIRE_BROWSER").is_none(),
            "{text}"
        );
        eprintln!("{text}");
        return;
    };
    let router = Router::new().fallback(async || Html("<title>Shop</title><h1>Thank you</h1>"));
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let back = format!("http://{}/thanks", socket.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(socket, router).await });
    let visit = Visit {
        shop: Shop::new().await,
        browser: Browser::start(&chromium, &chromedriver).await,
        back,
        pictures: Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/screenshots"),
    };
    visit.browser.open(&visit.shop.url("/")).await;
    visit.inspect("empty-list").await;

    pays(&visit).await;
    is_declined_then_pays(&visit).await;
    approves(&visit).await;
    cancels(&visit).await;
    transfers(&visit).await;
    looks_around(&visit).await;
}

async fn pays(visit: &Visit) {
    let id = visit.start("hu-HU", "NoPreference").await;
    visit.open_gateway(&id).await;
    visit.inspect("gateway").await;
    // By keyboard alone: the number and Enter.
    visit
        .browser
        .write("#card", "4444 8888 8888 5559\u{e007}")
        .await;
    visit.is_back(&id, "Succeeded").await;
    visit.open_gateway(&id).await;
    visit.inspect("closed").await;
}

async fn is_declined_then_pays(visit: &Visit) {
    let browser = &visit.browser;
    let id = visit.start("en-US", "NoPreference").await;
    visit.open_gateway(&id).await;
    browser.click(&card(CARD_LOW_FUNDS)).await;
    let alert = "document.querySelector('[role=alert]')?.innerText.includes('declined (LowFunds)')";
    browser.until(alert).await;
    visit.inspect("declined").await;
    browser.write("#card", "12345").await;
    browser.click("button.main").await;
    browser.shows("not a card number").await;
    browser.click(&card(CARD_OK)).await;
    visit.is_back(&id, "Succeeded").await;
}

async fn approves(visit: &Visit) {
    let browser = &visit.browser;
    let id = visit.start("de-DE", "NoPreference").await;
    visit.open_gateway(&id).await;
    browser.click(&card(CARD_CHALLENGE)).await;
    browser.click("button[value=fail]").await;
    browser.shows("nicht freigegeben").await;
    browser.click(&card(CARD_CHALLENGE)).await;
    browser.shows("Zahlung freigeben").await;
    visit.inspect("challenge").await;
    browser.click("button[value=approve]").await;
    visit.is_back(&id, "Succeeded").await;

    let id = visit.start("cs-CZ", "ChallengeRequired").await;
    visit.open_gateway(&id).await;
    browser.click(&card(CARD_OK)).await;
    browser.click("button[value=approve]").await;
    visit.is_back(&id, "Succeeded").await;
}

async fn cancels(visit: &Visit) {
    let id = visit.start("sk-SK", "NoPreference").await;
    visit.open_gateway(&id).await;
    visit.browser.click("button[value=cancel]").await;
    visit.is_back(&id, "Canceled").await;
}

async fn transfers(visit: &Visit) {
    let mut body = order("Immediate", &[20]);
    body["Currency"] = json!("EUR");
    body["Locale"] = json!("de-DE");
    body["FundingSources"] = json!(["All", "BankTransfer"]);
    body["RedirectUrl"] = json!(visit.back);
    let id = id_of(&visit.shop.post("/v2/Payment/Start", &body).await.ok());
    visit.open_gateway(&id).await;
    visit.inspect("other-means").await;
    visit.browser.click("button[value=Waiting]").await;
    visit.is_back(&id, "Waiting").await;
    let page = visit.shop.url(&format!("/payments/{id}"));
    visit.browser.open(&page).await;
    visit.inspect("waiting").await;
}

/// The list and a payment's page, as the shop's developer uses them.
async fn looks_around(visit: &Visit) {
    let browser = &visit.browser;
    let id = visit.start("hu-HU", "NoPreference").await;
    browser.open(&visit.shop.url("/")).await;
    visit.inspect("list").await;
    browser.click(&format!("a[href=\"/payments/{id}\"]")).await;
    browser.click(&card(CARD_LOW_FUNDS)).await;
    browser.shows("Card ending in 9999: LowFunds").await;
    let here = visit.shop.url(&format!("/payments/{id}"));
    browser.arrives_at(&here).await;
    visit.inspect("payment").await;
    browser.click("button[value=\"1800\"]").await;
    browser.shows("Expired (time is up)").await;
    assert_eq!(visit.shop.state(&id).await["Status"], "Expired");
    visit.inspect("expired").await;
}
