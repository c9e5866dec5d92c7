//! Rules between the properties of a start, which the table of limits can't express.

use std::collections::BTreeSet;

use barion_generated::enums::{Currency, FundingSource, PaymentType, RecurrenceType};
use barion_generated::types;
use barion_generated::validation::Path;
use barion_generated::wire::Sensitive;

use crate::money::checked;
use crate::validation::rules::{check_digits, mail_address};
use crate::validation::violation::{Rule, Violation};

/// Item totals: what happens when the items of a transaction don't add up to its total.
///
/// Barion accepts such payments, and the payer sees a bill that does not add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ItemTotals {
    /// The payment is built, with a [warning](crate::StartPayment::warnings). The default, as
    /// Barion accepts it.
    #[default]
    Warn,
    /// The payment is not built.
    Refuse,
}

/// Checks all rules between the properties of a start.
pub(crate) fn check_start(
    payment: &types::StartPaymentRequest,
    item_totals: ItemTotals,
    found: &mut Vec<Violation>,
    warnings: &mut Vec<Violation>,
) {
    let transactions = Path::ROOT.name("Transactions");
    let mut names = BTreeSet::new();
    for (index, transaction) in payment.transactions.iter().enumerate() {
        let path = transactions.index(index);
        check_digits(
            &path.name("Total"),
            transaction.total,
            &payment.currency,
            found,
        );
        unique(&path, &transaction.pos_transaction_id, &mut names, found);
        check_items(transaction, &path, item_totals, found, warnings);
        check_parts(transaction, &path, &payment.currency, &mut names, found);
    }
    check_ways_to_pay(payment, found);
    check_recurrence(payment, found);
    check_three_ds(payment, found);
    mail_address("PayerHint", payment.payer_hint.as_ref(), found);
}

fn unique<'a>(
    path: &Path<'_>,
    name: &'a str,
    names: &mut BTreeSet<&'a str>,
    found: &mut Vec<Violation>,
) {
    if !names.insert(name) {
        let violation = Violation::new(
            &path.name("POSTransactionId"),
            "is the name of two transactions",
        )
        .rule(Rule::Unique)
        .value(name)
        .hint("give each one of its own");
        found.push(violation);
    }
}

fn check_items(
    transaction: &types::PaymentTransaction,
    path: &Path<'_>,
    item_totals: ItemTotals,
    found: &mut Vec<Violation>,
    warnings: &mut Vec<Violation>,
) {
    if transaction.items.is_empty() {
        return;
    }
    let sum = checked::sum(
        transaction
            .items
            .iter()
            .map(|item| Some(item.item_total.get())),
    );
    if sum == Some(transaction.total.get()) {
        return;
    }
    let items = sum.map_or_else(|| "more digits than fit".to_owned(), |sum| sum.to_string());
    let problem = format!("is {}, but its items make {items}", transaction.total);
    let violation = Violation::new(&path.name("Total"), problem)
        .rule(Rule::Sum)
        .value(transaction.total)
        .limit(items)
        .hint("leave the total out, or add an item for the difference (a discount has a negative price)");
    match item_totals {
        ItemTotals::Warn => warnings.push(violation),
        ItemTotals::Refuse => found.push(violation),
    }
}

fn check_parts<'a>(
    transaction: &'a types::PaymentTransaction,
    path: &Path<'_>,
    currency: &Currency,
    names: &mut BTreeSet<&'a str>,
    found: &mut Vec<Violation>,
) {
    let parts = path.name("PayeeTransactions");
    for (index, part) in transaction.payee_transactions.iter().enumerate() {
        let path = parts.index(index);
        check_digits(&path.name("Total"), part.total, currency, found);
        unique(&path, &part.pos_transaction_id, names, found);
        if part.total.get() > transaction.total.get() {
            let problem = format!(
                "is {}, but the transaction around it is {} in all",
                part.total, transaction.total
            );
            let violation = Violation::new(&path.name("Total"), problem)
                .rule(Rule::Sum)
                .value(part.total)
                .limit(transaction.total)
                .hint("pass on less");
            found.push(violation);
        }
    }
    let totals = transaction.payee_transactions.iter();
    let sum = checked::sum(totals.map(|part| Some(part.total.get())));
    if sum.is_none_or(|sum| sum > transaction.total.get())
        && transaction.payee_transactions.len() > 1
    {
        let passed = sum.map_or_else(|| "too many digits".to_owned(), |sum| sum.to_string());
        let problem = format!("pass {passed} on, out of {}", transaction.total);
        let violation = Violation::new(&parts, problem)
            .rule(Rule::Sum)
            .value(passed)
            .limit(transaction.total)
            .hint("pass on less");
        found.push(violation);
    }
}

