//! All state of a sandbox, in one SQLite database: in memory, or in a file that outlives the process.

pub(crate) mod db;
mod events;
mod recent;
mod shops;
mod tokens;

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rusqlite::Row;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::answer::start::callback_url;
use crate::clock::{Clock, Standing};
use crate::ids::Ids;
use crate::payment::history::Moment;
use crate::payment::{Payment, Person};
use crate::pos::Pos;
use crate::wallet::Wallet;
use db::{Db, StoreError, state, text};
use events::Notes;
use recent::Recent;

/// A shop is to be told of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) payment: Uuid,
    pub(crate) url: String,
}

/// An error that may be the store's: what was changed before it is undone then.
pub(crate) trait MayBeStore: From<StoreError> {
    fn of_store(&self) -> Option<&StoreError>;
}

impl MayBeStore for StoreError {
    fn of_store(&self) -> Option<&StoreError> {
        Some(self)
    }
}

/// What never changes.
#[derive(Debug, Serialize, Deserialize)]
struct Opening {
    owner: Person,
    at: DateTime<Utc>,
}

/// The names of facts.
const OPENING: &str = "opening";
const CLOCK: &str = "clock";
const PLACES: &str = "places";
const OPENINGS: &str = "openings";

/// Moments take places up to a bound that is kept, and with the last one up to a new bound. So no place is taken again
/// after a restart.
const PLACES_AHEAD: u64 = 1_000_000;

/// What a store is opened with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options<'a> {
    /// The file; without one everything is in memory.
    pub(crate) path: Option<&'a Path>,
    /// Whether the clock moves with the real time.
    pub(crate) real_time: bool,
    /// Where the clock of a new store begins, if not at the real time.
    pub(crate) start_at: Option<DateTime<Utc>>,
    /// Makes the ids the same ones in each run.
    pub(crate) seed: Option<u64>,
}

/// When the next thing happens by itself, if anything does.
#[derive(Clone, Copy, Debug)]
struct Next(Option<DateTime<Utc>>);

/// Payments by id, what time will do to them in order, the registered tokens, shops and the wallet.
///
/// Nothing is loaded that grows; beside the database there are only some things at hand that were used lately.
#[derive(Debug)]
pub(crate) struct Store {
    db: Db,
    opening: Opening,
    /// The time up to which everything has happened.
    now: DateTime<Utc>,
    /// Some of the shops.
    shops: Vec<Arc<Pos>>,
    /// Some of the payments, as they are in the database.
    recent: Recent,
    /// When the next thing happens by itself, if that was looked up.
    next: Option<Next>,
    notices: Vec<Notice>,
    notes: Notes,
    /// The clock as it was written last.
    clock: Option<Standing>,
    /// Moments have places below this.
    places: u64,
}

impl Store {
    /// The store of a file, or a new one in memory, its clock and the source of its ids. The seeded
    /// shop gets the key with which the sandbox is started this time.
    pub(crate) fn open(
        options: Options<'_>,
        key: Uuid,
        owner: Person,
    ) -> Result<(Self, Clock, Ids), StoreError> {
        let real_time = options.real_time;
        let db = Db::open(options.path)?;
        let standing = fact::<Standing>(&db, CLOCK)?;
        let clock = match (standing, options.start_at) {
            (Some(standing), _) => Clock::resumed(real_time, standing),
            (None, Some(start)) => Clock::from(start, real_time),
            (None, None) => Clock::new(real_time),
        };
        let openings: u64 = fact(&db, OPENINGS)?.unwrap_or_default();
        let ids = options.seed.map(|seed| Ids::seeded(seed, openings));
        let ids = ids.unwrap_or_default();
        let places = fact(&db, PLACES)?.unwrap_or_default();
        Moment::begin_at(places);
        let (opening, new) = match fact(&db, OPENING)? {
            Some(opening) => (opening, false),
            None => (
                Opening {
                    owner,
                    at: clock.now(),
                },
                true,
            ),
        };
        let mut store = Self {
            db,
            now: opening.at,
            opening,
            shops: Vec::new(),
            recent: Recent::default(),
            next: None,
            notices: Vec::new(),
            notes: Notes::default(),
            clock: standing,
            places,
        };
        if new {
            store.put_fact(OPENING, &store.opening)?;
            store.add_shop(&Pos::seeded(key))?;
            ids.scope(|| store.wallet().open_accounts())?;
        } else {
            store.set_seeded_key(key)?;
        }
        store.put_fact(OPENINGS, &openings.saturating_add(1))?;
        store.commit(clock.standing())?;
        Ok((store, clock, ids))
    }

