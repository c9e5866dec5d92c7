//! Payment state: the answer of `PaymentState`, in the crate's own types.

use std::fmt;
use std::time::SystemTime;

use barion_generated::enums::{
    CardType, Currency, FundingSource, Locale, PaymentMethod, PaymentStatus, PaymentType,
    ProcessResult, RecurrenceType, TransactionStatus, TransactionType,
};
use barion_generated::types;
use barion_generated::wire::{self, RelatedId, Sensitive, Timestamp};
use rust_decimal::Decimal;
use url::Url;

use super::role::{Role, is_named};
use crate::error::Error;
use crate::id::{PaymentId, PosId, TraceId, TransactionId};
use crate::money::Money;
use crate::wire::address;

/// Where a payment stands. See <https://docs.barion.com/Payment-PaymentState-v4>.
///
/// Whatever Barion may leave out is an `Option`. Judge a payment by its [`standing`](Self::standing): status and total
/// alone mislead. A completion time is set on expired payments too, and a total of zero may mean refunded, finished with
/// zero, or expired.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Payment {
    /// Barion's id of it.
    pub payment_id: PaymentId,
    /// Your own id of it.
    pub payment_request_id: Option<String>,
    /// Your order number.
    pub order_number: Option<String>,
    /// The public id of the shop.
    pub pos_id: Option<PosId>,
    /// The name of the shop.
    pub pos_name: Option<String>,
    /// The e-mail address of the shop's owner.
    pub pos_owner_email: Option<Sensitive>,
    /// The country of the shop's owner, two letters.
    pub pos_owner_country: Option<String>,
    /// Where it stands.
    pub status: PaymentStatus,
    /// When the money moves.
    pub payment_type: Option<PaymentType>,
    /// How it was paid; `None` until then.
    pub funding_source: Option<FundingSource>,
    /// The nature of a token payment.
    pub recurrence_type: Option<RecurrenceType>,
    /// The issuer's id of a token payment; to be stored byte for byte.
    pub trace_id: Option<TraceId>,
    /// The last attempt to pay: a declined card shows here while the payment is still open.
    pub funding_information: Option<FundingInformation>,
    /// The ways to pay, as they were sent.
    pub allowed_funding_sources: Vec<FundingSource>,
    /// Whether somebody without a wallet may pay.
    pub guest_check_out: Option<bool>,
    /// When it was started.
    pub created_at: Option<Timestamp>,
    /// When the payer's time ends. The change to `Expired` comes up to some minutes later.
    pub valid_until: Option<Timestamp>,
    /// When it reached its final status, `Expired` included.
    pub completed_at: Option<Timestamp>,
    /// Until when a reservation can be finished.
    pub reserved_until: Option<Timestamp>,
    /// Until when an authorised payment can be captured.
    pub delayed_capture_until: Option<Timestamp>,
    /// All transactions, fees and refunds included, in no certain order.
    pub transactions: Vec<PaymentTransaction>,
    /// The current total, `None` also where the answer leaves its currency out: falls with partial finishes and refunds. What was asked for is
    /// [`ordered`](Self::ordered), what the payer paid is [`taken`](Self::taken).
    #[doc(alias = "Total")]
    pub current_total: Option<Money>,
    /// The currency of all amounts.
    pub currency: Option<Currency>,
    /// The language of the gateway page.
    pub suggested_locale: Option<Locale>,
    /// From 0 to 100; below 10 safe, from 30 blocked. `None` until scored.
    pub fraud_risk_score: Option<Decimal>,
    /// Where the payer's browser goes afterwards.
    pub redirect_url: Option<Url>,
    /// Where Barion posts changes.
    pub callback_url: Option<Url>,
    /// The method of the last attempt to pay; version 2 does not tell.
    pub payment_method: Option<PaymentMethod>,
    /// The current total, whether or not its currency is known.
    pub(crate) total: Option<Decimal>,
    /// When the answer was made, by Barion's clock.
    pub(crate) made_at: Option<SystemTime>,
    /// Whether the answer says that it comes out of a cache.
    pub(crate) cached: bool,
}

