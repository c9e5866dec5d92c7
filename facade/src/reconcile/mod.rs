//! Finding out what became of a request whose answer got lost.

mod history;
mod judge;

use std::time::{Duration, SystemTime};

use crate::attempt::{Attempt, What};
use crate::client::Client;
use crate::error::Error;
use crate::id::PaymentId;
use crate::state::Payment;
use judge::{Verdict, judge};

/// How often a payment is looked at while its request may still take effect.
const PAUSE: Duration = Duration::from_secs(3);

/// What became of a request. Made by [`Client::reconcile`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Reconciled {
    /// It was carried out. Go on as if its answer had arrived; don't send it again.
    CarriedOut(Box<Payment>),
    /// It was not carried out, and will not be: it may be sent again.
    NotCarriedOut(Box<Payment>),
    /// It was not carried out and can't be any more, as the payment has come to another end.
    EndedOtherwise(Box<Payment>),
    /// A payment that was to be paid on the gateway page. It may exist, but nobody holds its gateway address, so that
    /// nobody can pay it, and it expires by itself. Start another one.
    NobodyCanPay,
    /// It can't be found out from here, and a guess could charge or refund twice. Don't send it again.
    Undecided(Undecided),
}

/// Why the outcome of a request can't be found out.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Undecided {
    /// Why, in a sentence.
    pub reason: String,
    /// What a person has to do.
    pub advice: &'static str,
    /// The payment as it was last seen, where there is one to look at.
    pub payment: Option<Box<Payment>>,
}

const LOOK: &str =
    "look the payment up in Barion's back office, and compare it with what was asked";
const LOOK_FOR_CHARGE: &str = "look in the shop's wallet at Barion for a payment of this PaymentRequestId or \
                               POSTransactionId and amount; only if there is none after an hour, charge again";

impl Client {
    /// Finds out what became of a request that ended in [`Delivery::Unknown`](crate::Delivery::Unknown), as far as that
    /// can be found out from Barion.
    ///
    /// * A **refund** is looked for among the refunds that were not there when the request was built by
    ///   [`Payment::refund`]. One built from ids alone does not know which there were; if there is one of the same amount
    ///   then, the outcome is [`Undecided`].
    /// * A **finish**, **capture** or **cancel**, and the **completion** of a one-click payment, are read off the payment's
    ///   state and amounts.
    /// * A **start** for the gateway page moves nothing when its answer is lost.
    /// * A **charge** of a token or of Google Pay, whose answer did not even tell the payment's id, is looked for in the
    ///   wallet's history, if the client has a [wallet key](crate::ClientBuilder::wallet_key). A charge that is not found there
    ///   is not proven to have failed.
    ///
    /// A request may still take effect while this asks. Before it says [`NotCarriedOut`](Reconciled::NotCarriedOut) it
    /// waits until the [settling time](crate::ClientBuilder::settling_time) since the request was last sent is over, and
    /// looks once more. An attempt that was stored before the call does not know when that was: then it waits in addition
    /// for as long as the [`RetryPolicy`](crate::RetryPolicy) may go on. It assumes that only one refund of the same amount
    /// of one transaction is under way at a time.
    ///
    /// ```no_run
    /// # use barion::{Client, Delivery, Payment, Reconciled};
    /// # async fn give_back(barion: &Client, payment: &Payment) -> Result<(), Box<dyn std::error::Error>> {
    /// let refund = payment.refund().amount(500).build()?;
    /// match barion.refund(&refund).await {
    ///     Ok(refunded) => println!("{:?}", refunded.total()),
    ///     Err(error) => match error.attempt() {
    ///         // Nobody knows whether the payer has the money. Ask before doing anything else.
    ///         Some(attempt) => match barion.reconcile(attempt).await? {
    ///             Reconciled::CarriedOut(payment) => println!("refunded: {:?}", payment.refunded_total()),
    ///             Reconciled::NotCarriedOut(_) => println!("not refunded: it can be sent again"),
    ///             other => println!("a person has to look: {other:?}"),
    ///         },
    ///         None => return Err(error.into()),
    ///     },
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When the state or the history can't be read. The attempt is still the same then: try again later.
    pub async fn reconcile(&self, attempt: &Attempt) -> Result<Reconciled, Error> {
        match (&attempt.what, attempt.payment_id()) {
            (What::Start, _) => Ok(Reconciled::NobodyCanPay),
            (_, Some(id)) => self.settle(attempt, id).await,
            (_, None) => self.look_up_charge(attempt).await,
        }
    }

