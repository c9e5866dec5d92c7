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

/// Payment state, as Barion answers it. See <https://docs.barion.com/Payment-PaymentState-v4>.
///
/// Every property that Barion may leave out is an `Option`. Judge a payment by its
/// [`standing`](Self::standing): status and total alone mislead. A completion time is set on
/// expired payments too, and a total of zero may mean refunded, finished with zero, or expired.
#[derive(Debug, Clone)]
#[non_exhaustive]
#[doc(alias = "PaymentState")]
#[doc(alias = "GetPaymentState")]
pub struct Payment {
    /// Identifier of the payment, given by Barion.
    pub payment_id: PaymentId,
    /// Identifier of the payment, given by the shop.
    pub payment_request_id: Option<String>,
    /// Order number of the shop.
    pub order_number: Option<String>,
    /// Identifier of the shop, public.
    pub pos_id: Option<PosId>,
    /// Name of the shop.
    pub pos_name: Option<String>,
    /// E-mail address of the shop's owner.
    pub pos_owner_email: Option<Sensitive>,
    /// Country of the shop's owner, two letters.
    pub pos_owner_country: Option<String>,
    /// Payment status.
    pub status: PaymentStatus,
    /// Payment type: when the money moves.
    pub payment_type: Option<PaymentType>,
    /// Funding source: how it was paid; `None` until then.
    pub funding_source: Option<FundingSource>,
    /// Recurrence type of a token payment.
    pub recurrence_type: Option<RecurrenceType>,
    /// Trace id of a token payment, given by the card issuer. Store it byte for byte.
    pub trace_id: Option<TraceId>,
    /// Funding information of the last attempt to pay: a declined card shows here while the payment
    /// is still open.
    pub funding_information: Option<FundingInformation>,
    /// Allowed funding sources, as they were sent.
    pub allowed_funding_sources: Vec<FundingSource>,
    /// Guest checkout: whether a payer without a wallet may pay.
    pub guest_check_out: Option<bool>,
    /// Time of the start.
    pub created_at: Option<Timestamp>,
    /// Valid until: the end of the payment window. The status becomes `Expired` up to some minutes
    /// later.
    pub valid_until: Option<Timestamp>,
    /// Time of the final status, `Expired` included.
    pub completed_at: Option<Timestamp>,
    /// Reserved until: when the time to finish a reservation ends.
    pub reserved_until: Option<Timestamp>,
    /// Delayed capture until: when the time to capture an authorised payment ends.
    pub delayed_capture_until: Option<Timestamp>,
    /// All transactions, fees and refunds included, in no particular order.
    pub transactions: Vec<PaymentTransaction>,
    /// Current total: falls with partial finishes and refunds. What the payment was started for is
    /// [`ordered`](Self::ordered), what the payer paid is [`taken`](Self::taken). `None` also where
    /// the answer leaves its currency out.
    #[doc(alias = "Total")]
    pub current_total: Option<Money>,
    /// Currency of all amounts.
    pub currency: Option<Currency>,
    /// Locale: the language of the gateway page.
    pub suggested_locale: Option<Locale>,
    /// Fraud risk score from 0 to 100; below 10 safe, from 30 blocked. `None` until scored.
    pub fraud_risk_score: Option<Decimal>,
    /// Redirect URL: where the payer's browser goes afterwards.
    pub redirect_url: Option<Url>,
    /// Callback URL: where Barion posts changes.
    pub callback_url: Option<Url>,
    /// Payment method of the last attempt to pay; the answer of version 2 does not have it.
    pub payment_method: Option<PaymentMethod>,
    /// Current total, whether or not its currency is known.
    pub(crate) total: Option<Decimal>,
    /// When the answer was made, by Barion's clock.
    pub(crate) made_at: Option<SystemTime>,
    /// Whether the answer says that it comes out of a cache.
    pub(crate) cached: bool,
}

