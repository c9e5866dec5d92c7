//! Write-ahead log: requests are written down before they are sent.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::Instant;

use super::Client;
use super::recorder::{BoxError, Recorded, Recorder};
use crate::error::{Delivery, Error, ErrorKind};
use crate::unconfirmed::UnconfirmedRequest;

/// Time limit of writing. A process that has read the record counts from there until when something
/// may leave, so that nothing may be sent later.
const WRITING: Duration = Duration::from_secs(10);

/// Time after which a writer that hangs is given up.
const HANGING: Duration = Duration::from_secs(120);

impl Client {
    /// Write-ahead log of requests that move money: the same client, which has each of them written
    /// down before it is sent.
    ///
    /// `write` gets the request, marked as being sent, once for each call and before anything of it
    /// leaves this machine. A start moves nothing, so it is not written. When `write` fails or
    /// takes longer than 10 seconds, nothing is sent, and the call ends in
    /// [`ErrorKind::Unrecorded`]: a process that has read the record may count on the 10 seconds.
    /// Keep `UnconfirmedRequest::from(&request)` for its key and id. A table, and the one statement
    /// that writes:
    ///
    /// ```sql
    /// CREATE TABLE requests (
    ///     key       TEXT PRIMARY KEY,  -- request.key()
    ///     open_key  TEXT UNIQUE,       -- request.open_key(); NULL when it is known what came of it
    ///     state_key TEXT UNIQUE,       -- request.state_key(), NULL where that is None
    ///     id        TEXT NOT NULL,     -- request.id()
    ///     sent      BOOLEAN NOT NULL,
    ///     request   TEXT NOT NULL      -- the request as JSON
    /// );
    /// INSERT INTO requests (key, open_key, state_key, id, sent, request) VALUES ($1, $2, $3, $4, TRUE, $5)
    /// ON CONFLICT (key) DO UPDATE SET open_key = excluded.open_key, state_key = excluded.state_key,
    ///     sent = TRUE, request = excluded.request
    ///     WHERE requests.id = excluded.id AND NOT requests.sent
    /// ```
    ///
    /// When it writes no row, or a unique column refuses it, return [`Recorded::KeyTaken`]. So
    /// neither a job that runs twice nor a second instance of the shop can send the same thing
    /// again, nor a second click: where each click reads the state anew, give the refund an
    /// [`idempotency_key`](crate::RefundOfPayment::idempotency_key). A refund that is built from
    /// ids alone needs one, too: without it there can be only one such refund of a payment.
    ///
    /// A shop may write a row beforehand, as a plan in one transaction with its own decision: with
    /// `sent` false and both unique columns NULL. A plan whose process is gone was not sent; delete
    /// it, or carry it out.
    ///
    /// | outcome of the call | what to do with its row |
    /// |---|---|
    /// | [`ErrorKind::Unsettled`] | nothing: it is the row of another request. If the row is gone when you read it, another instance has settled the request: call [`settled_as_not_carried_out`](Self::settled_as_not_carried_out) with [`Error::earlier`] |
    /// | `Ok`, but for a charge that was `Refused` or whose token is unknown; [`CarriedOut`](crate::Reconciliation::CarriedOut) | `UPDATE requests SET open_key = NULL WHERE key = $1 AND id = $2`: the other keys stay taken for ever |
    /// | [`Delivery::NotSent`], [`Delivery::Rejected`], [`ErrorKind::Unrecorded`], a charge that was `Refused`; [`NotCarriedOut`](crate::Reconciliation::NotCarriedOut), [`EndedOtherwise`](crate::Reconciliation::EndedOtherwise) | `DELETE FROM requests WHERE key = $1 AND id = $2 AND request = $3`: it may be made again. `$3` is what was written ([`Error::recorded`]), or read before it was reconciled, so that the row of another request is never deleted |
    /// | [`Delivery::Unknown`], a process that died | it stays: [`reconcile`](Self::reconcile) it in the background, after a restart each row that is sent and whose `open_key` is not NULL |
    /// | [`Inconclusive`](crate::Reconciliation::Inconclusive) | mark it, so that the job leaves it out: a person finds out, does one of the two above, and reports it to each running instance by [`settled_as_carried_out`](Self::settled_as_carried_out) or [`settled_as_not_carried_out`](Self::settled_as_not_carried_out) |
    ///
    /// Check the kind of an error before its delivery.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    /// use std::sync::{Arc, Mutex, PoisonError};
    /// use barion::{UnconfirmedRequest, ErrorKind, Recorded};
    ///
    /// # barion_tests::example(async |shop| {
    /// # let payment = shop.read(shop.paid().await?).await?;
    /// # let (here, there) = (shop.client()?, shop.client()?);
    /// // In place of the table. Nothing is planned, so another request has taken a taken key.
    /// let table: Arc<Mutex<BTreeMap<String, UnconfirmedRequest>>> = Arc::default();
    /// let write = move |request: UnconfirmedRequest| {
    ///     let mut rows = table.lock().unwrap_or_else(PoisonError::into_inner);
    ///     let recorded = if rows.contains_key(&request.key()) {
    ///         Recorded::KeyTaken
    ///     } else {
    ///         rows.insert(request.key(), request);
    ///         Recorded::Written
    ///     };
    ///     std::future::ready(Ok::<_, std::io::Error>(recorded))
    /// };
    /// // Two instances of a shop, and two clicks for the same return.
    /// let (here, there) = (here.recording(write.clone()), there.recording(write));
    /// let click = || payment.refund().amount(500).idempotency_key("return-17").build();
    /// here.refund(&click()?).await?;
    /// let again = there.refund(&click()?).await;
    /// assert_eq!(again.unwrap_err().kind(), ErrorKind::Unsettled);
    /// # Ok(()) });
    /// ```
    #[must_use]
    #[doc(alias = "write-ahead log")]
    pub fn recording<W, E>(
        &self,
        write: impl Fn(UnconfirmedRequest) -> W + Send + Sync + 'static,
    ) -> Self
    where
        W: Future<Output = Result<Recorded, E>> + Send + 'static,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        let write = move |request: UnconfirmedRequest| {
            let written = write(request);
            async move { written.await.map_err(Into::into) }.boxed()
        };
        self.with_recorder(Recorder(Arc::new(write)))
    }

    /// Marks a request as being sent, and has it written down.
    pub(crate) async fn mark(&self, request: &mut UnconfirmedRequest) -> Result<(), Error> {
        let begun = Instant::now();
        let tries = self.retry().latest_attempt();
        let limit = self
            .time_limit()
            .saturating_add(tries)
            .saturating_add(WRITING);
        let at_barion = self.server_clock().earliest(begun);
        request.mark(self.wall_clock().now(), at_barion, limit);
        let Some(Recorder(write)) = self.recorder() else {
            return Ok(());
        };
        if request.moves_nothing() {
            return Ok(());
        }
        let refused = |kind, message: &str| {
            Error::new(kind, Delivery::NotSent, message).with_payment_id(request.payment_id())
        };
        match tokio::time::timeout(HANGING, write(request.clone())).await {
            Ok(Ok(Recorded::KeyTaken)) => Err(refused(
                ErrorKind::Unsettled,
                "not sent: a request with this key was made before; its record says what came of it",
            )),
            Ok(Ok(Recorded::Written)) if begun.elapsed() <= WRITING => Ok(()),
            Ok(Err(error)) => {
                let message = "not sent: the request could not be written down";
                Err(refused(ErrorKind::Unrecorded, message).with_source(Refused(error)))
            }
            Ok(Ok(Recorded::Written)) | Err(_) => Err(refused(
                ErrorKind::Unrecorded,
                "not sent: writing the request down took longer than 10 seconds; a process that has read it counts on that nothing is sent so late",
            )),
        }
    }
}

/// Error of the caller's store.
#[derive(Debug)]
struct Refused(BoxError);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl StdError for Refused {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}
