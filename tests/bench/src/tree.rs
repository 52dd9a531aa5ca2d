//! A process with all that it has started: what it costs, as the kernel counts it.

use std::fs;

use nix::sys::time::TimeValLike;
use nix::time::{clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;

/// Kibibytes.
#[derive(Clone, Copy, Default)]
pub struct Memory {
    /// Now in memory; what processes share is counted once.
    pub resident: f64,
    /// The most that was in memory; what processes share is counted for each.
    pub peak: f64,
}

/// The CPU time that `root` and its descendants have taken, in seconds. Threads that have ended are
/// in it; processes that have ended are not.
pub fn cpu(root: u32) -> f64 {
    family(root).into_iter().filter_map(cpu_of).sum()
}

/// The same for this process.
pub fn own_cpu() -> f64 {
    cpu_of(std::process::id()).unwrap_or(0.0)
}

fn cpu_of(process: u32) -> Option<f64> {
    let clock = clock_getcpuclockid(Pid::from_raw(i32::try_from(process).ok()?)).ok()?;
    Some(clock_gettime(clock).ok()?.num_nanoseconds() as f64 / 1e9)
}

/// The memory of `root` and its descendants.
pub fn memory(root: u32) -> Memory {
    let family = family(root);
    let is_alone = family.len() == 1;
    let mut sum = Memory::default();
    for process in family {
        let status = format!("/proc/{process}/status");
        let shared = format!("/proc/{process}/smaps_rollup");
        sum.resident +=
            if is_alone { kibibytes(&status, "VmRSS:") } else { kibibytes(&shared, "Pss:") };
        sum.peak += kibibytes(&status, "VmHWM:");
    }
    sum
}

/// The value of a line like `VmRSS:   1234 kB`.
fn kibibytes(file: &str, name: &str) -> f64 {
    let text = fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0.0)
}

/// A process and all its descendants.
pub fn family(root: u32) -> Vec<u32> {
    let mut family = vec![root];
    let mut place = 0;
    while let Some(process) = family.get(place).copied() {
        family.extend(children(process));
        place += 1;
    }
    family
}

fn children(process: u32) -> Vec<u32> {
    let Ok(tasks) = fs::read_dir(format!("/proc/{process}/task")) else { return Vec::new() };
    let of_task = |task: fs::DirEntry| fs::read_to_string(task.path().join("children")).ok();
    let texts: Vec<String> = tasks.flatten().filter_map(of_task).collect();
    texts.iter().flat_map(|text| text.split_whitespace()).flat_map(str::parse).collect()
}
