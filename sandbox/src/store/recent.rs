//! Cache of payments, so that reading one of them again takes no parsing.

use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

use crate::domain::payment::Payment;

/// Each generation holds this many. A payment takes some kilobytes.
const GENERATION: usize = 65_536;

/// Two generations: when the new one is full, it becomes the old one, and what was in that is
/// forgotten. What is used moves to the new one.
#[derive(Debug, Default)]
pub(super) struct Recent {
    new: HashMap<Uuid, Arc<Payment>>,
    old: HashMap<Uuid, Arc<Payment>>,
}

impl Recent {
    pub(super) fn get(&mut self, id: Uuid) -> Option<Arc<Payment>> {
        if let Some(payment) = self.new.get(&id) {
            return Some(Arc::clone(payment));
        }
        let payment = self.old.remove(&id)?;
        self.put(Arc::clone(&payment));
        Some(payment)
    }

    pub(super) fn put(&mut self, payment: Arc<Payment>) {
        if self.new.len() == GENERATION {
            self.old = std::mem::take(&mut self.new);
        }
        self.new.insert(payment.id, payment);
    }

    pub(super) fn take(&mut self, id: Uuid) -> Option<Arc<Payment>> {
        let old = self.old.remove(&id);
        self.new.remove(&id).or(old)
    }

    pub(super) fn clear(&mut self) {
        self.new.clear();
        self.old.clear();
    }
}
