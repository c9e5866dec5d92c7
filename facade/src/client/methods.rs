//! Methods of the client: each names an operation, and is one line over [`Client::execute`].

use super::Client;
use crate::error::Error;
use crate::id::PaymentId;
use crate::operation::cancel::CancelAuthorization;
use crate::operation::capture::Capture;
use crate::operation::complete::{CompletePayment, CompletedPayment};
use crate::operation::finish::FinishReservation;
use crate::operation::processed::ProcessedPayment;
use crate::operation::refund::{Refund, RefundedPayment};
use crate::operation::start::StartPayment;
use crate::operation::start::flow::{ChargeToken, GooglePay};
use crate::operation::start::google_payment::GooglePayment;
use crate::operation::start::started::StartedPayment;
use crate::operation::start::token_charge::TokenCharge;
use crate::operation::state::{GetPaymentState, GetPaymentStateV2};
use crate::payment::Payment;

impl Client {
    /// Start of a payment. Send the payer's browser to the
    /// [`gateway_url`](StartedPayment::gateway_url) of the answer.
    ///
    /// No money moves until the payer pays. When this fails with
    /// [`Delivery::Unknown`](crate::Delivery::Unknown) the payment may exist, but its gateway
    /// address is lost, so that it can't be paid: start another one.
    ///
    /// See <https://docs.barion.com/Payment-Start-v2>.
    ///
    /// # Errors
    /// [`ErrorKind::Api`](crate::ErrorKind::Api) with `ShopIsInDraftState`, `ShopIsClosed`,
    /// `InvalidUser` (the payee is no wallet), `InvalidCurrency` and others; any kind of a failed
    /// exchange.
    #[doc(alias = "Payment/Start")]
    pub async fn start_payment(&self, request: &StartPayment) -> Result<StartedPayment, Error> {
        self.execute(request).await
    }

    /// Charge of a token that was registered by an earlier payment.
    ///
    /// This moves money. On [`Delivery::Unknown`](crate::Delivery::Unknown) do not send it again:
    /// the payer may have been charged. [`reconcile`](Self::reconcile) it.
    ///
    /// See <https://docs.barion.com/Payment-Start-v2>.
    ///
    /// # Errors
    /// As [`start_payment`](Self::start_payment), and `RecurringPaymentNotAllowed`. Refusals that
    /// concern the token are no errors but a [`TokenCharge`].
    /// [`ErrorKind::Unsettled`](crate::ErrorKind::Unsettled), before anything is sent, while a
    /// charge of the same `PaymentRequestId` is under way or open, and for an hour after it was
    /// charged.
    #[doc(alias = "Payment/Start")]
    pub async fn charge_token(
        &self,
        request: &StartPayment<ChargeToken>,
    ) -> Result<TokenCharge, Error> {
        self.execute(request).await
    }

    /// Charge of the card behind a Google Pay token.
    ///
    /// This moves money. On [`Delivery::Unknown`](crate::Delivery::Unknown) do not send it again:
    /// the payer may have been charged. [`reconcile`](Self::reconcile) it.
    ///
    /// See <https://docs.barion.com/Payment-StartPaymentWithGoogleToken-v3>.
    ///
    /// # Errors
    /// As [`start_payment`](Self::start_payment).
    #[doc(alias = "Payment/StartPaymentWithGoogleToken")]
    pub async fn start_payment_with_google_token(
        &self,
        request: &StartPayment<GooglePay>,
    ) -> Result<GooglePayment, Error> {
        self.execute(request).await
    }

    /// Payment state: reads it (version 4). The call to make after every callback.
    ///
    /// Rate limit: Barion takes 2 calls in 5 seconds for one payment, and answers 429 beyond that;
    /// so a call may wait here, and share its answer with other readers of the payment. See
    /// [`RateLimit`](crate::RateLimit).
    ///
    /// See <https://docs.barion.com/Payment-PaymentState-v4>.
    ///
    /// # Errors
    /// [`ErrorKind::Api`](crate::ErrorKind::Api) with `NotExistingPaymentId`, and any kind of a
    /// failed exchange.
    #[doc(alias = "PaymentState")]
    pub async fn payment_state(&self, id: PaymentId) -> Result<Payment, Error> {
        self.execute(&GetPaymentState::new(id)).await
    }

