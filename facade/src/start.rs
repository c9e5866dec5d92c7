//! Starting a payment.

use std::collections::BTreeSet;
use std::time::Duration;

use barion_generated::enums::{Currency, FundingSource, Locale, PaymentType};
use barion_generated::types;
use barion_generated::wire;
use rust_decimal::Decimal;
use url::Url;

use crate::error::Error;
use crate::exact;
use crate::validate::{Violation, check, check_digits};

const NOT_EXACT: &str = "has more digits than can be computed exactly (28): set it yourself";

/// A payment to start, checked against Barion's limits. Made by [`immediate`](Self::immediate),
/// [`reservation`](Self::reservation) or [`delayed_capture`](Self::delayed_capture).
///
/// See <https://docs.barion.com/Payment-Start-v2>.
#[derive(Debug, Clone)]
pub struct StartPayment {
    wire: types::StartPaymentRequest,
    total: Decimal,
}

impl StartPayment {
    /// A payment that is settled as soon as the payer pays.
    ///
    /// `payment_request_id` is your own id of the payment, 1 to 100 characters. Barion does not check that it is unique.
    pub fn immediate(
        payment_request_id: impl Into<String>,
        currency: Currency,
    ) -> StartPaymentBuilder {
        StartPaymentBuilder::new(PaymentType::Immediate, payment_request_id.into(), currency)
    }

    /// A payment that you finish later, for at most the reserved amount, within `period`: 1 minute to 1 year.
    ///
    /// A card is really charged at once and partly refunded later if you finish with less, which can take weeks to show.
    /// To hold an amount without charging it, use [`delayed_capture`](Self::delayed_capture).
    pub fn reservation(
        payment_request_id: impl Into<String>,
        currency: Currency,
        period: Duration,
    ) -> StartPaymentBuilder {
        let mut builder = StartPaymentBuilder::new(
            PaymentType::Reservation,
            payment_request_id.into(),
            currency,
        );
        builder.wire.reservation_period = Some(period.into());
        builder
    }

    /// A payment whose amount is held on the card until you capture it, within `period`: 1 minute to 7 days, or to 21
    /// days for Hungarian shops (which is what is checked here). Cards only.
    pub fn delayed_capture(
        payment_request_id: impl Into<String>,
        currency: Currency,
        period: Duration,
    ) -> StartPaymentBuilder {
        let mut builder = StartPaymentBuilder::new(
            PaymentType::DelayedCapture,
            payment_request_id.into(),
            currency,
        );
        builder.wire.delayed_capture_period = Some(period.into());
        builder
    }

    /// The sum of all transactions, in the payment's currency.
    #[must_use]
    pub fn total(&self) -> Decimal {
        self.total
    }

    pub(crate) fn wire(&self) -> &types::StartPaymentRequest {
        &self.wire
    }
}

/// A payment in the making.
#[derive(Debug, Clone)]
#[must_use]
pub struct StartPaymentBuilder {
    wire: types::StartPaymentRequest,
    /// What the setters found that the limits of the spec don't cover.
    violations: Vec<Violation>,
}

impl StartPaymentBuilder {
    fn new(payment_type: PaymentType, payment_request_id: String, currency: Currency) -> Self {
        let wire = types::StartPaymentRequest {
            billing_address: None,
            callback_url: None,
            card_holder_name_hint: None,
            challenge_preference: None,
            currency,
            delayed_capture_period: None,
            funding_sources: vec![FundingSource::All],
            guest_check_out: Some(true),
            initiate_recurrence: None,
            locale: Locale::HuHu,
            order_number: None,
            payer_account_information: None,
            payer_hint: None,
            payer_home_number: None,
            payer_phone_number: None,
            payer_work_phone_number: None,
            payment_request_id,
            payment_type,
            payment_window: None,
            pos_key: None,
            purchase_information: None,
            recurrence_id: None,
            recurrence_type: None,
            redirect_url: None,
            reservation_period: None,
            shipping_address: None,
            trace_id: None,
            transactions: Vec::new(),
        };
        Self {
            wire,
            violations: Vec::new(),
        }
    }

