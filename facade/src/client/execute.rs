//! The one place that sends operations: reads are repeated, what moves money is written down first.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::Instant;

use super::clock::later;
use super::exchange::exchange;
use super::retry::{AFTER_TOO_MANY, Tries};
use super::telemetry::{Try, warned};
use super::{Client, SharedAnswer};
use crate::error::{Delivery, Error};
use crate::id::PaymentId;
use crate::operation::{Operation, Outcome};
use crate::unconfirmed::Attempt;

impl Client {
    /// Sends any operation. `client.refund(&refund)` and the other methods are this.
    ///
    /// A read is sent again when it fails in passing, and waits for the rate limit; what moves money is refused while
    /// one like it is not settled, is written down before it leaves, and is sent again only if nothing has left.
    ///
    /// # Errors
    /// Those of the operation; its method of the client lists them.
    pub async fn execute<O: Operation>(&self, operation: &O) -> Result<O::Answer, Error> {
        warned(O::ID, operation.warnings());
        match operation.unconfirmed() {
            Some(request) => self
                .move_money(operation, request)
                .await
                .or_else(O::answer_of),
            None => self.read(operation).await,
        }
    }

    /// Sends a request that changes nothing, each time when the rate limit lets it, until it succeeds or may not be
    /// sent again.
    async fn read<O: Operation>(&self, operation: &O) -> Result<O::Answer, Error> {
        let mut tries = Tries::new(O::ID, self.retry());
        loop {
            let one = Try {
                operation: O::ID,
                number: tries.number(),
                payment: operation.subject().payment,
            };
            let answer = match operation.rate_limited() {
                Some(payment) => self.read_shared(operation, one, payment).await,
                None => Box::pin(exchange(self, operation, one)).await,
            };
            match answer {
                Ok(answer) => return Ok(answer),
                Err(error) => tries.after(error).await?,
            }
        }
    }

    /// Reads when it is the payment's turn; readers who wait at the same time share the call.
    async fn read_shared<O: Operation>(
        &self,
        operation: &O,
        one: Try,
        payment: PaymentId,
    ) -> Result<O::Answer, Error> {
        let turns = &self.inner.turns;
        let (client, shared) = (self.clone(), operation.clone());
        let read = async move {
            let answer = exchange(&client, &shared, one).await?;
            Ok(Arc::new(answer) as SharedAnswer)
        };
        let answer = turns
            .ask(payment, (O::ID, self.timeout), read.boxed())
            .await;
        if let Err(error) = &answer
            && error.status() == Some(429)
        {
            let pause: Duration = error.retry_after().unwrap_or(AFTER_TOO_MANY);
            turns.hold(payment, pause);
        }
        // Readers share by operation, so that the answer is of its type.
        let answer = answer?.downcast_ref::<O::Answer>().cloned();
        answer.ok_or_else(|| Error::unreadable("it is that of another operation"))
    }

    /// Sends a request that moves money: not while one like it is unsettled, written down before it leaves, and again
    /// only if nothing has left.
    async fn move_money<O: Operation>(
        &self,
        operation: &O,
        mut attempt: Attempt,
    ) -> Result<O::Answer, Error> {
        let named = |error: Error| error.of_operation(O::ID);
        let under_way = self.unsettled().begin(&attempt).map_err(named)?;
        // From before the mark on, so that the last try begins within what the mark says.
        let mut tries = Tries::new(O::ID, self.retry());
        if let Err(error) = self.mark(&mut attempt).await {
            under_way.settled(&Outcome::NotCarriedOut);
            return Err(named(error).with_recorded(attempt));
        }
        loop {
            let begun = Instant::now();
            // Nobody knows how long it takes until a byte leaves; it is over when the try is over.
            attempt.left_between(begun, later(begun, self.time_limit()));
            under_way.sending(&attempt);
            let one = Try {
                operation: O::ID,
                number: tries.number(),
                payment: operation.subject().payment,
            };
            let error = match Box::pin(exchange(self, operation, one)).await {
                Ok(answer) => {
                    under_way.settled(&O::outcome(&answer));
                    return Ok(answer);
                }
                Err(error) => error,
            };
            attempt.left_between(begun, Instant::now());
            if error.delivery() == Delivery::Unknown {
                let recorded = attempt.clone();
                let attempt = attempt.of_payment(error.payment_id());
                under_way.lost(&attempt);
                let error = error.with_tries(tries.number()).with_recorded(recorded);
                return Err(error.with_attempt(attempt));
            }
            // It was refused, or not a byte has left: if nobody waits for a further try, it comes to nothing.
            attempt.never_left();
            under_way.sending(&attempt);
            if let Err(error) = tries.after(error).await {
                under_way.settled(&Outcome::NotCarriedOut);
                return Err(error.with_recorded(attempt));
            }
        }
    }
}
