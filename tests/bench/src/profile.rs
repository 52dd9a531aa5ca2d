//! Where a server spends its time: what `perf` finds it doing, two thousand times a second.
//!
//! A target that is missed needs a reason, and a reason needs this: `bench echo --profile`.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::plan::{Plan, say};
use crate::server::await_start;
use crate::tree;

/// Odd, so that nothing regular keeps step with it.
const SAMPLES_A_SECOND: &str = "1999";

/// Functions with less than so much of the time are left out.
const LEAST_PERCENT: &str = "0.5";

/// A look at one server that goes on.
pub struct Profile {
    perf: Child,
    samples: PathBuf,
    text: PathBuf,
}

impl Profile {
    /// Begins to look at the servers' core, whoever is there: a program may start others meanwhile.
    ///
    /// # Errors
    ///
    /// When `perf` is not here.
    pub fn begin(plan: &Plan, name: &str) -> Result<Self> {
        let folder = plan.output().join("profiles");
        fs::create_dir_all(&folder)?;
        let number = fs::read_dir(&folder)?.count() + 1;
        let plain = |letter: char| if letter.is_alphanumeric() { letter } else { '-' };
        let name: String = name.chars().map(plain).collect();
        let samples = plan.scratch("samples");
        let _ = fs::remove_file(&samples);
        let mut perf = Command::new("perf");
        perf.args(["record", "--quiet", "-e", "cpu-clock", "-F", SAMPLES_A_SECOND, "-o"]);
        perf.arg(&samples).args(["--all-cpus", "--cpu", &plan.cores.server().to_string()]);
        perf.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut perf = perf.spawn().context("--profile needs the program perf")?;
        if let Err(error) = await_start(&mut perf, || samples.exists()) {
            let _ = perf.kill();
            let _ = perf.wait();
            return Err(error.context("perf may not look at a whole core here"));
        }
        Ok(Self { perf, samples, text: folder.join(format!("{number:02}-{name}.txt")) })
    }

    /// Ends the look, and writes down what was seen of `root` and all that it has started: first by
    /// kernel and program, then by function.
    ///
    /// # Errors
    ///
    /// When `perf` has seen nothing.
    pub fn end(mut self, root: u32) -> Result<()> {
        let processes: Vec<String> = tree::family(root).iter().map(u32::to_string).collect();
        kill(Pid::from_raw(i32::try_from(self.perf.id())?), Signal::SIGINT)?;
        self.perf.wait()?;
        for (by, how) in [("dso", File::create(&self.text)), ("dso,symbol", self.append())] {
            let mut report = Command::new("perf");
            report.args(["report", "--stdio", "--quiet", "--sort", by, "--percent-limit"]);
            report.arg(LEAST_PERCENT).arg("-i").arg(&self.samples);
            report.args(["--pid", &processes.join(",")]);
            let status = report.stdin(Stdio::null()).stdout(how?).stderr(Stdio::null()).status()?;
            ensure!(status.success(), "perf report has failed");
        }
        ensure!(fs::metadata(&self.text)?.len() > 0, "perf has seen nothing");
        say(format_args!("profile: {}", self.text.display()));
        Ok(())
    }

    fn append(&self) -> std::io::Result<File> {
        File::options().append(true).open(&self.text)
    }
}
