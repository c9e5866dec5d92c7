//! Start of a payment.

pub mod flow;
pub(crate) mod google_pay;
pub(crate) mod google_payment;
pub(crate) mod hosted;
pub(crate) mod item;
pub(crate) mod rules;
pub(crate) mod started;
pub(crate) mod three_ds;
pub(crate) mod token;
pub(crate) mod token_charge;
pub(crate) mod transaction;

use std::time::Duration;

use barion_generated::enums::{ChallengePreference, Currency, FundingSource, Locale, PaymentType};
use barion_generated::types;
use barion_generated::validation::Path;
use barion_generated::wire::Sensitive;
use url::Url;

use crate::error::{Error, refuse};
use crate::money::{Money, checked};
use crate::unconfirmed::asked::{Asked, ChargedPart};
use crate::unconfirmed::request_id::RequestId;
use crate::validation::rules::{not_exact, say_once, web_address};
use crate::validation::violation::Violation;
use flow::{ChargeToken, Flow, GooglePay, Hosted, RegisterToken};
use google_pay::GooglePayToken;
use rules::{ItemTotals, check_start};
use three_ds::{BillingAddress, PayerAccount, Purchase, ShippingAddress, ThreeDsReport};
use token::{Token, TokenRegistration};
use transaction::Transaction;

/// Start of a payment: the request, checked against Barion's limits. Made by
/// [`immediate`](Self::immediate), [`reservation`](Self::reservation) or
/// [`delayed_capture`](Self::delayed_capture).
///
/// | scenario | how it is built | sent by |
/// |---|---|---|
/// | immediate, reservation, delayed capture | the constructor of that name | [`start_payment`](crate::Client::start_payment) |
/// | first payment of a token | and [`register_token`](StartPaymentBuilder::register_token) a [`TokenRegistration`] | [`start_payment`](crate::Client::start_payment) |
/// | one click, merchant initiated, recurring | and [`charge_token`](StartPaymentBuilder::charge_token) a [`Token`] | [`charge_token`](crate::Client::charge_token) |
/// | Google Pay | and [`google_pay`](StartPaymentBuilder::google_pay) | [`start_payment_with_google_token`](crate::Client::start_payment_with_google_token) |
/// | facilitated | any of them, with [`Transaction::pass_on`], or transactions of several payees | the same |
///
/// What does not go together does not compile. A reservation has a period:
///
/// ```compile_fail,E0061
/// # use barion::{Currency, StartPayment};
/// StartPayment::reservation("order-1", Currency::Huf);
/// ```
///
/// A payment registers a token or charges one, not both:
///
/// ```compile_fail,E0599
/// # use barion::{Currency, StartPayment, Token, TokenRegistration};
/// StartPayment::immediate("order-1", Currency::Huf)
///     .register_token(TokenRegistration::one_click("payer-7"))
///     .charge_token(Token::one_click("payer-7"));
/// ```
///
/// A charge of a token, whose outcome has to be checked, is not sent like a payment that waits for
/// its payer:
///
/// ```compile_fail,E0308
/// # use barion::{Client, Currency, StartPayment, Token, Transaction};
/// # async fn charge(client: Client) -> Result<(), barion::Error> {
/// let charge = StartPayment::immediate("order-1", Currency::Huf)
///     .transaction(Transaction::new("order-1/1", "shop@example.com").total(100))
///     .charge_token(Token::one_click("payer-7"))
///     .build()?;
/// client.start_payment(&charge).await?;
/// # Ok(()) }
/// ```
///
/// See <https://docs.barion.com/Payment-Start-v2>.
#[derive(Debug, Clone)]
#[doc(alias = "Payment/Start")]
pub struct StartPayment<By = Hosted> {
    wire: types::StartPaymentRequest,
    total: Money,
    warnings: Vec<Violation>,
    by: By,
    id: RequestId,
}

