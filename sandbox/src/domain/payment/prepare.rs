//! Preparing a payment: from the start order to a payment that waits for its payer.

use std::borrow::Cow;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::history::Moment;
use super::kinds::{
    PaymentMethod, PaymentStatus, PaymentType, RecurrenceResult, TransactionStatus, TransactionType,
};
use super::model::{Payment, Recurrence};
use super::start_order::{Challenge, OrderedTransaction, StartOrder};
use super::token::{self, Token};
use super::token_charge::TokenChargeOutcome;
use super::transaction::{Role, Transaction};
use crate::domain::ids::new_id;
use crate::domain::person::Person;
use crate::domain::shop::Shop;

impl Payment {
    /// A new payment that waits for its payer.
    pub(crate) fn prepare(
        order: StartOrder,
        shop: Arc<Shop>,
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
        wanted: TokenChargeOutcome,
        now: DateTime<Utc>,
    ) {
        let asks = challenge == Challenge::Required
            && self.recurrence.kind.as_deref() == Some("OneClickPayment")
            && wanted == TokenChargeOutcome::Successful;
        match wanted {
            TokenChargeOutcome::Failed => self.recurrence.result = RecurrenceResult::Failed,
            TokenChargeOutcome::NotFound => self.recurrence.result = RecurrenceResult::NotFound,
            TokenChargeOutcome::ThreeDSAuthenticationRequired => self.ask_payer(token, false),
            TokenChargeOutcome::AuthenticationFails => self.ask_payer(token, true),
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
        // Assumed: parts passed on have their kind from the start; states of such payments are not
        // published.
        kind: match role {
            Role::Payee => TransactionType::TransferToExistingUser,
            _ => TransactionType::Unspecified,
        },
        items: ordered.items,
        related,
    }
}
