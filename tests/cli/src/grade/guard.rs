//! Limits that no single process can be held to: how much memory a submission has in all its
//! processes, how many of them there are, and how long all of it takes.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Child, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// How often we look.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// How many processes belong to the cell and not to the student's programs: bubblewrap, twice, and
/// the judge.
const OURS: usize = 3;

/// The size of a page, in which /proc counts.
const PAGE: u64 = 4096;

/// What a submission may have while it is judged.
#[derive(Clone, Copy)]
pub struct Limits {
    /// Memory of all programs together, in bytes.
    pub memory: u64,
    /// Processes of all programs together.
    pub processes: usize,
    /// Time for all promises of one lab together.
    pub time: Duration,
}

/// Waits for the judge in `cell`, and ends what goes beyond `limits`; returns how the cell ended
/// and what was ended on the way.
pub fn wait(cell: &mut Child, limits: Limits) -> Result<(ExitStatus, Vec<String>)> {
    let mut notes = Vec::new();
    let mut note = |words: String| {
        if !notes.contains(&words) {
            notes.push(words);
        }
    };
    let deadline = Instant::now() + limits.time;
    let root = i32::try_from(cell.id())?;
    loop {
        if let Some(status) = cell.try_wait()? {
            return Ok((status, notes));
        }
        if Instant::now() >= deadline {
            // All that is inside ends with it.
            cell.kill()?;
            note(format!("it was ended after {} minutes", limits.time.as_secs() / 60));
        }
        let family = family(root);
        let programs = family.get(OURS..).unwrap_or_default();
        let memory: u64 = programs.iter().map(|process| process.memory).sum();
        let words = if memory > limits.memory {
            Some(format!("programs were ended that had more than {} MiB", limits.memory >> 20))
        } else if programs.len() > limits.processes {
            Some(format!("programs were ended that were more than {} processes", limits.processes))
        } else {
            None
        };
        if let Some(words) = words {
            for process in programs {
                // Who has gone meanwhile need not be ended; its number belongs to nobody else so
                // soon.
                let _ = kill(Pid::from_raw(process.number), Signal::SIGKILL);
            }
            note(words);
        }
        thread::sleep(LOOK_AGAIN);
    }
}

struct Process {
    number: i32,
    memory: u64,
}

/// `root` and all its descendants, those first that are nearest to it.
fn family(root: i32) -> Vec<Process> {
    let mut children: BTreeMap<i32, Vec<(i32, u64)>> = BTreeMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(number) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        // Who has gone meanwhile has no entry any more.
        let Some((parent, memory)) = about(number) else { continue };
        children.entry(parent).or_default().push((number, memory));
    }
    let mut family = vec![Process { number: root, memory: 0 }];
    let mut next = 0;
    while let Some(process) = family.get(next) {
        let born = children.remove(&process.number).unwrap_or_default();
        family.extend(born.into_iter().map(|(number, memory)| Process { number, memory }));
        next += 1;
    }
    family
}

/// The parent of a process and the memory that it holds: fields 4 and 24 of its `stat`, of which the
/// second one is a name in parentheses that may contain anything.
fn about(number: i32) -> Option<(i32, u64)> {
    let line = fs::read(format!("/proc/{number}/stat")).ok()?;
    let line = String::from_utf8_lossy(&line);
    let fields: Vec<&str> = line.rsplit_once(')')?.1.split_whitespace().collect();
    let pages: u64 = fields.get(21)?.parse().ok()?;
    Some((fields.get(1)?.parse().ok()?, pages * PAGE))
}