    pub(crate) fn wallet(&self) -> Wallet<'_> {
        Wallet {
            db: &self.db,
            owner: &self.opening.owner,
            opened_at: self.opening.at,
        }
    }

    /// The wallet, to have something booked.
    pub(crate) fn wallet_to_change(&mut self) -> Wallet<'_> {
        // A transfer may return by itself.
        self.next = None;
        self.wallet()
    }

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

    /// Prepares for questions after request ids, which only a strict sandbox has: an index that everybody had to keep up
    /// would make starts slower.
    pub(crate) fn index_request_ids(&mut self, clock: Standing) -> Result<(), StoreError> {
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

    /// So many payments, the newest first, after leaving out some newer ones.
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

    /// Takes in a new payment. Its start is told to nobody, a charge that came with it is.
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

    /// Changes a payment and keeps everything in step with it. `None` when there is no such payment.
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

    /// Lets everything happen that is due by now, in the order in which it is due; of one moment the older payment
    /// goes first, so that the order of callbacks is the same in every run.
    pub(crate) fn bring_up_to(&mut self, now: DateTime<Utc>) -> Result<(), StoreError> {
        while self.next_due()?.is_some_and(|next| next <= now) {
            let query = "SELECT id, due FROM payments WHERE due <= ?1 ORDER BY due, serial LIMIT 1";
            let due = self.db.first(query, [micros(now)], |row| {
                Ok((Uuid::from_bytes(row.get(0)?), time(row.get(1)?)))
            })?;
            let until = due.map_or(now, |(_, due)| due);
            self.wallet().bring_up_to(until)?;
            self.now = until;
            if let Some((id, due)) = due {
                self.change(id, |payment| payment.expire(payment.due().unwrap_or(due)))?;
            }
            self.next = None;
        }
        self.now = now;
        Ok(())
    }

    /// Has the shop told of a payment though nothing changed. Returns the address.
    pub(crate) fn notify(&mut self, id: Uuid) -> Result<Option<String>, StoreError> {
        let Some(url) = self.get(id)?.as_deref().and_then(callback_url) else {
            return Ok(None);
        };
        self.notices.push(Notice {
            payment: id,
            url: url.clone(),
        });
        Ok(Some(url))
    }

    /// When the next thing happens by itself.
    pub(crate) fn next_due(&mut self) -> Result<Option<DateTime<Utc>>, StoreError> {
        if let Some(Next(next)) = self.next {
            return Ok(next);
        }
        let query = "SELECT due FROM payments WHERE due IS NOT NULL ORDER BY due LIMIT 1";
        let due = self.db.first(query, [], |row| Ok(time(row.get(0)?)))?;
        let next = due.into_iter().chain(self.wallet().next_return()?).min();
        self.next = Some(Next(next));
        Ok(next)
    }

    /// Makes the changes last, and hands out what shops are to hear of them, in order. The time that passes by itself
    /// is written along with other changes only.
    pub(crate) fn commit(&mut self, clock: Standing) -> Result<Vec<Notice>, StoreError> {
        let set = self.clock.is_none_or(|one| !one.as_far_ahead(&clock));
        if !self.db.is_changed() && !set && !self.notes.are_many() {
            return Ok(std::mem::take(&mut self.notices));
        }
        self.write_notes()?;
        if self.clock != Some(clock) {
            self.put_fact(CLOCK, &clock)?;
        }
        let places = Moment::next_place();
        let more = (places >= self.places).then_some(places + PLACES_AHEAD);
        if let Some(places) = more {
            self.put_fact(PLACES, &places)?;
        }
        self.db.commit()?;
        self.notes.forget();
        self.clock = Some(clock);
        self.places = more.unwrap_or(self.places);
        Ok(std::mem::take(&mut self.notices))
    }

    /// Undoes what was changed since the last commit.
    pub(crate) fn undo(&mut self) {
        self.db.undo();
        self.notices.clear();
        self.shops.clear();
        self.recent.clear();
        self.next = None;
    }

    /// Writes what still waits to be written. Others may use the file once the store is gone.
    pub(crate) fn close(mut self, clock: Standing) -> Result<(), StoreError> {
        self.notes.gather();
        self.write_notes()?;
        self.notes.forget();
        self.commit(clock).map(drop)
    }

    fn put_fact(&self, name: &str, fact: &impl Serialize) -> Result<(), StoreError> {
        self.db.write(
            "INSERT INTO facts (name, state) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET state = ?2",
            (name, text(fact)?),
        )
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
            && let Some(url) = callback_url(payment)
        {
            let payment = payment.id;
            self.notices.push(Notice { payment, url });
        }
        Ok(())
    }

    #[cfg(test)]
    pub(crate) fn db(&self) -> &Db {
        &self.db
    }
}