impl Payment {
    pub(crate) fn from_wire_v4(answer: types::PaymentStateV4Response) -> Result<Self, Error> {
        let types::PaymentStateV4Response {
            allowed_funding_sources,
            callback_url,
            completed_at,
            created_at,
            currency,
            delayed_capture_until,
            errors: _, // judged by the caller
            fraud_risk_score,
            funding_information,
            funding_source,
            guest_checkout,
            order_number,
            payment_id,
            payment_method,
            payment_request_id,
            payment_type,
            pos_id,
            pos_name,
            pos_owner_country,
            pos_owner_email,
            recurrence_type,
            redirect_url,
            reserved_until,
            status,
            suggested_locale,
            total,
            trace_id,
            transactions,
            valid_until,
        } = answer;
        let payment_id = PaymentId::from_wire_if_set(payment_id)
            .ok_or_else(|| Error::unreadable("it has no PaymentId"))?;
        let Some(status) = status else {
            return Err(Error::unreadable("it has no Status").with_payment_id(Some(payment_id)));
        };
        Ok(Self {
            payment_id,
            payment_request_id,
            order_number,
            pos_id: PosId::from_wire_if_set(pos_id),
            pos_name,
            pos_owner_email,
            pos_owner_country,
            status,
            payment_type,
            funding_source,
            recurrence_type,
            trace_id: TraceId::from_wire_if_set(trace_id),
            funding_information: funding_information.map(FundingInformation::from_wire),
            allowed_funding_sources: allowed_funding_sources.unwrap_or_default(),
            guest_check_out: guest_checkout,
            created_at,
            valid_until,
            completed_at,
            reserved_until,
            delayed_capture_until,
            transactions: transactions
                .unwrap_or_default()
                .into_iter()
                .map(|one| PaymentTransaction::from_wire(one, currency.as_ref()))
                .collect(),
            current_total: money(total, currency.as_ref()),
            currency,
            suggested_locale,
            fraud_risk_score: fraud_risk_score.map(Decimal::from),
            redirect_url: address(redirect_url),
            callback_url: address(callback_url),
            payment_method,
            total: total.map(Decimal::from),
            made_at: None,
            cached: false,
        })
    }

    /// The same, with what the answer's head says.
    pub(crate) fn made(mut self, made_at: Option<SystemTime>, cached: bool) -> Self {
        (self.made_at, self.cached) = (made_at, cached);
        self
    }

    /// Version 2 tells the same but for the payment method.
    pub(crate) fn from_wire_v2(answer: types::PaymentStateResponse) -> Result<Self, Error> {
        let types::PaymentStateResponse {
            allowed_funding_sources,
            callback_url,
            completed_at,
            created_at,
            currency,
            delayed_capture_until,
            errors,
            fraud_risk_score,
            funding_information,
            funding_source,
            guest_checkout,
            order_number,
            payment_id,
            payment_request_id,
            payment_type,
            pos_id,
            pos_name,
            pos_owner_country,
            pos_owner_email,
            recurrence_type,
            redirect_url,
            reserved_until,
            status,
            suggested_locale,
            total,
            trace_id,
            transactions,
            valid_until,
        } = answer;
        Self::from_wire_v4(types::PaymentStateV4Response {
            allowed_funding_sources,
            callback_url,
            completed_at,
            created_at,
            currency,
            delayed_capture_until,
            errors,
            fraud_risk_score,
            funding_information,
            funding_source,
            guest_checkout,
            order_number,
            payment_id,
            payment_method: None,
            payment_request_id,
            payment_type,
            pos_id,
            pos_name,
            pos_owner_country,
            pos_owner_email,
            recurrence_type,
            redirect_url,
            reserved_until,
            status,
            suggested_locale,
            total,
            trace_id,
            transactions,
            valid_until,
        })
    }

