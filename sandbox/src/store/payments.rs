//! Payments in the store: reading, adding and changing them.

use std::sync::Arc;

use rusqlite::Row;
use uuid::Uuid;

use super::columns::{micros, state, text};
use super::error::StoreError;
use super::handle::{Next, Store};
use crate::domain::clock::ClockState;
use crate::domain::notice::Notice;
use crate::domain::payment::Payment;

impl Store {
    pub(crate) fn get(&mut self, id: Uuid) -> Result<Option<Arc<Payment>>, StoreError> {
        if let Some(payment) = self.recent.get(id) {
            return Ok(Some(payment));
        }
        let Some(payment) = self.read(id)? else {
            return Ok(None);
        };
        let payment = Arc::new(payment);
        self.recent.put(Arc::clone(&payment));
        Ok(Some(payment))
    }

    fn read(&mut self, id: Uuid) -> Result<Option<Payment>, StoreError> {
        let query = "SELECT serial, state FROM payments WHERE id = ?1";
        let found = self.db.first(query, [id.into_bytes()], payment)?;
        found.map(|payment| self.with_shop(payment)).transpose()
    }

    /// Whether there is a payment of this id.
    pub(crate) fn knows(&self, id: Uuid) -> Result<bool, StoreError> {
        let query = "SELECT 1 FROM payments WHERE id = ?1";
        Ok(self
            .db
            .first(query, [id.into_bytes()], |_| Ok(()))?
            .is_some())
    }

    /// A payment with its whole history.
    pub(crate) fn with_history(&mut self, id: Uuid) -> Result<Option<Payment>, StoreError> {
        let Some(mut payment) = self.read(id)? else {
            return Ok(None);
        };
        payment.history = self.events(id)?;
        Ok(Some(payment))
    }

    /// Creates the index of request ids. Only a strict sandbox reads it; elsewhere it would make
    /// starts slower.
    pub(crate) fn index_request_ids(&mut self, clock: ClockState) -> Result<(), StoreError> {
        let index = "CREATE INDEX IF NOT EXISTS payments_by_request \
                     ON payments (state ->> '$.shop', state ->> '$.request_id')";
        self.db.write(index, [])?;
        self.commit(clock).map(drop)
    }

    /// Whether a payment of the shop has this request id.
    pub(crate) fn has_request_id(&self, shop: Uuid, request_id: &str) -> Result<bool, StoreError> {
        let query = "SELECT 1 FROM payments \
                     WHERE state ->> '$.shop' = ?1 AND state ->> '$.request_id' = ?2";
        let wanted = (shop.hyphenated().to_string(), request_id);
        Ok(self.db.first(query, wanted, |_| Ok(()))?.is_some())
    }

    /// How many payments there are.
    pub(crate) fn count(&self) -> Result<i64, StoreError> {
        // None is ever taken away.
        let query = "SELECT coalesce(max(serial), 0) FROM payments";
        let count = self.db.first(query, [], |row| Ok(row.get(0)?))?;
        Ok(count.unwrap_or_default())
    }

    /// A page of payments, the newest first: `take` of them after the first `leave`.
    pub(crate) fn newest(&mut self, leave: i64, take: i64) -> Result<Vec<Payment>, StoreError> {
        let last = self.count()? - leave;
        let query =
            "SELECT serial, state FROM payments WHERE serial <= ?1 ORDER BY serial DESC LIMIT ?2";
        let found = self.db.all(query, (last, take), payment)?;
        let found = found.into_iter();
        found.map(|payment| self.with_shop(payment)).collect()
    }

    fn with_shop(&mut self, mut payment: Payment) -> Result<Payment, StoreError> {
        let shop = self.shop(payment.shop.public)?;
        payment.shop = shop.ok_or(StoreError::Incomplete)?;
        Ok(payment)
    }

    /// Adds a new payment. Its start causes no callback, a charge that came with it does.
    pub(crate) fn add(&mut self, mut payment: Payment) -> Result<(), StoreError> {
        if let Some(name) = &payment.recurrence.registers {
            self.put_first_payment(payment.shop.public, name, payment.id)?;
        }
        self.db.write(
            "INSERT INTO payments (id, due, state) VALUES (?1, ?2, ?3)",
            (
                payment.id.into_bytes(),
                payment.due().map(micros),
                text(&payment)?,
            ),
        )?;
        payment.serial = self.db.last_place();
        self.follow(&mut payment, true, 0)?;
        if let Some(due) = payment.due()
            && let Some(Next(next)) = &mut self.next
        {
            *next = Some(next.map_or(due, |next| next.min(due)));
        }
        self.recent.put(Arc::new(payment));
        Ok(())
    }

    /// Changes a payment and keeps everything in step with it. `None` when there is no such
    /// payment.
    pub(crate) fn change<T>(
        &mut self,
        id: Uuid,
        change: impl FnOnce(&mut Payment) -> T,
    ) -> Result<Option<T>, StoreError> {
        let mut payment = match self.recent.take(id) {
            Some(payment) => Arc::unwrap_or_clone(payment),
            None => match self.read(id)? {
                Some(payment) => payment,
                None => return Ok(None),
            },
        };
        let (revision, due) = (payment.revision, payment.due());
        let result = change(&mut payment);
        if payment.due() != due {
            self.next = None;
        }
        self.db.write(
            "UPDATE payments SET due = ?2, state = ?3 WHERE serial = ?1",
            (payment.serial, payment.due().map(micros), text(&payment)?),
        )?;
        self.follow(&mut payment, false, revision)?;
        self.recent.put(Arc::new(payment));
        Ok(Some(result))
    }

    /// Adds a notice about a payment that has not changed. Returns the address.
    pub(crate) fn notify(&mut self, id: Uuid) -> Result<Option<String>, StoreError> {
        let Some(url) = self.get(id)?.as_deref().and_then(Payment::callback_address) else {
            return Ok(None);
        };
        self.notices.push(Notice {
            payment: id,
            url: url.clone(),
        });
        Ok(Some(url))
    }

    /// Lets everything else follow a payment that has just been written.
    fn follow(
        &mut self,
        payment: &mut Payment,
        new: bool,
        revision: u64,
    ) -> Result<(), StoreError> {
        for (number, (moment, event)) in (1..).zip(std::mem::take(&mut payment.history)) {
            if new {
                self.put_event(payment.serial, number, moment, &event)?;
            } else {
                self.write_event(payment.id, moment, &event)?;
            }
        }
        if let Some((name, token)) = payment.recurrence.minted.take() {
            self.put_token(payment.shop.public, &name, &token)?;
        }
        self.wallet().follow(payment, new, self.now)?;
        if payment.revision != revision
            && let Some(url) = payment.callback_address()
        {
            let payment = payment.id;
            self.notices.push(Notice { payment, url });
        }
        Ok(())
    }
}

fn payment(row: &Row<'_>) -> Result<Payment, StoreError> {
    let mut payment: Payment = state(row, 1)?;
    payment.serial = row.get(0)?;
    Ok(payment)
}
