//! One margin: comments wrap at 100 columns, as rustfmt wraps code.

use std::fs;

use xtask::regen::Places;
use xtask::source::rust_files;

#[test]
fn comments_keep_to_100_columns() {
    let root = Places::of_workspace().root();
    let (mut long, mut read) = (Vec::new(), 0);
    for folder in [
        "facade",
        "generated",
        "sandbox",
        "tests",
        "watcher",
        "xtask",
    ] {
        for path in rust_files(&root.join(folder)).unwrap() {
            let text = fs::read_to_string(&path).unwrap();
            if text.starts_with("// @generated") {
                continue;
            }
            let mut in_code = false;
            for (number, line) in text.lines().enumerate() {
                let comment = line.trim_start();
                in_code ^= comment.starts_with("/// ```") || comment.starts_with("//! ```");
                let is_comment = comment.starts_with("//") && !in_code;
                // Tables and addresses can't be broken.
                let breaks = ![" | ", "   ", "://"]
                    .iter()
                    .any(|one| comment.contains(one));
                if is_comment && breaks && line.chars().count() > 100 {
                    long.push(format!("{}:{}", path.display(), number + 1));
                }
                read += usize::from(is_comment);
            }
        }
    }
    assert!(read > 5_000, "{read} lines of comments are read");
    assert!(long.is_empty(), "longer than 100 columns: {long:#?}");
}
