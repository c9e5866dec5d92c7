//! Settings of a watcher, and their defaults.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use barion::{Payment, PaymentId};

use crate::error::WatchError;

type OnError = Arc<dyn Fn(PaymentId, &WatchError) + Send + Sync>;
type OrderKey = Arc<dyn Fn(&Payment) -> Option<String> + Send + Sync>;
type WallClock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// Settings; each is described by its setter in `configure`.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) lease: Duration,
    pub(super) lapse_warning: Duration,
    pub(super) workers: usize,
    pub(super) poll: Duration,
    pub(super) callback_cooldown: Duration,
    pub(super) unknown_per_minute: u32,
    pub(super) unknown_capacity: u32,
    pub(super) give_up_after: Duration,
    pub(super) order_key: OrderKey,
    pub(super) on_error: OnError,
    pub(super) wall_clock: WallClock,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(120),
            lapse_warning: Duration::from_secs(12 * 3_600),
            workers: 8,
            poll: Duration::from_secs(15),
            callback_cooldown: Duration::from_secs(3),
            unknown_per_minute: 60,
            unknown_capacity: 100,
            give_up_after: Duration::from_secs(3 * 86_400),
            order_key: Arc::new(own_key),
            on_error: Arc::new(|_, _| {}),
            wall_clock: Arc::new(SystemTime::now),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").finish_non_exhaustive()
    }
}

/// The order's key by default: the payment's `OrderNumber`, else its `PaymentRequestId`.
fn own_key(payment: &Payment) -> Option<String> {
    let texts = [&payment.order_number, &payment.payment_request_id];
    texts
        .into_iter()
        .flatten()
        .find(|text| !text.is_empty())
        .cloned()
}
