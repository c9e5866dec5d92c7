//! Notes about calls that wait to be written.

use std::collections::VecDeque;

use uuid::Uuid;

use crate::domain::payment::history::{Event, Moment};

/// Of the older lines about calls that only read none are kept, whatever payment they are about.
const READS: usize = 10_000;

/// This many notes are written without waiting for the next change.
const AT_ONCE: usize = 64;

/// Something that happened to a payment.
pub(super) type Note = (Uuid, Moment, Event);

/// Lines about calls that have not been written yet.
///
/// None of them is a change with a callback. So they do not take a transaction of their
/// own, nor do reads take any before the sandbox stops: they would be slower by a multiple.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// Written with the next change.
    calls: Vec<Note>,
    reads: VecDeque<Note>,
}

impl Notes {
    pub(super) fn add(&mut self, note: Note, read: bool) {
        if read {
            if self.reads.len() == READS {
                self.reads.pop_front();
            }
            self.reads.push_back(note);
        } else if self.calls.len() < READS {
            // If nothing could be written for long, these must not fill the memory either.
            self.calls.push(note);
        }
    }

    /// Those that are written with the next change.
    pub(super) fn to_write(&self) -> &[Note] {
        &self.calls
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Note> {
        self.calls.iter().chain(&self.reads)
    }

    pub(super) fn are_many(&self) -> bool {
        self.calls.len() >= AT_ONCE
    }

    /// They have been written.
    pub(super) fn forget(&mut self) {
        self.calls.clear();
    }

    /// All are to be written.
    pub(super) fn gather(&mut self) {
        self.calls.extend(self.reads.drain(..));
    }
}
