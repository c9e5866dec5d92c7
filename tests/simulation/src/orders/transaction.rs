//! Transactions of the shop's store: what the handler writes and the record, committed together.

use std::sync::Arc;

use barion_watcher::{Store, StoreError, StoredOrder, TransactionalStore};

use super::runs::task;
use super::store::FlakyStore;

/// What a transaction is going to write.
#[derive(Debug, Default)]
pub(super) struct Staged {
    /// Orders that are shipped, and the number of the update.
    pub(super) ships: Vec<(String, u64)>,
    record: Option<(u64, StoredOrder)>,
}

impl TransactionalStore for FlakyStore {
    type Transaction = Staged;

    async fn begin(&self) -> Result<Staged, StoreError> {
        self.ask(None, async { Ok(Staged::default()) }).await
    }

    async fn load_in(
        &self,
        _: &mut Staged,
        order: &str,
    ) -> Result<Option<StoredOrder>, StoreError> {
        self.load(order).await
    }

    /// Whoever commits first has replaced it: the other one's commit fails.
    async fn replace_in(
        &self,
        staged: &mut Staged,
        old: u64,
        new: &StoredOrder,
    ) -> Result<bool, StoreError> {
        let there = self.load(new.key()).await?;
        if there.is_none_or(|there| there.revision() != old) {
            return Ok(false);
        }
        staged.record = Some((old, new.clone()));
        Ok(true)
    }

    async fn commit(&self, staged: Staged) -> Result<(), StoreError> {
        let Some((old, record)) = staged.record else {
            return Ok(());
        };
        let (scene, number, task) = (Arc::clone(&self.scene), self.life.number, task());
        let key = record.key().to_owned();
        let work = async move {
            if !scene.base.replace(Some(old), &record, &[]).await? {
                return Err(StoreError::new("could not serialize access"));
            }
            let mut truth = scene.truth();
            for (order, number) in &staged.ships {
                truth.ship(order, *number);
            }
            truth.written(number, task, &record, &[]);
            Ok(())
        };
        self.ask(Some(&key), work).await
    }
}
