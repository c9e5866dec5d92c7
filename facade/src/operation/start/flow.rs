//! Flow of a payment: how it is funded. Each flow is a type of its own, so that a payment can't be
//! sent by the wrong operation.

use barion_generated::types;

use super::google_pay::GooglePayToken;
use super::token::{Token, TokenRegistration};
use crate::id::TraceId;
use crate::validation::limits::check;
use crate::validation::violation::Violation;

/// Hosted flow: the payer pays on Barion's gateway page.
#[derive(Debug, Clone)]
#[doc(alias = "Gateway")]
pub struct Hosted;

/// Token registration flow: the payer pays on the gateway page, and the payment registers a token.
#[derive(Debug, Clone)]
#[doc(alias = "Registering")]
pub struct RegisterToken(pub(crate) TokenRegistration);

/// Token charge flow: a registered token is charged.
#[derive(Debug, Clone)]
#[doc(alias = "Charging")]
pub struct ChargeToken(pub(crate) Token);

/// Google Pay flow: a Google Pay token is charged.
#[derive(Debug, Clone)]
#[doc(alias = "ByGooglePay")]
pub struct GooglePay(pub(crate) GooglePayToken);

/// Flow of a payment, for [`StartPaymentBuilder::build`](super::StartPaymentBuilder::build).
pub trait Flow: Sealed + Sized {
    /// Flow that the built payment is sent by.
    type Sent: Clone;

    #[doc(hidden)]
    fn fill(&self, payment: &mut types::StartPaymentRequest);

    #[doc(hidden)]
    fn check(&self, payment: &types::StartPaymentRequest) -> Vec<Violation> {
        check(payment)
    }

    #[doc(hidden)]
    fn sent(self) -> Self::Sent;
}

impl Flow for Hosted {
    type Sent = Self;

    fn fill(&self, _: &mut types::StartPaymentRequest) {}

    fn sent(self) -> Self {
        self
    }
}

impl Flow for RegisterToken {
    type Sent = Hosted;

    fn fill(&self, body: &mut types::StartPaymentRequest) {
        let TokenRegistration {
            recurrence_id,
            kind,
            schedule,
        } = &self.0;
        body.initiate_recurrence = Some(true);
        body.recurrence_id = Some(recurrence_id.wire());
        body.recurrence_type = Some(kind.clone());
        if let Some((until, every_days)) = schedule {
            body.purchase_information = Some(types::PurchaseInformation {
                recurring_expiry: Some(until.clone()),
                recurring_frequency: Some((*every_days).into()),
                ..body.purchase_information.take().unwrap_or_default()
            });
        }
    }

    fn sent(self) -> Hosted {
        Hosted
    }
}

impl Flow for ChargeToken {
    type Sent = Self;

    fn fill(&self, body: &mut types::StartPaymentRequest) {
        let Token {
            recurrence_id,
            kind,
            trace_id,
        } = &self.0;
        body.initiate_recurrence = Some(false);
        body.recurrence_id = Some(recurrence_id.wire());
        body.recurrence_type = Some(kind.clone());
        body.trace_id = trace_id.as_ref().map(TraceId::wire);
    }

    fn sent(self) -> Self {
        self
    }
}

impl Flow for GooglePay {
    type Sent = Self;

    fn fill(&self, _: &mut types::StartPaymentRequest) {}

    fn check(&self, payment: &types::StartPaymentRequest) -> Vec<Violation> {
        check(&self.0.request(payment))
    }

    fn sent(self) -> Self {
        self
    }
}

/// Seals the flows: only the types above are flows.
#[allow(unnameable_types, reason = "nobody else is to implement it")]
pub trait Sealed {}
impl Sealed for Hosted {}
impl Sealed for RegisterToken {}
impl Sealed for ChargeToken {}
impl Sealed for GooglePay {}
