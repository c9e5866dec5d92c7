//! Start requests.

use chrono::TimeDelta;
use rust_decimal::Decimal;

use super::amount::read_amount;
use super::items::{check_items, read_items};
use super::reader::{Problems, Reader, find_choice};
use super::{choices, three_ds};
use crate::domain::currency::{CURRENCIES, Currency};
use crate::domain::payment::funding::too_small_for_cards;
use crate::domain::payment::kinds::PaymentType;
use crate::domain::payment::start_order::{Challenge, OrderedTransaction, StartOrder};
use crate::wire::json::{Json, Object};

/// The payment window and the reservation period when the request has none.
const HALF_AN_HOUR: TimeDelta = TimeDelta::minutes(30);
const LONGEST_WINDOW_DAYS: i64 = 7;
const LONGEST_RESERVATION_DAYS: i64 = 365;
/// Seven days, but 21 for Hungarian shops, which the sandbox's shop is.
const LONGEST_CAPTURE_DAYS: i64 = 21;
const DEFAULT_CAPTURE: TimeDelta = TimeDelta::days(7);

/// Reads the request of Payment-Start-v2.
pub(crate) fn read_start(object: &Object, strict: bool) -> Result<StartOrder, Vec<String>> {
    let problems = Problems::new(strict);
    let reader = Reader::new(object, &problems);
    let order = read_order(reader, true);
    problems.settle(order)
}

/// Reads the request with a Google token; returns the payer's e-mail with it.
pub(crate) fn read_google_start(
    object: &Object,
    strict: bool,
) -> Result<(StartOrder, String), Vec<String>> {
    let problems = Problems::new(strict);
    let reader = Reader::new(object, &problems);
    // The docs want all that Start wants; a client that works sends less.
    let order = read_order(reader, strict);
    let payer = reader.required_email("PayerEmailAddress");
    reader.required_text("GooglePayToken", usize::MAX);
    problems.settle((order, payer))
}

/// What comes with an Apple token.
#[derive(Debug)]
pub(crate) struct AppleOrder {
    pub(crate) order: StartOrder,
    /// The payer's e-mail, where Apple has sent it.
    pub(crate) payer: Option<String>,
    /// Whether there is anything in the token.
    pub(crate) has_token: bool,
}

/// Reads the request with an Apple token.
pub(crate) fn read_apple_start(object: &Object, strict: bool) -> Result<AppleOrder, Vec<String>> {
    let problems = Problems::new(strict);
    let reader = Reader::new(object, &problems);
    let mut order = read_order(reader, false);
    if reader.is_missing("FundingSources") {
        order.funding_sources = vec!["ApplePay".to_owned()];
    }
    if reader.is_missing("CallbackUrl") {
        reader.problem("The CallbackUrl field is required.".to_owned());
    }
    let shipping = reader.required_object("ShippingContact");
    let billing = reader.required_object("BillingContact");
    let email = |contact: Option<Reader<'_>>| contact.and_then(|one| one.email("EmailAddress"));
    let (billed, shipped) = (email(billing), email(shipping));
    let payer = billed.or(shipped);
    // Early docs named it `Token`.
    let token = reader.required_object("ApplePayToken|Token");
    let has_token = token
        .and_then(|token| token.object("PaymentData"))
        .and_then(|data| data.text("Data", 1, usize::MAX))
        .is_some();
    problems.settle(AppleOrder {
        order,
        payer,
        has_token,
    })
}

/// Reads the request for an Apple Pay session; returns the shop's address.
pub(crate) fn read_session(object: &Object) -> Result<String, Vec<String>> {
    let problems = Problems::default();
    let reader = Reader::new(object, &problems);
    if reader.is_missing("SessionRequestUrl") {
        reader.problem("The SessionRequestUrl field is required.".to_owned());
    }
    reader.address("SessionRequestUrl");
    let shop = reader.required_text("ShopUrl", 2000);
    problems.settle(shop)
}

