//! Engine: the clock, the store and the callbacks of one sandbox, joined in one call.

use std::sync::{Arc, Mutex, MutexGuard};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::requests::RequestLog;
use super::setup::Setup;
use crate::callback::CallbackQueue;
use crate::domain::clock::Clock;
use crate::domain::ids::Ids;
use crate::domain::person::Person;
use crate::domain::seeded;
use crate::faults::Faults;
#[cfg(test)]
use crate::store::Db;
use crate::store::{MayBeStore, Store, StoreError};
use crate::values::id::read_id;

/// Engine of a running sandbox, behind its HTTP server.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) setup: Setup,
    pub(crate) owner: Person,
    pub(crate) wallet_key: Uuid,
    pub(crate) clock: Arc<Clock>,
    pub(crate) callbacks: CallbackQueue,
    pub(crate) faults: Faults,
    pub(crate) ids: Ids,
    /// One advance at a time, so that two of them add up.
    pub(super) advancing: tokio::sync::Mutex<()>,
    /// None once the sandbox has been stopped.
    store: Mutex<Option<Store>>,
    pub(crate) requests: RequestLog,
}

impl Engine {
    pub(crate) fn new(
        setup: Setup,
        clock: Arc<Clock>,
        callbacks: CallbackQueue,
        store: Store,
        ids: Ids,
        faults: Faults,
    ) -> Self {
        Self {
            store: Mutex::new(Some(store)),
            setup,
            owner: seeded::owner(),
            wallet_key: read_id(seeded::WALLET_KEY).unwrap_or_default(),
            clock,
            callbacks,
            faults,
            ids,
            advancing: tokio::sync::Mutex::new(()),
            requests: RequestLog::default(),
        }
    }

    /// Runs one call on the store, after everything that is due. The changes are committed before
    /// this returns, and their callbacks are queued in order. If the store fails, nothing was
    /// changed and no callback is queued.
    pub(crate) fn run<T, E: MayBeStore>(
        &self,
        work: impl FnOnce(&mut Store, DateTime<Utc>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.ids.scope(|| self.run_now(work))
    }

    fn run_now<T, E: MayBeStore>(
        &self,
        work: impl FnOnce(&mut Store, DateTime<Utc>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut store = self.store();
        let store = store.as_mut().ok_or(StoreError::Closed)?;
        let now = self.clock.now();
        let due = store.bring_up_to(now).map_err(E::from);
        let result = due.and_then(|()| work(store, now));
        if let Some(error) = result.as_ref().err().and_then(E::of_store) {
            report(error);
            store.undo();
            return result;
        }
        // What the work itself made due, as a bank's late answer does.
        let due = store.bring_up_to(now);
        match due.and_then(|()| store.commit(self.clock.state())) {
            Ok(notices) => {
                for notice in notices {
                    // While callbacks are off, no fault of a callback is used up.
                    if !self.callbacks.is_off() {
                        self.callbacks.send(notice, self.faults.of_callback());
                    }
                }
                result
            }
            Err(error) => {
                report(&error);
                store.undo();
                Err(error.into())
            }
        }
    }

    fn store(&self) -> MutexGuard<'_, Option<Store>> {
        self.store.lock().unwrap_or_else(|poisoned| {
            // A call panicked midway.
            let mut store = poisoned.into_inner();
            store.iter_mut().for_each(Store::undo);
            self.store.clear_poison();
            store
        })
    }

    /// Does something to the database behind the back of the store.
    #[cfg(test)]
    pub(crate) fn disturb(&self, how: impl FnOnce(&Db)) {
        self.store().as_ref().map(Store::db).map(how);
    }

    /// Closes the store, so that another sandbox can open the file.
    pub(crate) fn close(&self) {
        if let Some(store) = self.store().take()
            && let Err(error) = store.close(self.clock.state())
        {
            report(&error);
        }
    }

    /// Whether there is a payment of this id.
    pub(crate) fn knows(&self, id: Uuid) -> Result<bool, StoreError> {
        self.run(|store, _| store.knows(id))
    }
}

fn report(error: &StoreError) {
    eprintln!("barion-sandbox: a call was undone: {error}");
}
