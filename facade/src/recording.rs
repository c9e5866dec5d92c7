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

/// How long writing may take: what is sent later than this after its mark is marked anew.
pub(crate) const WRITING: Duration = Duration::from_secs(10);

/// How often a mark is renewed because writing took too long.
const TIMES: usize = 3;

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
    /// The same client, which writes each attempt down before it is sent: a write-ahead log of what moves money.
    ///
    /// `write` gets the attempt, marked as being sent, before anything of a call leaves this machine; of a start, which
    /// moves nothing, it hears nothing. It has to make the attempt durable under its [`key`](Attempt::key), replacing a
    /// planned one of the same key, and to fail when there is another one of this key that is not settled: then nothing is
    /// sent, and the call ends in [`ErrorKind::Unrecorded`]. It is called again for each further try. When it takes
    /// longer than 10 seconds, the mark is renewed and written again.
    ///
    /// When the call has been answered, or was not sent, delete the record, or note the outcome in it. When the process
    /// died before that, read it back and [`reconcile`](Self::reconcile) it.
    ///
    /// ```
    /// # async fn give_back(barion: barion::Client, refund: barion::Refund) -> Result<(), barion::Error> {
    /// use std::collections::BTreeMap;
    /// use std::sync::{Arc, Mutex};
    /// use barion::Attempt;
    ///
    /// // In place of a table with a unique key.
    /// let table: Arc<Mutex<BTreeMap<String, Attempt>>> = Arc::default();
    /// let rows = Arc::clone(&table);
    /// let barion = barion.recording(move |attempt| {
    ///     let rows = Arc::clone(&rows);
    ///     async move {
    ///         rows.lock().map_err(|_| "the table is gone")?.insert(attempt.key(), attempt);
    ///         Ok::<(), &str>(())
    ///     }
    /// });
    /// barion.refund(&refund).await?;
    /// # Ok(())
    /// # }
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
        for _ in 0..TIMES {
            let begun = Instant::now();
            let limit = self.time_limit().saturating_add(WRITING);
            attempt.mark(
                self.wall_clock().now(),
                self.server_clock().earliest(begun),
                limit,
            );
            let Some(Recorder(write)) = self.recorder() else {
                return Ok(());
            };
            if attempt.moves_nothing() {
                return Ok(());
            }
            write(attempt.clone()).await.map_err(|error| {
                let message = "not sent: the attempt could not be written down";
                Error::new(ErrorKind::Unrecorded, Delivery::NotSent, message)
                    .with_payment_id(attempt.payment_id())
                    .with_source(Refused(error))
            })?;
            if begun.elapsed() <= WRITING {
                return Ok(());
            }
        }
        let message = "not sent: writing the attempt down took longer than 10 seconds each time";
        Err(
            Error::new(ErrorKind::Unrecorded, Delivery::NotSent, message)
                .with_payment_id(attempt.payment_id()),
        )
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
