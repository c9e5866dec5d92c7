//! A client in another language, as it comes from its registry, against the sandbox.

use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

use crate::sandbox::contract;

/// Why the test can't be run here; with `BARION_REQUIRE_NODE` set that is a failure.
fn skip(reason: &str) {
    assert!(
        std::env::var_os("BARION_REQUIRE_NODE").is_none(),
        "{reason}"
    );
    println!("skipped: {reason}");
}

#[tokio::test]
async fn node_barion_drives_the_sandbox_unchanged() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("node");
    if Command::new("node")
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .await
        .is_err()
    {
        return skip("node is not installed");
    }
    if !folder.join("node_modules/node-barion").exists() {
        return skip("node-barion is not installed: run `npm ci --prefix tests/node`");
    }
    let sandbox = contract::sandbox().await;
    let run = Command::new("node")
        .arg(folder.join("drive.js"))
        .args([sandbox.url().as_str(), sandbox.pos_key()])
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout).into_owned();
    assert!(
        run.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&run.stderr)
    );
    let stories: Vec<&str> = said.lines().collect();
    assert_eq!(
        stories,
        ["immediate", "reservation", "capture", "cancel", "wrongKey"]
    );
    assert!(sandbox.requests().len() >= 12, "it spoke with the sandbox");
    let first = &sandbox.requests()[0];
    assert!(
        first.header("x-pos-key").is_none() && first.body.contains("POSKey"),
        "the key is in the body: {first:?}"
    );
}
