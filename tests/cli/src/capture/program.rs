//! The program of a package, built.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::catalogue::Course;

/// Builds `package`, and says where its program is.
///
/// # Errors
///
/// When it does not compile; then the compiler has said why.
pub fn build(course: &Course, package: &str) -> Result<PathBuf> {
    let output = Command::new("cargo")
        .args(["build", "--quiet", "--message-format=json-render-diagnostics", "-p", package])
        .current_dir(&course.root)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("cannot start cargo")?;
    if !output.status.success() {
        bail!("{package} does not compile");
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    let program = messages.lines().find_map(|line| program_of(line, package));
    program.with_context(|| format!("cargo built no program for {package}"))
}

/// The program `name`, if this message of cargo's tells of it.
fn program_of(message: &str, name: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(message).ok()?;
    let target = &message["target"];
    let is_it = target["name"] == name && target["kind"][0] == "bin";
    is_it.then(|| message["executable"].as_str().map(PathBuf::from)).flatten()
}
