//! Whether a process lives. What is dead neither asks nor answers nor works: its tasks stand where
//! they were.

use std::sync::atomic::{AtomicBool, Ordering};

/// The life of one process.
#[derive(Debug)]
pub(super) struct Life {
    /// No other process has it, not even one on the same machine.
    pub(super) number: usize,
    dead: AtomicBool,
}

impl Life {
    pub(super) fn new(number: usize) -> Self {
        Self {
            number,
            dead: AtomicBool::new(false),
        }
    }

    pub(super) fn end(&self) {
        self.dead.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_over(&self) -> bool {
        self.dead.load(Ordering::Relaxed)
    }

    /// Goes on if the process lives; never if it is dead.
    pub(super) async fn go_on(&self) {
        if self.is_over() {
            std::future::pending::<()>().await;
        }
    }
}
