//! Payer account at the shop, for 3D Secure.

use barion_generated::enums::{
    AccountChangeIndicator, AccountCreationIndicator, PasswordChangeIndicator,
    PaymentMethodIndicator, ShippingAddressUsageIndicator, SuspiciousActivityIndicator,
};
use barion_generated::types;
use barion_generated::wire::{Sensitive, Timestamp};

/// Payer account: what the shop knows of the payer's account, for 3D Secure. See
/// <https://docs.barion.com/PayerAccountInformation>.
///
/// Times can be given as [`SystemTime`](std::time::SystemTime) or as a `DateTime<Utc>` of chrono.
#[derive(Debug, Clone)]
#[must_use]
pub struct PayerAccount {
    wire: types::PayerAccountInformation,
}

impl PayerAccount {
    /// Payer account of which nothing is known yet.
    #[allow(clippy::new_without_default, reason = "an empty account says nothing")]
    pub fn new() -> Self {
        Self {
            wire: types::PayerAccountInformation::default(),
        }
    }

    /// Identifier of the account at the shop, at most 64 characters.
    pub fn account_id(mut self, id: impl Into<String>) -> Self {
        self.wire.account_id = Some(Sensitive::new(id));
        self
    }

    /// Time of creation of the account.
    pub fn created(mut self, at: impl Into<Timestamp>) -> Self {
        self.wire.account_created = Some(at.into());
        self
    }

    /// Age of the account; `NoAccount` for guests.
    pub fn creation_indicator(mut self, age: AccountCreationIndicator) -> Self {
        self.wire.account_creation_indicator = Some(age);
        self
    }

    /// Time of the last change of the account.
    pub fn last_changed(mut self, at: impl Into<Timestamp>) -> Self {
        self.wire.account_last_changed = Some(at.into());
        self
    }

    /// Age of the last change of the account.
    pub fn change_indicator(mut self, age: AccountChangeIndicator) -> Self {
        self.wire.account_change_indicator = Some(age);
        self
    }

    /// Time of the last change of the password.
    pub fn password_last_changed(mut self, at: impl Into<Timestamp>) -> Self {
        self.wire.password_last_changed = Some(at.into());
        self
    }

    /// Age of the last change of the password.
    pub fn password_change_indicator(mut self, age: PasswordChangeIndicator) -> Self {
        self.wire.password_change_indicator = Some(age);
        self
    }

    /// Number of the payer's purchases in the last six months, at most 9999.
    pub fn purchases_in_the_last_6_months(mut self, count: u16) -> Self {
        self.wire.purchases_in_the_last6_months = Some(count.into());
        self
    }

    /// Time of the first use of the shipping address.
    pub fn shipping_address_added(mut self, at: impl Into<Timestamp>) -> Self {
        self.wire.shipping_address_added = Some(at.into());
        self
    }

    /// Age of the first use of the shipping address.
    pub fn shipping_address_usage_indicator(mut self, age: ShippingAddressUsageIndicator) -> Self {
        self.wire.shipping_address_usage_indicator = Some(age);
        self
    }

    /// Number of cards added in the last 24 hours, at most 999.
    pub fn provision_attempts(mut self, count: u16) -> Self {
        self.wire.provision_attempts = Some(count.into());
        self
    }

    /// Number of attempted payments in the last 24 hours, at most 999.
    pub fn transactional_activity_per_day(mut self, count: u16) -> Self {
        self.wire.transactional_activity_per_day = Some(count.into());
        self
    }

    /// Number of attempted payments in the last year, at most 999.
    pub fn transactional_activity_per_year(mut self, count: u16) -> Self {
        self.wire.transactional_activity_per_year = Some(count.into());
        self
    }

    /// Time when the card was stored.
    pub fn payment_method_added(mut self, at: impl Into<Timestamp>) -> Self {
        self.wire.payment_method_added = Some(at.into());
        self
    }

    /// Age of the stored card.
    pub fn payment_method_indicator(mut self, age: PaymentMethodIndicator) -> Self {
        self.wire.payment_method_indicator = Some(age);
        self
    }

    /// Suspicious activity on the account, whether any was seen.
    pub fn suspicious_activity_indicator(mut self, seen: SuspiciousActivityIndicator) -> Self {
        self.wire.suspicious_activity_indicator = Some(seen);
        self
    }

    pub(crate) fn into_wire(self) -> types::PayerAccountInformation {
        self.wire
    }
}
