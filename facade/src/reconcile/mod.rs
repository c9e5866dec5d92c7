//! Reconciliation of requests whose answer got lost: whether they were carried out.

mod history;
mod verdict;

use std::time::{Duration, SystemTime};

use barion_generated::wire::Timestamp;
use tokio::time::Instant;

use crate::client::Client;
use crate::client::clock::later;
use crate::client::retry::may_be_repeated;
use crate::error::Error;
use crate::id::PaymentId;
use crate::money::Money;
use crate::operation::contradiction::shown;
use crate::operation::history::GetHistory;
use crate::operation::state::GetPaymentState;
use crate::operation::{Operation, Outcome};
use crate::payment::Payment;
use crate::payment::role::Role;
use crate::unconfirmed::UnconfirmedRequest;
use crate::unconfirmed::asked::{Asked, ChargedPart};
use verdict::{Verdict, figures, is_charge_of, judge};

/// Pause before the second read of a payment whose request may still take effect; it doubles each
/// time.
const PAUSE: Duration = Duration::from_secs(2);
/// Longest pause between these reads.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// How far the clocks of Barion's own machines may differ.
const MACHINES: Duration = Duration::from_secs(30);
/// Pause between reads of the wallet's history, which take many calls each.
const HISTORY_PAUSE: Duration = Duration::from_secs(15);

/// Reconciliation: the outcome of a request whose answer got lost. Made by [`Client::reconcile`].
#[derive(Debug, Clone)]
#[non_exhaustive]
#[doc(alias = "Reconciled")]
pub enum Reconciliation {
    /// Carried out: continue as if its answer had arrived, and don't send it again.
    CarriedOut(Box<Payment>),
    /// Not carried out, and it will not be: it may be sent again.
    NotCarriedOut(Box<Payment>),
    /// Ended otherwise: the request was not carried out and can't be any more, as the payment has
    /// reached another final status.
    EndedOtherwise(Box<Payment>),
    /// Unpayable: a payment for the gateway page. It may exist, but its gateway address is lost, so
    /// that it can't be paid, and it expires by itself. Start another one.
    NobodyCanPay,
    /// Inconclusive: the outcome can't be determined from here, and a guess could charge or refund
    /// twice. Don't send the request again.
    #[doc(alias = "Undecided")]
    Inconclusive(Inconclusive),
}

/// Inconclusive reconciliation: why the outcome of a request can't be determined.
#[derive(Debug, Clone)]
#[non_exhaustive]
#[doc(alias = "Undecided")]
pub struct Inconclusive {
    /// Reason, in a sentence.
    pub reason: String,
    /// Advice: what a person has to do.
    pub hint: &'static str,
    /// Payment as it was read last, where there is one.
    pub payment: Option<Box<Payment>>,
}

const LOOK: &str = "look the payment up in Barion's back office, and compare it with what was asked; note what came of \
                    it where the request is stored, and tell the client, by Client::settled_as_carried_out or \
                    settled_as_not_carried_out";
const LOOK_FOR_CHARGE: &str = "look in the shop's wallet at Barion for a payment of this PaymentRequestId or \
                               POSTransactionId and amount; only if there is none after an hour, say \
                               Client::settled_as_not_carried_out and charge again";
const PLANNED: &str = "the request was only planned and not marked as being sent, so nobody knows until when it may still \
                       be carried out";
const STALE: &str = "the state is older than the time at which it would prove something, as if it came out of a cache";
const UNDER_WAY: &str = "the call is still under way in this process";

