//! Payments out of the wallet's history.

use std::time::{Duration, SystemTime};

use barion_generated::wire::{Guid, Timestamp};
use barion_generated::{Client as RawClient, types};

use crate::attempt::Attempt;
use crate::call::call;
use crate::client::Client;
use crate::error::Error;
use crate::id::PaymentId;

/// How far Barion's clock and ours may differ.
const CLOCKS: Duration = Duration::from_secs(10 * 60);

/// How many items Barion lists at a time.
const PAGE: i32 = 20;

/// How many pages are read at most.
const PAGES: usize = 50;

impl Client {
    /// The payments that the wallet's history has under one of these names since an attempt began.
    pub(super) async fn payments_named(
        &self,
        attempt: &Attempt,
        names: &[String],
    ) -> Result<Vec<PaymentId>, Error> {
        let mut found = Vec::new();
        let mut last = None;
        for _ in 0..PAGES {
            let page = self.history_before(last).await?;
            for item in &page {
                let old = item.happened_at_utc.as_ref().and_then(Timestamp::moment);
                if old.is_some_and(|at| is_before(SystemTime::from(at), attempt)) {
                    return Ok(found);
                }
                let wanted = item
                    .description
                    .as_ref()
                    .is_some_and(|name| names.contains(name));
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
        let last = last.as_ref();
        let send =
            |raw: RawClient| async move { raw.get_history_v3(None, None, last, Some(PAGE)).await };
        call(self, "get_history_v3", None, send, |page| {
            Ok(page.user_history.unwrap_or_default())
        })
        .await
    }

    async fn payment_of_item(&self, item: Guid) -> Result<Option<PaymentId>, Error> {
        let item = &item;
        let send =
            |raw: RawClient| async move { raw.get_transaction_history_detail_v3(item).await };
        let operation = "get_transaction_history_detail_v3";
        call(self, operation, None, send, |answer| {
            let detail = answer.detail_information;
            Ok(PaymentId::from_wire_if_set(
                detail.and_then(|detail| detail.payment_id),
            ))
        })
        .await
    }
}

fn is_before(at: SystemTime, attempt: &Attempt) -> bool {
    let begun = attempt.begun.moment().map(SystemTime::from);
    begun
        .and_then(|begun| begun.checked_sub(CLOCKS))
        .is_some_and(|begun| at < begun)
}
