//! What Linux tells about processes and their sockets, mostly read from /proc.
//!
//! Elsewhere there is no /proc, [`available`] says so, and promises that need it are not judged.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use crate::process::MARK;
use crate::sockets::{self, Socket, Transport};

/// How much there is to read about a process, and the most of it that we read.
const USUAL_LEN: usize = 8 * 1024;
const LEN_MAX: u64 = 1024 * 1024;

/// A process, by its number.
pub(crate) type Pid = i32;

/// Whether this system answers the questions below.
pub(crate) fn available() -> bool {
    Path::new("/proc/self/net/tcp").exists()
}

/// The bytes that wait in one direction or the other between two ports of this machine.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// On their way from the near side to the far side.
    pub(crate) out: usize,
    /// Arrived at the far side and not yet read there.
    pub(crate) unread_there: usize,
    /// On their way back.
    pub(crate) back: usize,
    /// Come back and not yet read here.
    unread_here: usize,
}

impl Waiting {
    /// What the far side has sent, and the near side has not read yet.
    pub(crate) fn on_its_way_back(self) -> usize {
        self.back + self.unread_here
    }

    /// All that is on its way, in whatever direction.
    pub(crate) fn in_the_kernels(self) -> usize {
        self.out + self.unread_there + self.back + self.unread_here
    }
}

/// What waits on the connection between the ports `near` and `far`; `None` once a side is gone.
pub(crate) fn waiting(near: u16, far: u16) -> Option<Waiting> {
    let (ours, theirs) = (sockets::connection(near, far)?, sockets::connection(far, near)?);
    Some(Waiting {
        out: ours.unsent,
        unread_there: theirs.unread,
        back: theirs.unsent,
        unread_here: ours.unread,
    })
}

/// The listening sockets of `processes`: their ports, and their numbers in the kernel.
pub(crate) fn listeners(processes: &[Pid], transport: Transport) -> Vec<(u16, u64)> {
    let inodes: HashSet<u64> = processes.iter().flat_map(|pid| socket_inodes(*pid)).collect();
    if inodes.is_empty() {
        return Vec::new();
    }
    let ours = |socket: &Socket| inodes.contains(&socket.inode);
    sockets::listeners(transport).into_iter().filter(ours).map(|it| (it.near, it.inode)).collect()
}

/// Whether any of the listening sockets with these numbers is still there, whoever holds it.
pub(crate) fn still_listen(listeners: &[u64], transport: Transport) -> bool {
    sockets::listeners(transport).iter().any(|it| listeners.contains(&it.inode))
}

/// Those of `processes` that hold the end at `near` of the connection to `far`.
pub(crate) fn holders(processes: &[Pid], near: u16, far: u16) -> Vec<Pid> {
    let Some(end) = sockets::connection(near, far) else { return Vec::new() };
    let holds = |pid: &&Pid| socket_inodes(**pid).any(|inode| inode == end.inode);
    processes.iter().filter(holds).copied().collect()
}

/// How many descriptors a process has open.
pub(crate) fn descriptors(process: Pid) -> usize {
    fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten().count()
}

/// Whether a process runs, sleeps, or is stopped: it has not ended.
pub(crate) fn is_alive(process: Pid) -> bool {
    status(process, process).is_some_and(|status| !"ZX".contains(status.state))
}

/// `root` and all that it started, directly or not.
pub(crate) fn descendants(root: Pid) -> Vec<Pid> {
    let parents: Vec<(Pid, Pid)> =
        processes().filter_map(|pid| Some((pid, status(pid, pid)?.parent))).collect();
    let mut family = vec![root];
    let mut next = 0;
    while next < family.len() {
        let parent = family[next];
        family.extend(parents.iter().filter(|row| row.1 == parent).map(|row| row.0));
        next += 1;
    }
    family
}

/// Whom `parent` has started itself.
pub(crate) fn children(parent: Pid) -> Vec<Pid> {
    let is_child = |pid: &Pid| status(*pid, *pid).is_some_and(|status| status.parent == parent);
    processes().filter(is_child).collect()
}

