//! Google Pay token.

use barion_generated::types;
use barion_generated::wire::Sensitive;

/// Google Pay token that funds a payment, and the payer's e-mail address.
#[derive(Debug, Clone)]
#[doc(alias = "GooglePay")]
pub struct GooglePayToken {
    token: Sensitive,
    payer_email: Sensitive,
}

impl GooglePayToken {
    /// Google Pay token: the encrypted token as Google's script handed it over, one string, and the
    /// payer's e-mail address from the same place.
    #[must_use]
    pub fn new(token: impl Into<String>, payer_email: impl Into<String>) -> Self {
        Self {
            token: Sensitive::new(token),
            payer_email: Sensitive::new(payer_email),
        }
    }

    pub(crate) fn request(
        &self,
        payment: &types::StartPaymentRequest,
    ) -> types::StartPaymentWithGoogleTokenRequest {
        let types::StartPaymentRequest {
            billing_address,
            callback_url,
            card_holder_name_hint,
            challenge_preference,
            currency,
            delayed_capture_period,
            funding_sources,
            guest_check_out,
            initiate_recurrence,
            locale,
            order_number,
            payer_account_information,
            payer_hint,
            payer_home_number,
            payer_phone_number,
            payer_work_phone_number,
            payment_request_id,
            payment_type,
            payment_window,
            pos_key,
            purchase_information,
            recurrence_id,
            recurrence_type,
            redirect_url,
            reservation_period,
            shipping_address,
            trace_id,
            transactions,
        } = payment.clone();
        types::StartPaymentWithGoogleTokenRequest {
            billing_address,
            callback_url,
            card_holder_name_hint,
            challenge_preference,
            currency,
            delayed_capture_period,
            funding_sources,
            google_pay_token: self.token.clone(),
            guest_check_out,
            initiate_recurrence,
            locale,
            order_number,
            payer_account_information,
            payer_email_address: self.payer_email.clone(),
            payer_hint,
            payer_home_number,
            payer_phone_number,
            payer_work_phone_number,
            payment_request_id,
            payment_type,
            payment_window,
            pos_key,
            purchase_information,
            recurrence_id,
            recurrence_type,
            redirect_url,
            reservation_period,
            shipping_address,
            trace_id,
            transactions,
        }
    }
}
