//! Problems of a document, each with its place.

use std::fmt;
use std::path::{Path, PathBuf};

/// One thing that is wrong, with the file and, inside it, the JSON pointer of the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, as the user would name it.
    pub file: PathBuf,
    /// The JSON pointer of the place, `""` for the whole document; `None` where the file could not
    /// be read as a document.
    pub pointer: Option<String>,
    /// What is wrong, and how to fix it.
    pub message: String,
}

impl Problem {
    /// A problem of the file as such.
    pub fn of_file(file: &Path, message: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            pointer: None,
            message: message.into(),
        }
    }

    /// A problem at one place of the document.
    pub fn at(file: &Path, pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            pointer: Some(pointer.into()),
            message: message.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(pointer) = &self.pointer {
            write!(f, "#{pointer}")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// All problems of a document, so that a maintainer fixes them in one go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