    /// Adds who gets how much. At least one is needed.
    pub fn transaction(mut self, transaction: Transaction) -> Self {
        let path = format!("Transactions[{}]", self.wire.transactions.len());
        let (wire, problems) = transaction.into_wire(&path);
        self.wire.transactions.push(wire);
        self.violations.extend(problems);
        self
    }

    /// Where the payer's browser goes afterwards, success or not; Barion appends `paymentId`. At most 2000 characters.
    /// Default: the address set for the shop at Barion.
    pub fn redirect_url(mut self, url: Url) -> Self {
        self.web_address("RedirectUrl", &url);
        self.wire.redirect_url = Some(url.into());
        self
    }

    /// Where Barion posts every change of the payment; it appends `paymentId`. At most 2000 characters. Default: the
    /// address set for the shop at Barion.
    pub fn callback_url(mut self, url: Url) -> Self {
        self.web_address("CallbackUrl", &url);
        self.wire.callback_url = Some(url.into());
        self
    }

    /// The language of the gateway page. Default: [`Locale::HuHu`], whatever the payer's browser says.
    pub fn locale(mut self, locale: Locale) -> Self {
        self.wire.locale = locale;
        self
    }

    /// The ways to pay that the gateway offers, as far as your contract has them. Default: [`FundingSource::All`].
    pub fn funding_sources(mut self, sources: impl IntoIterator<Item = FundingSource>) -> Self {
        self.wire.funding_sources = sources.into_iter().collect();
        self
    }

    /// Whether somebody without a Barion wallet may pay. Default: yes.
    pub fn guest_check_out(mut self, yes: bool) -> Self {
        self.wire.guest_check_out = Some(yes);
        self
    }

    /// How long the payer has to pay: 1 minute to 7 days, whole seconds. Default: Barion's own, 30 minutes.
    pub fn payment_window(mut self, window: Duration) -> Self {
        self.wire.payment_window = Some(window.into());
        self
    }

    /// Your order number, at most 100 characters, printed on statements.
    pub fn order_number(mut self, number: impl Into<String>) -> Self {
        self.wire.order_number = Some(number.into());
        self
    }

    /// The payer's e-mail address, at most 256 characters, to fill in on the gateway page.
    pub fn payer_hint(mut self, email: impl Into<String>) -> Self {
        self.wire.payer_hint = Some(wire::Sensitive::new(email));
        self
    }

    /// The card holder's name, 2 to 45 characters, to fill in on the gateway page.
    pub fn card_holder_name_hint(mut self, name: impl Into<String>) -> Self {
        self.wire.card_holder_name_hint = Some(wire::Sensitive::new(name));
        self
    }

    /// The payer's mobile number: digits only, country code first, such as `36301234567`. For 3D Secure.
    pub fn payer_phone_number(mut self, number: impl Into<String>) -> Self {
        self.wire.payer_phone_number = Some(wire::Sensitive::new(number));
        self
    }

    /// Checks the payment.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation) with every broken rule, see [`Error::violations`]. Needs no
    /// network.
    pub fn build(self) -> Result<StartPayment, Error> {
        let mut violations = self.violations;
        violations.extend(check("StartPaymentRequest", &self.wire));
        let mut seen = BTreeSet::new();
        for (index, transaction) in self.wire.transactions.iter().enumerate() {
            let path = format!("Transactions[{index}]");
            check_digits(
                &format!("{path}.Total"),
                transaction.total,
                &self.wire.currency,
                &mut violations,
            );
            if !seen.insert(&transaction.pos_transaction_id) {
                let problem = "is the name of two transactions; each needs one of its own";
                violations.push(Violation::new(format!("{path}.POSTransactionId"), problem));
            }
        }
        let total = exact::sum(
            self.wire
                .transactions
                .iter()
                .map(|transaction| Some(transaction.total.get())),
        );
        match total {
            Some(total) if violations.is_empty() => Ok(StartPayment {
                wire: self.wire,
                total,
            }),
            Some(_) => Err(Error::validation(violations)),
            None => {
                violations.push(Violation::new("Transactions", NOT_EXACT));
                Err(Error::validation(violations))
            }
        }
    }