fn fact<T: serde::de::DeserializeOwned>(db: &Db, name: &str) -> Result<Option<T>, StoreError> {
    let query = "SELECT state FROM facts WHERE name = ?1";
    db.first(query, [name], |row| state(row, 0))
}

fn payment(row: &Row<'_>) -> Result<Payment, StoreError> {
    let mut payment: Payment = state(row, 1)?;
    payment.serial = row.get(0)?;
    Ok(payment)
}

/// A time as it is found by: the first microsecond that is not before it.
pub(crate) fn micros(at: DateTime<Utc>) -> i64 {
    at.timestamp_micros() + i64::from(!at.timestamp_subsec_nanos().is_multiple_of(1_000))
}

/// The time of such a number.
pub(crate) fn time(micros: i64) -> DateTime<Utc> {
    // Only what was written is read, and that was within the calendar.
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::time::Duration;

    use serde_json::Value;

    use crate::{CARD_OK, ControlError, POS_KEY, Sandbox};

    const ORDER: &str = r#"{"PaymentType":"Immediate","FundingSources":["All"],"PaymentRequestId":"1",
        "Locale":"hu-HU","Currency":"HUF","RedirectUrl":"http://localhost","CallbackUrl":"http://localhost:1",
        "Transactions":[{"POSTransactionId":"1","Payee":"shop@example.com","Total":10}]}"#;

    const FAILED: &str = r#"{"Message":"An error has occurred."}"#;

    struct Shop {
        sandbox: Sandbox,
        client: reqwest::Client,
    }

    impl Shop {
        async fn new() -> Self {
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            let sandbox = Sandbox::start().await.unwrap();
            Self { sandbox, client }
        }

        async fn send(&self, request: reqwest::RequestBuilder) -> (u16, String) {
            let request = request.header("x-pos-key", POS_KEY);
            let answer = request.send().await.unwrap();
            (answer.status().as_u16(), answer.text().await.unwrap())
        }

        async fn post(&self, path: &str, body: impl Into<reqwest::Body>) -> (u16, String) {
            let url = self.sandbox.url().join(path).unwrap();
            self.send(self.client.post(url).body(body)).await
        }

        async fn get(&self, path: &str) -> (u16, String) {
            let url = self.sandbox.url().join(path).unwrap();
            self.send(self.client.get(url)).await
        }

        async fn start(&self) -> String {
            let (status, answer) = self.post("v2/Payment/Start", ORDER).await;
            assert_eq!(status, 200, "{answer}");
            let answer: Value = serde_json::from_str(&answer).unwrap();
            answer["PaymentId"].as_str().unwrap().to_owned()
        }

        async fn status(&self, id: &str) -> String {
            let path = format!("v4/Payment/{id}/PaymentState");
            let state: Value = serde_json::from_str(&self.get(&path).await.1).unwrap();
            state["Status"].as_str().unwrap().to_owned()
        }

        /// What the page of a payment tells, without the lines about calls.
        async fn story(&self, id: &str) -> (u16, usize) {
            let (status, page) = self.get(&format!("payments/{id}")).await;
            (status, page.matches(">Status<").count())
        }
    }

    #[tokio::test]
    async fn what_cannot_be_written_leaves_no_trace_and_the_next_call_works() {
        let shop = Shop::new().await;
        let sandbox = &shop.sandbox;
        let id = shop.start().await;
        let (_, payments) = shop.get("").await;
        let story = shop.story(&id).await;

        sandbox.refuse_writes(true);
        let failed = (500, FAILED.to_owned());
        assert_eq!(shop.post("v2/Payment/Start", ORDER).await, failed);
        let last = sandbox.requests().pop().unwrap();
        assert_eq!((last.status, last.answer.as_str()), (500, FAILED));
        let refused = Err(ControlError::NotWritten);
        assert_eq!(sandbox.pay(&id, CARD_OK).await, refused);
        assert_eq!(sandbox.cancel(&id).await, refused);
        let pay = format!("sandbox/payments/{id}/pay");
        let card = format!(r#"{{"CardNumber":"{CARD_OK}"}}"#);
        let (status, answer) = shop.post(&pay, card).await;
        assert_eq!(status, 500, "{answer}");
        // What can be answered without a change is.
        assert_eq!(shop.status(&id).await, "Prepared");
        sandbox.refuse_writes(false);

        assert_eq!(shop.get("").await.1, payments);
        assert_eq!(shop.story(&id).await, story);
        sandbox.callbacks_settled().await;
        assert_eq!(sandbox.callbacks(), []);
        assert_eq!(sandbox.pay(&id, CARD_OK).await.unwrap().status, "Succeeded");
        shop.start().await;
    }

    #[tokio::test]
    async fn time_that_cannot_be_written_is_told_and_made_up_for() {
        let shop = Shop::new().await;
        let sandbox = &shop.sandbox;
        let id = shop.start().await;
        let hour = Duration::from_secs(3_600);

        sandbox.refuse_writes(true);
        assert_eq!(sandbox.advance(hour).await, Err(ControlError::NotWritten));
        let again = sandbox.call_back(&id).await;
        assert_eq!(again, Err(ControlError::NotWritten));
        let path = "sandbox/clock/advance";
        let (status, _) = shop.post(path, r#"{"Seconds":60}"#).await;
        assert_eq!(status, 500);
        sandbox.callbacks_settled().await;
        assert_eq!(sandbox.callbacks(), []);
        sandbox.refuse_writes(false);

        assert_eq!(shop.status(&id).await, "Expired");
        sandbox.callbacks_settled().await;
        assert_eq!(sandbox.callbacks().len(), 1);
    }

    #[tokio::test]
    async fn a_call_that_fails_midway_is_undone_as_a_whole() {
        let shop = Shop::new().await;
        let id = shop.start().await;
        // The payment itself can be written, what follows from it in the wallet can't.
        shop.sandbox.break_wallet(true);
        let refused = Err(ControlError::NotWritten);
        assert_eq!(shop.sandbox.pay(&id, CARD_OK).await, refused);
        assert_eq!(shop.status(&id).await, "Prepared");
        shop.sandbox.break_wallet(false);
        let paid = shop.sandbox.pay(&id, CARD_OK).await;
        assert_eq!(paid.unwrap().status, "Succeeded");
    }
}