    /// Looks at the payment until the request has taken effect or can't any more.
    async fn settle(&self, attempt: &Attempt, id: PaymentId) -> Result<Reconciled, Error> {
        let mut last_look = false;
        loop {
            let payment = Box::new(self.payment_state(id).await?);
            match judge(attempt, &payment.snapshot()) {
                Verdict::CarriedOut => return Ok(Reconciled::CarriedOut(payment)),
                Verdict::EndedOtherwise => return Ok(Reconciled::EndedOtherwise(payment)),
                Verdict::NotYet if last_look => return Ok(Reconciled::NotCarriedOut(payment)),
                Verdict::Unclear(reason) if last_look => {
                    return Ok(Reconciled::Undecided(Undecided {
                        reason: format!("{reason} (status {})", payment.status),
                        advice: LOOK,
                        payment: Some(payment),
                    }));
                }
                Verdict::NotYet | Verdict::Unclear(_) => {}
            }
            last_look = self.wait_a_little(attempt).await;
        }
    }

    /// Whether the request can't take effect any more.
    async fn wait_a_little(&self, attempt: &Attempt) -> bool {
        let (since, settling) = match &attempt.last_try {
            Some(last_try) => (last_try, self.settling_time()),
            // Kept before the call: the last try may have begun as late as the policy lets it.
            None => (
                &attempt.begun,
                self.settling_time()
                    .saturating_add(self.retry().latest_try()),
            ),
        };
        let elapsed = since.moment().and_then(|since| {
            let since = SystemTime::from(since);
            // A clock that was set back has nothing to say.
            self.wall_clock().now().duration_since(since).ok()
        });
        let left = settling.saturating_sub(elapsed.unwrap_or_default());
        if left.is_zero() {
            return true;
        }
        tokio::time::sleep(left.min(PAUSE)).await;
        left <= PAUSE
    }

    async fn look_up_charge(&self, attempt: &Attempt) -> Result<Reconciled, Error> {
        let undecided = |reason: &str| {
            Ok(Reconciled::Undecided(Undecided {
                reason: reason.to_owned(),
                advice: LOOK_FOR_CHARGE,
                payment: None,
            }))
        };
        let What::Charge {
            payment_request_id,
            pos_transaction_ids,
            total,
            ..
        } = &attempt.what
        else {
            return undecided("the attempt does not say which payment it is about");
        };
        if !self.has_wallet_key() {
            return undecided(
                "the answer did not tell the payment's id, and without a wallet key its history can't be read",
            );
        }
        while !self.wait_a_little(attempt).await {}
        let mut found = Vec::new();
        for id in self.payments_named(attempt, pos_transaction_ids).await? {
            let payment = self.payment_state(id).await?;
            let same = payment.payment_request_id.as_ref() == Some(payment_request_id)
                && payment.currency.as_ref() == Some(total.currency());
            if same && judge(attempt, &payment.snapshot()) == Verdict::CarriedOut {
                found.push(Box::new(payment));
            }
        }
        match (found.pop(), found.is_empty()) {
            (Some(payment), true) => Ok(Reconciled::CarriedOut(payment)),
            (Some(_), false) => undecided(
                "the wallet's history has several payments of this PaymentRequestId since the charge began",
            ),
            (None, _) => undecided(
                "the wallet's history has no such payment since the charge began, which does not prove that there is none",
            ),
        }
    }
}
