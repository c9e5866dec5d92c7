//! Answers about shops.

use serde::Serialize;

use super::no_errors::NoErrors;
use crate::domain::seeded::PAYEE;
use crate::domain::shop::{Contact, Shop};
use crate::values::id::format_id;

/// A shop with its keys.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Details<'a> {
    name: &'a str,
    public_key: String,
    secret_key: String,
    status: &'static str,
    is_open: bool,
    description: &'a str,
    /// Pictures are not kept.
    logo: Option<&'a str>,
    business_contact: Somebody<'a>,
    technical_contact: Somebody<'a>,
    customer_service_contact: Somebody<'a>,
    call_back_url: Option<&'a str>,
    reference_id: Option<&'a str>,
    custom_template: Option<&'a str>,
    #[serde(rename = "CustomCSS")]
    custom_css: Option<&'a str>,
    owner_email: &'static str,
    google_pay_merchant_id: Option<&'a str>,
    pixel_id: Option<&'a str>,
    errors: NoErrors,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Somebody<'a> {
    name: &'a str,
    phone_number: &'a str,
    email: &'a str,
}

impl<'a> Details<'a> {
    pub(crate) fn of(shop: &'a Shop) -> Self {
        Self {
            name: &shop.name,
            public_key: format_id(shop.public),
            secret_key: format_id(shop.secret),
            // Barion's sandbox approves without people, too, if not at once.
            status: "Open",
            is_open: true,
            description: &shop.description,
            logo: None,
            business_contact: Somebody::of(&shop.business),
            technical_contact: Somebody::of(&shop.technical),
            customer_service_contact: Somebody::of(&shop.service),
            call_back_url: shop.callback_url.as_deref(),
            reference_id: shop.reference.as_deref(),
            custom_template: shop.template.as_deref(),
            custom_css: shop.css.as_deref(),
            owner_email: PAYEE,
            google_pay_merchant_id: None,
            pixel_id: None,
            errors: [],
        }
    }
}

impl<'a> Somebody<'a> {
    fn of(contact: &'a Contact) -> Self {
        Self {
            name: &contact.name,
            phone_number: &contact.phone,
            email: &contact.email,
        }
    }
}
