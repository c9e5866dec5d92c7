//! History of the shop's wallet, as far as the reconciliation of a lost charge needs it.

use barion_generated::wire::{Guid, PosKey};
use barion_generated::{Client as RawClient, types};

use super::wire_answer::wire_answer;
use super::{Head, Operation, Reply, Sealed, Subject};
use crate::error::Error;
use crate::id::PaymentId;
use crate::unconfirmed::UnconfirmedRequest;

wire_answer!(HistoryResponse);
wire_answer!(HistoryDetailResponse);

/// A page of the wallet's history, newest first.
#[derive(Debug, Clone)]
pub(crate) struct GetHistory {
    /// The page begins after this item.
    pub(crate) after: Option<Guid>,
    pub(crate) limit: i32,
}

impl Sealed for GetHistory {}

impl Operation for GetHistory {
    type Answer = Vec<types::UserHistoryItem>;
    type Wire = types::HistoryResponse;
    const ID: &'static str = "get_history_v3";

    async fn send(&self, raw: RawClient, _: Option<PosKey>) -> Reply<Self::Wire> {
        raw.get_history_v3(None, None, self.after.as_ref(), Some(self.limit))
            .await
    }

    fn subject(&self) -> Subject<'_> {
        Subject::default()
    }

    fn unconfirmed(&self) -> Option<UnconfirmedRequest> {
        None
    }

    fn read(&self, page: Self::Wire, _: Head) -> Result<Self::Answer, Error> {
        Ok(page.user_history.unwrap_or_default())
    }
}

/// The payment that an item of the history belongs to.
#[derive(Debug, Clone)]
pub(crate) struct GetPaymentOfItem(pub(crate) Guid);

impl Sealed for GetPaymentOfItem {}

impl Operation for GetPaymentOfItem {
    type Answer = Option<PaymentId>;
    type Wire = types::HistoryDetailResponse;
    const ID: &'static str = "get_transaction_history_detail_v3";

    async fn send(&self, raw: RawClient, _: Option<PosKey>) -> Reply<Self::Wire> {
        raw.get_transaction_history_detail_v3(&self.0).await
    }

    fn subject(&self) -> Subject<'_> {
        Subject::default()
    }

    fn unconfirmed(&self) -> Option<UnconfirmedRequest> {
        None
    }

    fn read(&self, answer: Self::Wire, _: Head) -> Result<Self::Answer, Error> {
        let detail = answer.detail_information;
        Ok(PaymentId::from_wire_if_set(
            detail.and_then(|detail| detail.payment_id),
        ))
    }
}