/// How much memory `processes` hold, as far as it has been written to.
pub(crate) fn resident(processes: &[Pid]) -> usize {
    let one = |pid: &Pid| {
        let status = look(&format!("/proc/{pid}/status"))?;
        let status = String::from_utf8_lossy(&status);
        field(&status, "VmRSS")?.strip_suffix(" kB")?.parse::<usize>().ok()
    };
    processes.iter().filter_map(one).sum::<usize>() * 1024
}

/// Every live process whose mark is one of `ours`, whoever its parent is by now.
pub(crate) fn marked(ours: impl Fn(&str) -> bool) -> Vec<Pid> {
    let name = format!("\0{MARK}=");
    let mark = |pid: &Pid| {
        let environment = look(&format!("/proc/{pid}/environ"))?;
        // Every program on this machine is looked at, again and again: so in one search, and not
        // variable by variable.
        let environment = format!("\0{}", String::from_utf8_lossy(&environment));
        let (_, rest) = environment.split_once(&name)?;
        Some(rest.split('\0').next().unwrap_or_default().to_string())
    };
    processes().filter(|pid| mark(pid).is_some_and(|mark| ours(&mark))).collect()
}

/// The threads of `processes`, each with how often it has given up the processor, if all of them
/// wait for something, so that nothing moves without us.
pub(crate) fn sleepers(processes: &[Pid]) -> Option<HashMap<Pid, u64>> {
    all_threads(processes, "SDTZX")
}

/// Whether every thread of `processes` has been stopped.
pub(crate) fn all_stopped(processes: &[Pid]) -> bool {
    all_threads(processes, "TZX").is_some()
}

/// The same, if all of them are in one of `states`.
fn all_threads(processes: &[Pid], states: &str) -> Option<HashMap<Pid, u64>> {
    let mut threads = HashMap::new();
    for pid in processes {
        for thread in numbers_in(&format!("/proc/{pid}/task")) {
            let Some((state, switches)) = rest(*pid, thread) else { continue };
            if !states.contains(state) {
                return None;
            }
            threads.insert(thread, switches);
        }
    }
    // Nobody there is not everybody asleep: a program may not have begun yet.
    Some(threads).filter(|threads| !threads.is_empty())
}

/// The state of one thread, and how often it has given up the processor, wanting to or not.
fn rest(process: Pid, thread: Pid) -> Option<(char, u64)> {
    let status = look(&format!("/proc/{process}/task/{thread}/status"))?;
    let status = String::from_utf8_lossy(&status);
    let state = field(&status, "State")?.chars().next()?;
    let switches = |name| field(&status, name).and_then(|count| count.parse::<u64>().ok());
    let names = ["voluntary_ctxt_switches", "nonvoluntary_ctxt_switches"];
    Some((state, names.into_iter().filter_map(switches).sum()))
}

/// What stands behind `name:` in the text of a `/proc/PID/status`.
fn field<'a>(status: &'a str, name: &str) -> Option<&'a str> {
    let rest = |line: &'a str| line.strip_prefix(name)?.strip_prefix(':');
    status.lines().find_map(rest).map(str::trim)
}

struct Status {
    state: char,
    parent: Pid,
}

/// State and parent of one thread: the two fields after the name, which ends in the last `)`.
fn status(process: Pid, thread: Pid) -> Option<Status> {
    let line = look(&format!("/proc/{process}/task/{thread}/stat"))?;
    let line = String::from_utf8_lossy(&line);
    let (_, fields) = line.rsplit_once(')')?;
    let mut fields = fields.split_whitespace();
    let state = fields.next()?.chars().next()?;
    Some(Status { state, parent: fields.next()?.parse().ok()? })
}

/// Reads a file of /proc. These have no size, so room is made for all of it at once: to read on
/// costs more than the room.
fn look(path: &str) -> Option<Vec<u8>> {
    let mut text = Vec::with_capacity(USUAL_LEN);
    File::open(path).ok()?.take(LEN_MAX).read_to_end(&mut text).ok()?;
    Some(text)
}

fn processes() -> impl Iterator<Item = Pid> {
    numbers_in("/proc")
}

fn numbers_in(folder: &str) -> impl Iterator<Item = Pid> + use<> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

fn socket_inodes(process: Pid) -> impl Iterator<Item = u64> {
    let entries = fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten().flatten();
    entries.filter_map(|entry| {
        let target = fs::read_link(entry.path()).ok()?;
        target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
    })
}
