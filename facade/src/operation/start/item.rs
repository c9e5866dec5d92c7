//! Items: lines of a bill.

use barion_generated::enums::Currency;
use barion_generated::types;
use barion_generated::validation::Path;
use rust_decimal::Decimal;
use url::Url;

use crate::money::amount::Amount;
use crate::money::checked;
use crate::validation::rules::{not_exact, web_address};
use crate::validation::violation::Violation;

/// Item: a line of the bill, as the gateway page shows it. See <https://docs.barion.com/Item>.
#[derive(Debug, Clone)]
#[must_use]
pub struct Item {
    name: String,
    description: Option<String>,
    image_url: Option<Url>,
    quantity: Decimal,
    unit: String,
    unit_price: Amount,
    total: Option<Amount>,
    sku: Option<String>,
}

impl Item {
    /// Item with its name (1 to 250 characters), its quantity, and its unit price in the payment's
    /// currency, which is negative for a discount. Whole numbers can be written as they are; for
    /// others make a [`Decimal`](crate::Decimal): `Decimal::new(1990, 2)` is 19.90. A
    /// [`Money`](crate::Money) is accepted too.
    pub fn new(
        name: impl Into<String>,
        quantity: impl Into<Decimal>,
        unit_price: impl Into<Amount>,
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

    /// Description, 1 to 500 characters; not shown to the payer. Default: the name, since Barion
    /// requires a description.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Unit of the quantity, 1 to 50 characters. Default: "piece".
    pub fn unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = unit.into();
        self
    }

    /// Total price of the line. Default: exactly quantity times unit price.
    pub fn total(mut self, total: impl Into<Amount>) -> Self {
        self.total = Some(total.into());
        self
    }

    /// SKU: your article number, at most 100 characters.
    pub fn sku(mut self, sku: impl Into<String>) -> Self {
        self.sku = Some(sku.into());
        self
    }

    /// Image of the item, an `http` or `https` URL.
    pub fn image_url(mut self, url: Url) -> Self {
        self.image_url = Some(url);
        self
    }

    pub(crate) fn into_wire(
        self,
        path: &Path<'_>,
        currency: &Currency,
        found: &mut Vec<Violation>,
    ) -> types::Item {
        let unit_price = self.unit_price.of(currency, &path.name("UnitPrice"), found);
        let field = path.name("ItemTotal");
        let total = match &self.total {
            Some(total) => total.of(currency, &field, found),
            None => checked::product(self.quantity, unit_price).unwrap_or_else(|| {
                found.push(not_exact(&field));
                Decimal::ZERO
            }),
        };
        if let Some(url) = &self.image_url {
            web_address(&path.name("ImageUrl"), url, found);
        }
        types::Item {
            description: self.description.unwrap_or_else(|| self.name.clone()),
            image_url: self.image_url.map(String::from),
            item_total: total.into(),
            name: self.name,
            quantity: self.quantity.into(),
            sku: self.sku,
            unit: self.unit,
            unit_price: unit_price.into(),
        }
    }
}
