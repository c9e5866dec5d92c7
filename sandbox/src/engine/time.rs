//! Passing of time: advancing the clock, and doing what is due by then.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::run::Engine;
use crate::domain::clock::Clock;
use crate::store::StoreError;

impl Engine {
    /// Goes from one due thing to the next, so that each happens at its own time and knows how the
    /// earlier ones went: a callback is retried only if the attempt before it has failed.
    pub(crate) async fn advance(&self, by: Duration) -> Result<DateTime<Utc>, StoreError> {
        let _turn = self.advancing.lock().await;
        // In real time a callback under way takes time, and its retry is counted from its end.
        self.callbacks.settled().await;
        let goal = self.clock.goal(by);
        loop {
            self.callbacks.settled().await;
            let expiry = self.run(|store, _| store.next_due())?;
            let next = expiry.into_iter().chain(self.callbacks.next()).min();
            match next.filter(|next| *next <= goal.time) {
                Some(next) => self.pass(|clock| clock.go_to(next))?,
                None => break,
            }
        }
        self.pass(|clock| clock.arrive(goal))?;
        Ok(self.clock.now())
    }

    fn pass(&self, step: impl FnOnce(&Clock)) -> Result<(), StoreError> {
        step(&self.clock);
        self.tick()
    }

    /// Lets everything happen that is due by now.
    pub(crate) fn tick(&self) -> Result<(), StoreError> {
        let done = self.run(|_, _| Ok(()));
        self.callbacks.look();
        done
    }
}
