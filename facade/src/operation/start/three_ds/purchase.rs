//! Purchase information, for 3D Secure.

use barion_generated::enums::{
    AvailabilityIndicator, DeliveryTimeframeType, PurchaseType, ReOrderIndicator,
    ShippingAddressIndicator,
};
use barion_generated::types;
use barion_generated::wire::{Sensitive, Timestamp};

use crate::money::amount::Amount;

/// Purchase information: what the shop knows of the purchase, for 3D Secure. See
/// <https://docs.barion.com/PurchaseInformation>.
///
/// The schedule of a subscription is not set here but with
/// [`TokenRegistration::recurring`](crate::TokenRegistration::recurring).
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct Purchase {
    wire: types::PurchaseInformation,
    gift_cards: Option<(Amount, u16)>,
}

impl Purchase {
    /// Purchase of which nothing is known yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Delivery timeframe of the goods.
    pub fn delivery_timeframe(mut self, timeframe: DeliveryTimeframeType) -> Self {
        self.wire.delivery_timeframe = Some(timeframe);
        self
    }

    /// Delivery e-mail address for electronic goods, at most 256 characters.
    pub fn delivery_email_address(mut self, address: impl Into<String>) -> Self {
        self.wire.delivery_email_address = Some(Sensitive::new(address));
        self
    }

    /// Pre-order date: when goods that are ordered in advance will be available.
    pub fn pre_order_date(mut self, at: impl Into<Timestamp>) -> Self {
        self.wire.pre_order_date = Some(at.into());
        self
    }

    /// Availability: whether the goods are in stock.
    pub fn availability_indicator(mut self, availability: AvailabilityIndicator) -> Self {
        self.wire.availability_indicator = Some(availability);
        self
    }

    /// Reorder: whether the payer bought the same before.
    pub fn re_order_indicator(mut self, reordered: ReOrderIndicator) -> Self {
        self.wire.re_order_indicator = Some(reordered);
        self
    }

    /// Kind of the shipping address.
    pub fn shipping_address_indicator(mut self, kind: ShippingAddressIndicator) -> Self {
        self.wire.shipping_address_indicator = Some(kind);
        self
    }

    /// Kind of the purchase.
    pub fn purchase_type(mut self, kind: PurchaseType) -> Self {
        self.wire.purchase_type = Some(kind);
        self
    }

    /// Gift cards in the purchase: their value, above zero, in the payment's currency, and their
    /// number, 1 to 99.
    pub fn gift_cards(mut self, amount: impl Into<Amount>, count: u16) -> Self {
        self.gift_cards = Some((amount.into(), count));
        self
    }

    /// Time of the purchase.
    pub fn purchase_date(mut self, at: impl Into<Timestamp>) -> Self {
        self.wire.purchase_date = Some(at.into());
        self
    }

    pub(crate) fn into_wire(
        self,
        currency: &barion_generated::enums::Currency,
        found: &mut Vec<crate::validation::violation::Violation>,
    ) -> types::PurchaseInformation {
        let gift_card_purchase = self.gift_cards.map(|(amount, count)| {
            let field = "PurchaseInformation.GiftCardPurchase.Amount";
            types::GiftCardPurchase {
                amount: Some(amount.of(currency, field, found).into()),
                count: Some(count.into()),
            }
        });
        types::PurchaseInformation {
            gift_card_purchase,
            ..self.wire
        }
    }
}