    fn web_address(&mut self, field: &str, url: &Url) {
        if !matches!(url.scheme(), "http" | "https") {
            let problem = format!("has the scheme {:?}; http or https is needed", url.scheme());
            self.violations.push(Violation::new(field, problem));
        }
    }
}

/// One payee's share of a payment. See <https://docs.barion.com/PaymentTransaction>.
#[derive(Debug, Clone)]
#[must_use]
pub struct Transaction {
    pos_transaction_id: String,
    payee: String,
    total: Option<Decimal>,
    comment: Option<String>,
    items: Vec<Item>,
}

impl Transaction {
    /// A share. `pos_transaction_id` is your own id of it, 1 to 100 characters, unique within the payment; `payee` is the
    /// e-mail address of the Barion wallet that gets the money.
    pub fn new(pos_transaction_id: impl Into<String>, payee: impl Into<String>) -> Self {
        Self {
            pos_transaction_id: pos_transaction_id.into(),
            payee: payee.into(),
            total: None,
            comment: None,
            items: Vec::new(),
        }
    }

    /// Adds a line of the bill.
    pub fn item(mut self, item: Item) -> Self {
        self.items.push(item);
        self
    }

    /// Adds lines of the bill.
    pub fn items(mut self, items: impl IntoIterator<Item = Item>) -> Self {
        self.items.extend(items);
        self
    }

    /// The amount, in the payment's currency, above zero. Default: the exact sum of the items.
    pub fn total(mut self, total: impl Into<Decimal>) -> Self {
        self.total = Some(total.into());
        self
    }

    /// A note that the payer does not see, at most 640 characters.
    pub fn comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = Some(comment.into());
        self
    }

    fn into_wire(self, path: &str) -> (types::PaymentTransaction, Vec<Violation>) {
        let mut violations = Vec::new();
        let items = self.items.into_iter().enumerate();
        let items: Vec<types::Item> = items
            .map(|(index, item)| item.into_wire(&format!("{path}.Items[{index}]"), &mut violations))
            .collect();
        let sum = || exact::sum(items.iter().map(|item| Some(item.item_total.get())));
        let total = self.total.or_else(sum).unwrap_or_else(|| {
            violations.push(Violation::new(format!("{path}.Total"), NOT_EXACT));
            Decimal::ONE
        });
        let wire = types::PaymentTransaction {
            comment: self.comment,
            items,
            payee: self.payee,
            payee_transactions: Vec::new(),
            pos_transaction_id: self.pos_transaction_id,
            total: total.into(),
        };
        (wire, violations)
    }
}

/// A line of the bill, as the gateway page shows it. See <https://docs.barion.com/Item>.
#[derive(Debug, Clone)]
#[must_use]
pub struct Item {
    name: String,
    description: Option<String>,
    image_url: Option<Url>,
    quantity: Decimal,
    unit: String,
    unit_price: Decimal,
    total: Option<Decimal>,
    sku: Option<String>,
}

impl Item {
    /// A line: its name (1 to 250 characters), how many units, and the price of one in the payment's currency, which is
    /// negative for a discount. Whole numbers can be written as they are; for others make a
    /// [`Decimal`](crate::Decimal): `Decimal::new(1990, 2)` is 19.90.
    pub fn new(
        name: impl Into<String>,
        quantity: impl Into<Decimal>,
        unit_price: impl Into<Decimal>,
    ) -> Self {
        Self {
            name: name.into(),
            description: None,
            image_url: None,
            quantity: quantity.into(),
            unit: "piece".to_owned(),
            unit_price: unit_price.into(),
            total: None,
            sku: None,
        }
    }

