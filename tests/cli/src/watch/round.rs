//! One run of `cargo lab check`, which can be ended at any time with all that it has started.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, process, thread};

use anyhow::{Context, Result};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

use crate::catalogue::Course;

/// The variable by which the programs under judgement are found: each is in a group of its own.
pub const MARK: &str = "CARGO_LAB_ROUND";

/// How long we go on ending programs that start others.
const END_LIMIT: Duration = Duration::from_secs(2);

/// A running check; it ends when this goes out of scope.
pub struct Round {
    child: Child,
    mark: String,
}

impl Round {
    /// Begins to check `what`.
    pub fn start(course: &Course, what: &str, number: u32) -> Result<Self> {
        let mark = format!("{}-{number}", process::id());
        let program = env::current_exe().context("cannot tell where cargo lab is")?;
        let child = Command::new(program)
            .args(["check", what])
            .current_dir(&course.root)
            .env(MARK, &mark)
            .stdin(Stdio::null())
            // Ctrl+C is for us, who then end it in good order.
            .process_group(0)
            .spawn()
            .context("cannot start the check; was cargo lab built anew? Start it again")?;
        Ok(Self { child, mark })
    }

    /// Whether everything that was judged holds; `None` as long as nobody can tell.
    pub fn answer(&mut self) -> Option<bool> {
        match self.child.try_wait() {
            Ok(None) => None,
            Ok(Some(status)) => Some(status.success()),
            Err(_) => Some(false),
        }
    }
}

impl Drop for Round {
    fn drop(&mut self) {
        if self.answer().is_none() {
            let group = i32::try_from(self.child.id()).expect("a process number fits");
            let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
            let _ = self.child.wait();
        }
        let limit = Instant::now() + END_LIMIT;
        while end_marked(&self.mark) && Instant::now() < limit {
            thread::yield_now();
        }
    }
}

/// Ends the processes that carry `mark`; tells whether there were any. Only Linux lets us look.
fn end_marked(mark: &str) -> bool {
    let variable = format!("{MARK}={mark}").into_bytes();
    let has_it = |pid: &i32| {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|it| it == variable)
    };
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let marked: Vec<i32> = numbers.filter(has_it).collect();
    for pid in &marked {
        let _ = kill(Pid::from_raw(*pid), Signal::SIGKILL);
    }
    !marked.is_empty()
}
