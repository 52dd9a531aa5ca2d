//! What tshark says of a capture, with the dissectors and the profile of the course.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::catalogue::Course;

/// Stands between two values of one packet, and in no value: tshark escapes it there.
const BETWEEN_VALUES: char = '\x1f';

/// What tshark says of its own scripts when they fail; it goes on all the same, and exits with 0.
const SCRIPT_FAILED: &str = "Lua: Error";

/// The values of `field` in the packets of `capture` that `filter` finds; a packet may have several.
///
/// # Errors
///
/// When there is no tshark, or it does not understand the filter or the capture.
pub fn values(course: &Course, capture: &Path, filter: &str, field: &str) -> Result<Vec<String>> {
    let aggregator = format!("aggregator={BETWEEN_VALUES}");
    let filter = format!("({filter}) && {field}");
    // Twice: of some messages only what follows tells what they were.
    let arguments = ["-2", "-T", "fields", "-E", &aggregator, "-e", field, "-Y", &filter];
    let lines = run(course, capture, &arguments)?;
    Ok(lines.lines().flat_map(|line| line.split(BETWEEN_VALUES)).map(String::from).collect())
}

/// How many packets of `capture` each of `filters` finds.
///
/// # Errors
///
/// As with [`values`]; and when a filter has a comma in it, which tshark takes for the next one.
pub fn counts(course: &Course, capture: &Path, filters: &[&str]) -> Result<Vec<u64>> {
    let table = run(course, capture, &["-q", "-z", &format!("io,stat,0,{}", filters.join(","))])?;
    // The only row with numbers: | 0.000 <> 1.234 | packets | bytes | packets | bytes ...
    let row = table.lines().find(|line| line.contains("<>")).context("tshark made no table")?;
    let cells = row.split('|').skip(2).step_by(2).map(str::trim).filter(|cell| !cell.is_empty());
    let counts: Result<Vec<u64>, _> = cells.map(str::parse).collect();
    let counts = counts.context("tshark's table is not as it was")?;
    ensure!(counts.len() == filters.len(), "tshark counts something else");
    Ok(counts)
}

/// What tshark prints about `capture`.
fn run(course: &Course, capture: &Path, arguments: &[&str]) -> Result<String> {
    let mut command = Command::new("tshark");
    let ours = course.root.join("wireshark");
    if ours.join("profiles/wirelab").is_dir() {
        command.env("WIRESHARK_CONFIG_DIR", &ours).args(["-C", "wirelab"]);
    }
    let output = command
        .arg("-n")
        .args(arguments)
        .arg("-r")
        .arg(capture)
        .stdin(Stdio::null())
        .output()
        .context("cannot start tshark; how to get it: cargo lab doctor")?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() || said.contains(SCRIPT_FAILED) {
        let said = said.lines().filter(|line| !line.starts_with("Running as user"));
        bail!("tshark: {}", said.collect::<Vec<_>>().join(" "));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
