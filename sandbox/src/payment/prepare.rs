//! How a payment comes to be.

use std::borrow::Cow;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::history::Moment;
use super::kinds::{
    Currency, PaymentMethod, PaymentStatus, PaymentType, RecurrenceResult, TransactionStatus,
    TransactionType,
};
use super::token::{self, Token, TokenCharge};
use super::{Item, Payment, Person, Recurrence, Role, Transaction};
use crate::ids::new_id;
use crate::pos::Pos;

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

impl Payment {
    /// A new payment that waits for its payer.
    pub(crate) fn prepare(
        order: StartOrder,
        shop: Arc<Pos>,
        owner: &Person,
        now: DateTime<Utc>,
    ) -> Self {
        let reserves = order.kind == PaymentType::Reservation;
        let registers = order
            .initiates_recurrence
            .then(|| order.recurrence_id.clone())
            .flatten();
        let mut payment = Self {
            id: new_id(),
            request_id: order.request_id,
            order_number: order.order_number,
            kind: order.kind,
            status: PaymentStatus::Prepared,
            method: PaymentMethod::Unknown,
            attempt: None,
            funded: None,
            funding_sources: order.funding_sources,
            guest_checkout: order.guest_checkout,
            created_at: now,
            valid_until: now + order.window,
            completed_at: None,
            reserved_until: reserves.then(|| now + order.reservation_period),
            capture_until: None,
            capture_period: order.capture_period,
            transactions: Vec::new(),
            locale: order.locale,
            currency: order.currency,
            redirect_url: order.redirect_url,
            callback_url: order.callback_url,
            payer_hint: order.payer_hint,
            exempt: order.challenge == Challenge::Unwanted,
            recurrence: Recurrence {
                kind: order.recurrence_kind.map(Cow::Borrowed),
                registers,
                ..Recurrence::default()
            },
            shop,
            shop_owner: owner.clone(),
            serial: 0,
            revision: 0,
            polls: None,
            challenge_required: order.challenge == Challenge::Required,
            challenged: None,
            bank_declined: None,
            started: Moment::new(now),
            made_at_start: 0,
            history: Vec::new(),
        };
        payment.add_ordered(order.transactions, owner, now);
        if reserves {
            payment.add_fee(payment.total(), now);
        }
        payment.made_at_start = payment.transactions.len();
        payment
    }

    /// Answers a token charge at once, or asks for the payer's authentication first.
    pub(crate) fn charge_token(
        &mut self,
        token: Token,
        challenge: Challenge,
        wanted: TokenCharge,
        now: DateTime<Utc>,
    ) {
        let asks = challenge == Challenge::Required
            && self.recurrence.kind.as_deref() == Some("OneClickPayment")
            && wanted == TokenCharge::Successful;
        match wanted {
            TokenCharge::Failed => self.recurrence.result = RecurrenceResult::Failed,
            TokenCharge::NotFound => self.recurrence.result = RecurrenceResult::NotFound,
            TokenCharge::ThreeDSAuthenticationRequired => self.ask_payer(token, false),
            TokenCharge::AuthenticationFails => self.ask_payer(token, true),
            _ if asks => self.ask_payer(token, false),
            _ => {
                self.recurrence.result = RecurrenceResult::Successful;
                self.pay_by_token(token, now);
            }
        }
    }

    /// Assumed: the chain id is shown once the charge has gone through.
    fn ask_payer(&mut self, token: Token, fails: bool) {
        self.recurrence.result = RecurrenceResult::ThreeDSAuthenticationRequired;
        self.recurrence.client_data = Some(token::client_data());
        self.recurrence.challenge_fails = fails;
        self.recurrence.awaiting = Some(token);
    }

    fn add_ordered(
        &mut self,
        ordered: Vec<OrderedTransaction>,
        owner: &Person,
        now: DateTime<Utc>,
    ) {
        for one in ordered {
            let parts = one.payees.clone();
            let main = ordered_transaction(one, Role::Main, None, owner, now);
            let parent = main.id;
            self.transactions.push(main);
            for part in parts {
                let part = ordered_transaction(part, Role::Payee, Some(parent), owner, now);
                self.transactions.push(part);
            }
        }
    }
}

fn ordered_transaction(
    ordered: OrderedTransaction,
    role: Role,
    related: Option<Uuid>,
    owner: &Person,
    now: DateTime<Utc>,
) -> Transaction {
    let is_owner = owner
        .email
        .as_deref()
        .is_some_and(|email| email.eq_ignore_ascii_case(&ordered.payee));
    Transaction {
        id: new_id(),
        role,
        pos_id: Some(ordered.pos_id),
        time: now,
        total: ordered.total,
        settled: None,
        refunded: Decimal::ZERO,
        captured_at: None,
        payer: None,
        payee: if is_owner {
            owner.clone()
        } else {
            Person::with_email(&ordered.payee)
        },
        comment: ordered.comment,
        status: TransactionStatus::Prepared,
        // Assumed: parts passed on have their kind from the start; states of such payments are not published.
        kind: match role {
            Role::Payee => TransactionType::TransferToExistingUser,
            _ => TransactionType::Unspecified,
        },
        items: ordered.items,
        related,
    }
}
