//! Payment state, v2 and v4.

use serde::Serialize;

use super::no_errors::NoErrors;
use crate::domain::cards::ProcessResult;
use crate::domain::payment::kinds::{
    PaymentMethod, PaymentStatus, PaymentType, TransactionStatus, TransactionType,
};
use crate::domain::payment::{Attempt, Item, Payment, Transaction};
use crate::domain::person::Person;
use crate::domain::seeded::{OWNER_COUNTRY, PAYEE};
use crate::values::amount::Amount;
use crate::values::id::format_id;
use crate::values::time;

/// The answer of `GetPaymentState`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct State<'a> {
    payment_id: String,
    payment_request_id: &'a str,
    order_number: Option<&'a str>,
    #[serde(rename = "POSId")]
    pos_id: String,
    #[serde(rename = "POSName")]
    pos_name: &'a str,
    #[serde(rename = "POSOwnerEmail")]
    pos_owner_email: &'static str,
    #[serde(rename = "POSOwnerCountry")]
    pos_owner_country: &'static str,
    status: PaymentStatus,
    payment_type: PaymentType,
    funding_source: Option<&'a str>,
    recurrence_type: Option<&'a str>,
    trace_id: Option<&'a str>,
    funding_information: Option<FundingInformation<'a>>,
    allowed_funding_sources: &'a [String],
    guest_checkout: bool,
    created_at: String,
    valid_until: String,
    completed_at: Option<String>,
    reserved_until: Option<String>,
    delayed_capture_until: Option<String>,
    transactions: Vec<Detailed<'a>>,
    total: Amount,
    suggested_locale: &'a str,
    fraud_risk_score: Option<u8>,
    redirect_url: Option<String>,
    callback_url: Option<String>,
    currency: &'static str,
    errors: NoErrors,
    /// On v4 only.
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_method: Option<PaymentMethod>,
}

impl<'a> State<'a> {
    pub(crate) fn of(payment: &'a Payment, with_method: bool) -> Self {
        Self {
            payment_id: format_id(payment.id),
            payment_request_id: &payment.request_id,
            order_number: payment.order_number.as_deref(),
            pos_id: format_id(payment.shop.public),
            pos_name: &payment.shop.name,
            pos_owner_email: PAYEE,
            pos_owner_country: OWNER_COUNTRY,
            status: payment.status,
            payment_type: payment.kind,
            funding_source: payment.funded.as_deref(),
            recurrence_type: payment.recurrence.kind.as_deref(),
            trace_id: payment.recurrence.trace_id.as_deref(),
            funding_information: payment.attempt.as_ref().map(FundingInformation::of),
            allowed_funding_sources: &payment.funding_sources,
            guest_checkout: payment.guest_checkout,
            created_at: time::zoned(payment.created_at),
            valid_until: time::zoned(payment.valid_until),
            completed_at: payment.completed_at.map(time::zoned),
            reserved_until: payment.reserved_until.map(time::zoned),
            delayed_capture_until: payment.capture_until.map(time::zoned),
            transactions: payment
                .transactions
                .iter()
                .map(|one| Detailed::of(one, payment))
                .collect(),
            total: Amount(payment.total()),
            suggested_locale: &payment.locale,
            // Assumed: scored once the money is there, and never risky.
            fraud_risk_score: payment.funded.as_ref().map(|_| 0),
            redirect_url: payment.redirect_address(),
            callback_url: payment.callback_address(),
            currency: payment.currency.code,
            errors: [],
            payment_method: with_method.then_some(payment.method),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct FundingInformation<'a> {
    bank_card: ShownCard<'a>,
    authorization_code: Option<&'a str>,
    process_result: ProcessResult,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ShownCard<'a> {
    masked_pan: &'a str,
    bank_card_type: &'static str,
    /// Texts, not numbers.
    valid_thru_year: String,
    valid_thru_month: &'static str,
}

impl<'a> FundingInformation<'a> {
    fn of(attempt: &'a Attempt) -> Self {
        Self {
            bank_card: ShownCard {
                masked_pan: attempt.card.masked(),
                bank_card_type: attempt.card.brand(),
                valid_thru_year: attempt.valid_thru_year.to_string(),
                valid_thru_month: "12",
            },
            authorization_code: attempt.authorization_code.as_deref(),
            process_result: attempt.result,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Detailed<'a> {
    transaction_id: String,
    #[serde(rename = "POSTransactionId")]
    pos_transaction_id: Option<&'a str>,
    transaction_time: String,
    total: Amount,
    currency: &'static str,
    payer: Option<User<'a>>,
    payee: User<'a>,
    comment: Option<&'a str>,
    status: TransactionStatus,
    transaction_type: TransactionType,
    items: Vec<Line<'a>>,
    related_id: Option<String>,
    #[serde(rename = "POSId")]
    pos_id: String,
    payment_id: String,
}

impl<'a> Detailed<'a> {
    fn of(one: &'a Transaction, payment: &Payment) -> Self {
        Self {
            transaction_id: format_id(one.id),
            pos_transaction_id: one.pos_id.as_deref(),
            transaction_time: time::zoned(one.time),
            total: Amount(one.total),
            currency: payment.currency.code,
            payer: one.payer.as_ref().map(User::of),
            payee: User::of(&one.payee),
            comment: one.comment.as_deref(),
            status: one.status,
            transaction_type: one.kind,
            items: one.items.iter().map(Line::of).collect(),
            related_id: one.related.map(format_id),
            pos_id: format_id(payment.shop.public),
            payment_id: format_id(payment.id),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct User<'a> {
    name: NameInformation<'a>,
    email: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
#[allow(clippy::struct_field_names, reason = "the names are the wire's")]
struct NameInformation<'a> {
    login_name: Option<&'a str>,
    first_name: Option<&'a str>,
    last_name: Option<&'a str>,
    organization_name: Option<&'a str>,
}

impl<'a> User<'a> {
    fn of(person: &'a Person) -> Self {
        let email = person.email.as_deref();
        Self {
            name: NameInformation {
                login_name: email,
                first_name: None,
                last_name: None,
                organization_name: person.organization.as_deref(),
            },
            email,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Line<'a> {
    name: &'a str,
    description: &'a str,
    quantity: Amount,
    unit: &'a str,
    unit_price: Amount,
    item_total: Amount,
    #[serde(rename = "SKU")]
    sku: Option<&'a str>,
}

impl<'a> Line<'a> {
    pub(crate) fn of(item: &'a Item) -> Self {
        Self {
            name: &item.name,
            description: &item.description,
            quantity: Amount(item.quantity),
            unit: &item.unit,
            unit_price: Amount(item.unit_price),
            item_total: Amount(item.line_total),
            sku: item.sku.as_deref(),
        }
    }
}
