//! Every example of the documentation runs. Cargo runs those that are marked to be run; this finds
//! the others.

use std::fs;
use std::path::{Path, PathBuf};

/// Examples that are compiled and not run: the file, a line of the example, and why.
const NOT_RUN: [(&str, &str, &str); 0] = [];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// An example, with the line it begins at.
struct Example {
    file: String,
    line: usize,
    /// What follows the fence.
    marks: String,
    code: String,
}

impl Example {
    /// Why nothing of it runs, if that is so.
    fn idle(&self) -> Option<String> {
        let marks = |mark: &str| self.marks.split(',').any(|one| one.trim() == mark);
        if marks("compile_fail") {
            return None; // meant to go no further
        }
        if let Some(mark) = ["no_run", "ignore", "should_panic"]
            .iter()
            .find(|one| marks(one))
        {
            return Some(format!("it is marked {mark}"));
        }
        let words = || self.code.split(|c: char| !c.is_alphanumeric() && c != '_');
        let mut names = words().zip(words().skip(1));
        let uncalled = names.find(|(word, name)| {
            *word == "fn" && *name != "main" && words().filter(|one| one == name).count() < 2
        });
        uncalled.map(|(_, name)| format!("nobody calls {name}"))
    }
}

#[test]
fn every_example_runs_or_has_a_reason_not_to() {
    let examples = examples();
    let mut wrong = Vec::new();
    let mut excused = 0;
    for example in &examples {
        let reason = NOT_RUN.iter().find(|(file, line, _)| {
            let mut lines = example.code.lines();
            *file == example.file && lines.any(|one| one.trim() == *line)
        });
        match (example.idle(), reason) {
            (Some(why), None) => wrong.push(format!("{}:{}: {why}", example.file, example.line)),
            (Some(_), Some(_)) => excused += 1,
            (None, Some(_)) => wrong.push(format!("{} runs: no reason needed", example.file)),
            (None, None) => {}
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(excused, NOT_RUN.len(), "each reason is of an example");
    // As many as there were when this was written, but for some that may go: the search itself may
    // break.
    println!("{} examples", examples.len());
    assert!(examples.len() >= 35, "{}", examples.len());
}

#[test]
fn what_does_not_run_is_found() {
    let idle = |text: &str| {
        let found = examples_in("x.rs", text);
        assert_eq!(found.len(), 1, "{text}");
        found[0].idle()
    };
    for runs in [
        "/// ```\n/// let x = 1;\n/// ```",
        "```rust\nfn f() {}\nf();\n```",
        "//! ```\n//! # #[tokio::main] async fn main() {}\n//! ```",
        "/// ```compile_fail,E0308\n/// # fn f() {}\n/// ```",
    ] {
        assert_eq!(idle(runs), None, "{runs}");
    }
    for does_not in [
        "    /// ```no_run\n    /// let x = 1;\n    /// ```",
        "```rust,no_run\nlet x = 1;\n```",
        "```rust,ignore\nlet x = 1;\n```",
        "/// ```\n/// # async fn shop() {\n/// let x = 1;\n/// # }\n/// ```",
    ] {
        assert!(idle(does_not).is_some(), "{does_not}");
    }
    assert!(examples_in("README.md", "```sh\ncargo test\n```").is_empty());
}

/// The examples of all crates and of the README.
fn examples() -> Vec<Example> {
    let mut files = vec![root().join("README.md")];
    for folder in ["facade/src", "generated/src", "sandbox/src", "watcher/src"] {
        rust_files(&root().join(folder), &mut files);
    }
    files.sort();
    let mut all = Vec::new();
    for file in files {
        let name = file.strip_prefix(root()).unwrap().to_str().unwrap();
        let text = fs::read_to_string(&file).unwrap();
        all.extend(examples_in(name, &text));
    }
    all
}

fn examples_in(file: &str, text: &str) -> Vec<Example> {
    let mut found: Vec<Example> = Vec::new();
    let mut open = false;
    for (place, line) in text.lines().enumerate() {
        let line = line.trim_start();
        let line = line
            .strip_prefix("///")
            .or_else(|| line.strip_prefix("//!"))
            .map_or(line, |line| line.strip_prefix(' ').unwrap_or(line));
        match line.strip_prefix("```") {
            Some(_) if open => open = false,
            Some(marks) => {
                open = true;
                found.push(Example {
                    file: file.to_owned(),
                    line: place + 1,
                    marks: marks.trim().to_owned(),
                    code: String::new(),
                });
            }
            None if open => {
                if let Some(example) = found.last_mut() {
                    example.code.push_str(line);
                    example.code.push('\n');
                }
            }
            None => {}
        }
    }
    // In documentation comments everything without another language is Rust; in Markdown what says
    // so.
    let is_rust = |marks: &str| match marks.split(',').next() {
        None | Some("") => Path::new(file).extension().is_some_and(|end| end == "rs"),
        Some(first) => !["sh", "text", "json", "http", "toml"].contains(&first),
    };
    found.retain(|example| is_rust(&example.marks));
    found
}

fn rust_files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, into);
        } else if path.extension().is_some_and(|one| one == "rs") {
            into.push(path);
        }
    }
}