    /// Why the last attempt to pay was declined, while the payer may still try another card. `None` when nobody tried, the
    /// reason is not told, or the payment is not open any more.
    #[must_use]
    pub fn declined_because(&self) -> Option<&ProcessResult> {
        let open = matches!(
            self.status,
            PaymentStatus::Prepared | PaymentStatus::Started
        );
        let result = self.funding_information.as_ref()?.process_result.as_ref()?;
        let declined = !matches!(result, ProcessResult::Successful | ProcessResult::Unknown)
            && !result.as_str().is_empty();
        (open && declined).then_some(result)
    }

    /// The transaction that you named so in the request; not the refunds that repeat its name.
    #[must_use]
    pub fn transaction(&self, pos_transaction_id: &str) -> Option<&PaymentTransaction> {
        self.main_transactions()
            .find(|one| one.pos_transaction_id.as_deref() == Some(pos_transaction_id))
    }

    /// The transactions that you asked for; not the parts of them that are passed on, and not Barion's fees and refunds.
    pub fn main_transactions(&self) -> impl Iterator<Item = &PaymentTransaction> {
        self.transactions
            .iter()
            .filter(|one| one.role() == Role::Main)
    }
}

/// `None` also where an amount has no currency.
fn money(amount: Option<wire::Decimal>, currency: Option<&Currency>) -> Option<Money> {
    Some(Money::new(amount?, currency?.clone()))
}

/// A transaction of a payment. See <https://docs.barion.com/DetailedPaymentTransaction>.
#[derive(Clone)]
#[non_exhaustive]
pub struct PaymentTransaction {
    /// Barion's id of it.
    pub transaction_id: Option<TransactionId>,
    /// Your own id of it; `None` for fees and automatic refunds, repeated by your refunds.
    pub pos_transaction_id: Option<String>,
    /// When it was started.
    pub transaction_time: Option<Timestamp>,
    /// Its original amount, `None` also where the answer leaves its currency out: finishing and refunding never change it.
    #[doc(alias = "Total")]
    pub original_total: Option<Money>,
    /// Its currency.
    pub currency: Option<Currency>,
    /// Who pays; `None` until then.
    pub payer: Option<UserInformation>,
    /// Who gets it.
    pub payee: Option<UserInformation>,
    /// Your note.
    pub comment: Option<String>,
    /// Where it stands.
    pub status: Option<TransactionStatus>,
    /// What kind of movement it is.
    pub transaction_type: Option<TransactionType>,
    /// What was bought.
    pub items: Vec<PurchasedItem>,
    /// The transaction it belongs to: for a refund the refunded one.
    pub related_id: Option<RelatedId>,
    /// The original amount, whether or not its currency is known.
    pub(crate) total: Option<Decimal>,
}

impl PaymentTransaction {
    /// `of_payment` is the currency of the payment, for a transaction that does not tell its own.
    fn from_wire(
        transaction: types::DetailedPaymentTransaction,
        of_payment: Option<&Currency>,
    ) -> Self {
        let types::DetailedPaymentTransaction {
            comment,
            currency,
            items,
            payee,
            payer,
            payment_id: _, // repeats the payment's
            pos_id: _,     // repeats the payment's
            pos_transaction_id,
            related_id,
            status,
            total,
            transaction_id,
            transaction_time,
            transaction_type,
        } = transaction;
        let own = currency.as_ref().or(of_payment);
        Self {
            transaction_id: TransactionId::from_wire_if_set(transaction_id),
            pos_transaction_id,
            transaction_time,
            original_total: money(total, own),
            total: total.map(Decimal::from),
            payer: payer.map(UserInformation::from_wire),
            payee: payee.map(UserInformation::from_wire),
            comment,
            status,
            transaction_type,
            items: items
                .unwrap_or_default()
                .into_iter()
                .map(|item| PurchasedItem::from_wire(item, own))
                .collect(),
            related_id,
            currency,
        }
    }

    pub(crate) fn role(&self) -> Role {
        Role::of(
            self.transaction_type.as_ref(),
            is_named(self.pos_transaction_id.as_deref()),
            self.related_transaction().is_some(),
        )
    }

