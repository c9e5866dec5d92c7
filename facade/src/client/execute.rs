//! Execution of operations: the one place that sends. Reads are retried; what moves money is
//! written down first.

use std::sync::Arc;
use std::time::Duration;

use barion_generated::tables;
use futures_util::FutureExt;
use tokio::time::Instant;

use super::clock::later;
use super::exchange::exchange;
use super::retry::{AFTER_TOO_MANY, Attempts};
use super::telemetry::{Attempt, warned};
use super::{Client, SharedAnswer};
use crate::error::{Delivery, Error};
use crate::id::PaymentId;
use crate::operation::{Operation, Outcome, Subject};
use crate::unconfirmed::UnconfirmedRequest;

/// Whether the spec says that an operation moves money.
fn moves_money(id: &str) -> bool {
    tables::Operation::by_id(id).is_some_and(|operation| operation.moves_money)
}

impl Client {
    /// Sends any operation. `client.refund(&refund)` and the other methods call this.
    ///
    /// A read is sent again after a transient failure, and waits for the rate limit. A request that
    /// moves money is refused while one like it is not settled, is written down before it leaves,
    /// and is sent again only if nothing has left.
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
            None if moves_money(O::ID) => {
                let message = format!("{} moves money, and nothing is remembered of it", O::ID);
                Err(Error::configuration(message))
            }
            None => self.read(operation).await,
        }
    }

    /// Sends a request that changes nothing, each time within the rate limit, until it succeeds or
    /// may not be sent again.
    async fn read<O: Operation>(&self, operation: &O) -> Result<O::Answer, Error> {
        let mut attempts = Attempts::new(O::ID, self.retry());
        loop {
            let attempt = Attempt {
                operation: O::ID,
                number: attempts.number(),
                payment: operation.subject().payment,
            };
            let answer = if let Some(payment) = operation.rate_limited() {
                self.read_shared(operation, attempt, payment).await
            } else {
                let subject = operation.subject();
                Box::pin(exchange(self, operation, attempt, subject)).await
            };
            match answer {
                Ok(answer) => return Ok(answer),
                Err(error) => attempts.after(error).await?,
            }
        }
    }

    /// Reads within the payment's rate limit; readers that wait at the same time share the call
    /// (coalescing).
    async fn read_shared<O: Operation>(
        &self,
        operation: &O,
        attempt: Attempt,
        payment: PaymentId,
    ) -> Result<O::Answer, Error> {
        let limiter = &self.inner.rate_limiter;
        let (client, shared) = (self.clone(), operation.clone());
        let read = async move {
            let answer = exchange(&client, &shared, attempt, shared.subject()).await?;
            Ok(Arc::new(answer) as SharedAnswer)
        };
        let answer = limiter
            .ask(payment, (O::ID, self.timeout), read.boxed())
            .await;
        if let Err(error) = &answer
            && error.status() == Some(429)
        {
            let pause: Duration = error.retry_after().unwrap_or(AFTER_TOO_MANY);
            limiter.hold(payment, pause);
        }
        // Readers share by operation, so that the answer is of its type.
        let answer = answer?.downcast_ref::<O::Answer>().cloned();
        answer.ok_or_else(|| Error::unreadable("it is that of another operation"))
    }

    /// Sends a request that moves money: not while one like it is unsettled, written down before it
    /// leaves, and again only if nothing has left.
    async fn move_money<O: Operation>(
        &self,
        operation: &O,
        mut request: UnconfirmedRequest,
    ) -> Result<O::Answer, Error> {
        let named = |error: Error| error.of_operation(O::ID);
        // What an answer has to be about, in one place for all of them.
        let asked = request.clone();
        let under_way = self.unsettled().begin(&request).map_err(named)?;
        // Created before the mark, so that the last attempt begins within what the mark says.
        let mut attempts = Attempts::new(O::ID, self.retry());
        if let Err(error) = self.mark(&mut request).await {
            under_way.settled(&Outcome::NotCarriedOut);
            return Err(named(error).with_recorded(request));
        }
        loop {
            let begun = Instant::now();
            // How long it takes until a byte leaves is unknown; it is over when the attempt is
            // over.
            request.left_between(begun, later(begun, self.time_limit()));
            under_way.sending(&request);
            let attempt = Attempt {
                operation: O::ID,
                number: attempts.number(),
                payment: asked.payment_id(),
            };
            let subject = Subject::of(&asked);
            let error = match Box::pin(exchange(self, operation, attempt, subject)).await {
                Ok(answer) => {
                    under_way.settled(&O::outcome(&answer));
                    return Ok(answer);
                }
                Err(error) => error,
            };
            request.left_between(begun, Instant::now());
            if error.delivery() == Delivery::Unknown {
                let recorded = request.clone();
                let request = request.of_payment(error.payment_id());
                under_way.lost(&request);
                let error = error
                    .with_attempts(attempts.number())
                    .with_recorded(recorded);
                return Err(error.with_unconfirmed(request));
            }
            // It was refused, or not a byte has left: if the caller drops this during the backoff,
            // it is not carried out.
            request.never_left();
            under_way.sending(&request);
            if let Err(error) = attempts.after(error).await {
                under_way.settled(&Outcome::NotCarriedOut);
                return Err(error.with_recorded(request));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use barion_generated::wire::PosKey;
    use barion_generated::{Client as RawClient, types};

    use crate::client::Client;
    use crate::client::environment::Environment;
    use crate::error::{Delivery, Error, ErrorKind};
    use crate::operation::{Head, Operation, Reply, Sealed};
    use crate::unconfirmed::UnconfirmedRequest;

    /// A refund that forgets to say what is to be remembered of it.
    #[derive(Clone)]
    struct Forgetful;

    impl Sealed for Forgetful {}

    impl Operation for Forgetful {
        type Answer = ();
        type Wire = types::RefundPaymentResponse;
        const ID: &'static str = "refund_payment_v2";

        async fn send(&self, _: RawClient, _: Option<PosKey>) -> Reply<Self::Wire> {
            panic!("it is sent");
        }

        fn read(&self, _: Self::Wire, _: Head) -> Result<(), Error> {
            Ok(())
        }

        fn unconfirmed(&self) -> Option<UnconfirmedRequest> {
            None
        }
    }

    #[tokio::test]
    async fn what_moves_money_is_not_sent_as_a_read() {
        let key = PosKey::new("11111111-1111-1111-1111-111111111111").unwrap();
        let client = Client::new(Environment::Test, key).unwrap();
        let error = client.execute(&Forgetful).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.delivery()),
            (ErrorKind::Configuration, Delivery::NotSent)
        );
    }
}