impl Client {
    /// Reconciliation: asks Barion what became of a request that ended in
    /// [`Delivery::Unknown`](crate::Delivery::Unknown), as far as Barion shows it.
    ///
    /// * A **refund** is searched for among the movements that were not there when the request was
    ///   built by [`Payment::refund`]. If exactly what was asked for is there, it was carried out;
    ///   if nothing at all has moved, it was not; anything else is [`Inconclusive`]. One built from
    ///   ids alone does not know what was there before, so any refund makes it inconclusive.
    /// * A **finish**, **capture** or **cancellation**, and the **completion** of a one-click
    ///   payment, are read off the payment's state and amounts.
    /// * A **start** for the gateway page moves nothing when its answer is lost.
    /// * A **charge** of a token or by Google Pay, whose answer did not even contain the payment's
    ///   id, is searched for in the wallet's history, if the client has a [wallet
    ///   key](crate::ClientBuilder::wallet_key): by its names, its original amounts, and a time of
    ///   creation, by Barion's clock, after it was sent. A charge that is not found there is not
    ///   proven to have failed.
    ///
    /// It assumes that nobody else, such as a person in the back office, refunds the same amount of
    /// the same transaction meanwhile: Barion does not show who asked for a refund.
    ///
    /// # How long it takes
    /// Run it in a background job, not while a page is waiting for it.
    ///
    /// | result | when |
    /// |---|---|
    /// | [`CarriedOut`](Reconciliation::CarriedOut), [`EndedOtherwise`](Reconciliation::EndedOtherwise) | as soon as it is visible, so mostly at once |
    /// | [`NobodyCanPay`](Reconciliation::NobodyCanPay) | at once |
    /// | [`NotCarriedOut`](Reconciliation::NotCarriedOut) | when the request can't take effect any more: the [settling time](crate::ClientBuilder::settling_time) after the call ended (60 seconds), by a clock that does not jump; for a request that another process has stored, the time limits of that process and the settling time (165 seconds by default), counted from the first call here, whatever the clocks of both machines show |
    /// | [`Inconclusive`](Reconciliation::Inconclusive) | as `NotCarriedOut`; at once for a request that was only planned, and for a charge that needs the wallet's history when the client has no wallet key or the history has several such payments |
    ///
    /// Reads that fail transiently are repeated meanwhile.
    ///
    /// ```
    /// # barion_tests::example(async |shop| {
    /// # let (barion, id) = (shop.client()?, shop.paid().await?);
    /// # shop.read(id).await?; shop.lose_next_refund()?;
    /// use barion::Reconciliation;
    ///
    /// let payment = barion.payment_state(id).await?;
    /// let refund = payment.refund().amount(500).build()?;
    /// match barion.refund(&refund).await {
    ///     Ok(refunded) => println!("{:?}", refunded.total()),
    ///     Err(error) => match error.unconfirmed() {
    ///         // The outcome is unknown. Find out before doing anything else.
    ///         Some(request) => match barion.reconcile(request).await? {
    ///             Reconciliation::CarriedOut(now) => {
    ///                 println!("refunded: {:?}", now.refunded_total());
    ///             }
    ///             Reconciliation::NotCarriedOut(_) => println!("not refunded: send it again"),
    ///             other => println!("a person has to look: {other:?}"),
    ///         },
    ///         None => return Err(error.into()),
    ///     },
    /// }
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// When the state or the history can't be read. The request is unchanged then: reconcile it
    /// again later.
    pub async fn reconcile(&self, request: &UnconfirmedRequest) -> Result<Reconciliation, Error> {
        let request = &self.unsettled().known(request);
        let outcome = match (&request.asked, request.payment_id()) {
            (Asked::Start { .. }, _) => Reconciliation::NobodyCanPay,
            (_, Some(id)) => self.look_at_payment(request, id).await?,
            (
                Asked::Charge {
                    payment_request_id,
                    parts,
                    total,
                    ..
                },
                None,
            ) => {
                let charge = Charge {
                    payment_request_id,
                    parts,
                    total,
                };
                self.look_up_charge(request, charge).await?
            }
            (_, None) => inconclusive(
                "the request does not say which payment it is about",
                LOOK,
                None,
            ),
        };
        self.conclude(request, &outcome);
        Ok(outcome)
    }

    /// Settled by a person: marks a request in this client as carried out, after
    /// [`Reconciliation::Inconclusive`]. It does not block other requests any more, and is
    /// remembered as made. [`reconcile`](Self::reconcile) does that by itself for every other
    /// result.
    pub fn settled_as_carried_out(&self, request: &UnconfirmedRequest) {
        let came = match request.payment_id() {
            Some(id) if matches!(request.asked, Asked::Charge { .. }) => Outcome::charged(id),
            _ => Outcome::done(),
        };
        self.unsettled().settle(request, &came);
    }

    /// Settled by a person: marks a request in this client as not carried out, now and for ever,
    /// after [`Reconciliation::Inconclusive`]. It does not block other requests any more.
    pub fn settled_as_not_carried_out(&self, request: &UnconfirmedRequest) {
        self.unsettled().settle(request, &Outcome::NotCarriedOut);
    }

