//! The bodies in `fixtures/`, and what must become of each.

use std::path::{Path, PathBuf};

/// A line of `index.tsv`.
#[derive(Debug, Clone)]
pub(crate) struct Fixture {
    pub(crate) file: String,
    pub(crate) direction: String,
    pub(crate) operation: String,
    pub(crate) status: Option<u16>,
    pub(crate) expect: String,
}

impl Fixture {
    pub(crate) fn body(&self) -> Vec<u8> {
        std::fs::read(folder().join(&self.file)).unwrap()
    }

    /// The operation; a body that may come from each of them stands for one.
    pub(crate) fn operation(&self) -> &str {
        match self.operation.as_str() {
            "any" => "get_payment_state_v4",
            operation => operation,
        }
    }
}

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

pub(crate) fn all(direction: &str) -> Vec<Fixture> {
    let index = std::fs::read_to_string(folder().join("index.tsv")).unwrap();
    let fixtures = index.lines().skip(1).map(|line| {
        let columns: Vec<&str> = line.split('\t').collect();
        let [file, direction, operation, status, expect, _note] = columns[..] else {
            panic!("six columns: {line}")
        };
        Fixture {
            file: file.to_owned(),
            direction: direction.to_owned(),
            operation: operation.to_owned(),
            status: (!status.is_empty()).then(|| status.parse().unwrap()),
            expect: expect.to_owned(),
        }
    });
    fixtures
        .filter(|fixture| fixture.direction == direction)
        .collect()
}

#[test]
fn every_file_is_listed_once() {
    let mut listed: Vec<String> = ["answer", "request"]
        .iter()
        .flat_map(|way| all(way))
        .map(|one| one.file)
        .collect();
    listed.sort();
    let mut there = Vec::new();
    for sub in ["answers", "examples", "requests"] {
        let files = std::fs::read_dir(folder().join(sub)).unwrap();
        there.extend(
            files.map(|file| format!("{sub}/{}", file.unwrap().file_name().to_str().unwrap())),
        );
    }
    there.sort();
    assert_eq!(listed, there);
}
