//! Answers of the start calls.

use serde::Serialize;
use url::Url;

use super::no_errors::NoErrors;
use super::processed::{Processed, transactions};
use crate::domain::payment::Payment;
use crate::domain::payment::kinds::{PaymentStatus, RecurrenceResult};
use crate::values::address::gateway_url;
use crate::values::id::format_id;

/// The answer of Payment-Start-v2.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Started<'a> {
    payment_id: String,
    payment_request_id: &'a str,
    status: PaymentStatus,
    #[serde(rename = "QRUrl")]
    qr_url: String,
    transactions: Vec<Processed<'a>>,
    recurrence_result: RecurrenceResult,
    #[serde(rename = "ThreeDSAuthClientData")]
    three_ds_auth_client_data: Option<&'a str>,
    gateway_url: String,
    redirect_url: Option<String>,
    callback_url: Option<String>,
    trace_id: Option<&'a str>,
    errors: NoErrors,
}

impl<'a> Started<'a> {
    pub(crate) fn of(payment: &'a Payment, base: &Url) -> Self {
        let id = format_id(payment.id);
        Self {
            payment_request_id: &payment.request_id,
            status: payment.status,
            // The one place where the id has dashes.
            qr_url: format!(
                "{base}qr/generate?paymentId={}&size=Large",
                payment.id.hyphenated()
            ),
            transactions: transactions(payment),
            recurrence_result: payment.recurrence.result,
            three_ds_auth_client_data: payment.recurrence.client_data.as_deref(),
            gateway_url: gateway_url(base, payment.id),
            redirect_url: payment.redirect_address(),
            callback_url: payment.callback_address(),
            trace_id: payment.recurrence.trace_id.as_deref(),
            errors: [],
            payment_id: id,
        }
    }
}

/// The answer of `StartPaymentWithGoogleToken`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GoogleStarted<'a> {
    payment_id: String,
    payment_request_id: &'a str,
    payment_status: PaymentStatus,
    #[serde(rename = "ThreeDSAuthClientData")]
    three_ds_auth_client_data: Option<&'a str>,
    trace_id: Option<&'a str>,
    is_successful: bool,
    errors: NoErrors,
}

impl<'a> GoogleStarted<'a> {
    pub(crate) fn of(payment: &'a Payment) -> Self {
        Self {
            payment_id: format_id(payment.id),
            payment_request_id: &payment.request_id,
            payment_status: payment.status,
            three_ds_auth_client_data: payment.recurrence.client_data.as_deref(),
            trace_id: payment.recurrence.trace_id.as_deref(),
            is_successful: true,
            errors: [],
        }
    }
}

/// The answer of `StartPaymentWithAppleToken`, as a model of another client reads it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AppleStarted<'a> {
    payment_id: String,
    payment_request_id: &'a str,
    payment_status: PaymentStatus,
    is_successful: bool,
    #[serde(rename = "ThreeDSAuthClientData")]
    three_ds_auth_client_data: Option<&'a str>,
    trace_id: Option<&'a str>,
    errors: NoErrors,
}

impl<'a> AppleStarted<'a> {
    pub(crate) fn of(payment: &'a Payment) -> Self {
        Self {
            payment_id: format_id(payment.id),
            payment_request_id: &payment.request_id,
            payment_status: payment.status,
            is_successful: true,
            three_ds_auth_client_data: payment.recurrence.client_data.as_deref(),
            trace_id: payment.recurrence.trace_id.as_deref(),
            errors: [],
        }
    }
}

/// The answer of `ValidateSession`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AppleSession {
    /// JSON inside a text.
    pub(crate) apple_pay_session_response: String,
    pub(crate) errors: NoErrors,
}