    fn conclude(&self, request: &UnconfirmedRequest, outcome: &Reconciliation) {
        let came = match outcome {
            Reconciliation::Inconclusive(_) => return self.unsettled().adopt(request),
            Reconciliation::CarriedOut(payment)
                if matches!(request.asked, Asked::Charge { .. }) =>
            {
                Outcome::charged(payment.payment_id)
            }
            Reconciliation::CarriedOut(payment) => {
                let refunds = payment.transactions.iter();
                let refunds = refunds.filter(|one| one.role() == Role::Refund);
                Outcome::refunded(refunds.filter_map(|one| one.transaction_id).collect())
            }
            Reconciliation::NotCarriedOut(_)
            | Reconciliation::EndedOtherwise(_)
            | Reconciliation::NobodyCanPay => Outcome::NotCarriedOut,
        };
        self.unsettled().settle(request, &came);
    }

    /// When a request can't take effect any more; `None` when that is unknown.
    fn over_at(&self, request: &UnconfirmedRequest) -> Option<Instant> {
        if let Some(over) = self.over_here(request) {
            return Some(over);
        }
        // Stored by another process, which may be about to send it. Clocks of other machines don't
        // count.
        let seen = self.unsettled().first_seen(request);
        let leaving = request.may_leave_for()?;
        Some(later(later(seen, leaving), self.settling_time()))
    }

    /// The same for one that this process sent: a call under way may have begun another attempt
    /// since the last read.
    fn over_here(&self, request: &UnconfirmedRequest) -> Option<Instant> {
        let here = self.unsettled().known(request).here.0?;
        Some(later(here.over, self.settling_time()))
    }

    /// Whether a state may be older than the moment at which it would prove something: one out of a
    /// cache.
    fn is_stale(&self, payment: &Payment, over: Option<Instant>) -> bool {
        let clock = self.server_clock();
        let older = |than: Option<SystemTime>| {
            payment
                .made_at
                .zip(than)
                .is_some_and(|(made, than)| made + MACHINES < than)
        };
        // Between here and a local Barion is no cache, and its clock may stand still.
        let expected = over
            .filter(|_| !self.server().is_local())
            .and_then(|over| clock.earliest(over));
        payment.cached || older(clock.latest()) || older(expected)
    }

    /// Reads the payment until it shows that the request has taken effect, or can't any more.
    async fn look_at_payment(
        &self,
        request: &UnconfirmedRequest,
        id: PaymentId,
    ) -> Result<Reconciliation, Error> {
        let mut over = self.over_at(request);
        let mut pause = PAUSE;
        loop {
            let begun = Instant::now();
            let read = self.payment_state(id).await;
            // A call under way may have begun another attempt while this was read.
            over = over.max(self.over_here(request));
            // The state is later than the beginning of its read.
            let is_over = over.is_some_and(|over| over <= begun);
            match read {
                Ok(payment) => {
                    let payment = Box::new(payment);
                    let open = match self.verdict(request, &payment) {
                        Verdict::CarriedOut => return Ok(Reconciliation::CarriedOut(payment)),
                        Verdict::EndedOtherwise => {
                            return Ok(Reconciliation::EndedOtherwise(payment));
                        }
                        Verdict::NotYet if self.unsettled().is_under_way(request) => UNDER_WAY,
                        Verdict::NotYet if self.is_stale(&payment, over) => STALE,
                        Verdict::NotYet if is_over => {
                            return Ok(Reconciliation::NotCarriedOut(payment));
                        }
                        Verdict::NotYet => PLANNED,
                        Verdict::Unclear(reason) => reason,
                    };
                    if is_over || over.is_none() {
                        let status = shown(&payment.status);
                        let reason = match figures(request, &payment) {
                            Some(figures) => format!("{open} (status {status}; {figures})"),
                            None => format!("{open} (status {status})"),
                        };
                        return Ok(inconclusive(&reason, LOOK, Some(payment)));
                    }
                }
                Err(error)
                    if is_over
                        || over.is_none()
                        || !may_be_repeated(GetPaymentState::ID, &error) =>
                {
                    return Err(error);
                }
                Err(_) => {}
            }
            wait_until(over, pause).await;
            pause = LONGEST_PAUSE.min(2 * pause);
        }
    }

