//! Queries of the wallet's history and of its statements.

use chrono::{DateTime, Days, Months, NaiveDate, NaiveTime, Utc};
use uuid::Uuid;

use crate::domain::currency::Currency;

/// Which items of the history are wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HistoryQuery {
    /// Only items older than this one.
    pub(crate) before: Option<Uuid>,
    /// Only items at or after this time.
    pub(crate) since: Option<DateTime<Utc>>,
    pub(crate) limit: usize,
    pub(crate) currency: Option<Currency>,
}

/// Which statement is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StatementQuery {
    /// The first day; `None` when there is no such year.
    pub(crate) first: Option<NaiveDate>,
    /// Whether it is of one day, and not of the whole month.
    pub(crate) daily: bool,
    pub(crate) currency: Currency,
}

/// The time that a statement is of: its first day, and the day after its last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StatementPeriod {
    pub(crate) first: NaiveDate,
    pub(crate) end: NaiveDate,
}

impl StatementQuery {
    /// `None` for the future and for the time before the wallet was there.
    ///
    /// Assumed: a month or day that is not over has a statement of what there is so far.
    pub(crate) fn period(
        &self,
        opened_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Option<StatementPeriod> {
        let first = self.first?;
        let end = if self.daily {
            first.checked_add_days(Days::new(1))?
        } else {
            first.checked_add_months(Months::new(1))?
        };
        let period = StatementPeriod { first, end };
        (period.from() <= now && period.until() > opened_at).then_some(period)
    }
}

impl StatementPeriod {
    pub(crate) fn from(self) -> DateTime<Utc> {
        self.first.and_time(NaiveTime::MIN).and_utc()
    }

    pub(crate) fn until(self) -> DateTime<Utc> {
        self.end.and_time(NaiveTime::MIN).and_utc()
    }
}
