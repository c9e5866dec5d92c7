//! Tokens: cards and wallets that were paid with once, and can be charged again.
//!
//! See <https://docs.barion.com/Token_payment_3D_Secure>.

use barion_generated::enums::RecurrenceType;
use barion_generated::wire::Timestamp;

use crate::id::{RecurrenceId, TraceId};

/// How the payment of a token is registered by its first payment, which the payer makes on the gateway page.
///
/// When the payment has succeeded, store its [`TraceId`] with your [`RecurrenceId`]: later charges need both. Needs the
/// token feature of the shop; Barion refuses with `RecurringPaymentNotAllowed` otherwise.
#[derive(Debug, Clone)]
#[must_use]
pub struct TokenRegistration {
    pub(crate) recurrence_id: RecurrenceId,
    pub(crate) kind: RecurrenceType,
    pub(crate) schedule: Option<(Timestamp, u16)>,
}

impl TokenRegistration {
    /// For payments that the payer starts with one click, present at the shop's page.
    pub fn one_click(recurrence_id: impl Into<RecurrenceId>) -> Self {
        Self {
            recurrence_id: recurrence_id.into(),
            kind: RecurrenceType::OneClickPayment,
            schedule: None,
        }
    }

    /// For payments of any amount that the shop starts without the payer. The shop answers for disputes.
    pub fn merchant_initiated(recurrence_id: impl Into<RecurrenceId>) -> Self {
        Self {
            recurrence_id: recurrence_id.into(),
            kind: RecurrenceType::MerchantInitiatedPayment,
            schedule: None,
        }
    }

    /// For a subscription: payments without the payer, of at most the first amount, until a moment and not more often than
    /// every so many days (1 to 9999). The issuer answers for disputes.
    ///
    /// Where the first amount is lower (a trial, a discount), register for
    /// [`merchant_initiated`](Self::merchant_initiated) payments instead.
    pub fn recurring(
        recurrence_id: impl Into<RecurrenceId>,
        until: impl Into<Timestamp>,
        every_days: u16,
    ) -> Self {
        Self {
            recurrence_id: recurrence_id.into(),
            kind: RecurrenceType::RecurringPayment,
            schedule: Some((until.into(), every_days)),
        }
    }
}

/// A registered token, to charge.
#[derive(Debug, Clone)]
#[must_use]
pub struct Token {
    pub(crate) recurrence_id: RecurrenceId,
    pub(crate) kind: RecurrenceType,
    pub(crate) trace_id: Option<TraceId>,
}

impl Token {
    /// The payer clicked. The issuer may still ask for a challenge, see [`TokenCharge::ChallengeNeeded`](crate::TokenCharge::ChallengeNeeded).
    pub fn one_click(recurrence_id: impl Into<RecurrenceId>) -> Self {
        Self {
            recurrence_id: recurrence_id.into(),
            kind: RecurrenceType::OneClickPayment,
            trace_id: None,
        }
    }

    /// The shop charges without the payer. The trace id is not optional:
    ///
    /// ```compile_fail,E0061
    /// barion::Token::merchant_initiated("subscription-7");
    /// ```
    pub fn merchant_initiated(
        recurrence_id: impl Into<RecurrenceId>,
        trace_id: impl Into<TraceId>,
    ) -> Self {
        Self {
            recurrence_id: recurrence_id.into(),
            kind: RecurrenceType::MerchantInitiatedPayment,
            trace_id: Some(trace_id.into()),
        }
    }

    /// The next payment of a subscription.
    pub fn recurring(recurrence_id: impl Into<RecurrenceId>, trace_id: impl Into<TraceId>) -> Self {
        Self {
            recurrence_id: recurrence_id.into(),
            kind: RecurrenceType::RecurringPayment,
            trace_id: Some(trace_id.into()),
        }
    }

    /// As [`merchant_initiated`](Self::merchant_initiated), for tokens that never had a trace id: those of a wallet's
    /// balance, and those from before 3D Secure.
    pub fn merchant_initiated_untraced(recurrence_id: impl Into<RecurrenceId>) -> Self {
        Self {
            recurrence_id: recurrence_id.into(),
            kind: RecurrenceType::MerchantInitiatedPayment,
            trace_id: None,
        }
    }

    /// As [`recurring`](Self::recurring), for tokens that never had a trace id.
    pub fn recurring_untraced(recurrence_id: impl Into<RecurrenceId>) -> Self {
        Self {
            recurrence_id: recurrence_id.into(),
            kind: RecurrenceType::RecurringPayment,
            trace_id: None,
        }
    }
}
