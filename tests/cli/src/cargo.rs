//! Has cargo build something, and asks it where that is.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::catalogue::Course;

/// What cargo calls what it builds.
#[derive(Clone, Copy)]
pub enum Kind {
    Program,
    Judge,
}

/// Where the program or the judge called `name` is, after `cargo COMMAND -p PACKAGE`; `None` if the
/// package does not compile, which the compiler has said.
pub fn built(
    course: &Course,
    command: &[&str],
    package: &str,
    kind: Kind,
    name: &str,
) -> Result<Option<PathBuf>> {
    let output = Command::new("cargo")
        .args(command)
        .args(["--quiet", "--message-format=json-render-diagnostics", "-p", package])
        .current_dir(&course.root)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("cannot start cargo")?;
    if !output.status.success() {
        return Ok(None);
    }
    let (target, what) = match kind {
        Kind::Program => ("bin", "program"),
        Kind::Judge => ("test", "judge"),
    };
    let messages = String::from_utf8_lossy(&output.stdout);
    let path = messages.lines().find_map(|line| path_of(line, target, name));
    path.with_context(|| format!("cargo built no {what} for {package}")).map(Some)
}

/// Where the target is, if this message of cargo's tells of it.
fn path_of(message: &str, kind: &str, name: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(message).ok()?;
    let target = &message["target"];
    let is_it = message["reason"] == "compiler-artifact"
        && target["name"] == name
        && target["kind"][0] == kind;
    is_it.then(|| message["executable"].as_str().map(PathBuf::from)).flatten()
}
