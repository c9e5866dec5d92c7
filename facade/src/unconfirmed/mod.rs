//! Unconfirmed requests: what was asked of Barion, for a later reconciliation.

use std::time::{Duration, SystemTime};

use barion_generated::wire::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, de};
use tokio::time::Instant;

pub(crate) mod asked;
pub(crate) mod baseline;
pub(crate) mod request_id;

use crate::id::PaymentId;
use asked::Asked;
use request_id::RequestId;

/// Version of the layout that is written.
const FORMAT: u32 = 1;

/// Unconfirmed request: a request that moves money and whose outcome is unknown, as far as
/// [`Client::reconcile`](crate::Client::reconcile) needs it to find out.
///
/// An [`Error`](crate::Error) with [`Delivery::Unknown`](crate::Delivery::Unknown) carries it. A
/// shop that must not lose track when its own process dies in the middle of a call stores it by
/// serde, in two steps:
///
/// 1. **planned**: `UnconfirmedRequest::from(&refund)`, stored together with the shop's decision
///    under its [`key`](Self::key), unique in the store;
/// 2. **being sent**: written again by [`Client::recording`](crate::Client::recording) right before
///    anything leaves.
///
/// It is settled when the call has been answered; [`Client::recording`](crate::Client::recording)
/// says what to do with its record then. Of a planned request it can only be shown that it was
/// carried out, or that its outcome can't be determined: when it left is unknown, see
/// [`with_horizon`](Self::with_horizon).
///
/// It contains no key of the shop and nothing about the payer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[doc(alias = "Attempt")]
#[doc(alias = "idempotency")]
pub struct UnconfirmedRequest {
    #[serde(deserialize_with = "readable_format")]
    format: u32,
    id: RequestId,
    pub(crate) asked: Asked,
    /// `None` while it is planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sent: Option<Sent>,
    /// In milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    horizon: Option<u64>,
    /// Payments that belong to other requests.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) others: Vec<PaymentId>,
    #[serde(skip)]
    pub(crate) here: Here,
}

/// Mark of a request that is being sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sent {
    /// Call that it was sent by: a request may be sent again when the first call is proven not to
    /// have been carried out.
    pub(crate) call: RequestId,
    /// By the clock of the machine that sent it.
    pub(crate) at: Timestamp,
    /// By Barion's clock, at the earliest, if it was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) at_barion: Option<Timestamp>,
    /// How long bytes may leave from then on, in milliseconds.
    pub(crate) may_leave_for: u64,
}

/// What only the process that sent it knows, by a clock that never jumps.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Here(pub(crate) Option<Span>);

/// When bytes of it may have left.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) begun: Instant,
    pub(crate) over: Instant,
}

