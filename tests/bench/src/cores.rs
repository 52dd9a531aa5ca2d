//! Who runs where: the server on one core, the load on another.

use std::io;

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

/// The cores of this machine that we use.
#[derive(Clone, Copy)]
pub struct Cores {
    server: usize,
    load: usize,
}

impl Cores {
    /// The first two that we may use; where there is only one, both share it.
    ///
    /// # Errors
    ///
    /// When the kernel does not say.
    pub fn choose() -> io::Result<Self> {
        let allowed = sched_getaffinity(Pid::from_raw(0))?;
        let mut cores = (0..CpuSet::count()).filter(|core| allowed.is_set(*core).unwrap_or(false));
        let server = cores.next().unwrap_or(0);
        Ok(Self { server, load: cores.next().unwrap_or(server) })
    }

    /// Where the servers run.
    pub fn server(self) -> usize {
        self.server
    }

    /// Whether server and load get in each other's way.
    pub fn are_shared(self) -> bool {
        self.server == self.load
    }

    /// Does `start` on the server's core, where what it starts then stays; the load goes on at its
    /// own.
    ///
    /// # Errors
    ///
    /// When the kernel refuses, or `start` fails.
    pub fn beside<T>(self, start: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        stay_on(&[self.server])?;
        let started = start();
        stay_on(&[self.load])?;
        started
    }

    /// Does `work` with both cores: what it starts chooses for itself.
    ///
    /// # Errors
    ///
    /// When the kernel refuses, or `work` fails.
    pub fn with_both<T, E: From<io::Error>>(
        self,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        stay_on(&[self.server, self.load])?;
        let done = work();
        stay_on(&[self.load])?;
        done
    }
}

fn stay_on(cores: &[usize]) -> io::Result<()> {
    let mut set = CpuSet::new();
    for core in cores {
        set.set(*core)?;
    }
    Ok(sched_setaffinity(Pid::from_raw(0), &set)?)
}
