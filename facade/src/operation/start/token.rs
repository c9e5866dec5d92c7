//! Tokens: cards and wallets that were paid with once, and can be charged again (token payment,
//! recurring payment).
//!
//! See <https://docs.barion.com/Token_payment_3D_Secure>.

use barion_generated::enums::RecurrenceType;
use barion_generated::wire::Timestamp;

use crate::id::{RecurrenceId, TraceId};

/// Token registration: by a first payment, which the payer makes on the gateway page.
///
/// When the payment has succeeded, store its [`TraceId`] with your [`RecurrenceId`]: later charges
/// need both. The shop needs the token feature at Barion, which refuses with
/// `RecurringPaymentNotAllowed` otherwise.
#[derive(Debug, Clone)]
#[must_use]
pub struct TokenRegistration {
    pub(crate) recurrence_id: RecurrenceId,
    pub(crate) kind: RecurrenceType,
    pub(crate) schedule: Option<(Timestamp, u16)>,
}

impl TokenRegistration {
    /// One-click registration: for payments that the payer starts with one click on the shop's
    /// page.
    pub fn one_click(recurrence_id: impl Into<RecurrenceId>) -> Self {
        Self {
            recurrence_id: recurrence_id.into(),
            kind: RecurrenceType::OneClickPayment,
            schedule: None,
        }
    }

    /// Merchant initiated registration: for payments of any amount that the shop starts without the
    /// payer. The shop is liable for disputes.
    pub fn merchant_initiated(recurrence_id: impl Into<RecurrenceId>) -> Self {
        Self {
            recurrence_id: recurrence_id.into(),
            kind: RecurrenceType::MerchantInitiatedPayment,
            schedule: None,
        }
    }

    /// Recurring registration, for a subscription: payments without the payer, of at most the first
    /// amount, until a time, and at least this number of days (1 to 9999) apart. The issuer is
    /// liable for disputes.
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

/// Token that was registered, to charge.
#[derive(Debug, Clone)]
#[must_use]
pub struct Token {
    pub(crate) recurrence_id: RecurrenceId,
    pub(crate) kind: RecurrenceType,
    pub(crate) trace_id: Option<TraceId>,
}

impl Token {
    /// One-click charge: the payer clicked. The issuer may still ask for a challenge, see
    /// [`TokenCharge::ChallengeNeeded`](crate::TokenCharge::ChallengeNeeded).
    pub fn one_click(recurrence_id: impl Into<RecurrenceId>) -> Self {
        Self {
            recurrence_id: recurrence_id.into(),
            kind: RecurrenceType::OneClickPayment,
            trace_id: None,
        }
    }

    /// Merchant initiated charge: the shop charges without the payer. The trace id is not optional:
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

    /// Recurring charge: the next payment of a subscription.
    pub fn recurring(recurrence_id: impl Into<RecurrenceId>, trace_id: impl Into<TraceId>) -> Self {
        Self {
            recurrence_id: recurrence_id.into(),
            kind: RecurrenceType::RecurringPayment,
            trace_id: Some(trace_id.into()),
        }
    }

    /// Merchant initiated charge of a token that never had a trace id: one of a wallet's balance,
    /// or from before 3D Secure. As [`merchant_initiated`](Self::merchant_initiated) otherwise.
    pub fn merchant_initiated_untraced(recurrence_id: impl Into<RecurrenceId>) -> Self {
        Self {
            recurrence_id: recurrence_id.into(),
            kind: RecurrenceType::MerchantInitiatedPayment,
            trace_id: None,
        }
    }

    /// Recurring charge of a token that never had a trace id; as [`recurring`](Self::recurring)
    /// otherwise.
    pub fn recurring_untraced(recurrence_id: impl Into<RecurrenceId>) -> Self {
        Self {
            recurrence_id: recurrence_id.into(),
            kind: RecurrenceType::RecurringPayment,
            trace_id: None,
        }
    }
}
