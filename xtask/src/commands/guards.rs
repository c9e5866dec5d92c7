//! `cargo xtask simulate --guards`: removes the guards of the client one by one, in a copy of the
//! workspace, and lets the simulation look for what that breaks.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use xtask::guards::Guard;

use super::cargo::cargo;
use super::outcome::{Failure, Outcome, say};

/// What is not copied, wherever it lies.
const LEFT_OUT: [&str; 3] = ["target", ".git", "node_modules"];

pub(super) fn run(root: &Path, names: &[String], worlds: &str, from: u64, seeds: u64) -> Outcome {
    let guards = chosen(root, names)?;
    // All of them, before the first one is built.
    let texts: Result<Vec<(String, String)>, Failure> = guards
        .iter()
        .map(|guard| {
            let text = fs::read_to_string(root.join(&guard.path));
            let text = text.map_err(|error| unusable(&guard.path, &error))?;
            let without = guard.removed_from(&text)?;
            Ok((text, without))
        })
        .collect();
    let copy = root.join("target/guards");
    mirror(root, &copy).map_err(|error| unusable(&copy, &error))?;
    let lab = Lab {
        tree: copy,
        target: root.join("target"),
        worlds: worlds.to_owned(),
        from,
        seeds,
    };
    let width = guards.iter().map(|guard| guard.name.len()).max();
    let width = width.unwrap_or_default();
    say(&format!(
        "{:<width$}  {:<22} {:>6} {:>6} {:>8}",
        "guard", "broken", "seed", "seeds", "seconds"
    ));
    let mut missed = Vec::new();
    for (guard, (text, without)) in guards.iter().zip(texts?) {
        let file = lab.tree.join(&guard.path);
        fs::write(&file, without).map_err(|error| unusable(&file, &error))?;
        let found = lab.look(guard);
        fs::write(&file, text).map_err(|error| unusable(&file, &error))?;
        let found = found?;
        if found.broken.is_none() {
            missed.push(guard.name.as_str());
        }
        let (invariant, seed, lived) = match found.broken {
            Some((seed, invariant)) => (invariant, seed.to_string(), seed.saturating_sub(from) + 1),
            None => ("NOTHING".to_owned(), "-".to_owned(), seeds),
        };
        say(&format!(
            "{:<width$}  {invariant:<22} {seed:>6} {lived:>6} {:>8.1}",
            guard.name, found.seconds
        ));
    }
    if missed.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "the simulation does not notice that these are gone: {}",
        missed.join(", ")
    )))
}

fn chosen(root: &Path, names: &[String]) -> Result<Vec<Guard>, Failure> {
    let mut guards = Guard::all(root)?;
    if let Some(name) = names
        .iter()
        .find(|name| guards.iter().all(|guard| guard.name != **name))
    {
        let all: Vec<_> = guards.iter().map(|guard| guard.name.as_str()).collect();
        return Err(Failure::new(format!(
            "there is no guard {name}; there are {}",
            all.join(", ")
        )));
    }
    guards.retain(|guard| names.is_empty() || names.contains(&guard.name));
    Ok(guards)
}

fn unusable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(format!("{}: {error}", path.display()))
}

/// Copies what differs, so that cargo builds no more than that anew, and removes what is gone.
fn mirror(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(to)? {
        let entry = entry?;
        match (
            from.join(entry.file_name()).exists(),
            entry.file_type()?.is_dir(),
        ) {
            (true, _) => {}
            (false, true) => fs::remove_dir_all(entry.path())?,
            (false, false) => fs::remove_file(entry.path())?,
        }
    }
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        if LEFT_OUT.iter().any(|one| name == *one) {
            continue;
        }
        let copy = to.join(&name);
        if entry.file_type()?.is_dir() {
            mirror(&entry.path(), &copy)?;
            continue;
        }
        let text = fs::read(entry.path())?;
        if !fs::read(&copy).is_ok_and(|old| old == text) {
            fs::write(&copy, text)?;
        }
    }
    Ok(())
}

/// Where guards are removed.
struct Lab {
    tree: PathBuf,
    /// Shared with the workspace, so that only its own crates are built twice.
    target: PathBuf,
    worlds: String,
    from: u64,
    seeds: u64,
}

struct Found {
    broken: Option<(u64, String)>,
    seconds: f64,
}

impl Lab {
    /// Which worlds show that a guard is gone: those of orders, where it is one of the watcher.
    fn worlds_of(&self, guard: &Guard) -> &str {
        match self.worlds.as_str() {
            "both" if guard.path.starts_with("watcher") => "orders",
            "both" => "requests",
            worlds => worlds,
        }
    }

    fn look(&self, guard: &Guard) -> Result<Found, Failure> {
        let name = guard.name.as_str();
        let failed = |what: &str, error: &dyn std::fmt::Display| {
            Failure::new(format!("without the guard {name}, {what}: {error}"))
        };
        // In dev mode: a build takes longer than most of the searches.
        let built = cargo()
            .current_dir(&self.tree)
            .env("CARGO_TARGET_DIR", &self.target)
            .args(["build", "--quiet", "--package", "barion-simulation"])
            .args(["--bin", "simulate"])
            .stdin(Stdio::null())
            .output()
            .map_err(|error| failed("cargo can't be run", &error))?;
        if !built.status.success() {
            let messages = String::from_utf8_lossy(&built.stderr);
            return Err(failed("the simulation can't be built", &messages));
        }
        let begun = Instant::now();
        let lived = Command::new(self.target.join("debug/simulate"))
            .args(["--worlds", self.worlds_of(guard)])
            .args(["--seeds", &self.seeds.to_string()])
            .args(["--from", &self.from.to_string()])
            .stdin(Stdio::null())
            .output()
            .map_err(|error| failed("the simulation can't be run", &error))?;
        let text = String::from_utf8_lossy(&lived.stdout);
        let broken = text.lines().find_map(broken);
        if broken.is_some() == lived.status.success() {
            let messages = String::from_utf8_lossy(&lived.stderr);
            return Err(failed(
                "the simulation ended otherwise than it said",
                &messages,
            ));
        }
        Ok(Found {
            broken,
            seconds: begun.elapsed().as_secs_f64(),
        })
    }
}

/// Seed and invariant of a line such as `seed 7 breaks Once: ...`.
fn broken(line: &str) -> Option<(u64, String)> {
    let (seed, rest) = line.strip_prefix("seed ")?.split_once(" breaks ")?;
    let (invariant, _) = rest.split_once(':')?;
    Some((seed.parse().ok()?, invariant.to_owned()))
}
