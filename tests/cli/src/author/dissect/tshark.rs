//! tshark, as it looks at packets with the configuration of the course.

use std::ffi::OsStr;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::catalogue::Course;

/// Fields of others that belong to what we show: lab 06 speaks HTTP.
const BORROWED: [&str; 4] =
    ["http.request.method", "http.request.uri", "http.response.code", "http.request_in"];

/// Between two values of one field in a packet.
const BETWEEN: &str = "\u{1f}";

/// How a packet is recognised in which a script has failed. tshark goes on, and exits with 0.
const SCRIPT_FAILED: &str = "_ws.expert.message contains \"Lua Error\"";

/// tshark, and the fields that our dissectors have.
pub struct Tshark {
    config: PathBuf,
    fields: Vec<String>,
}

impl Tshark {
    /// Asks tshark which fields there are.
    pub fn of(course: &Course) -> Result<Self> {
        let mut tshark = Self { config: course.root.join("wireshark"), fields: Vec::new() };
        let all = tshark.said(["-G", "fields"])?;
        let abbreviation = |line: &str| line.split('\t').nth(2).map(ToString::to_string);
        let all = all.lines().filter(|line| line.starts_with("F\t")).filter_map(abbreviation);
        tshark.fields = all.filter(|field| field.starts_with("wirelab.")).collect();
        // tshark does not name them in the same order every time.
        tshark.fields.sort();
        ensure!(!tshark.fields.is_empty(), "tshark knows no field of ours: is it built with Lua?");
        tshark.fields.extend(BORROWED.map(ToString::to_string));
        Ok(tshark)
    }

    /// What the dissectors make of `capture`, frame by frame: only frames in which they see
    /// something, and only our fields.
    pub fn read(&self, capture: &Path) -> Result<String> {
        let aggregator = format!("aggregator={BETWEEN}");
        // Twice, as somebody who clicks on packets sees them; without the filter, tshark would not
        // work out the fields of the first time, from which the dissectors know their streams.
        let table = ["-2", "-Y", "frame", "-n", "-C", "wirelab", "-T", "fields"];
        let table = table.into_iter().chain(["-E", "separator=/t", "-E"]);
        let columns = ["-e", "frame.number", "-e", "_ws.col.Protocol", "-e", "_ws.col.Info"];
        let mut arguments: Vec<&OsStr> = table.map(OsStr::new).collect();
        arguments.push(aggregator.as_ref());
        arguments.extend(columns.map(OsStr::new));
        arguments.extend(self.fields.iter().flat_map(|field| ["-e", field]).map(OsStr::new));
        arguments.extend([OsStr::new("-r"), capture.as_os_str()]);
        let rows = self.said(arguments).with_context(|| capture.display().to_string())?;
        Ok(rows.lines().map(|row| self.shown(row)).collect())
    }

    /// One row of the table as a person reads it; nothing, if it has none of our fields.
    fn shown(&self, row: &str) -> String {
        let mut values = row.split('\t');
        let mut column = || values.next().unwrap_or_default().trim_end().to_string();
        let mut text = format!("frame {}: {}: {}\n", column(), column(), column());
        let named = self.fields.iter().zip(values).filter(|(_, value)| !value.is_empty());
        let mut count = 0;
        for (field, value) in named {
            count += 1;
            writeln!(text, "    {field} = {}", value.replace(BETWEEN, " | "))
                .expect("a string takes every write");
        }
        if count == 0 { String::new() } else { text }
    }

    /// The preferences of our dissectors: a name and a value a line.
    pub fn preferences(&self) -> Result<Vec<(String, String)>> {
        let all = self.said(["-G", "currentprefs"])?;
        let ours = all.lines().filter_map(|line| line.trim_start_matches('#').split_once(": "));
        let ours = ours.filter(|(name, _)| name.starts_with("wirelab."));
        Ok(ours.map(|(name, value)| (name.to_string(), value.trim().to_string())).collect())
    }

    /// What goes wrong in our scripts when they meet the packets of `capture`.
    pub fn script_failures(&self, capture: &Path) -> Result<Vec<String>> {
        let output = self
            .command()
            .args(["-2", "-n", "-C", "wirelab", "-T", "fields", "-e", "frame.number"])
            .args(["-e", "_ws.expert.message", "-Y", SCRIPT_FAILED, "-r"])
            .arg(capture)
            .output()
            .context("cannot start tshark")?;
        ensure!(
            output.status.success(),
            "tshark ends with {}: {}",
            output.status,
            complaint(&output)
        );
        let said = String::from_utf8_lossy(&output.stdout);
        let words = complaint(&output);
        let failures = said.lines().chain(words.lines().filter(|line| line.contains("Lua")));
        Ok(failures.map(ToString::to_string).collect())
    }

    /// What tshark says to `arguments`. Any complaint of its is a failure: of a script that does
    /// not load it tells only on standard error.
    fn said<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Result<String> {
        let output = self.command().args(arguments).output();
        let output = output.context("cannot start tshark; on Debian: apt-get install tshark")?;
        let words = complaint(&output);
        if !output.status.success() || !words.is_empty() {
            bail!("tshark: {words} ({})", output.status);
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn command(&self) -> Command {
        let mut command = Command::new("tshark");
        command.env("WIRESHARK_CONFIG_DIR", &self.config).stdin(Stdio::null());
        command
    }
}

/// What stands on standard error, but for what it says to everybody who is root.
fn complaint(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    let lines = said.lines().filter(|line| !line.starts_with("Running as user"));
    lines.collect::<Vec<_>>().join("\n")
}
