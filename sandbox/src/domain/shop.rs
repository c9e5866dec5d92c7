//! Shops of the wallet's owner: the seeded one, and those created later.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A shop with its keys.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Shop {
    /// The `POSId` of its payments.
    pub(crate) public: Uuid,
    /// The key that opens the payment calls.
    pub(crate) secret: Uuid,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) business: Contact,
    pub(crate) technical: Contact,
    pub(crate) service: Contact,
    pub(crate) callback_url: Option<String>,
    pub(crate) reference: Option<String>,
    pub(crate) template: Option<String>,
    pub(crate) css: Option<String>,
}

/// Somebody of a shop.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Contact {
    pub(crate) name: String,
    pub(crate) phone: String,
    pub(crate) email: String,
}

/// A payment's shop by its public key. What is read has nothing but the key: the store puts the
/// shop itself there.
pub(crate) mod by_key {
    use std::sync::Arc;

    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};
    use uuid::Uuid;

    use super::Shop;

    pub(crate) fn serialize<S: Serializer>(shop: &Arc<Shop>, to: S) -> Result<S::Ok, S::Error> {
        shop.public.serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Arc<Shop>, D::Error> {
        let public = Uuid::deserialize(from)?;
        Ok(Arc::new(Shop {
            public,
            ..Shop::default()
        }))
    }
}