    /// More about it, 1 to 500 characters; not shown to the payer. Default: the name, since Barion wants one.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// What is counted, 1 to 50 characters. Default: "piece".
    pub fn unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = unit.into();
        self
    }

    /// The price of the line. Default: exactly quantity times unit price.
    pub fn total(mut self, total: impl Into<Decimal>) -> Self {
        self.total = Some(total.into());
        self
    }

    /// Your article number, at most 100 characters.
    pub fn sku(mut self, sku: impl Into<String>) -> Self {
        self.sku = Some(sku.into());
        self
    }

    /// A picture of it.
    pub fn image_url(mut self, url: Url) -> Self {
        self.image_url = Some(url);
        self
    }

    pub(crate) fn into_wire(self, path: &str, violations: &mut Vec<Violation>) -> types::Item {
        let product = || exact::product(self.quantity, self.unit_price);
        let total = self.total.or_else(product).unwrap_or_else(|| {
            violations.push(Violation::new(format!("{path}.ItemTotal"), NOT_EXACT));
            Decimal::ZERO
        });
        types::Item {
            description: self.description.unwrap_or_else(|| self.name.clone()),
            image_url: self.image_url.map(String::from),
            item_total: total.into(),
            name: self.name,
            quantity: self.quantity.into(),
            sku: self.sku,
            unit: self.unit,
            unit_price: self.unit_price.into(),
        }
    }
}

/// The token of Google Pay that pays a payment, and whose it is.
#[derive(Debug, Clone)]
pub struct GooglePay {
    token: wire::Sensitive,
    payer_email: wire::Sensitive,
}

impl GooglePay {
    /// The encrypted token as Google's script handed it over, one string, and the payer's e-mail address from the same
    /// place.
    #[must_use]
    pub fn new(token: impl Into<String>, payer_email: impl Into<String>) -> Self {
        Self {
            token: wire::Sensitive::new(token),
            payer_email: wire::Sensitive::new(payer_email),
        }
    }

    pub(crate) fn request(
        &self,
        payment: &StartPayment,
    ) -> Result<types::StartPaymentWithGoogleTokenRequest, Error> {
        let types::StartPaymentRequest {
            billing_address,
            callback_url,
            card_holder_name_hint,
            challenge_preference,
            currency,
            delayed_capture_period,
            funding_sources,
            guest_check_out,
            initiate_recurrence,
            locale,
            order_number,
            payer_account_information,
            payer_hint,
            payer_home_number,
            payer_phone_number,
            payer_work_phone_number,
            payment_request_id,
            payment_type,
            payment_window,
            pos_key,
            purchase_information,
            recurrence_id,
            recurrence_type,
            redirect_url,
            reservation_period,
            shipping_address,
            trace_id,
            transactions,
        } = payment.wire.clone();
        let request = types::StartPaymentWithGoogleTokenRequest {
            billing_address,
            callback_url,
            card_holder_name_hint,
            challenge_preference,
            currency,
            delayed_capture_period,
            funding_sources,
            google_pay_token: self.token.clone(),
            guest_check_out,
            initiate_recurrence,
            locale,
            order_number,
            payer_account_information,
            payer_email_address: self.payer_email.clone(),
            payer_hint,
            payer_home_number,
            payer_phone_number,
            payer_work_phone_number,
            payment_request_id,
            payment_type,
            payment_window,
            pos_key,
            purchase_information,
            recurrence_id,
            recurrence_type,
            redirect_url,
            reservation_period,
            shipping_address,
            trace_id,
            transactions,
        };
        let violations = check("StartPaymentWithGoogleTokenRequest", &request);
        if violations.is_empty() {
            Ok(request)
        } else {
            Err(Error::validation(violations))
        }
    }
}
