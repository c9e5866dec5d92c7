//! 3-D Secure data of start requests: checked, and then not used for anything.

use super::amount::read_amount;
use super::choices;
use super::reader::Reader;
use crate::domain::currency::Currency;

/// Checks everything of the request that is there for 3-D Secure. `first_recurring` says that this
/// is the first payment of a `RecurringPayment`, which needs two properties more.
pub(crate) fn check(start: Reader<'_>, currency: Option<Currency>, first_recurring: bool) {
    start.phone("PayerPhoneNumber");
    start.phone("PayerWorkPhoneNumber");
    start.phone("PayerHomeNumber|PayerHomePhoneNumber");
    if let Some(address) = start.object("ShippingAddress") {
        check_address(address);
        address.text("FullName", 1, 45);
    }
    if let Some(address) = start.object("BillingAddress") {
        check_address(address);
    }
    if let Some(account) = start.object("PayerAccountInformation|PayerAccount") {
        check_account(account);
    }
    match start.object("PurchaseInformation") {
        Some(purchase) => check_purchase(purchase, currency, first_recurring),
        None if first_recurring => {
            start.problem("The PurchaseInformation field is required.".to_owned());
        }
        None => {}
    }
}

fn check_address(address: Reader<'_>) {
    let country = address.required_text("Country", 2);
    if country.chars().count() == 1 || !country.chars().all(char::is_alphabetic) {
        address.problem("The field Country must be a code of two letters.".to_owned());
    }
    let region = address.text("Region", 2, 2);
    let city = address.text("City", 1, 50);
    if region.is_some() && city.is_none() {
        address.problem("The City field is required.".to_owned());
    }
    address.text("Zip", 1, 16);
    for street in ["Street", "Street2", "Street3"] {
        address.text(street, 1, 50);
    }
}

fn check_account(account: Reader<'_>) {
    account.text("AccountId", 1, 64);
    for date in [
        "AccountCreated",
        "AccountLastChanged",
        "PasswordLastChanged",
        "ShippingAddressAdded|ShippingAddresAdded",
        "PaymentMethodAdded",
    ] {
        account.date(date);
    }
    for (name, words) in [
        ("AccountCreationIndicator", choices::ACCOUNT_CREATION),
        ("AccountChangeIndicator", choices::ACCOUNT_CHANGE),
        ("PasswordChangeIndicator", choices::PASSWORD_CHANGE),
        (
            "ShippingAddressUsageIndicator",
            choices::SHIPPING_ADDRESS_USAGE,
        ),
        ("PaymentMethodIndicator", choices::PAYMENT_METHOD),
        ("SuspiciousActivityIndicator", choices::SUSPICIOUS_ACTIVITY),
    ] {
        account.choice(name, words);
    }
    account.count(
        "PurchasesInTheLast6Months|PurchasesInTheLastSixMonths",
        0,
        9999,
    );
    for name in [
        "ProvisionAttempts",
        "TransactionalActivityPerDay",
        "TransactionalActivityPerYear",
    ] {
        account.count(name, 0, 999);
    }
}

fn check_purchase(purchase: Reader<'_>, currency: Option<Currency>, first_recurring: bool) {
    purchase.email("DeliveryEmailAddress");
    purchase.date("PreOrderDate");
    purchase.date("PurchaseDate");
    for (name, words) in [
        ("DeliveryTimeframe", choices::DELIVERY_TIMEFRAME),
        ("AvailabilityIndicator", choices::AVAILABILITY),
        ("ReOrderIndicator", choices::RE_ORDER),
        ("ShippingAddressIndicator", choices::SHIPPING_ADDRESS),
        ("PurchaseType", choices::PURCHASE_TYPE),
    ] {
        purchase.choice(name, words);
    }
    let expiry = purchase.date("RecurringExpiry");
    // The docs' lower bound went from 0 to 1 in 2024, and the official client's example sends 0.
    let least = u32::from(purchase.is_strict());
    let frequency = purchase.count("RecurringFrequency", least, 9999);
    if first_recurring && (!expiry || frequency.is_none()) {
        purchase.problem(
            "The RecurringExpiry and RecurringFrequency fields are required for a RecurringPayment."
                .to_owned(),
        );
    }
    if let Some(gift) = purchase.object("GiftCardPurchase") {
        read_amount(gift, "Amount", currency);
        gift.count("Count", 1, 99);
    }
}
