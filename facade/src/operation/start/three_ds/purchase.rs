//! The purchase.

use barion_generated::enums::{
    AvailabilityIndicator, DeliveryTimeframeType, PurchaseType, ReOrderIndicator,
    ShippingAddressIndicator,
};
use barion_generated::types;
use barion_generated::wire::{Sensitive, Timestamp};

use crate::money::amount::Amount;

/// What the shop knows of the purchase. See <https://docs.barion.com/PurchaseInformation>.
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
    /// Nothing known yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// How fast the goods are delivered.
    pub fn delivery_timeframe(mut self, timeframe: DeliveryTimeframeType) -> Self {
        self.wire.delivery_timeframe = Some(timeframe);
        self
    }

    /// Where electronic goods are sent to, an e-mail address of at most 256 characters.
    pub fn delivery_email_address(mut self, address: impl Into<String>) -> Self {
        self.wire.delivery_email_address = Some(Sensitive::new(address));
        self
    }

    /// When goods that are ordered in advance will be there.
    pub fn pre_order_date(mut self, at: impl Into<Timestamp>) -> Self {
        self.wire.pre_order_date = Some(at.into());
        self
    }

    /// Whether the goods are in stock.
    pub fn availability_indicator(mut self, availability: AvailabilityIndicator) -> Self {
        self.wire.availability_indicator = Some(availability);
        self
    }

    /// Whether the payer bought the same before.
    pub fn re_order_indicator(mut self, reordered: ReOrderIndicator) -> Self {
        self.wire.re_order_indicator = Some(reordered);
        self
    }

    /// Where the goods go, by kind.
    pub fn shipping_address_indicator(mut self, kind: ShippingAddressIndicator) -> Self {
        self.wire.shipping_address_indicator = Some(kind);
        self
    }

    /// What is bought, by kind.
    pub fn purchase_type(mut self, kind: PurchaseType) -> Self {
        self.wire.purchase_type = Some(kind);
        self
    }

    /// The value of the gift cards in the purchase, above zero, in the payment's currency, and how many they are, 1 to 99.
    pub fn gift_cards(mut self, amount: impl Into<Amount>, count: u16) -> Self {
        self.gift_cards = Some((amount.into(), count));
        self
    }

    /// When the purchase was made.
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