    /// Verdict of a state about a request. A charge is judged by its payment only if that can be
    /// its outcome.
    fn verdict(&self, request: &UnconfirmedRequest, payment: &Payment) -> Verdict {
        if let Asked::Charge { .. } = request.asked
            && !self.can_be_outcome(request, payment)
        {
            return Verdict::Unclear(
                "the payment that the answer named was there before, or belongs to another charge",
            );
        }
        judge(request, payment)
    }

    /// Whether a payment may be the outcome of a charge: created since, and not known to be the
    /// outcome of another one.
    fn can_be_outcome(&self, request: &UnconfirmedRequest, payment: &Payment) -> bool {
        let id = payment.payment_id;
        // A payment without a known time of creation may be an older one.
        let created = payment.created_at.as_ref().and_then(Timestamp::moment);
        created.is_some()
            && created.map(SystemTime::from) >= self.not_before(request)
            && created.map(SystemTime::from) <= self.not_after(request)
            && !request.others.contains(&id)
            && !self.unsettled().is_of_another(id, request)
    }

    /// Searches for the payment of a charge until it is there, or can't be expected any more.
    async fn look_up_charge(
        &self,
        request: &UnconfirmedRequest,
        charge: Charge<'_>,
    ) -> Result<Reconciliation, Error> {
        let open = |reason: &str| Ok(inconclusive(reason, LOOK_FOR_CHARGE, None));
        if !self.has_wallet_key() {
            return open(
                "the answer did not tell the payment's id, and without a wallet key its history can't be read",
            );
        }
        if !request.is_sent() {
            return open(PLANNED);
        }
        let mut over = self.over_at(request);
        loop {
            let begun = Instant::now();
            let found = self.find_charge(request, charge).await;
            over = over.max(self.over_here(request));
            let is_over = over.is_some_and(|over| over <= begun);
            match found {
                Ok(Found::One(payment)) => return Ok(Reconciliation::CarriedOut(payment)),
                Ok(Found::Several) => {
                    return open(
                        "the wallet's history has several payments of this PaymentRequestId since the charge began",
                    );
                }
                Ok(Found::Nothing) if is_over => {
                    return open(
                        "the wallet's history has no such payment since the charge began, which does not prove that \
                         there is none",
                    );
                }
                Err(error) if is_over || !may_be_repeated(GetHistory::ID, &error) => {
                    return Err(error);
                }
                Ok(Found::Nothing) | Err(_) => {}
            }
            wait_until(over, HISTORY_PAUSE).await;
        }
    }

    async fn find_charge(
        &self,
        request: &UnconfirmedRequest,
        charge: Charge<'_>,
    ) -> Result<Found, Error> {
        let mut found = Vec::new();
        for id in self.payments_of(request, charge.parts).await? {
            let payment = self.payment_state(id).await?;
            if self.can_be_outcome(request, &payment)
                && is_charge_of(
                    &payment,
                    charge.payment_request_id,
                    charge.parts,
                    charge.total,
                )
                && judge(request, &payment) == Verdict::CarriedOut
            {
                found.push(Box::new(payment));
            }
        }
        Ok(match (found.pop(), found.is_empty()) {
            (Some(payment), true) => Found::One(payment),
            (Some(_), false) => Found::Several,
            (None, _) => Found::Nothing,
        })
    }
}

/// Properties that a charge is recognised by.
#[derive(Clone, Copy)]
struct Charge<'a> {
    payment_request_id: &'a str,
    parts: &'a [ChargedPart],
    total: &'a Money,
}

/// Payments of a charge in the wallet's history.
enum Found {
    Nothing,
    One(Box<Payment>),
    Several,
}

fn inconclusive(reason: &str, hint: &'static str, payment: Option<Box<Payment>>) -> Reconciliation {
    Reconciliation::Inconclusive(Inconclusive {
        reason: reason.to_owned(),
        hint,
        payment,
    })
}

/// Pauses, but not beyond the given moment.
async fn wait_until(over: Option<Instant>, pause: Duration) {
    let end = later(Instant::now(), pause);
    let now = Instant::now();
    // A moment in the past does not shorten the pause.
    let end = over
        .filter(|over| *over > now)
        .map_or(end, |over| over.min(end));
    tokio::time::sleep_until(end).await;
}