    /// The transaction it belongs to, where Barion says it by an id.
    pub(crate) fn related_transaction(&self) -> Option<TransactionId> {
        let id = self.related_id.as_ref().and_then(RelatedId::transaction);
        TransactionId::from_wire_if_set(id)
    }
}

/// Comments and items are the shop's own words, which may name the payer.
impl fmt::Debug for PaymentTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PaymentTransaction")
            .field("transaction_id", &self.transaction_id)
            .field("pos_transaction_id", &self.pos_transaction_id)
            .field("transaction_type", &self.transaction_type)
            .field("status", &self.status)
            .field("original_total", &self.original_total)
            .field("currency", &self.currency)
            .field("transaction_time", &self.transaction_time)
            .field("related_id", &self.related_id)
            .finish_non_exhaustive()
    }
}

/// A line of the bill, as Barion repeats it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PurchasedItem {
    /// What it is.
    pub name: Option<String>,
    /// More about it.
    pub description: Option<String>,
    /// A picture of it.
    pub image_url: Option<Url>,
    /// How many units.
    pub quantity: Option<Decimal>,
    /// What is counted.
    pub unit: Option<String>,
    /// The price of one unit.
    pub unit_price: Option<Money>,
    /// The price of the line.
    pub item_total: Option<Money>,
    /// Your article number.
    pub sku: Option<String>,
}

impl PurchasedItem {
    fn from_wire(item: types::DetailedItem, currency: Option<&Currency>) -> Self {
        let types::DetailedItem {
            description,
            image_url,
            item_total,
            name,
            quantity,
            sku,
            unit,
            unit_price,
        } = item;
        Self {
            name,
            description,
            image_url: address(image_url),
            quantity: quantity.map(Decimal::from),
            unit,
            unit_price: money(unit_price, currency),
            item_total: money(item_total, currency),
            sku,
        }
    }
}

/// Somebody who pays or is paid. A guest has a login name only, Barion itself an organization name only.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct UserInformation {
    /// E-mail address.
    pub email: Option<Sensitive>,
    /// The e-mail address used to log in.
    pub login_name: Option<Sensitive>,
    /// Given name.
    pub first_name: Option<Sensitive>,
    /// Family name.
    pub last_name: Option<Sensitive>,
    /// Name of a company.
    pub organization_name: Option<Sensitive>,
}

impl UserInformation {
    fn from_wire(user: types::UserInformation) -> Self {
        let types::UserInformation { email, name } = user;
        let types::NameInformation {
            first_name,
            last_name,
            login_name,
            organization_name,
        } = name.unwrap_or_default();
        Self {
            email,
            login_name,
            first_name,
            last_name,
            organization_name,
        }
    }
}

/// The last attempt to pay. See <https://docs.barion.com/FundingInformation>.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FundingInformation {
    /// The card used.
    pub bank_card: Option<BankCard>,
    /// The bank's code; `None` or empty when declined.
    pub authorization_code: Option<Sensitive>,
    /// How the attempt ended.
    pub process_result: Option<ProcessResult>,
}

impl FundingInformation {
    fn from_wire(funding: types::FundingInformation) -> Self {
        let types::FundingInformation {
            authorization_code,
            bank_card,
            process_result,
        } = funding;
        Self {
            bank_card: bank_card.map(BankCard::from_wire),
            authorization_code,
            process_result,
        }
    }
}

/// A card, as far as Barion shows it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct BankCard {
    /// The last four digits.
    pub masked_pan: Option<Sensitive>,
    /// The brand.
    pub bank_card_type: Option<CardType>,
    /// The year of expiry, four digits.
    pub valid_thru_year: Option<Sensitive>,
    /// The month of expiry, one or two digits.
    pub valid_thru_month: Option<Sensitive>,
}

impl BankCard {
    fn from_wire(card: types::BankCard) -> Self {
        let types::BankCard {
            bank_card_type,
            masked_pan,
            valid_thru_month,
            valid_thru_year,
        } = card;
        Self {
            masked_pan,
            bank_card_type,
            valid_thru_year,
            valid_thru_month,
        }
    }
}
