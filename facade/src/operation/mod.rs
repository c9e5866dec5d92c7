//! Operations of Barion's API as values: what each of them sends, what it answers, and what is kept
//! while its outcome is unknown.

pub(crate) mod cancel;
pub(crate) mod capture;
pub(crate) mod charged;
pub(crate) mod complete;
pub(crate) mod contradiction;
pub(crate) mod finish;
pub(crate) mod history;
pub(crate) mod processed;
pub(crate) mod refund;
pub(crate) mod settlement;
pub(crate) mod start;
pub(crate) mod state;
pub(crate) mod wire_answer;

use std::time::SystemTime;

use barion_generated::wire::PosKey;
use barion_generated::{Client as RawClient, Error as RawError, ResponseValue};

use crate::error::Error;
use crate::id::{PaymentId, TransactionId};
use crate::unconfirmed::UnconfirmedRequest;
use crate::validation::violation::Violation;
use wire_answer::WireAnswer;

/// Operation of Barion's API as a value: a request with everything that is needed to send it, for
/// [`Client::execute`](crate::Client::execute).
///
/// Each request that is built is one: `client.execute(&refund)` and `client.refund(&refund)` are
/// the same call. Code that logs, queues or meters calls can be generic over it:
///
/// ```
/// use barion::{Client, Error, Operation};
///
/// async fn metered<O: Operation>(client: &Client, operation: &O) -> Result<O::Answer, Error> {
///     println!("calling {}", O::ID);
///     client.execute(operation).await
/// }
/// # barion_tests::example(async |shop| {
/// # let (client, id) = (shop.client()?, shop.paid().await?);
/// let payment = metered(&client, &barion::GetPaymentState::new(id)).await?;
/// # assert!(payment.is_paid());
/// # Ok(()) });
/// ```
///
/// The trait is sealed: this crate decides what may be sent again, and what must be kept of a call
/// whose answer got lost.
#[allow(
    unnameable_types,
    reason = "the hidden methods speak of what only this crate needs to name"
)]
pub trait Operation: Sealed + Clone + Send + Sync + 'static {
    /// Answer to the operation.
    type Answer: Clone + Send + Sync + 'static;

    /// Answer as the generated client reads it.
    #[doc(hidden)]
    type Wire: WireAnswer + Send;

    /// Operation id: the operation's name in the spec (`operationId`), such as `refund_payment_v2`.
    /// Method, path and key are in [`raw::operations`](crate::raw::operations) under it.
    const ID: &'static str;

    /// Sends it once. The key goes into the body below version 4.
    #[doc(hidden)]
    fn send(
        &self,
        raw: RawClient,
        pos_key: Option<PosKey>,
    ) -> impl Future<Output = Reply<Self::Wire>> + Send;

    /// What the answer to a read has to be about. For what moves money it follows from
    /// [`unconfirmed`](Self::unconfirmed).
    #[doc(hidden)]
    fn subject(&self) -> Subject<'_> {
        Subject::default()
    }

    /// Reads an answer of status 200 without errors.
    #[doc(hidden)]
    fn read(&self, answer: Self::Wire, head: Head) -> Result<Self::Answer, Error>;

    /// Payment whose rate limit it counts for.
    #[doc(hidden)]
    fn rate_limited(&self) -> Option<PaymentId> {
        None
    }

    /// Unconfirmed request that is kept while its outcome is unknown; `None` for a read. Without a
    /// default, so that each operation decides.
    #[doc(hidden)]
    fn unconfirmed(&self) -> Option<UnconfirmedRequest>;

    /// Outcome of a call that was answered.
    #[doc(hidden)]
    #[must_use]
    fn outcome(_: &Self::Answer) -> Outcome {
        Outcome::done()
    }

    /// Answer that is given as an error, such as a declined card.
    #[doc(hidden)]
    fn answer_of(error: Error) -> Result<Self::Answer, Error> {
        Err(error)
    }

    /// Warnings: what Barion accepts, but is probably not meant.
    #[doc(hidden)]
    fn warnings(&self) -> &[Violation] {
        &[]
    }
}

/// Seals [`Operation`].
#[allow(unnameable_types, reason = "nobody else is to implement it")]
pub trait Sealed {}

/// Result of the generated client.
pub(crate) type Reply<W> = Result<ResponseValue<W>, RawError<()>>;

/// Head of an answer.
#[derive(Debug, Clone, Copy, Default)]
#[allow(unnameable_types, reason = "for this crate only")]
pub struct Head {
    /// When the answer was made, by Barion's clock.
    pub(crate) made_at: Option<SystemTime>,
    /// Whether it says that it comes out of a cache.
    pub(crate) cached: bool,
}

/// Subject that an answer has to be about.
#[derive(Debug, Clone, Copy, Default)]
#[allow(unnameable_types, reason = "for this crate only")]
pub struct Subject<'a> {
    pub(crate) payment: Option<PaymentId>,
    pub(crate) payment_request_id: Option<&'a str>,
}

impl<'a> Subject<'a> {
    pub(crate) fn payment(id: PaymentId) -> Self {
        Self {
            payment: Some(id),
            payment_request_id: None,
        }
    }

    pub(crate) fn of(request: &'a UnconfirmedRequest) -> Self {
        Self {
            payment: request.payment_id(),
            payment_request_id: request.payment_request_id(),
        }
    }

    pub(crate) fn fits<T: WireAnswer>(self, answer: &T) -> bool {
        let id = PaymentId::from_wire_if_set(answer.payment_id());
        let own = answer.payment_request_id().filter(|own| !own.is_empty());
        self.fits_id(id)
            && match (self.payment_request_id, own) {
                // Whether Barion repeats blanks around it is not known.
                (Some(asked), Some(own)) => asked.trim() == own.trim(),
                _ => true,
            }
    }

    /// An answer without an id is taken as one about the requested payment.
    pub(crate) fn fits_id(self, id: Option<PaymentId>) -> bool {
        match (self.payment, id) {
            (Some(asked), Some(id)) => asked == id,
            _ => true,
        }
    }
}

/// Outcome of a call that moves money.
#[derive(Debug, Clone, Default)]
#[allow(unnameable_types, reason = "for this crate only")]
pub enum Outcome {
    /// The request was not carried out.
    #[default]
    NotCarriedOut,
    /// The request was carried out.
    CarriedOut {
        /// Refunds that it made, as far as they are known.
        refunds: Vec<TransactionId>,
        /// Payment that it charged.
        charged: Option<PaymentId>,
    },
}

impl Outcome {
    pub(crate) fn done() -> Self {
        Self::CarriedOut {
            refunds: Vec::new(),
            charged: None,
        }
    }

    pub(crate) fn refunded(refunds: Vec<TransactionId>) -> Self {
        Self::CarriedOut {
            refunds,
            charged: None,
        }
    }

    pub(crate) fn charged(payment: PaymentId) -> Self {
        Self::CarriedOut {
            refunds: Vec::new(),
            charged: Some(payment),
        }
    }
}
