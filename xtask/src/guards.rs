//! Guards of the client that a patch removes, so that it can be seen whether the simulation
//! notices.
//!
//! A patch is a unified diff of one changed line, below two lines that say what the guard is for:
//!
//! ```text
//! Guard: a refund counts as made only if it is exactly what was asked for
//! Invariant: DoneIsDone
//! --- a/facade/src/reconcile/verdict.rs
//! +++ b/facade/src/reconcile/verdict.rs
//! @@ ...
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use crate::problem::{Problem, Problems};

/// A guard, and how it is removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    /// The name of its file, without the ending.
    pub name: String,
    /// What it is for, in a sentence.
    pub about: String,
    /// The invariant that it protects.
    pub invariant: String,
    /// The file that it stands in, from the root of the workspace.
    pub path: PathBuf,
    /// The lines as they are, and as they are without it.
    old: Vec<String>,
    new: Vec<String>,
    patch: PathBuf,
}

impl Guard {
    /// All guards of the workspace, by name.
    ///
    /// # Errors
    /// When a patch can't be read.
    pub fn all(root: &Path) -> Result<Vec<Self>, Problems> {
        let folder = root.join("tests/simulation/guards");
        let problem =
            |error: std::io::Error| Problems::from(Problem::of_file(&folder, error.to_string()));
        let mut guards = Vec::new();
        for entry in fs::read_dir(&folder).map_err(problem)? {
            let path = entry.map_err(problem)?.path();
            if path.extension().is_some_and(|end| end == "patch") {
                let text = fs::read_to_string(&path).map_err(problem)?;
                guards.push(Self::read(&path, &text)?);
            }
        }
        guards.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(guards)
    }

    /// Reads a patch.
    ///
    /// # Errors
    /// When it is not laid out as the module says, or changes more than one line.
    pub fn read(patch: &Path, text: &str) -> Result<Self, Problems> {
        let problem = |what: &str| Problems::from(Problem::of_file(patch, what));
        let head = |word: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(word));
            line.map(|line| line.trim().to_owned())
                .ok_or_else(|| problem(&format!("has no line that begins with {word:?}")))
        };
        let (mut old, mut new, mut changes) = (Vec::new(), Vec::new(), (0, 0));
        for line in text
            .lines()
            .skip_while(|line| !line.starts_with("@@"))
            .skip(1)
        {
            match (line.get(..1), line.get(1..).unwrap_or_default()) {
                (Some("-"), rest) => {
                    old.push(rest.to_owned());
                    changes.0 += 1;
                }
                (Some("+"), rest) => {
                    new.push(rest.to_owned());
                    changes.1 += 1;
                }
                (Some(" ") | None, rest) => {
                    old.push(rest.to_owned());
                    new.push(rest.to_owned());
                }
                _ => return Err(problem("has more than one hunk, or is no unified diff")),
            }
        }
        if changes.0 != 1 || changes.1 > 1 {
            return Err(problem(
                "has to change one line: one that is removed, and at most one in its place",
            ));
        }
        let name = patch.file_stem().unwrap_or_default();
        Ok(Self {
            name: name.to_string_lossy().into_owned(),
            about: head("Guard:")?,
            invariant: head("Invariant:")?,
            path: PathBuf::from(head("+++ b/")?),
            old,
            new,
            patch: patch.to_owned(),
        })
    }

    /// The text of the file without the guard.
    ///
    /// # Errors
    /// When the lines around it are not there, or are there twice: the patch no longer applies.
    pub fn removed_from(&self, text: &str) -> Result<String, Problems> {
        let lines: Vec<&str> = text.lines().collect();
        let mut places = lines
            .windows(self.old.len())
            .enumerate()
            .filter(|(_, window)| *window == self.old.as_slice());
        let (Some((place, _)), None) = (places.next(), places.next()) else {
            let message = format!(
                "no longer applies: its lines are not in {}, or not only once. Look up the line \
                 that does now what it says (Guard: {}), and write the patch anew",
                self.path.display(),
                self.about
            );
            return Err(Problem::of_file(&self.patch, message).into());
        };
        let new = self.new.iter().map(String::as_str);
        let mut without: Vec<&str> = Vec::with_capacity(lines.len());
        without.extend(&lines[..place]);
        without.extend(new);
        without.extend(&lines[place + self.old.len()..]);
        Ok(without.join("\n") + "\n")
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::Guard;
    use crate::regen::Places;

    const PATCH: &str = "Guard: two is checked\nInvariant: Once\n--- a/x.rs\n+++ b/x.rs\n@@ -1,3 +1,3 @@\n one\n-two\n\
                         +2\n three\n";

    fn read(text: &str) -> Result<Guard, String> {
        Guard::read(Path::new("guards/two.patch"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn one_line_is_changed_where_the_lines_around_it_are() {
        let guard = read(PATCH).unwrap();
        assert_eq!(
            (
                guard.name.as_str(),
                guard.about.as_str(),
                guard.invariant.as_str()
            ),
            ("two", "two is checked", "Once")
        );
        let moved = guard.removed_from("zero\none\ntwo\nthree\n").unwrap();
        assert_eq!(moved, "zero\none\n2\nthree\n");
        let gone = read(&PATCH.replace("+2\n", "")).unwrap();
        assert_eq!(
            gone.removed_from("one\ntwo\nthree\n").unwrap(),
            "one\nthree\n"
        );
    }

    #[test]
    fn what_does_not_apply_is_refused() {
        let guard = read(PATCH).unwrap();
        for text in ["one\ntwo\nfour\n", "one\ntwo\nthree\none\ntwo\nthree\n", ""] {
            let error = guard.removed_from(text).unwrap_err().to_string();
            assert!(error.contains("two.patch: no longer applies"), "{error}");
            assert!(error.contains("two is checked"), "{error}");
        }
        for (text, why) in [
            (PATCH.replace("+2\n", "+2\n+3\n"), "change one line"),
            (PATCH.replace("-two\n", ""), "change one line"),
            (PATCH.replace("Guard:", "About:"), "Guard:"),
            (format!("{PATCH}@@ -9 +9 @@\n"), "more than one hunk"),
        ] {
            let error = read(&text).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }

    /// A guard that was moved fails here, not only in a run that removes them all.
    #[test]
    fn every_patch_applies_and_is_listed() {
        let root = Places::of_workspace().root();
        let table = fs::read_to_string(root.join("tests/simulation/guards/README.md")).unwrap();
        let guards = Guard::all(&root).unwrap();
        assert!(guards.len() > 20);
        for guard in guards {
            let text = fs::read_to_string(root.join(&guard.path)).unwrap();
            if let Err(problem) = guard.removed_from(&text) {
                panic!("{problem}");
            }
            let row = format!(
                "| {} | {} | {} | `{}` |",
                guard.name,
                guard.about,
                guard.invariant,
                guard.path.display()
            );
            assert!(table.contains(&row), "README.md lacks the row\n{row}");
        }
    }
}
