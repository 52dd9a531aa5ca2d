//! The stress table of lab 07, measured by its own command and watched from outside.

use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::compare::{Table, Value};
use crate::plan::Plan;
use crate::target::Target;
use crate::tree;

/// How often the server of a row is looked at.
const LOOK_PAUSE: Duration = Duration::from_millis(50);

/// The whole table of lab 07, as its own command measures it.
pub fn measure(plan: &Plan, targets: &mut Vec<Target>) -> Result<Table> {
    plan.go_on()?;
    let csv = plan.scratch("stress.csv");
    let mut command = Command::new(plan.programs.join(plan.package("07")));
    command.args(["stress", "--headers", "en", "--csv"]).arg(&csv);
    command.arg("--svg").arg(plan.scratch("stress.svg"));
    if plan.quick {
        command.args(["--quick", "--client-workers", "1,5", "--server-workers", "1,5"]);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let began = Instant::now();
    let mut child = plan.cores.with_both(|| command.spawn())?;
    let mut peak = 0.0_f64;
    while child.try_wait()?.is_none() {
        if let Err(stopped) = plan.go_on() {
            // It clears away what it has made, and its servers.
            kill(Pid::from_raw(i32::try_from(child.id())?), Signal::SIGTERM)?;
            child.wait()?;
            return Err(stopped);
        }
        for server in tree::family(child.id()).into_iter().skip(1) {
            peak = peak.max(tree::memory(server).peak);
        }
        thread::sleep(LOOK_PAUSE);
    }
    let seconds = began.elapsed().as_secs_f64();
    plan.go_on()?;
    let text = fs::read_to_string(&csv).unwrap_or_default();
    let rows = text.lines().skip(1).count();
    let clean = text.lines().filter(|line| line.matches(" 0 failed").count() == 2).count();
    if !plan.quick {
        targets.extend(wanted(clean, seconds, peak));
    }
    let cells = [
        Value::Number(rows as f64),
        Value::Number(clean as f64),
        Value::Seconds(seconds),
        Value::Mebibytes(peak / 1024.0),
    ];
    Ok(Table {
        title: "The stress table of lab 07".to_string(),
        note: "As `stress` measures it, thread mode, both cores for everybody.".to_string(),
        columns: ["rows", "without failures", "time", "the server's peak"].map(String::from).into(),
        rows: vec![("lab07 stress".to_string(), cells.map(Some).to_vec())],
    })
}

fn wanted(clean: usize, seconds: f64, peak: f64) -> [Target; 3] {
    [
        Target::at_least(
            "stress-rows",
            "lab07 stress, rows without a failure, contents compared",
            54.0,
            " rows",
            Some(clean as f64),
        ),
        Target::at_most("stress-time", "all rows", 90.0, " s", Some(seconds)),
        Target::at_most(
            "stress-memory",
            "the server's peak in any row, thread mode",
            32.0,
            " MiB",
            Some(peak / 1024.0),
        ),
    ]
}
