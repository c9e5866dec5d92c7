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

    /// The start with this token.
    pub(crate) fn request(
        &self,
        payment: &types::StartPaymentRequest,
    ) -> types::StartPaymentWithGoogleTokenRequest {
        types::StartPaymentWithGoogleTokenRequest::of(
            payment.clone(),
            self.token.clone(),
            self.payer_email.clone(),
        )
    }
}