/// `on_page` says that the payer goes to the gateway page, which needs a language and the methods
/// to offer.
fn read_order(reader: Reader<'_>, on_page: bool) -> StartOrder {
    let kind = match reader.required_choice("PaymentType", choices::PAYMENT_TYPE) {
        Some("Reservation") => PaymentType::Reservation,
        Some("DelayedCapture") => PaymentType::DelayedCapture,
        _ => PaymentType::Immediate,
    };
    let currency = reader
        .required_choice("Currency", choices::CURRENCY)
        .and_then(|code| CURRENCIES.into_iter().find(|one| one.code == code));
    let locale = if on_page {
        reader.required_choice("Locale", choices::LOCALE)
    } else {
        reader.choice("Locale", choices::LOCALE)
    };
    if on_page {
        for name in ["GuestCheckOut", "RedirectUrl", "CallbackUrl"] {
            reader.strictly_required(name);
        }
    }
    match kind {
        PaymentType::Immediate => {}
        PaymentType::Reservation => reader.strictly_required("ReservationPeriod"),
        PaymentType::DelayedCapture => reader.strictly_required("DelayedCapturePeriod"),
    }
    let challenge = reader.choice("ChallengePreference", choices::CHALLENGE_PREFERENCE);
    let initiates = reader.boolean("InitiateRecurrence").unwrap_or(false);
    let recurrence_id = reader.text("RecurrenceId", 1, 100);
    let recurrence_kind = reader.choice("RecurrenceType", choices::RECURRENCE_TYPE);
    if initiates && recurrence_id.is_none() {
        reader.problem("The RecurrenceId field is required.".to_owned());
    }
    reader.text("CardHolderNameHint", 2, 45);
    three_ds::check(
        reader,
        currency,
        initiates && recurrence_kind == Some("RecurringPayment"),
    );
    StartOrder {
        kind,
        window: reader
            .span("PaymentWindow", LONGEST_WINDOW_DAYS)
            .unwrap_or(HALF_AN_HOUR),
        // The docs call it required for a reservation and give a default all the same.
        reservation_period: reader
            .span("ReservationPeriod", LONGEST_RESERVATION_DAYS)
            .unwrap_or(HALF_AN_HOUR),
        capture_period: reader
            .span("DelayedCapturePeriod", LONGEST_CAPTURE_DAYS)
            .unwrap_or(DEFAULT_CAPTURE),
        guest_checkout: reader.boolean("GuestCheckOut").unwrap_or(false),
        funding_sources: read_funding_sources(reader, on_page),
        request_id: reader.required_text("PaymentRequestId", 100),
        order_number: reader.text("OrderNumber", 1, 100),
        payer_hint: reader.email("PayerHint"),
        redirect_url: reader.address("RedirectUrl"),
        callback_url: reader.address("CallbackUrl"),
        // Assumed for Google's start, which may come without one.
        locale: locale.unwrap_or("hu-HU").to_owned(),
        currency: currency.unwrap_or(CURRENCIES[0]),
        challenge: match challenge {
            Some("ChallengeRequired") => Challenge::Required,
            Some("NoChallengeNeeded") => Challenge::Unwanted,
            _ => Challenge::Free,
        },
        transactions: reader
            .required_objects("Transactions")
            .into_iter()
            .map(|one| read_transaction(one, currency))
            .collect(),
        initiates_recurrence: initiates,
        recurrence_id,
        recurrence_kind,
        trace_id: reader.text("TraceId", 1, 100),
    }
}

/// The words come back in the state exactly as they were sent.
fn read_funding_sources(reader: Reader<'_>, required: bool) -> Vec<String> {
    let list = reader.list("FundingSources");
    if list.is_none_or(<[Json]>::is_empty) {
        if required {
            reader.problem("The FundingSources field is required.".to_owned());
        }
        return vec!["GooglePay".to_owned()];
    }
    let mut sources = Vec::new();
    for one in list.unwrap_or_default() {
        match one {
            Json::Text(word) if find_choice(word, choices::FUNDING_SOURCE).is_some() => {
                sources.push(word.clone());
            }
            _ => {
                reader.problem("The field FundingSources holds an unknown entry.".to_owned());
                break;
            }
        }
    }
    sources
}