    /// Payment state: reads it by version 2, which Barion marks as deprecated. Its answer has no
    /// payment method. Prefer [`payment_state`](Self::payment_state).
    ///
    /// See <https://docs.barion.com/Payment-GetPaymentState-v2>.
    ///
    /// # Errors
    /// As [`payment_state`](Self::payment_state).
    #[doc(alias = "GetPaymentState")]
    pub async fn payment_state_v2(&self, id: PaymentId) -> Result<Payment, Error> {
        self.execute(&GetPaymentStateV2::new(id)).await
    }

    /// Completion of a one-click token payment after the payer passed its 3D Secure challenge.
    ///
    /// This moves money. On [`Delivery::Unknown`](crate::Delivery::Unknown) read the payment's
    /// state.
    ///
    /// See <https://docs.barion.com/Payment-Complete-v2>.
    ///
    /// # Errors
    /// [`ErrorKind::Api`](crate::ErrorKind::Api) when the payment does not wait for its completion,
    /// and any kind of a failed exchange.
    #[doc(alias = "Payment/Complete")]
    pub async fn complete_payment(&self, id: PaymentId) -> Result<CompletedPayment, Error> {
        self.execute(&CompletePayment::new(id)).await
    }

    /// Finish of a reservation: takes each transaction wholly or in part; the rest returns to the
    /// payer.
    ///
    /// This moves money. On [`Delivery::Unknown`](crate::Delivery::Unknown) read the payment's
    /// state.
    ///
    /// See <https://docs.barion.com/Payment-FinishReservation-v2>.
    ///
    /// # Errors
    /// [`ErrorKind::Api`](crate::ErrorKind::Api) when the payment is not reserved, and any kind of
    /// a failed exchange.
    #[doc(alias = "Payment/FinishReservation")]
    pub async fn finish_reservation(
        &self,
        request: &FinishReservation,
    ) -> Result<ProcessedPayment, Error> {
        self.execute(request).await
    }

    /// Capture of an authorised payment, wholly or in part; the rest of the hold is released.
    /// Allowed once.
    ///
    /// This moves money. On [`Delivery::Unknown`](crate::Delivery::Unknown) read the payment's
    /// state.
    ///
    /// See <https://docs.barion.com/Payment-Capture-v2>.
    ///
    /// # Errors
    /// [`ErrorKind::Api`](crate::ErrorKind::Api) when the payment is not authorised, and any kind
    /// of a failed exchange.
    #[doc(alias = "Payment/Capture")]
    pub async fn capture(&self, request: &Capture) -> Result<ProcessedPayment, Error> {
        self.execute(request).await
    }

    /// Cancellation of an authorised payment: the hold on the card is released, the payment ends in
    /// `Canceled`.
    ///
    /// On [`Delivery::Unknown`](crate::Delivery::Unknown) read the payment's state.
    ///
    /// See <https://docs.barion.com/Payment-CancelAuthorization-v2>.
    ///
    /// # Errors
    /// [`ErrorKind::Api`](crate::ErrorKind::Api) when the payment is not authorised, and any kind
    /// of a failed exchange.
    #[doc(alias = "Payment/CancelAuthorization")]
    pub async fn cancel_authorization(&self, id: PaymentId) -> Result<ProcessedPayment, Error> {
        self.execute(&CancelAuthorization::new(id)).await
    }

    /// Refund of transactions of a succeeded payment, wholly or in part, out of the shop's wallet.
    ///
    /// This moves money. On [`Delivery::Unknown`](crate::Delivery::Unknown)
    /// [`reconcile`](Self::reconcile) it before sending another one: Barion would make both.
    ///
    /// See <https://docs.barion.com/Payment-Refund-v2>.
    ///
    /// # Errors
    /// [`ErrorKind::Api`](crate::ErrorKind::Api) with `PaymentStatusNotValid`,
    /// `AmountToRefundIsGreaterThanTransactionAmount`, `TooLowBalanceToMakeRefund` and others; any
    /// kind of a failed exchange. [`ErrorKind::Unsettled`](crate::ErrorKind::Unsettled), before
    /// anything is sent, while another refund of the payment is under way or open, and for an hour
    /// after a refund of which the state that this one was built from does not know.
    #[doc(alias = "Payment/Refund")]
    pub async fn refund(&self, request: &Refund) -> Result<RefundedPayment, Error> {
        self.execute(request).await
    }
}
