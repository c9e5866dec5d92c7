//! Shops in the store.

use std::sync::Arc;

use uuid::Uuid;

use super::columns::{state, text};
use super::error::StoreError;
use super::handle::Store;
use crate::domain::shop::Shop;

/// Number of shops in the cache.
const AT_HAND: usize = 32;

impl Store {
    pub(crate) fn add_shop(&mut self, shop: &Shop) -> Result<(), StoreError> {
        self.db.write(
            "INSERT INTO shops (public, secret, name, state) VALUES (?1, ?2, ?3, ?4)",
            (
                shop.public.into_bytes(),
                shop.secret.into_bytes(),
                shop.name.to_lowercase(),
                text(shop)?,
            ),
        )
    }

    /// Gives the shop that every sandbox begins with another key.
    pub(super) fn set_seeded_key(&mut self, key: Uuid) -> Result<(), StoreError> {
        // Before any other shop or payment is looked at.
        let seeded = self.find_shop("SELECT state FROM shops ORDER BY place LIMIT 1", ())?;
        let seeded = seeded.ok_or(StoreError::Incomplete)?;
        if seeded.secret == key {
            return Ok(());
        }
        self.shops.clear();
        let shop = Shop {
            secret: key,
            ..Shop::clone(&seeded)
        };
        self.db.write(
            "UPDATE shops SET secret = ?1, state = ?2 WHERE public = ?3",
            (key.into_bytes(), text(&shop)?, shop.public.into_bytes()),
        )
    }

    /// The shop that this secret key opens.
    pub(crate) fn shop_of_key(&mut self, secret: Uuid) -> Result<Option<Arc<Shop>>, StoreError> {
        if let Some(shop) = self.shops.iter().find(|shop| shop.secret == secret) {
            return Ok(Some(Arc::clone(shop)));
        }
        self.find_shop(
            "SELECT state FROM shops WHERE secret = ?1 ORDER BY place LIMIT 1",
            [secret.into_bytes()],
        )
    }

    /// The shop with this public key.
    pub(crate) fn shop(&mut self, public: Uuid) -> Result<Option<Arc<Shop>>, StoreError> {
        if let Some(shop) = self.shops.iter().find(|shop| shop.public == public) {
            return Ok(Some(Arc::clone(shop)));
        }
        self.find_shop(
            "SELECT state FROM shops WHERE public = ?1",
            [public.into_bytes()],
        )
    }

    /// Whether a shop has this name in any letter case.
    pub(crate) fn has_shop_named(&self, name: &str) -> Result<bool, StoreError> {
        let query = "SELECT 1 FROM shops WHERE name = ?1";
        let found = self.db.first(query, [name.to_lowercase()], |_| Ok(()))?;
        Ok(found.is_some())
    }

    fn find_shop(
        &mut self,
        query: &str,
        values: impl rusqlite::Params,
    ) -> Result<Option<Arc<Shop>>, StoreError> {
        let Some(shop) = self.db.first(query, values, |row| state::<Shop>(row, 0))? else {
            return Ok(None);
        };
        if self.shops.len() == AT_HAND {
            self.shops.clear();
        }
        let shop = Arc::new(shop);
        self.shops.push(Arc::clone(&shop));
        Ok(Some(shop))
    }
}