fn read_transaction(reader: Reader<'_>, currency: Option<Currency>) -> OrderedTransaction {
    let total = read_amount(reader, "Total", currency);
    if reader.is_strict()
        && let Some(bound) = currency.and_then(too_small_for_cards)
        && total <= bound
    {
        reader.problem(format!("The field Total must be greater than {bound}."));
    }
    let payees: Vec<OrderedTransaction> = reader
        .objects("PayeeTransactions")
        .unwrap_or_default()
        .into_iter()
        .map(|part| OrderedTransaction {
            pos_id: part.required_text("POSTransactionId", 100),
            payee: part.required_text("Payee", 256),
            total: read_amount(part, "Total", currency),
            comment: part.text("Comment", 1, 640),
            items: Vec::new(),
            payees: Vec::new(),
        })
        .collect();
    let passed: Decimal = payees.iter().map(|part| part.total).sum();
    if !payees.is_empty() && passed > total {
        reader.problem("The field PayeeTransactions passes on more than the Total.".to_owned());
    }
    // The docs require items; the server takes none.
    let items = read_items(reader).unwrap_or_default();
    if reader.is_strict() && items.is_empty() {
        reader.problem("The Items field is required.".to_owned());
    } else {
        check_items(reader, &items, total, currency);
    }
    OrderedTransaction {
        // The docs give no length here; the payees' transactions have this one.
        pos_id: reader.required_text("POSTransactionId", 100),
        payee: reader.required_text("Payee", 256),
        total,
        comment: reader.text("Comment", 1, 640),
        items,
        payees,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::json;

    fn start(change: &str) -> Result<StartOrder, Vec<String>> {
        let text = format!(
            r#"{{"PaymentType":"Immediate","FundingSources":["All"],"PaymentRequestId":"r",
            "Locale":"hu-HU","Currency":"HUF","Transactions":[{{"POSTransactionId":"t",
            "Payee":"shop@example.com","Total":10}}]{change}}}"#
        );
        match json::parse(text.as_bytes()) {
            Ok(Json::Object(object)) => read_start(&object, false),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_least_request_gets_the_documented_defaults() {
        let order = start("").unwrap();
        assert_eq!(order.window, HALF_AN_HOUR);
        assert_eq!(order.capture_period, DEFAULT_CAPTURE);
        assert!(!order.guest_checkout);
        assert_eq!(order.redirect_url, None);
    }

    #[test]
    fn each_problem_is_named_once() {
        for (change, expected) in [
            (r#","Currency":"XXX""#, "The field Currency must be one of"),
            (r#","Currency":null"#, "The Currency field is required."),
            (
                r#","Transactions":[]"#,
                "The field Transactions must hold at least one entry.",
            ),
            (
                r#","Transactions":null"#,
                "The Transactions field is required.",
            ),
            (
                r#","FundingSources":[]"#,
                "The FundingSources field is required.",
            ),
            (
                r#","FundingSources":["Cash"]"#,
                "The field FundingSources holds an unknown entry.",
            ),
            (
                r#","PaymentWindow":"P1D""#,
                "The field PaymentWindow must be a period",
            ),
            (
                r#","PaymentWindow":"00:00:59""#,
                "The field PaymentWindow must be a period",
            ),
            (
                r#","PaymentWindow":"7.00:00:01""#,
                "The field PaymentWindow must be a period",
            ),
            (
                r#","DelayedCapturePeriod":"21.00:00:01""#,
                "The field DelayedCapturePeriod must",
            ),
            (
                r#","ReservationPeriod":"366.00:00:00""#,
                "The field ReservationPeriod must",
            ),
            (
                r#","GuestCheckOut":1"#,
                "The field GuestCheckOut must be true or false.",
            ),
            (
                r#","PayerHint":"nobody""#,
                "The field PayerHint is not a valid e-mail address.",
            ),
            (
                r#","CardHolderNameHint":"x""#,
                "The field CardHolderNameHint must be 2 to 45",
            ),
            (
                r#","PayerPhoneNumber":"+36301234567""#,
                "The field PayerPhoneNumber must be digits",
            ),
            (
                r#","RedirectUrl":"/back""#,
                "The field RedirectUrl is not an absolute URL.",
            ),
            (
                r#","InitiateRecurrence":true"#,
                "The RecurrenceId field is required.",
            ),
            (r#","ShippingAddress":{}"#, "The Country field is required."),
            (
                r#","ShippingAddress":{"Country":"HU","Region":"BU"}"#,
                "The City field is required.",
            ),
            (
                r#","PayerAccount":{"ProvisionAttempts":1000}"#,
                "The field ProvisionAttempts must be",
            ),
            (
                r#","PurchaseInformation":{"PurchaseType":"x"}"#,
                "The field PurchaseType must be one of",
            ),
            (
                r#","PurchaseInformation":{"GiftCardPurchase":{"Amount":0}}"#,
                "The field Amount must",
            ),
        ] {
            let problems = start(change).unwrap_err();
            assert_eq!(problems.len(), 1, "{change}: {problems:?}");
            assert!(problems[0].starts_with(expected), "{change}: {problems:?}");
        }
    }

    #[test]
    fn totals_are_positive_and_fit_the_currency() {
        let with = |total: &str| {
            start(&format!(
                r#","Transactions":[{{"POSTransactionId":"t","Payee":"a","Total":{total}}}]"#
            ))
        };
        let read = |total: &str| with(total).unwrap().transactions[0].total.to_string();
        assert_eq!(read(r#""84.0""#), "84");
        assert_eq!(read("16777217"), "16777217");
        for wrong in ["0", "-1", "0.5", "1e40", "true", "null", "\"x\""] {
            assert_eq!(with(wrong).unwrap_err().len(), 1, "{wrong}");
        }
    }

    #[test]
    fn payees_cannot_get_more_than_the_total() {
        let part = r#"{"POSTransactionId":"p","Payee":"a@b.c","Total":6}"#;
        let with = |parts: &str| {
            start(&format!(
                r#","Transactions":[{{"POSTransactionId":"t","Payee":"a","Total":10,"PayeeTransactions":[{parts}]}}]"#
            ))
        };
        assert_eq!(with(part).unwrap().payees().count(), 2);
        assert!(with(&format!("{part},{part}")).is_err());
    }
}
