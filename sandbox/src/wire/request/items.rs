//! Items of requests.

use rust_decimal::Decimal;

use super::reader::Reader;
use crate::domain::currency::Currency;
use crate::domain::payment::Item;

/// The items of a transaction.
pub(crate) fn read_items(reader: Reader<'_>) -> Option<Vec<Item>> {
    let items = reader.objects("Items")?;
    Some(
        items
            .into_iter()
            .map(|item| Item {
                name: item.required_text("Name", 250),
                description: item.required_text("Description", 500),
                quantity: item.required_decimal("Quantity").unwrap_or_default(),
                unit: item.required_text("Unit", 50),
                unit_price: item.required_decimal("UnitPrice").unwrap_or_default(),
                line_total: item.required_decimal("ItemTotal").unwrap_or_default(),
                sku: item.text("SKU", 1, 100),
            })
            .collect(),
    )
}

/// Judges the amounts of items where the sandbox is strict. Elsewhere they need not add up to
/// anything, and no rule is known for their digits.
pub(crate) fn check_items(
    reader: Reader<'_>,
    items: &[Item],
    total: Decimal,
    currency: Option<Currency>,
) {
    if !reader.is_strict() {
        return;
    }
    let sum: Decimal = items.iter().map(|item| item.line_total).sum();
    if sum != total {
        reader.problem(format!(
            "The ItemTotals of the Items come to {sum}, not to the Total."
        ));
    }
    for item in items {
        let fits = |amount| currency.is_none_or(|currency| currency.fit(amount).is_some());
        if !fits(item.unit_price) || !fits(item.line_total) {
            reader.problem("The field Items has an amount with too many digits.".to_owned());
        }
    }
}
