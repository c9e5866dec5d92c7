//! Statements of an account: its balances and what moved in a day or month.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::account::Account;
use super::item::HistoryItem;
use super::query::StatementPeriod;

/// What moved on an account in some time.
#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) currency: &'static str,
    pub(crate) first: NaiveDate,
    pub(crate) last: NaiveDate,
    pub(crate) opening: Decimal,
    pub(crate) closing: Decimal,
    pub(crate) items: Vec<HistoryItem>,
}

impl Statement {
    /// The statement of a period. `items` are all of the account since its beginning.
    pub(crate) fn new(
        account: &Account,
        period: StatementPeriod,
        mut items: Vec<HistoryItem>,
    ) -> Self {
        let sum = |items: &[HistoryItem]| items.iter().map(|item| item.available).sum::<Decimal>();
        // Counted back from today's balance, so that older items need not be read.
        let opening = account.available - sum(&items);
        items.retain(|item| item.at < period.until() && !item.available.is_zero());
        Self {
            currency: account.currency.code,
            first: period.first,
            last: period.end.pred_opt().unwrap_or(period.first),
            opening,
            closing: opening + sum(&items),
            items,
        }
    }
}
