//! Bookings of payments in the wallet.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::handle::Wallet;
use crate::domain::payment::{Payment, Transaction};
use crate::domain::wallet::booking;
use crate::store::error::StoreError;

impl Wallet<'_> {
    /// Brings the bookings in line with the payment as it is now. Nothing was booked for a new one.
    pub(crate) fn follow(
        &self,
        payment: &Payment,
        new: bool,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        for (one, effect) in booking::effects(payment, self.owner) {
            let booked = if new { None } else { self.following(one.id)? };
            if let Some((place, item)) = booked {
                self.rebook(place, item, effect.available, effect.blocked)?;
            } else if !effect.is_nothing() {
                let account = self.account(payment.currency)?.map(|one| one.id);
                let owner = (self.owner, account);
                self.add(booking::item(payment, one, effect, owner, now))?;
            }
        }
        Ok(())
    }

    /// How much of these refunds comes out of this wallet.
    pub(crate) fn spends(&self, refunds: &[Transaction]) -> Decimal {
        booking::spent(refunds, self.owner)
    }
}