impl StartPayment {
    /// Immediate payment: it is settled as soon as the payer pays.
    ///
    /// `payment_request_id` is your own id of the payment, 1 to 100 characters. Barion does not
    /// check that it is unique.
    pub fn immediate(
        payment_request_id: impl Into<String>,
        currency: Currency,
    ) -> StartPaymentBuilder {
        StartPaymentBuilder::new(PaymentType::Immediate, payment_request_id.into(), currency)
    }

    /// Reservation: a payment that you finish later, for at most the reserved amount, within
    /// `period`: 1 minute to 1 year.
    ///
    /// A card is really charged at once, and partly refunded later if you finish with less, which
    /// can take weeks to show. To hold an amount without charging it, use
    /// [`delayed_capture`](Self::delayed_capture).
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

    /// Delayed capture: a payment whose amount is held on the card (authorised) until you capture
    /// it, within `period`: 1 minute to 7 days, or to 21 days for Hungarian shops (which is what is
    /// checked here). Cards only.
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
}

impl<By> StartPayment<By> {
    /// Total of all transactions.
    #[must_use]
    pub fn total(&self) -> &Money {
        &self.total
    }

    /// Warnings: what Barion accepts, but is probably not meant, such as items that don't add up to
    /// their transaction's total. The payer is charged the total. When the payment is sent, each
    /// warning causes an event of `tracing`, level `warn`; with [`ItemTotals::Refuse`] the payment
    /// is not built.
    #[must_use]
    pub fn warnings(&self) -> &[Violation] {
        &self.warnings
    }

    /// 3D Secure report: which properties that help against a challenge this payment leaves out.
    ///
    /// ```
    /// # use barion::{BillingAddress, Currency, StartPayment, Transaction};
    /// let payment = StartPayment::immediate("order-1", Currency::Huf)
    ///     .transaction(Transaction::new("order-1/1", "shop@example.com").total(100))
    ///     .billing_address(
    ///         BillingAddress::new("HU").city("Budapest").zip("1111").street("Irinyi utca 4."),
    ///     )
    ///     .build()?;
    /// let report = payment.three_ds_report();
    /// assert!(!report.is_complete());
    /// assert!(report.to_string().contains("PayerAccountInformation.AccountCreated is left out"));
    /// assert!(!report.to_string().contains("BillingAddress.City"));
    /// # Ok::<(), barion::Error>(())
    /// ```
    #[must_use]
    pub fn three_ds_report(&self) -> ThreeDsReport {
        ThreeDsReport::of(&self.wire)
    }

    pub(crate) fn id(&self) -> RequestId {
        self.id
    }

    /// What is kept of a start that charges at once, while its outcome is unknown.
    pub(crate) fn charge(&self) -> Asked {
        let part = |one: &types::PaymentTransaction| ChargedPart {
            pos_transaction_id: one.pos_transaction_id.clone(),
            total: one.total.get(),
        };
        Asked::Charge {
            payment_id: None,
            payment_request_id: self.wire.payment_request_id.clone(),
            parts: self.wire.transactions.iter().map(part).collect(),
            total: self.total.clone(),
        }
    }

    pub(crate) fn flow(&self) -> &By {
        &self.by
    }

    pub(crate) fn wire(&self) -> &types::StartPaymentRequest {
        &self.wire
    }
}

