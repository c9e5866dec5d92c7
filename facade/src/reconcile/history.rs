//! Payments in the wallet's history.

use std::time::{Duration, SystemTime};

use barion_generated::types;
use barion_generated::wire::{Guid, Timestamp};

use super::MACHINES;
use crate::client::Client;
use crate::error::Error;
use crate::id::PaymentId;
use crate::operation::history::{GetHistory, GetPaymentOfItem};
use crate::unconfirmed::UnconfirmedRequest;
use crate::unconfirmed::asked::ChargedPart;

/// How far Barion's clock and that of the machine that stored a request may differ, where that
/// machine did not know Barion's.
const OTHER_CLOCKS: Duration = Duration::from_secs(10 * 60);

/// How many items Barion lists at a time.
const PAGE: i32 = 20;

/// How many pages are read at most.
const PAGES: usize = 50;

impl Client {
    /// The earliest time that Barion can have given to the result of a request.
    ///
    /// By Barion's own clock where that is known: from this process, or because the one that sent
    /// the request knew it. Otherwise by that process's clock, with a wide margin.
    pub(super) fn not_before(&self, request: &UnconfirmedRequest) -> Option<SystemTime> {
        let here = request.here.0.map(|here| here.begun);
        if let Some(begun) = here.and_then(|begun| self.server_clock().earliest(begun)) {
            return begun.checked_sub(MACHINES);
        }
        let sent = request.sent.as_ref()?;
        match &sent.at_barion {
            Some(at) => SystemTime::from(at.moment()?).checked_sub(MACHINES),
            None => SystemTime::from(sent.at.moment()?).checked_sub(OTHER_CLOCKS),
        }
    }

    /// The latest time, where only the clock of the machine that sent the request is known: if that
    /// clock is hours behind, older payments would be taken for the result otherwise.
    pub(super) fn not_after(&self, request: &UnconfirmedRequest) -> Option<SystemTime> {
        const NEVER: Duration = Duration::from_secs(86_400 * 365 * 100);
        let far = SystemTime::UNIX_EPOCH.checked_add(NEVER + NEVER);
        match &request.sent {
            Some(sent) if request.here.0.is_none() && sent.at_barion.is_none() => {
                let leaving = Duration::from_millis(sent.may_leave_for);
                let latest = SystemTime::from(sent.at.moment()?).checked_add(leaving);
                latest.and_then(|at| {
                    at.checked_add(self.settling_time().saturating_add(OTHER_CLOCKS))
                })
            }
            _ => far,
        }
    }

    /// Payments in the wallet's history that a charge may have made since it was sent.
    pub(super) async fn payments_of(
        &self,
        request: &UnconfirmedRequest,
        parts: &[ChargedPart],
    ) -> Result<Vec<PaymentId>, Error> {
        let mut found = Vec::new();
        let mut last = None;
        for _ in 0..PAGES {
            let page = self.history_before(last).await?;
            // The page has shown Barion's time, if no answer has before.
            let not_before = self.not_before(request);
            for item in &page {
                let at = item.happened_at_utc.as_ref().and_then(Timestamp::moment);
                if at.map(SystemTime::from) < not_before && at.is_some() {
                    return Ok(found);
                }
                let wanted = item
                    .description
                    .as_ref()
                    .is_some_and(|name| parts.iter().any(|one| one.pos_transaction_id == *name));
                if let (true, Some(id)) = (wanted, item.id)
                    && let Some(payment) = self.payment_of_item(id).await?
                    && !found.contains(&payment)
                {
                    found.push(payment);
                }
            }
            last = page.last().and_then(|item| item.id);
            if last.is_none() {
                break;
            }
        }
        Ok(found)
    }

    async fn history_before(
        &self,
        last: Option<Guid>,
    ) -> Result<Vec<types::UserHistoryItem>, Error> {
        let page = GetHistory {
            after: last,
            limit: PAGE,
        };
        self.execute(&page).await
    }

    async fn payment_of_item(&self, item: Guid) -> Result<Option<PaymentId>, Error> {
        self.execute(&GetPaymentOfItem(item)).await
    }
}
