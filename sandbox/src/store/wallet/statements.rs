//! Statements, read from the items of an account.

use chrono::{DateTime, Utc};

use super::handle::Wallet;
use crate::domain::wallet::query::StatementQuery;
use crate::domain::wallet::statement::Statement;
use crate::store::error::StoreError;

impl Wallet<'_> {
    /// The statement that the query asks for, if there is one of that time.
    pub(crate) fn statement(
        &self,
        wanted: StatementQuery,
        now: DateTime<Utc>,
    ) -> Result<Option<Statement>, StoreError> {
        let Some(period) = wanted.period(self.opened_at, now) else {
            return Ok(None);
        };
        let Some(account) = self.account(wanted.currency)? else {
            return Ok(None);
        };
        let items = self.items_since(wanted.currency, period.from())?;
        Ok(Some(Statement::new(&account, period, items)))
    }
}