/// Builder for the start of a payment.
#[derive(Debug, Clone)]
#[must_use]
pub struct StartPaymentBuilder<By = Hosted> {
    wire: types::StartPaymentRequest,
    transactions: Vec<Transaction>,
    purchase: Option<Purchase>,
    item_totals: ItemTotals,
    validated: bool,
    /// Violations that the setters found.
    violations: Vec<Violation>,
    by: By,
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
            transactions: Vec::new(),
            purchase: None,
            item_totals: ItemTotals::default(),
            validated: true,
            violations: Vec::new(),
            by: Hosted,
        }
    }

    /// Token registration: this payment registers a token, which can be charged later without
    /// typing in the card again.
    #[doc(alias = "registering")]
    pub fn register_token(self, token: TokenRegistration) -> StartPaymentBuilder<RegisterToken> {
        self.by(RegisterToken(token))
    }

    /// Token charge: charges a token instead of sending the payer to the gateway page. Sent by
    /// [`charge_token`](crate::Client::charge_token).
    #[doc(alias = "charging")]
    pub fn charge_token(self, token: Token) -> StartPaymentBuilder<ChargeToken> {
        self.by(ChargeToken(token))
    }

    /// Google Pay: charges the card behind a Google Pay token. Sent by
    /// [`start_payment_with_google_token`](crate::Client::start_payment_with_google_token).
    #[doc(alias = "by_google_pay")]
    pub fn google_pay(self, google_pay: GooglePayToken) -> StartPaymentBuilder<GooglePay> {
        self.by(GooglePay(google_pay))
    }

    fn by<By>(self, by: By) -> StartPaymentBuilder<By> {
        StartPaymentBuilder {
            wire: self.wire,
            transactions: self.transactions,
            purchase: self.purchase,
            item_totals: self.item_totals,
            validated: self.validated,
            violations: self.violations,
            by,
        }
    }
}

impl<By: Flow> StartPaymentBuilder<By> {
    /// Adds a transaction: a payee and an amount. At least one is needed.
    pub fn transaction(mut self, transaction: Transaction) -> Self {
        self.transactions.push(transaction);
        self
    }

    /// Adds transactions.
    pub fn transactions(mut self, transactions: impl IntoIterator<Item = Transaction>) -> Self {
        self.transactions.extend(transactions);
        self
    }

    /// Redirect URL: where the payer's browser goes afterwards, success or not; Barion appends
    /// `paymentId`. At most 2000 characters. Default: the URL set for the shop at Barion.
    pub fn redirect_url(mut self, url: Url) -> Self {
        web_address("RedirectUrl", &url, &mut self.violations);
        self.wire.redirect_url = Some(url.into());
        self
    }

    /// Callback URL: where Barion posts every change of the payment; it appends `paymentId`. At
    /// most 2000 characters. Default: the URL set for the shop at Barion.
    pub fn callback_url(mut self, url: Url) -> Self {
        web_address("CallbackUrl", &url, &mut self.violations);
        self.wire.callback_url = Some(url.into());
        self
    }

    /// Locale: the language of the gateway page. Default: [`Locale::HuHu`], whatever the payer's
    /// browser says.
    pub fn locale(mut self, locale: Locale) -> Self {
        self.wire.locale = locale;
        self
    }

    /// Funding sources: the ways to pay that the gateway page offers, as far as your contract has
    /// them. Default: [`FundingSource::All`].
    pub fn funding_sources(mut self, sources: impl IntoIterator<Item = FundingSource>) -> Self {
        self.wire.funding_sources = sources.into_iter().collect();
        self
    }

    /// Guest checkout: whether a payer without a Barion wallet may pay. Default: yes.
    pub fn guest_check_out(mut self, yes: bool) -> Self {
        self.wire.guest_check_out = Some(yes);
        self
    }

    /// Payment window: how long the payer has to pay, 1 minute to 7 days, whole seconds. Default:
    /// Barion's own, 30 minutes.
    pub fn payment_window(mut self, window: Duration) -> Self {
        self.wire.payment_window = Some(window.into());
        self
    }

    /// Order number of the shop, at most 100 characters, printed on statements.
    pub fn order_number(mut self, number: impl Into<String>) -> Self {
        self.wire.order_number = Some(number.into());
        self
    }

    /// Payer hint: the payer's e-mail address, at most 256 characters, to fill in on the gateway
    /// page.
    pub fn payer_hint(mut self, email: impl Into<String>) -> Self {
        self.wire.payer_hint = Some(Sensitive::new(email));
        self
    }

    /// Card holder name hint: the name, 2 to 45 characters, to fill in on the gateway page.
    pub fn card_holder_name_hint(mut self, name: impl Into<String>) -> Self {
        self.wire.card_holder_name_hint = Some(Sensitive::new(name));
        self
    }

