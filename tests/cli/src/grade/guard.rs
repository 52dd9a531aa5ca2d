//! Limits that no single process can be held to: how much memory a submission has in all its
//! processes, how many of them there are, and how long all of it takes.

use std::collections::BTreeMap;
use std::fs;
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// How often we look.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// How many times we end what goes too far, before we end the whole sitting.
const ENDED_MAX: u32 = 8;

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

/// Waits for the judge, which `child` is, or is in if that is a cell; ends what goes beyond
/// `limits`, and says what that was. How the judge itself ends means nothing.
pub fn wait(child: &mut Child, is_cell: bool, limits: Limits) -> Result<Vec<String>> {
    let mut notes = Vec::new();
    let (mut ended, deadline) = (0, Instant::now() + limits.time);
    let root = i32::try_from(child.id())?;
    while child.try_wait()?.is_none() {
        if Instant::now() >= deadline {
            // All that is inside ends with it.
            child.kill()?;
            notes.push(format!("it was ended after {} minutes", limits.time.as_secs() / 60));
        }
        let family = family(root);
        if let Some(words) = beyond(limits, &family) {
            notes.push(words);
            ended += 1;
            end(judge_of(root, is_cell, &family), &family);
            if ended == ENDED_MAX {
                child.kill()?;
                notes.push("it was given no further chance".to_string());
            }
        }
        thread::sleep(LOOK_AGAIN);
    }
    Ok(notes)
}

/// What goes too far, if anything does.
fn beyond(limits: Limits, family: &[Process]) -> Option<String> {
    let memory: u64 = family.iter().map(|process| process.memory).sum();
    if memory > limits.memory {
        return Some(format!("programs were ended that had more than {} MiB", limits.memory >> 20));
    }
    let many = format!("programs were ended that had more than {} processes", limits.processes);
    (family.len() > limits.processes).then_some(many)
}

/// Which process is the judge: in a cell, the one that bubblewrap's own two have started.
fn judge_of(root: i32, is_cell: bool, family: &[Process]) -> Option<i32> {
    let child = |parent: i32| Some(family.iter().find(|it| it.parent == parent)?.number);
    if is_cell { child(child(root)?) } else { Some(root) }
}

/// Ends all that the judge has started. Whoever is in a cage goes down with it: in one moment, so
/// that nobody can start anybody meanwhile.
fn end(judge: Option<i32>, family: &[Process]) {
    for process in family.iter().filter(|process| Some(process.parent) == judge) {
        // Who has gone meanwhile need not be ended.
        let _ = kill(Pid::from_raw(process.number), Signal::SIGKILL);
    }
}

struct Process {
    number: i32,
    parent: i32,
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
    let mut family = vec![Process { number: root, parent: 0, memory: 0 }];
    let mut next = 0;
    while let Some(process) = family.get(next) {
        let born = children.remove(&process.number).unwrap_or_default();
        let parent = process.number;
        family.extend(born.into_iter().map(|(number, memory)| Process { number, parent, memory }));
        next += 1;
    }
    family
}

/// The parent of a process and the memory that it holds.
fn about(number: i32) -> Option<(i32, u64)> {
    let status = fs::read(format!("/proc/{number}/status")).ok()?;
    let status = String::from_utf8_lossy(&status);
    let value = |name| status.lines().find_map(|line| line.strip_prefix(name));
    let parent = value("PPid:")?.trim().parse().ok()?;
    // A zombie holds none.
    let memory = value("VmRSS:").and_then(|value| value.trim().strip_suffix(" kB"));
    Some((parent, memory.and_then(|it| it.parse().ok()).unwrap_or(0_u64) * 1024))
}
