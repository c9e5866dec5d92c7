//! The payer's account at the shop.

use barion_generated::enums::{
    AccountChangeIndicator, AccountCreationIndicator, PasswordChangeIndicator,
    PaymentMethodIndicator, ShippingAddressUsageIndicator, SuspiciousActivityIndicator,
};
use barion_generated::types;
use barion_generated::wire::{Sensitive, Timestamp};

/// What the shop knows of the payer's account. See <https://docs.barion.com/PayerAccountInformation>.
///
/// Moments can be given as [`SystemTime`](std::time::SystemTime) or as a `DateTime<Utc>` of chrono.
#[derive(Debug, Clone)]
#[must_use]
pub struct PayerAccount {
    wire: types::PayerAccountInformation,
}

impl PayerAccount {
    /// Nothing known yet.
    #[allow(clippy::new_without_default, reason = "an empty account says nothing")]
    pub fn new() -> Self {
        Self {
            wire: types::PayerAccountInformation::default(),
        }
    }

    /// Your id of the account, at most 64 characters.
    pub fn account_id(mut self, id: impl Into<String>) -> Self {
        self.wire.account_id = Some(Sensitive::new(id));
        self
    }

    /// When the account was made.
    pub fn created(mut self, at: impl Into<Timestamp>) -> Self {
        self.wire.account_created = Some(at.into());
        self
    }

    /// How long the account has existed; `NoAccount` for guests.
    pub fn creation_indicator(mut self, age: AccountCreationIndicator) -> Self {
        self.wire.account_creation_indicator = Some(age);
        self
    }

    /// When the account was last changed.
    pub fn last_changed(mut self, at: impl Into<Timestamp>) -> Self {
        self.wire.account_last_changed = Some(at.into());
        self
    }

    /// How long ago the account was changed.
    pub fn change_indicator(mut self, age: AccountChangeIndicator) -> Self {
        self.wire.account_change_indicator = Some(age);
        self
    }

    /// When the password was last changed.
    pub fn password_last_changed(mut self, at: impl Into<Timestamp>) -> Self {
        self.wire.password_last_changed = Some(at.into());
        self
    }

    /// How long ago the password was changed.
    pub fn password_change_indicator(mut self, age: PasswordChangeIndicator) -> Self {
        self.wire.password_change_indicator = Some(age);
        self
    }

    /// How often the payer bought in the last six months, at most 9999.
    pub fn purchases_in_the_last_6_months(mut self, count: u16) -> Self {
        self.wire.purchases_in_the_last6_months = Some(count.into());
        self
    }

    /// When the shipping address was first used.
    pub fn shipping_address_added(mut self, at: impl Into<Timestamp>) -> Self {
        self.wire.shipping_address_added = Some(at.into());
        self
    }

    /// How long ago the shipping address was first used.
    pub fn shipping_address_usage_indicator(mut self, age: ShippingAddressUsageIndicator) -> Self {
        self.wire.shipping_address_usage_indicator = Some(age);
        self
    }

    /// How many cards were added within 24 hours, at most 999.
    pub fn provision_attempts(mut self, count: u16) -> Self {
        self.wire.provision_attempts = Some(count.into());
        self
    }

    /// How many payments were tried within 24 hours, at most 999.
    pub fn transactional_activity_per_day(mut self, count: u16) -> Self {
        self.wire.transactional_activity_per_day = Some(count.into());
        self
    }

    /// How many payments were tried within a year, at most 999.
    pub fn transactional_activity_per_year(mut self, count: u16) -> Self {
        self.wire.transactional_activity_per_year = Some(count.into());
        self
    }

    /// When the card was stored.
    pub fn payment_method_added(mut self, at: impl Into<Timestamp>) -> Self {
        self.wire.payment_method_added = Some(at.into());
        self
    }

    /// How long ago the card was stored.
    pub fn payment_method_indicator(mut self, age: PaymentMethodIndicator) -> Self {
        self.wire.payment_method_indicator = Some(age);
        self
    }

    /// Whether anything odd was seen of the account.
    pub fn suspicious_activity_indicator(mut self, seen: SuspiciousActivityIndicator) -> Self {
        self.wire.suspicious_activity_indicator = Some(seen);
        self
    }

    pub(crate) fn into_wire(self) -> types::PayerAccountInformation {
        self.wire
    }
}
