//! The judge of one lab, seen from `cargo lab`: building it, running it, reading what it recorded.
//!
//! Verdicts come from the records alone; what the judge prints and its exit code mean nothing here.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fs, io};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::cargo;
use crate::catalogue::{Course, Lab};

/// What the judge wrote about one promise.
#[derive(Deserialize)]
pub struct Record {
    /// The promise as a sentence.
    pub words: String,
    /// Whether it is about the package's own program, and not about one that the user named.
    pub own: bool,
    pub verdict: Verdict,
    /// The exercise that is not written yet, if that is the reason.
    pub unwritten: Option<String>,
    pub report: Option<String>,
    pub conversation: Vec<Step>,
    /// What the judge drew by lot comes from this number.
    pub seed: u64,
    pub seconds: f64,
}

/// A step of the judge's in a conversation.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Step {
    /// Seconds since the beginning.
    pub at: f64,
    pub step: String,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub enum Verdict {
    #[serde(rename = "passed")]
    Passed,
    #[serde(rename = "failed")]
    Failed,
    #[serde(rename = "not judged")]
    NotJudged,
    #[serde(rename = "judge failed")]
    JudgeFailed,
}

/// What is known about each promise that was to be judged, in the order of the specification.
pub type Records = Vec<(String, Option<Record>)>;

/// The names of all promises of `lab`, in the order of the specification.
pub fn promises(course: &Course, lab: &Lab) -> Result<Vec<String>> {
    let file = format!("tests/labs/{}.rs", lab.package());
    let text = fs::read_to_string(course.root.join(&file));
    let text = text.with_context(|| format!("cannot read {file}"))?;
    let name = |line: &str| Some(line.strip_prefix("fn ")?.split_once('(')?.0.to_string());
    Ok(text.lines().filter_map(name).filter(|name| name.starts_with("ex")).collect())
}

/// A built judge: the promises of one lab, as a program.
pub struct Judge {
    program: PathBuf,
    package: String,
    /// The folder of the package, where cargo would start it.
    folder: PathBuf,
    root: PathBuf,
    promises: Vec<String>,
}

impl Judge {
    /// Builds `package` and its judge; `None` if it does not compile, which the compiler has said.
    pub fn build(course: &Course, lab: &Lab, package: &str) -> Result<Option<Self>> {
        let command = ["test", "--no-run"];
        let name = lab.package();
        let Some(program) = cargo::built(course, &command, package, cargo::Kind::Judge, &name)?
        else {
            return Ok(None);
        };
        let parent = if package == lab.package() { "labs" } else { "solutions" };
        let folder = course.root.join(parent).join(&lab.folder);
        let (package, root) = (package.to_string(), course.root.clone());
        let promises = promises(course, lab)?;
        Ok(Some(Self { program, package, folder, root, promises }))
    }

    /// Where it is.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Judges every promise whose name begins with `prefix`; the records go to `results`.
    pub fn run(
        &self,
        prefix: &str,
        results: &Path,
        environment: &[(&str, &str)],
    ) -> Result<Records> {
        let mine = |name: &&String| name.starts_with(prefix);
        let promises: Vec<String> = self.promises.iter().filter(mine).cloned().collect();
        if promises.is_empty() {
            bail!("{} promises nothing that begins with {prefix}", self.package);
        }
        for promise in &promises {
            remove(&self.record(results, promise))?;
        }
        let status = self
            .command(&["--exact"])
            .args(&promises)
            .env("WIRELAB_RESULTS", results)
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        status.with_context(|| format!("cannot start the judge of {}", self.package))?;
        let read = |promise: String| {
            let record = read(&self.record(results, &promise))?;
            Ok((promise, record))
        };
        promises.into_iter().map(read).collect()
    }

    fn record(&self, results: &Path, promise: &str) -> PathBuf {
        results.join(format!("{}.{promise}.json", self.package))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).current_dir(&self.folder);
        // What cargo would take from .cargo/config.toml.
        command.env("INSTA_UPDATE", "no").env("INSTA_WORKSPACE_ROOT", &self.root);
        command.env_remove("INSTA_FORCE_PASS");
        command
    }
}

/// Where `cargo test` and `cargo lab check` leave their records.
pub fn usual_results(course: &Course) -> PathBuf {
    course.root.join("target/wirelab/results")
}

/// Reads a record; one that is not there is not an error.
pub fn read(path: &Path) -> Result<Option<Record>> {
    match fs::read(path) {
        Ok(text) => serde_json::from_slice(&text)
            .map(Some)
            .with_context(|| format!("{} is not a record of the judge", path.display())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}
