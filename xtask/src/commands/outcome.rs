//! How a command ends, and what it prints.

use std::io::Write as _;
use std::process::ExitCode;

use xtask::problem::Problems;

/// How a command ended: well, or with something to say on stderr.
pub(crate) type Outcome = Result<(), Failure>;

/// What goes to stderr before the exit code 1.
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        Self(problems.to_string())
    }
}

/// Prints to stdout. A closed pipe (`| head`) is no failure; `println!` would panic.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Turns the end of a command into that of the process.
pub(crate) fn end(outcome: Outcome) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(message)) => {
            let _ = writeln!(std::io::stderr(), "{message}");
            ExitCode::FAILURE
        }
    }
}
