//! What tshark says of a capture, with the dissectors and the profile of the course.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::catalogue::Course;

/// What tshark says of its own scripts when they fail; it goes on all the same, and exits with 0.
const SCRIPT_FAILED: &str = "Lua: Error";

/// The values of `field` in the packets of `capture` that `filter` finds, one a line; each packet
/// has at least one line.
///
/// # Errors
///
/// When there is no tshark, or it does not understand the filter or the capture.
pub fn values(course: &Course, capture: &Path, filter: &str, field: &str) -> Result<Vec<String>> {
    let mut command = Command::new("tshark");
    let ours = course.root.join("wireshark");
    if ours.join("profiles/wirelab").is_dir() {
        command.env("WIRESHARK_CONFIG_DIR", &ours).args(["-C", "wirelab"]);
    }
    let output = command
        .args(["-n", "-T", "fields", "-E", "aggregator=/s", "-e", field, "-Y", filter, "-r"])
        .arg(capture)
        .stdin(Stdio::null())
        .output()
        .context("cannot start tshark; how to get it: cargo lab doctor")?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() || said.contains(SCRIPT_FAILED) {
        let said = said.lines().filter(|line| !line.starts_with("Running as user"));
        bail!("tshark: {}", said.collect::<Vec<_>>().join(" "));
    }
    Ok(String::from_utf8_lossy(&output.stdout).lines().map(String::from).collect())
}
