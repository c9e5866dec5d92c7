//! Orders to start a payment: the start requests in the rules' own terms.

use chrono::TimeDelta;
use rust_decimal::Decimal;

use super::kinds::PaymentType;
use super::token::Token;
use super::transaction::Item;
use crate::domain::currency::Currency;

/// A start request that passed the model's checks.
#[derive(Clone, Debug)]
pub(crate) struct StartOrder {
    pub(crate) kind: PaymentType,
    pub(crate) window: TimeDelta,
    pub(crate) reservation_period: TimeDelta,
    pub(crate) capture_period: TimeDelta,
    pub(crate) guest_checkout: bool,
    pub(crate) funding_sources: Vec<String>,
    pub(crate) request_id: String,
    pub(crate) order_number: Option<String>,
    pub(crate) payer_hint: Option<String>,
    pub(crate) redirect_url: Option<String>,
    pub(crate) callback_url: Option<String>,
    pub(crate) locale: String,
    pub(crate) currency: Currency,
    pub(crate) challenge: Challenge,
    pub(crate) transactions: Vec<OrderedTransaction>,
    pub(crate) initiates_recurrence: bool,
    pub(crate) recurrence_id: Option<String>,
    pub(crate) recurrence_kind: Option<&'static str>,
    pub(crate) trace_id: Option<String>,
}

/// Whether the shop wants the payer to be challenged by the issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Challenge {
    Free,
    Required,
    Unwanted,
}

/// A transaction as ordered.
#[derive(Clone, Debug)]
pub(crate) struct OrderedTransaction {
    pub(crate) pos_id: String,
    pub(crate) payee: String,
    pub(crate) total: Decimal,
    pub(crate) comment: Option<String>,
    pub(crate) items: Vec<Item>,
    pub(crate) payees: Vec<OrderedTransaction>,
}

impl StartOrder {
    /// Everybody who is to receive money.
    pub(crate) fn payees(&self) -> impl Iterator<Item = &str> {
        self.transactions.iter().flat_map(|one| {
            std::iter::once(one.payee.as_str()).chain(one.payees.iter().map(|p| p.payee.as_str()))
        })
    }

    /// The token that is to be charged, when this is a later token payment.
    pub(crate) fn charges_token(&self) -> Option<&str> {
        (!self.initiates_recurrence)
            .then_some(self.recurrence_id.as_deref())
            .flatten()
    }

    /// Whether the issuer's chain id came with a charge of the token, where it has to.
    pub(crate) fn fits_trace(&self, token: &Token) -> bool {
        let needed = matches!(
            self.recurrence_kind,
            Some("MerchantInitiatedPayment" | "RecurringPayment")
        );
        match (&token.trace_id, &self.trace_id) {
            // Tokens of a wallet's balance have none.
            (None, _) => true,
            (Some(own), Some(given)) => own == given,
            (Some(_), None) => !needed,
        }
    }

    /// Whether the amount is one that the token can be charged with: a `RecurringPayment` may not
    /// come to more than the first one did.
    pub(crate) fn fits_amount(&self, token: &Token) -> bool {
        let total: Decimal = self.transactions.iter().map(|one| one.total).sum();
        self.recurrence_kind != Some("RecurringPayment")
            || (self.currency == token.currency && total <= token.amount)
    }
}
