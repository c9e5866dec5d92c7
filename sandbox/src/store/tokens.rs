//! Registered tokens in the store, by the shop's public key and its `RecurrenceId`.

use uuid::Uuid;

use super::columns::{state, text};
use super::error::StoreError;
use super::handle::Store;
use crate::domain::payment::token::Token;
use crate::domain::payment::token_charge::TokenChargeOutcome;

impl Store {
    pub(crate) fn token(
        &self,
        shop: Uuid,
        recurrence_id: &str,
    ) -> Result<Option<Token>, StoreError> {
        self.db.first(
            "SELECT state FROM tokens WHERE shop = ?1 AND name = ?2",
            (shop.into_bytes(), recurrence_id),
            |row| state(row, 0),
        )
    }

    pub(super) fn put_token(
        &self,
        shop: Uuid,
        recurrence_id: &str,
        token: &Token,
    ) -> Result<(), StoreError> {
        self.db.write(
            "INSERT INTO tokens (shop, name, state) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET \
             state = ?3",
            (shop.into_bytes(), recurrence_id, text(token)?),
        )
    }

    /// Remembers a payment that is to register a token; of several the last one counts.
    pub(super) fn put_first_payment(
        &self,
        shop: Uuid,
        recurrence_id: &str,
        payment: Uuid,
    ) -> Result<(), StoreError> {
        self.db.write(
            "INSERT INTO first_payments (shop, name, payment) VALUES (?1, ?2, ?3) \
             ON CONFLICT DO UPDATE SET payment = ?3",
            (shop.into_bytes(), recurrence_id, payment.into_bytes()),
        )
    }

    /// Whether the payment that was to register this token has ended without success.
    pub(crate) fn token_failed(
        &mut self,
        shop: Uuid,
        recurrence_id: &str,
    ) -> Result<bool, StoreError> {
        let first = self.db.first(
            "SELECT payment FROM first_payments WHERE shop = ?1 AND name = ?2",
            (shop.into_bytes(), recurrence_id),
            |row| Ok(Uuid::from_bytes(row.get(0)?)),
        )?;
        let Some(first) = first else {
            return Ok(false);
        };
        let payment = self.get(first)?;
        Ok(payment
            .is_some_and(|payment| payment.funded.is_none() && payment.completed_at.is_some()))
    }

    /// Takes away what the next charge of the token was set to.
    pub(crate) fn take_charge(
        &mut self,
        shop: Uuid,
        recurrence_id: &str,
    ) -> Result<TokenChargeOutcome, StoreError> {
        let Some(mut token) = self.token(shop, recurrence_id)? else {
            return Ok(TokenChargeOutcome::Successful);
        };
        let charge = std::mem::take(&mut token.next);
        if charge != TokenChargeOutcome::Successful {
            self.put_token(shop, recurrence_id, &token)?;
        }
        Ok(charge)
    }

    /// Sets what the next charge ends in, of every shop's token of this name. `false` when there is
    /// none.
    pub(crate) fn set_charge(
        &mut self,
        recurrence_id: &str,
        charge: TokenChargeOutcome,
    ) -> Result<bool, StoreError> {
        let query = "SELECT shop, state FROM tokens WHERE name = ?1";
        let tokens = self.db.all(query, [recurrence_id], |row| {
            Ok((Uuid::from_bytes(row.get(0)?), state::<Token>(row, 1)?))
        })?;
        for (shop, token) in &tokens {
            let next = charge;
            let token = Token {
                next,
                ..token.clone()
            };
            self.put_token(*shop, recurrence_id, &token)?;
        }
        Ok(!tokens.is_empty())
    }
}
