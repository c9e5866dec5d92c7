//! Writing attempts down before they are sent.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::time::Instant;

use crate::attempt::Attempt;
use crate::client::Client;
use crate::error::{Delivery, Error, ErrorKind};

/// How long writing may take. Whoever reads the record counts from there until when something may leave, so that nothing
/// may be sent later.
const WRITING: Duration = Duration::from_secs(10);

type BoxError = Box<dyn StdError + Send + Sync>;

/// What writes an attempt down.
#[derive(Clone)]
pub(crate) struct Recorder(
    Arc<dyn Fn(Attempt) -> BoxFuture<'static, Result<(), BoxError>> + Send + Sync>,
);

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recorder(..)")
    }
}

impl Client {
    /// The same client, which has each attempt written down before it is sent: a write-ahead log of what moves money.
    ///
    /// `write` gets the attempt, marked as being sent, before anything of a call leaves this machine; of a start, which
    /// moves nothing, it hears nothing. It has to make the attempt durable under its [`key`](Attempt::key), and to fail when
    /// that key is taken by an attempt of another [`id`](Attempt::id): then nothing is sent, and the call ends in
    /// [`ErrorKind::Unrecorded`]. In SQL it is one statement, and an error when it writes no row:
    ///
    /// ```sql
    /// INSERT INTO attempts (key, id, attempt) VALUES ($1, $2, $3)
    /// ON CONFLICT (key) DO UPDATE SET attempt = excluded.attempt WHERE attempts.id = excluded.id
    /// ```
    ///
    /// So a second click, a job that runs twice and a second instance of the shop can't send the same thing again, and a
    /// process that dies leaves behind what to [`reconcile`](Self::reconcile). When a call is proven not to have been
    /// carried out, delete the row, so that it may be made again; otherwise keep it, with a note of the outcome.
    ///
    /// `write` is called once for a call, whose further tries the mark covers. When it takes longer than 10 seconds, nothing
    /// is sent: somebody who has read the record may count on that.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    /// use std::sync::{Arc, Mutex, PoisonError};
    /// use barion::{Attempt, ErrorKind};
    ///
    /// # barion_tests::example(async |shop| {
    /// # let (payment, here, there) = (shop.read(shop.paid().await?).await?, shop.client()?, shop.client()?);
    /// // In place of a table with a primary key.
    /// let table: Arc<Mutex<BTreeMap<String, Attempt>>> = Arc::default();
    /// let write = move |attempt: Attempt| {
    ///     let mut rows = table.lock().unwrap_or_else(PoisonError::into_inner);
    ///     let row = rows.entry(attempt.key()).or_insert_with(|| attempt.clone());
    ///     let own = row.id() == attempt.id();
    ///     if own {
    ///         *row = attempt;
    ///     }
    ///     std::future::ready(if own { Ok(()) } else { Err("this was sent before") })
    /// };
    /// // Two instances of a shop, and two clicks on the same page.
    /// let (here, there) = (here.recording(write.clone()), there.recording(write));
    /// let click = || payment.refund().amount(500).build();
    /// here.refund(&click()?).await?;
    /// let again = there.refund(&click()?).await;
    /// assert_eq!(again.unwrap_err().kind(), ErrorKind::Unrecorded);
    /// # Ok(()) });
    /// ```
    #[must_use]
    #[doc(alias = "write-ahead log")]
    pub fn recording<W, E>(&self, write: impl Fn(Attempt) -> W + Send + Sync + 'static) -> Self
    where
        W: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        let write = move |attempt: Attempt| {
            let written = write(attempt);
            async move { written.await.map_err(Into::into) }.boxed()
        };
        self.with_recorder(Recorder(Arc::new(write)))
    }

    /// Marks an attempt as being sent, and has it written down.
    pub(crate) async fn mark(&self, attempt: &mut Attempt) -> Result<(), Error> {
        let begun = Instant::now();
        let tries = self.retry().latest_try();
        let limit = self
            .time_limit()
            .saturating_add(tries)
            .saturating_add(WRITING);
        let at_barion = self.server_clock().earliest(begun);
        attempt.mark(self.wall_clock().now(), at_barion, limit);
        let Some(Recorder(write)) = self.recorder() else {
            return Ok(());
        };
        if attempt.moves_nothing() {
            return Ok(());
        }
        let refused = |message: &str| {
            Error::new(ErrorKind::Unrecorded, Delivery::NotSent, message)
                .with_payment_id(attempt.payment_id())
        };
        write(attempt.clone()).await.map_err(|error| {
            refused("not sent: the attempt could not be written down").with_source(Refused(error))
        })?;
        if begun.elapsed() > WRITING {
            return Err(refused(
                "not sent: writing the attempt down took longer than 10 seconds; whoever has read it counts on that \
                 nothing is sent so late",
            ));
        }
        Ok(())
    }
}

/// What the caller's store said.
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
