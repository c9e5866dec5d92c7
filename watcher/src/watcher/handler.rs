//! Handlers: the shop's function that handles an update, with or without a transaction.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::nonce::nonce;
use crate::error::WatchError;
use crate::order::{Completion, OrderUpdate};
use crate::store::TransactionalStore;

type BoxError = Box<dyn StdError + Send + Sync>;

/// Future of a [transactional handler](crate::Watcher::transactional): `Box::pin(async move { ...
/// })`.
pub type HandlerFuture<'t, E> = Pin<Box<dyn Future<Output = Result<(), E>> + Send + 't>>;

type Plain = dyn Fn(OrderUpdate) -> HandlerFuture<'static, BoxError> + Send + Sync;

/// Handler of updates.
pub(super) enum Handler<S> {
    Plain(Arc<Plain>),
    Transactional(Arc<dyn InTransaction<S>>),
}

impl<S> Clone for Handler<S> {
    fn clone(&self) -> Self {
        match self {
            Self::Plain(run) => Self::Plain(Arc::clone(run)),
            Self::Transactional(run) => Self::Transactional(Arc::clone(run)),
        }
    }
}

impl<S> fmt::Debug for Handler<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain(_) => "Plain",
            Self::Transactional(_) => "Transactional",
        })
    }
}

/// Transactional handler: runs, and completes its update, in one transaction.
pub(super) trait InTransaction<S>: Send + Sync {
    fn run<'a>(
        &'a self,
        store: &'a S,
        update: OrderUpdate,
        token: u64,
    ) -> Pin<Box<dyn Future<Output = Result<(), WatchError>> + Send + 'a>>;
}

struct Transactional<F>(F);

impl<S, F, E> InTransaction<S> for Transactional<F>
where
    S: TransactionalStore,
    F: for<'t> Fn(OrderUpdate, &'t mut S::Transaction) -> HandlerFuture<'t, E> + Send + Sync,
    E: Into<BoxError>,
{
    fn run<'a>(
        &'a self,
        store: &'a S,
        update: OrderUpdate,
        token: u64,
    ) -> Pin<Box<dyn Future<Output = Result<(), WatchError>> + Send + 'a>> {
        Box::pin(async move {
            let key = update.order.clone();
            let mut transaction = store.begin().await?;
            let handled = (self.0)(update, &mut transaction).await;
            handled.map_err(|error| WatchError::Handler(error.into()))?;
            loop {
                let Some(old) = store.load_in(&mut transaction, &key).await? else {
                    return Err(WatchError::TooLong);
                };
                let revision = old.revision();
                let Completion::Write(new) = old.complete(token, nonce()) else {
                    return Err(WatchError::TooLong);
                };
                // Another task may have stored a newer state of the order meanwhile.
                if store.replace_in(&mut transaction, revision, &new).await? {
                    break;
                }
            }
            Ok(store.commit(transaction).await?)
        })
    }
}

pub(super) fn plain<S, F, W, E>(handler: F) -> Handler<S>
where
    F: Fn(OrderUpdate) -> W + Send + Sync + 'static,
    W: Future<Output = Result<(), E>> + Send + 'static,
    E: Into<BoxError>,
{
    Handler::Plain(Arc::new(move |update| {
        let work = handler(update);
        Box::pin(async move { work.await.map_err(Into::into) })
    }))
}

pub(super) fn transactional<S, F, E>(handler: F) -> Handler<S>
where
    S: TransactionalStore,
    F: for<'t> Fn(OrderUpdate, &'t mut S::Transaction) -> HandlerFuture<'t, E>
        + Send
        + Sync
        + 'static,
    E: Into<BoxError> + 'static,
{
    Handler::Transactional(Arc::new(Transactional(handler)))
}