    /// Phone number of the payer, mobile: digits only, country code first, such as `36301234567`.
    /// For 3D Secure.
    pub fn payer_phone_number(mut self, number: impl Into<String>) -> Self {
        self.wire.payer_phone_number = Some(Sensitive::new(number));
        self
    }

    /// Phone number of the payer at work, written as the mobile number. For 3D Secure.
    pub fn payer_work_phone_number(mut self, number: impl Into<String>) -> Self {
        self.wire.payer_work_phone_number = Some(Sensitive::new(number));
        self
    }

    /// Phone number of the payer at home, written as the mobile number. For 3D Secure.
    pub fn payer_home_number(mut self, number: impl Into<String>) -> Self {
        self.wire.payer_home_number = Some(Sensitive::new(number));
        self
    }

    /// Billing address. For 3D Secure.
    pub fn billing_address(mut self, address: BillingAddress) -> Self {
        self.wire.billing_address = Some(address.into_wire());
        self
    }

    /// Shipping address. For 3D Secure.
    pub fn shipping_address(mut self, address: ShippingAddress) -> Self {
        self.wire.shipping_address = Some(address.into_wire());
        self
    }

    /// Payer account: what the shop knows of the payer's account. For 3D Secure.
    pub fn payer_account(mut self, account: PayerAccount) -> Self {
        self.wire.payer_account_information = Some(account.into_wire());
        self
    }

    /// Purchase: what the shop knows of the purchase. For 3D Secure.
    pub fn purchase(mut self, purchase: Purchase) -> Self {
        self.purchase = Some(purchase);
        self
    }

    /// Challenge preference for 3D Secure. With
    /// [`NoChallengeNeeded`](ChallengePreference::NoChallengeNeeded) the shop is liable for
    /// disputes. Default: Barion decides.
    pub fn challenge_preference(mut self, preference: ChallengePreference) -> Self {
        self.wire.challenge_preference = Some(preference);
        self
    }

    /// Item totals: what happens when items don't add up to their transaction's total. Default: a
    /// [warning](StartPayment::warnings), as Barion accepts such payments.
    pub fn item_totals(mut self, item_totals: ItemTotals) -> Self {
        self.item_totals = item_totals;
        self
    }

    /// Skips validation of this payment, for the day on which Barion allows what this version
    /// refuses. Amounts that can't be computed or are of another currency are still refused.
    pub fn without_validation(mut self) -> Self {
        self.validated = false;
        self
    }

    /// Builds the payment after checking it against Barion's limits.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation) with every broken rule, see
    /// [`Error::violations`]. Needs no network.
    pub fn build(self) -> Result<StartPayment<By::Sent>, Error> {
        let mut wire = self.wire;
        let mut violations = self.violations;
        let path = Path::ROOT.name("Transactions");
        wire.transactions.reserve_exact(self.transactions.len());
        for (index, transaction) in self.transactions.into_iter().enumerate() {
            let path = path.index(index);
            wire.transactions
                .push(transaction.into_wire(&path, &wire.currency, &mut violations));
        }
        wire.purchase_information = self
            .purchase
            .map(|purchase| purchase.into_wire(&wire.currency, &mut violations));
        self.by.fill(&mut wire);
        let totals = wire.transactions.iter();
        let total = checked::sum(totals.map(|transaction| Some(transaction.total.get())));
        if total.is_none() {
            violations.push(not_exact("Transactions").hint("start several payments"));
        }
        let mut warnings = Vec::new();
        if self.validated {
            violations.extend(self.by.check(&wire));
        }
        check_start(&wire, self.item_totals, &mut violations, &mut warnings);
        say_once(&mut violations);
        refuse(violations, self.validated)?;
        Ok(StartPayment {
            total: Money::new(total.unwrap_or_default(), wire.currency.clone()),
            wire,
            warnings,
            by: self.by.sent(),
            id: RequestId::new(),
        })
    }
}
