//! Seeded wallet and shop: the keys and names that every sandbox begins with.

use uuid::Uuid;

use super::person::Person;
use super::shop::{Contact, Shop};
use crate::values::id::read_id;

/// Secret key (`POSKey`) of the seeded shop, for payment calls. With or without dashes.
pub const POS_KEY: &str = "11111111-1111-1111-1111-111111111111";

/// API key of the seeded wallet, for the calls about shops and the wallet. With or without dashes.
///
/// It is no shop's key: payment calls answer it with `AuthenticationFailed`, as the wallet's calls
/// do a shop's key.
pub const WALLET_KEY: &str = "22222222222222222222222222222222";

/// Public key of the seeded shop, as `POSId` shows it.
pub const POS_ID: &str = "33333333333333333333333333333333";

/// E-mail address of the wallet's owner, the one payee known to every sandbox.
pub const PAYEE: &str = "shop@example.com";

/// Country of the owner. Assumed: nothing but the key matters to clients.
pub(crate) const OWNER_COUNTRY: &str = "HU";

const SHOP_NAME: &str = "Sandbox Shop";

/// The owner of the wallet and of its shops.
pub(crate) fn owner() -> Person {
    Person {
        email: Some(PAYEE.to_owned()),
        organization: Some("Sandbox Shop Ltd".to_owned()),
    }
}

/// The shop that every sandbox begins with, under this secret key.
pub(crate) fn shop(secret: Uuid) -> Shop {
    let contact = |name: &str| Contact {
        name: name.to_owned(),
        phone: "36301234567".to_owned(),
        email: PAYEE.to_owned(),
    };
    Shop {
        public: read_id(POS_ID).unwrap_or_default(),
        secret,
        name: SHOP_NAME.to_owned(),
        description: "The shop that every sandbox begins with.".to_owned(),
        business: contact("Business Contact"),
        technical: contact("Technical Contact"),
        service: contact("Customer Service"),
        ..Shop::default()
    }
}