impl Payment {
    pub(crate) fn from_wire(answer: types::PaymentStateV4Response) -> Result<Self, Error> {
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

    /// Reason why the last attempt to pay was declined, while the payer may still try another card.
    /// `None` when there was no attempt, the answer has no reason, or the payment is not open any
    /// more.
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

    /// The transaction with this identifier, which the shop gave it in the request; not the refunds
    /// that repeat its identifier.
    #[must_use]
    pub fn transaction(&self, pos_transaction_id: &str) -> Option<&PaymentTransaction> {
        self.main_transactions()
            .find(|one| one.pos_transaction_id.as_deref() == Some(pos_transaction_id))
    }

    /// Main transactions: those that you asked for; not the parts of them that are passed on, and
    /// not Barion's fees and refunds.
    pub fn main_transactions(&self) -> impl Iterator<Item = &PaymentTransaction> {
        self.transactions
            .iter()
            .filter(|one| one.role() == Role::Main)
    }
}

/// Money of an amount; `None` also where it has no currency.
fn money(amount: Option<wire::Decimal>, currency: Option<&Currency>) -> Option<Money> {
    Some(Money::new(amount?, currency?.clone()))
}

/// Transaction of a payment. See <https://docs.barion.com/DetailedPaymentTransaction>.
#[derive(Clone)]
#[non_exhaustive]
pub struct PaymentTransaction {
    /// Identifier of the transaction, given by Barion.
    pub transaction_id: Option<TransactionId>,
    /// Identifier of the transaction, given by the shop; `None` for fees and automatic refunds,
    /// repeated by your refunds.
    pub pos_transaction_id: Option<String>,
    /// Time of the start.
    pub transaction_time: Option<Timestamp>,
    /// Original amount: finishing and refunding never change it. `None` also where the answer
    /// leaves its currency out.
    #[doc(alias = "Total")]
    pub original_total: Option<Money>,
    /// Currency of the transaction.
    pub currency: Option<Currency>,
    /// Payer; `None` until somebody pays.
    pub payer: Option<UserInformation>,
    /// Payee: the wallet that gets the money.
    pub payee: Option<UserInformation>,
    /// Comment of the shop.
    pub comment: Option<String>,
    /// Transaction status.
    pub status: Option<TransactionStatus>,
    /// Transaction type: the kind of movement.
    pub transaction_type: Option<TransactionType>,
    /// Items that were bought.
    pub items: Vec<PurchasedItem>,
    /// Related transaction, to which this one belongs: for a refund the refunded one.
    pub related_id: Option<RelatedId>,
    /// Original amount, whether or not its currency is known.
    pub(crate) total: Option<Decimal>,
}

impl PaymentTransaction {
    /// `of_payment` is the currency of the payment, for a transaction without one of its own.
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

    /// Related transaction, where Barion gives its identifier.
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

/// Item: a line of the bill, as Barion repeats it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PurchasedItem {
    /// Name of the item.
    pub name: Option<String>,
    /// Description of the item.
    pub description: Option<String>,
    /// Image of the item.
    pub image_url: Option<Url>,
    /// Quantity in units.
    pub quantity: Option<Decimal>,
    /// Unit of the quantity.
    pub unit: Option<String>,
    /// Unit price.
    pub unit_price: Option<Money>,
    /// Total price of the line.
    pub item_total: Option<Money>,
    /// SKU: your article number.
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

/// User information: a payer or a payee. A guest has a login name only, Barion itself an
/// organization name only.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct UserInformation {
    /// E-mail address.
    pub email: Option<Sensitive>,
    /// Login name: the e-mail address used to log in.
    pub login_name: Option<Sensitive>,
    /// First name.
    pub first_name: Option<Sensitive>,
    /// Last name.
    pub last_name: Option<Sensitive>,
    /// Organization name, of a company.
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

/// Funding information: the last attempt to pay. See <https://docs.barion.com/FundingInformation>.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FundingInformation {
    /// Bank card that was used.
    pub bank_card: Option<BankCard>,
    /// Authorization code of the bank; `None` or empty when declined.
    pub authorization_code: Option<Sensitive>,
    /// Process result: the outcome of the attempt to pay.
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

/// Bank card, as far as Barion shows it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct BankCard {
    /// Masked PAN: the last four digits of the card number.
    pub masked_pan: Option<Sensitive>,
    /// Card type: the brand.
    pub bank_card_type: Option<CardType>,
    /// Year of expiry, four digits.
    pub valid_thru_year: Option<Sensitive>,
    /// Month of expiry, one or two digits.
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
