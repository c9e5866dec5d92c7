//! Storage: all state of a sandbox in one SQLite database, in memory or in a file that outlives
//! the process. The only place with SQL.

mod columns;
mod db;
mod due;
mod error;
mod events;
mod facts;
mod handle;
mod notes;
mod open;
mod payments;
mod recent;
mod shops;
mod tokens;
mod transaction;
pub(crate) mod wallet;

#[cfg(test)]
pub(crate) use db::Db;
pub(crate) use error::{MayBeStore, StoreError};
pub(crate) use handle::Store;
pub(crate) use open::Options;
