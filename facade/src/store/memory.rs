//! A store that forgets.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{PaymentStore, StoreError, StoredPayment};
use crate::id::PaymentId;

/// A store in memory: for tests, and for shops of one process that may forget. What was pending is lost with the process.
/// Clones share what they keep.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore(Arc<Mutex<HashMap<PaymentId, StoredPayment>>>);

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn records(&self) -> MutexGuard<'_, HashMap<PaymentId, StoredPayment>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PaymentStore for MemoryStore {
    async fn load(&self, id: PaymentId) -> Result<Option<StoredPayment>, StoreError> {
        Ok(self.records().get(&id).cloned())
    }

    async fn replace(&self, old: Option<u64>, new: &StoredPayment) -> Result<bool, StoreError> {
        let mut records = self.records();
        let there = records.get(&new.payment_id()).map(StoredPayment::revision);
        if there == old {
            records.insert(new.payment_id(), new.clone());
        }
        Ok(there == old)
    }

    async fn unsettled(&self, limit: u32) -> Result<Vec<PaymentId>, StoreError> {
        let mut found: Vec<(u64, PaymentId)> = self
            .records()
            .values()
            .filter(|record| !record.is_settled())
            .map(|record| (record.written_at(), record.payment_id()))
            .collect();
        found.sort_unstable();
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(found.into_iter().map(|(_, id)| id).take(limit).collect())
    }
}