/// A stored request equals the one that it was stored from.
impl PartialEq for Here {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Here {}

fn readable_format<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let format = u32::deserialize(deserializer)?;
    if format > FORMAT {
        return Err(de::Error::custom(format_args!(
            "the request has the layout {format}, which a later version of this crate wrote; this one reads up to \
             {FORMAT}"
        )));
    }
    Ok(format)
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl UnconfirmedRequest {
    pub(crate) fn planned(id: RequestId, asked: Asked) -> Self {
        Self {
            format: FORMAT,
            id,
            asked,
            sent: None,
            horizon: None,
            others: Vec::new(),
            here: Here::default(),
        }
    }

    /// Identity of the request, 32 hex digits: the same for an unconfirmed request and the request
    /// that it was made of, in every state and for all their clones; another one for each request
    /// that is built, even if it asks for the same.
    ///
    /// A store can check by it whether a [`key`](Self::key) was taken by the plan of the same
    /// request.
    #[must_use]
    pub fn id(&self) -> String {
        self.id.to_string()
    }

    /// Idempotency key: the same for two requests of which only one may be sent. At most 400
    /// characters.
    ///
    /// Barion has no idempotency keys, so the shop's store has to refuse the second request: make
    /// this the primary key of a table, and let [`Client::recording`](crate::Client::recording)
    /// write to it. The key of what was carried out, or may have been, stays taken for ever; a
    /// request that is proven not to have been carried out frees it again. Together with
    /// [`open_key`](Self::open_key).
    ///
    /// | request | key |
    /// |---|---|
    /// | start, charge | `start/` or `charge/` and the `PaymentRequestId` |
    /// | refund with an [`idempotency_key`](crate::RefundOfPayment::idempotency_key) | `refund/`, the payment, `=` and that key |
    /// | refund built from a state | `refund/`, the payment, and how many movements the state had: two of the same state have the same key; one that is built from a state that was read after the first one was made has another |
    /// | refund built from ids alone | `refund/`, the payment, and the word `unread` |
    /// | finish | `finish/`, the payment and its transactions |
    /// | capture, cancel, complete | `capture/`, `cancel/`, `complete/` and the payment |
    ///
    /// ```
    /// # barion_tests::example(async |shop| { let payment = shop.read(shop.paid().await?).await?;
    /// use barion::UnconfirmedRequest;
    /// let refund = payment.refund().amount(500).idempotency_key("return-17").build()?;
    /// let id = payment.payment_id;
    /// assert_eq!(UnconfirmedRequest::from(&refund).key(), format!("refund/{id}/=return-17"));
    /// # Ok(()) });
    /// ```
    #[must_use]
    #[doc(alias = "idempotency")]
    pub fn key(&self) -> String {
        match &self.asked {
            Asked::Start { payment_request_id } => format!("start/{payment_request_id}"),
            Asked::Charge {
                payment_request_id, ..
            } => format!("charge/{payment_request_id}"),
            Asked::Complete(id) => format!("complete/{id}"),
            Asked::Finish {
                payment_id,
                settlements,
                ..
            } => {
                let mut ids: Vec<_> = settlements.iter().map(|one| one.transaction_id).collect();
                ids.sort_unstable();
                let ids: Vec<_> = ids.iter().take(8).map(ToString::to_string).collect();
                format!("finish/{payment_id}/{}", ids.join("+"))
            }
            Asked::Capture { payment_id, .. } => format!("capture/{payment_id}"),
            Asked::CancelAuthorization(id) => format!("cancel/{id}"),
            Asked::Refund {
                payment_id,
                before,
                idempotency_key,
                ..
            } => match (idempotency_key, before) {
                (Some(key), _) => format!("refund/{payment_id}/={key}"),
                (None, Some(before)) => format!("refund/{payment_id}/{}", before.version()),
                (None, None) => format!("refund/{payment_id}/unread"),
            },
        }
    }

    /// Lock key: the same for all requests of which only one may be open at a time, such as all
    /// refunds of a payment, whatever state each was built from. At most 400 characters.
    ///
    /// Make it a unique column beside the [`key`](Self::key), and set it to NULL when the outcome
    /// of the request is known.
    #[must_use]
    pub fn open_key(&self) -> String {
        match &self.asked {
            Asked::Refund { payment_id, .. } => format!("refund/{payment_id}"),
            _ => self.key(),
        }
    }

    /// Version of the state that a refund was built from: the same for all refunds of one state,
    /// whatever their keys. `None` for everything else, and for a refund by ids alone. At most 400
    /// characters.
    ///
    /// Make it a unique column, too: of two refunds of one state the second does not know of the
    /// first one, and afterwards they could not be distinguished.
    #[must_use]
    pub fn state_key(&self) -> Option<String> {
        match &self.asked {
            Asked::Refund {
                payment_id,
                before: Some(before),
                ..
            } => Some(format!("refund/{payment_id}/{}", before.version())),
            _ => None,
        }
    }

    /// Identifier of the payment that it is about; `None` for a start on the gateway page, and for
    /// a charge, unless its broken answer still contained it.
    #[must_use]
    pub fn payment_id(&self) -> Option<PaymentId> {
        match &self.asked {
            Asked::Start { .. } => None,
            Asked::Charge { payment_id, .. } => *payment_id,
            Asked::Complete(id) | Asked::CancelAuthorization(id) => Some(*id),
            Asked::Finish { payment_id, .. }
            | Asked::Capture { payment_id, .. }
            | Asked::Refund { payment_id, .. } => Some(*payment_id),
        }
    }

    /// Whether it was marked as being sent. `false` for one that was only planned, of which it
    /// can't be proven that it was not carried out.
    #[must_use]
    pub fn is_sent(&self) -> bool {
        self.sent.is_some() || self.here.0.is_some()
    }

    /// Horizon of a planned request: no byte of it leaves later than this from now on, because the
    /// process that planned it is known to be gone (zero), or by that process's own time limits.
    /// Then [`reconcile`](crate::Client::reconcile) can prove that it was not carried out.
    ///
    /// A request that was marked as being sent has its own limit, and this changes nothing about
    /// it.
    #[must_use]
    pub fn with_horizon(mut self, horizon: Duration) -> Self {
        self.horizon = Some(millis(horizon));
        self
    }

    /// Excluded payments: known to be the outcome of other requests, so that they can't be that of
    /// this charge. Needed only where several charges share a `PaymentRequestId`, which they should
    /// not.
    #[must_use]
    pub fn without_payments(mut self, others: impl IntoIterator<Item = PaymentId>) -> Self {
        self.others.extend(others);
        self
    }

    /// The payment that a broken answer to a start contained.
    pub(crate) fn of_payment(mut self, id: Option<PaymentId>) -> Self {
        if let Asked::Charge { payment_id, .. } = &mut self.asked {
            *payment_id = id.or(*payment_id);
        }
        self
    }

    /// It is about to be sent.
    pub(crate) fn mark(&mut self, at: SystemTime, at_barion: Option<SystemTime>, limit: Duration) {
        self.sent = Some(Sent {
            call: RequestId::new(),
            at: at.into(),
            at_barion: at_barion.map(Timestamp::from),
            may_leave_for: millis(limit),
        });
    }

    /// Bytes of it may have left between these moments.
    pub(crate) fn left_between(&mut self, begun: Instant, over: Instant) {
        self.here = Here(Some(Span { begun, over }));
    }

    /// No byte of the attempts so far has left.
    pub(crate) fn never_left(&mut self) {
        self.here = Here(None);
    }

    /// How long bytes may leave after another process has stored it; `None` when that is unknown.
    pub(crate) fn may_leave_for(&self) -> Option<Duration> {
        let sent = self.sent.as_ref().map(|sent| sent.may_leave_for);
        sent.or(self.horizon).map(Duration::from_millis)
    }

    /// Whether its key names something that must not be done a second time, even when the first
    /// time is settled.
    pub(crate) fn is_once_for_all(&self) -> bool {
        matches!(
            self.asked,
            Asked::Charge { .. }
                | Asked::Refund {
                    idempotency_key: Some(_),
                    ..
                }
        )
    }

    /// Identifier of the payment, given by the shop, of a start or a charge.
    pub(crate) fn payment_request_id(&self) -> Option<&str> {
        match &self.asked {
            Asked::Start { payment_request_id }
            | Asked::Charge {
                payment_request_id, ..
            } => Some(payment_request_id),
            _ => None,
        }
    }

    /// Whether it is a start, which moves nothing until the payer pays.
    pub(crate) fn moves_nothing(&self) -> bool {
        matches!(self.asked, Asked::Start { .. })
    }

    /// Whether both are of one call; a planned one is of every call of its request.
    pub(crate) fn is_of_call(&self, other: &Self) -> bool {
        self.id == other.id
            && match (&self.sent, &other.sent) {
                (Some(one), Some(other)) => one.call == other.call,
                _ => true,
            }
    }

    /// Identity of the request.
    pub(crate) fn request_id(&self) -> RequestId {
        self.id
    }
}
