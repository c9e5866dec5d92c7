//! The commands, one file each: what they take, and what they print.

mod cargo;
mod guards;
mod outcome;
pub(crate) mod regen;
pub(crate) mod simulate;
pub(crate) mod spec_coverage;
pub(crate) mod spec_diff;
pub(crate) mod spec_lint;

pub(crate) use outcome::end;
