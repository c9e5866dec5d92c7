//! `cargo xtask spec coverage`: shows how far the spec reaches.

use xtask::coverage;
use xtask::regen::Places;

use super::outcome::{Failure, Outcome, say};

#[derive(clap::Args)]
#[command(after_help = "\
Fails when something is missing and spec/coverage.yaml gives no reason, or a reason there no longer
applies. The table of the README is written by `cargo xtask regen`.")]
pub(crate) struct Arguments {}

pub(crate) fn run(_: &Arguments) -> Outcome {
    let coverage = coverage::measure(&Places::of_workspace().root())?;
    say(coverage.to_string().trim_end());
    let missing = coverage.missing().len();
    if missing == 0 {
        return Ok(());
    }
    Err(Failure::new(format!(
        "{missing} missing without a reason: cover them, or name the reason in spec/coverage.yaml"
    )))
}