/// Some funding sources don't go with every payment. Where another one is offered too, the payer
/// can still pay.
fn check_ways_to_pay(payment: &types::StartPaymentRequest, found: &mut Vec<Violation>) {
    let by_card =
        |way: &FundingSource| !matches!(way, FundingSource::Balance | FundingSource::BankTransfer);
    let ways = &payment.funding_sources;
    let field = "FundingSources";
    if ways.is_empty() || ways.iter().any(by_card) {
        return;
    }
    if payment.payment_type == PaymentType::DelayedCapture {
        let violation = Violation::new(
            field,
            "has no card, but a delayed capture is for cards only",
        )
        .rule(Rule::Combination)
        .hint("add FundingSource::BankCard, or start a reservation");
        found.push(violation);
    } else if ways.contains(&FundingSource::Balance) {
        // A wallet pays everything else.
    } else if payment.payment_type != PaymentType::Immediate {
        let violation = Violation::new(
            field,
            "has bank transfers only, which are for immediate payments",
        )
        .rule(Rule::Combination)
        .hint("add FundingSource::BankCard, or start an immediate payment");
        found.push(violation);
    } else if matches!(
        payment.currency,
        Currency::Huf | Currency::Usd | Currency::Ron | Currency::Pln
    ) {
        let violation = Violation::new(
            field,
            format!(
                "has bank transfers only, which are in CZK and EUR, not in {}",
                payment.currency
            ),
        )
        .rule(Rule::Combination)
        .value(&payment.currency)
        .limit("CZK, EUR")
        .hint("add FundingSource::BankCard");
        found.push(violation);
    }
}

fn check_recurrence(payment: &types::StartPaymentRequest, found: &mut Vec<Violation>) {
    let Some(id) = &payment.recurrence_id else {
        return;
    };
    if id.expose().is_empty() {
        let violation = Violation::new("RecurrenceId", "is empty")
            .rule(Rule::Length)
            .limit(1)
            .hint("choose a name of the token, unique for each payer");
        found.push(violation);
    }
    if payment
        .trace_id
        .as_ref()
        .is_some_and(|trace| trace.expose().is_empty())
    {
        let violation = Violation::new("TraceId", "is empty")
            .rule(Rule::Length)
            .limit(1)
            .hint("take it from the state of the token's first payment, byte for byte");
        found.push(violation);
    }
    let repeated = payment.recurrence_type == Some(RecurrenceType::RecurringPayment);
    if payment.initiate_recurrence == Some(true) && repeated {
        let purchase = payment.purchase_information.as_ref();
        let until = purchase.and_then(|purchase| purchase.recurring_expiry.as_ref());
        if until.is_none_or(|until| until.moment().is_none()) {
            let violation = Violation::new("PurchaseInformation.RecurringExpiry", "is no moment")
                .rule(Rule::Required)
                .hint("say until when there will be charges");
            found.push(violation);
        }
    }
}

fn check_three_ds(payment: &types::StartPaymentRequest, found: &mut Vec<Violation>) {
    let needs_city = |region: &Option<String>, city: &Option<Sensitive>| {
        region.is_some() && city.as_ref().is_none_or(|city| city.expose().is_empty())
    };
    let mut city = |field: &str| {
        let violation = Violation::new(field, "is missing beside a Region")
            .rule(Rule::Combination)
            .hint("give the city too, or leave the region out");
        found.push(violation);
    };
    if let Some(address) = &payment.shipping_address
        && needs_city(&address.region, &address.city)
    {
        city("ShippingAddress.City");
    }
    if let Some(address) = &payment.billing_address
        && needs_city(&address.region, &address.city)
    {
        city("BillingAddress.City");
    }
    if let Some(purchase) = &payment.purchase_information {
        let field = "PurchaseInformation.DeliveryEmailAddress";
        mail_address(field, purchase.delivery_email_address.as_ref(), found);
        let gift = purchase.gift_card_purchase.as_ref();
        if let Some(amount) = gift.and_then(|gift| gift.amount) {
            let field = "PurchaseInformation.GiftCardPurchase.Amount";
            check_digits(field, amount, &payment.currency, found);
        }
    }
}
